"""Trains a small network for each term of an additive model, several times, with Keras.

All networks of all terms are trained together as one Keras model. Several members learn side by side; each stops early
by rows that it alone did not learn from. A term of few levels has a weight for each: a network without hidden units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.training import quality_metrics
from adapters.ml.training.neural.pieces import Network

Floats32 = NDArray[np.float32]
MEMBERS = 5
PREDICTED_ROWS = 4096
NOT_LEARNED = -1.0
"""Target of a row for the member that holds it out."""


@dataclass(frozen=True)
class NetworkSettings:
    """`hidden` units per layer, `rate` of learning, `decay` of weights, `dropout` of whole terms."""

    hidden: tuple[int, ...] = (32, 16)
    rate: float = 0.005
    decay: float = 0.01
    dropout: float = 0.0
    epochs: int = 150
    patience: int = 8

    @property
    def words(self) -> str:
        return " × ".join(str(units) for units in self.hidden)


@dataclass(frozen=True, eq=False)
class TermRows:
    """`inputs` float32 (n, terms, width) of networks · `levels` float32 (n, columns) of terms with a weight per level.

    `churned` (n) · `offsets` float32 (n, members) of log-odds · `held_out` (n) is the member that does not learn from a
    row.
    """

    inputs: Floats32
    levels: Floats32
    churned: NDArray[np.bool_]
    offsets: Floats32
    held_out: NDArray[np.int8]

    @property
    def given(self) -> list[Floats32]:
        return [self.inputs, self.levels, self.offsets]

    @property
    def batch(self) -> int:
        """Rows of a step: more for larger data, so that the number of steps grows more slowly than the rows."""
        return int(np.clip(2 ** round(np.log2(len(self.churned) ** 0.5 * 3.0)), 32, 2048))


@dataclass(frozen=True, eq=False)
class TrainedTerms:
    """`networks[member][term]` · `levels` (columns): the members' mean weights.

    `log_odds` float32 (n, members) of the training rows, offsets included.
    """

    networks: tuple[tuple[Network, ...], ...]
    levels: NDArray[np.float64]
    log_odds: Floats32
    epochs: int

    @property
    def width(self) -> int:
        """Columns of a network's input."""
        first = self.networks[0][0]
        return len(first.hidden[0][0])

    def of_term(self, term: int) -> tuple[Network, ...]:
        return tuple(member[term] for member in self.networks)


def train_terms(
    keras: Any, rows: TermRows, settings: NetworkSettings, *, each_epoch: Callable[[], None]
) -> TrainedTerms:
    """Train with early stopping by member. `each_epoch` is called after every epoch and may raise to stop."""
    model = _model(keras, rows, settings)
    best = _BestWeights(model, rows)

    def after_epoch(epoch: int, _: Any) -> None:
        each_epoch()
        best.look(epoch)
        model.stop_training = best.is_late(epoch, settings.patience)

    targets = np.repeat(rows.churned[:, None].astype(np.float32), MEMBERS, axis=1)
    targets[np.arange(len(targets)), rows.held_out] = NOT_LEARNED
    model.fit(
        rows.given,
        targets,
        batch_size=rows.batch,
        epochs=settings.epochs,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=after_epoch)],
    )
    best.restore()
    levels = (
        model.get_layer("levels").get_weights()[0].mean(axis=0).astype(np.float64) if rows.levels.shape[1] else None
    )
    return TrainedTerms(
        _networks(model) if rows.inputs.shape[1] else (),
        np.zeros(0) if levels is None else levels,
        _log_odds(model, rows),
        max(best.epochs) + 1,
    )


