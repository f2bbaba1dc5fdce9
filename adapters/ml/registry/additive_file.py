"""The file of an additive model: NumPy arrays without pickled objects, so that reading it runs no code."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np

from adapters.ml.scoring.additive import AdditiveModel

FORMAT = 1


def save_additive(path: Path, model: AdditiveModel) -> None:
    """The same model gives the same bytes."""
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, format=np.array(FORMAT), **model.to_arrays())


def load_additive(path: Path) -> AdditiveModel:
    """Raises ValueError if `save_additive` did not write the file, OSError if it cannot be read."""
    content = BytesIO(path.read_bytes())
    try:
        with np.load(content, allow_pickle=False) as file:
            if int(file["format"]) != FORMAT:
                raise ValueError(f"format {int(file['format'])}, not {FORMAT}")
            return AdditiveModel.from_arrays(file)
    except Exception as err:
        raise ValueError(f"{path.name} is not a saved additive model: {err}") from err
