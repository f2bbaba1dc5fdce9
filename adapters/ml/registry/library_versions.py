"""The versions of the libraries that a model was trained with."""

from __future__ import annotations

from importlib.metadata import version


def library_versions() -> dict[str, str]:
    import xgboost

    return {"xgboost": str(xgboost.__version__)} | {name: version(name) for name in ("numpy", "scikit-learn", "pandas")}