def _model(keras: Any, rows: TermRows, settings: NetworkSettings) -> Any:
    """(inputs, levels, offsets) → log-odds (n, members)."""
    inputs, levels, offsets = (keras.Input(part.shape[1:]) for part in rows.given)
    log_odds = offsets
    if rows.inputs.shape[1]:
        log_odds += keras.ops.sum(_network_outputs(keras, inputs, settings), axis=-1)
    if rows.levels.shape[1]:
        kept = keras.layers.Dropout(settings.dropout)(levels)
        weights = keras.layers.EinsumDense(
            "nl,ml->nm", output_shape=(MEMBERS,), kernel_initializer="zeros", name="levels"
        )
        log_odds += weights(kept)
    model = keras.Model([inputs, levels, offsets], log_odds)
    optimizer = keras.optimizers.AdamW(settings.rate, weight_decay=settings.decay)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(optimizer=optimizer, loss=_loss(keras))
    return model


def _network_outputs(keras: Any, inputs: Any, settings: NetworkSettings) -> Any:
    """(n, terms, width) → (n, members, terms)."""
    terms = inputs.shape[1]
    equation, units, before = "ntd,mtdh->nmth", inputs, 4.0
    for place, count in enumerate(settings.hidden):
        units = keras.layers.EinsumDense(
            equation,
            output_shape=(MEMBERS, terms, count),
            bias_axes=f"mt{equation[-1]}",
            activation="relu",
            kernel_initializer=keras.initializers.RandomNormal(stddev=(2.0 / before) ** 0.5),
            name=f"hidden_{place}",
        )(units)
        equation, before = "nmth,mthk->nmtk", count
    own = keras.layers.EinsumDense(
        "nmth,mth->nmt",
        output_shape=(MEMBERS, terms),
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.1 / before**0.5),
        bias_axes="mt",
        name="own",
    )(units)
    return keras.layers.Dropout(settings.dropout)(own)


def _loss(keras: Any) -> Callable[[Any, Any], Any]:
    """The sum over the members, so that no member's gradient depends on another one."""

    def log_loss(targets: Any, log_odds: Any) -> Any:
        ops = keras.ops
        own = ops.softplus(log_odds) - log_odds * targets
        return ops.sum(ops.where(targets == NOT_LEARNED, 0.0, own), axis=-1)

    return log_loss


@dataclass
class _BestWeights:
    """For each member, its weights after the epoch with the lowest log-loss on the rows that it held out."""

    model: Any
    rows: TermRows
    losses: NDArray[np.float64] = field(default_factory=lambda: np.full(MEMBERS, np.inf))
    epochs: list[int] = field(default_factory=lambda: [0] * MEMBERS)
    weights: list[NDArray[Any]] = field(default_factory=list)

    def look(self, epoch: int) -> None:
        held_out, now = self.rows.held_out, self.model.get_weights()
        own = _log_odds(self.model, self.rows)[np.arange(len(held_out)), held_out].astype(np.float64)
        losses = quality_metrics.row_log_loss(quality_metrics.sigmoid(own), self.rows.churned)
        self.weights = self.weights or now
        for member in range(MEMBERS):
            loss = float(losses[held_out == member].mean())
            if loss < self.losses[member]:
                self.losses[member], self.epochs[member] = loss, epoch
                for kept, current in zip(self.weights, now, strict=True):
                    kept[member] = current[member]

    def is_late(self, epoch: int, patience: int) -> bool:
        return epoch - max(self.epochs) >= patience

    def restore(self) -> None:
        self.model.set_weights(self.weights)


def _log_odds(model: Any, rows: TermRows) -> Floats32:
    parts = [slice(first, first + PREDICTED_ROWS) for first in range(0, len(rows.churned), PREDICTED_ROWS)]
    return np.concatenate([model.predict_on_batch([given[part] for given in rows.given]) for part in parts])


def _networks(model: Any) -> tuple[tuple[Network, ...], ...]:
    layers = [layer for layer in model.layers if layer.name.startswith("hidden_") or layer.name == "own"]
    kept = [[np.asarray(weights, np.float64) for weights in layer.get_weights()] for layer in layers]
    *hidden, (outputs, biases) = kept
    members, terms = biases.shape
    return tuple(
        tuple(
            Network(
                tuple((weights[member, term], own[member, term]) for weights, own in hidden),
                outputs[member, term],
                float(biases[member, term]),
            )
            for term in range(terms)
        )
        for member in range(members)
    )
