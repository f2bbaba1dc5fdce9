"""The files that are named as the longest exist, and come first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.conftest import LONGEST, ROOT, pytest_collection_modifyitems


def test_the_longest_files_exist() -> None:
    assert [name for name in LONGEST if not (ROOT / name).is_file()] == []


def test_the_longest_files_come_first_then_the_long_ones_then_all_others() -> None:
    def test_in(name: str, *marks: str) -> Any:
        return SimpleNamespace(path=ROOT / name, get_closest_marker=lambda mark: mark in marks)

    items = [test_in("a.py"), test_in("b.py", "slow"), test_in("c.py", "e2e"), test_in(LONGEST[1]), test_in(LONGEST[0])]
    pytest_collection_modifyitems(items)
    names = [item.path.relative_to(ROOT).as_posix() for item in items]
    assert names == [LONGEST[0], LONGEST[1], "b.py", "c.py", "a.py"]
