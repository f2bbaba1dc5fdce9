"""The versions of the libraries that a model was trained with."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version


def library_versions(kinds: Iterable[str] = ()) -> dict[str, str]:
    """`kinds` are the names of the boosted trees' libraries that the model uses; XGBoost is always included."""
    import xgboost

    further = {name.lower() for kind in kinds for name in ("LightGBM", "CatBoost") if kind.startswith(name)}
    names = (*sorted(further), "numpy", "scikit-learn", "pandas")
    return {"xgboost": str(xgboost.__version__)} | {name: version(name) for name in names}
