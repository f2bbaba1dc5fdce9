"""One test for all files of a kind. A test for each of some thousands of files takes longer than what it checks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def for_every(name: str, values: Iterable[Path | str]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Makes of a test with the argument `name` one that checks all `values`, and names each that fails."""
    cases = list(values)

    def of_all(check: Callable[..., None]) -> Callable[..., None]:
        def test(**others: object) -> None:
            failures = {_label(case): failure for case in cases if (failure := _failure(check, {name: case} | others))}
            assert cases, "no file is checked"
            assert not failures, "\n".join(f"{case}: {failure}" for case, failure in failures.items())

        given = inspect.signature(check)
        remaining = [parameter for parameter in given.parameters.values() if parameter.name != name]
        test.__name__, test.__qualname__, test.__doc__ = check.__name__, check.__qualname__, check.__doc__
        test.__module__ = check.__module__
        test.__signature__ = given.replace(parameters=remaining)  # type: ignore[attr-defined]  # pytest reads fixtures there
        return test

    return of_all


def _failure(check: Callable[..., None], arguments: dict[str, object]) -> str:
    try:
        check(**arguments)
    except AssertionError as failure:
        return str(failure) or "the check failed"
    return ""


def _label(case: Path | str) -> str:
    return str(case.relative_to(ROOT)) if isinstance(case, Path) else case
