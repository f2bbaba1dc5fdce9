"""A file is there as a whole or not at all, and what is published survives a power cut."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adapters import durable
from adapters.durable import atomic_write, publish

ROOT = Path(__file__).parents[3]
KILLED = """
import os, sys
from pathlib import Path
from adapters.durable import atomic_write
with atomic_write(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    os._exit(9)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with atomic_write(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_owner_may_read_it_whatever_the_draft_allowed(tmp_path: Path) -> None:
    draft = tmp_path / "file.part"
    draft.write_bytes(b"left by a killed process")
    draft.chmod(0o666)
    with atomic_write(tmp_path / "file", draft=draft) as file:
        assert draft.stat().st_mode & 0o777 == 0o600
        file.write(b"new")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_block_that_raises_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write_half() -> None:
        with atomic_write(path) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_a_killed_process_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=ROOT, check=False)
    assert ended.returncode == 9
    assert path.read_bytes() == b"old"


def test_without_replace_the_first_writer_decides(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with atomic_write(path, replace=False) as file:
        file.write(b"first")
    with pytest.raises(FileExistsError), atomic_write(path, replace=False) as file:
        file.write(b"second")
    assert path.read_bytes() == b"first"
    assert names(tmp_path) == ["file"]


def test_without_hard_links_the_first_writer_decides_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    test_without_replace_the_first_writer_decides(tmp_path)


def test_content_is_flushed_before_the_name_and_the_folder_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    flush, replace = durable.flush, Path.replace

    def flushed(path: Path) -> None:
        assert path.is_dir() or path.read_bytes() == b"new"
        steps.append(f"flush {path.name}")
        flush(path)

    def replaced(path: Path, target: Path) -> Path:
        steps.append(f"rename {path.name} to {target.name}")
        return replace(path, target)

    monkeypatch.setattr(durable, "flush", flushed)
    monkeypatch.setattr(Path, "replace", replaced)
    with atomic_write(tmp_path / "file", draft=tmp_path / "draft") as file:
        file.write(b"new")
    assert steps == ["flush draft", "rename draft to file", f"flush {tmp_path.name}"]


def test_a_folder_is_published_as_well(tmp_path: Path) -> None:
    (tmp_path / "draft").mkdir()
    (tmp_path / "draft" / "file").write_bytes(b"new")
    durable.flush_tree(tmp_path / "draft")
    publish(tmp_path / "draft", tmp_path / "folder")
    assert (tmp_path / "folder" / "file").read_bytes() == b"new"
    assert names(tmp_path) == ["folder"]


def test_a_missing_draft_is_an_error_and_the_file_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(FileNotFoundError):
        publish(tmp_path / "draft", tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"old"
