"""Compares a new version with the champion on the months of its training file that it did not learn from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from application.ports.columns import CustomerBatch
from application.ports.intake import CustomerFiles
from application.ports.model_comparison import ModelPairs, ScoredFile
from application.ports.models import ModelRegistry
from application.use_cases.files.history import AddHistory, ScoredRows
from application.use_cases.files.recognition import recognise_to_score
from application.use_cases.permissions import NewUnitOfWork
from domain.errors import InvalidInput, ModelNotFound, ModelUnreadable
from domain.formats import NO_CURRENCY, FormatsOf
from domain.model import ModelVersion
from domain.model_comparison import ComparisonMonths, ModelComparison, learned_too


@dataclass(frozen=True, slots=True)
class CompareModels:
    """Stores nothing. What cannot be compared is said in the comparison, so that the version is not lost."""

    new_reading: NewUnitOfWork
    files: CustomerFiles
    registry: ModelRegistry
    pairs: ModelPairs
    add_history: AddHistory
    formats_of: FormatsOf

    def __call__(
        self,
        version: ModelVersion,
        months: ComparisonMonths,
        path: Path,
        *,
        sha256: str,
        on_batch: Callable[[], None] = lambda: None,
    ) -> ModelComparison:
        """`version` is in the registry; `path` is its training file. `on_batch` may raise Cancelled."""
        with self.new_reading() as uow:
            champion = uow.models.champion()
        try:
            own = self._scored(version, path, sha256, on_batch)
            other, problem = self._champion(champion, path, sha256, on_batch)
            figures = self.pairs.compare(own, other, months=months.compared)
        except InvalidInput as error:
            return ModelComparison(months, problem=f"The kept months could not be scored: {error}")
        name = champion.name_in_text if champion else ""
        if figures is None:
            return ModelComparison(months, name, problem="No row of the kept months could be scored.")
        doubts = _doubts(version, champion, months) if champion is not None and other is not None else ()
        return ModelComparison(months, name, figures, problem, doubts)

    def _champion(
        self, champion: ModelVersion | None, path: Path, sha256: str, on_batch: Callable[[], None]
    ) -> tuple[ScoredFile | None, str]:
        """The champion's reading of the file; without one, why there is none."""
        if champion is None:
            return None, "There is no champion to compare it with."
        try:
            return self._scored(champion, path, sha256, on_batch), ""
        except (InvalidInput, ModelNotFound, ModelUnreadable) as error:
            return None, f"{_begun(champion.name_in_text)} could not score these months: {error}"

    def _scored(self, model: ModelVersion, path: Path, sha256: str, on_batch: Callable[[], None]) -> ScoredFile:
        with self.new_reading() as uow:
            remembered = uow.remembered_matches.all()
        recognition, columns = recognise_to_score(
            self.files, path, model, sha256=sha256, formats=self.formats_of(NO_CURRENCY), remembered=remembered
        )
        schema = columns.schema_of(model.schema)
        reading = self.files.read(path, schema=schema, match=columns.match, format=recognition.format)
        rows = ScoredRows(path, columns, positions=columns.remembered)
        batches = self.add_history.of_file(model.schema, reading.batches(), rows, on_batch=on_batch)
        return ScoredFile(self.registry.scorer(model.id), _followed(batches, on_batch))


def _followed(batches: Iterable[CustomerBatch], on_batch: Callable[[], None]) -> Iterator[CustomerBatch]:
    for batch in batches:
        on_batch()
        yield batch


def _begun(name: str) -> str:
    """A name at the beginning of a sentence."""
    return name[:1].upper() + name[1:]


def _doubts(version: ModelVersion, champion: ModelVersion, months: ComparisonMonths) -> tuple[str, ...]:
    made_up = champion.starter or champion.sample
    doubts = learned_too(_begun(champion.name_in_text), champion.last_month_learned, months.compared, made_up=made_up)
    if champion.horizon != version.horizon:
        doubts = (
            *doubts,
            f"{_begun(champion.name_in_text)} is about {champion.horizon}, {version.name} about {version.horizon}.",
        )
    return doubts
