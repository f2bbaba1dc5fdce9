"""Watched folders, in memory and on the disk; and what only a disk has: links, pipes, rights, other file systems."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from adapters.folders.local_folders import LocalFolders
from application.ports.folders import WatchedFolders
from domain.errors import FileGone, FolderUnavailable, NameTaken
from domain.folders.files import FolderFile
from domain.folders.growth import FileMark, FoundFile
from domain.folders.names import Place
from tests.builders.folders import a_folder_file, a_found_file
from tests.fakes.folders import FoldersInMemory

CRM = "crm-export"
ODD = ("=1+1.csv", "a\nb.csv", "\u202ecsv.exe", "\udcff.csv", "ü.csv", " .csv", "-rf.csv", "a\\b.csv")


@dataclass
class Drop:
    """An implementation, and how files get into a folder and are read there."""

    folders: WatchedFolders
    put: Callable[[str, bytes], None]
    read: Callable[[Place, str], bytes]

    def found(self, name: str) -> FoundFile:
        return next(own for own in self.folders.files(CRM) if own.name == name)

    def claimed(self, name: str, content: bytes) -> FolderFile:
        return a_folder_file(name=name, mark=self.found(name).mark, sha256=sha256(content).hexdigest())


@pytest.fixture(params=["memory", "disk"])
def drop(request: pytest.FixtureRequest, tmp_path: Path) -> Drop:
    if request.param == "memory":
        memory = FoldersInMemory()
        memory.prepare(CRM)
        return Drop(
            memory,
            lambda name, content: memory.put(CRM, name, content),
            lambda place, name: memory.inside(f"{CRM}/{place}")[name],
        )
    disk = LocalFolders(tmp_path)
    disk.prepare(CRM)

    def put(name: str, content: bytes) -> None:
        (tmp_path / CRM / name).write_bytes(content)

    return Drop(disk, put, lambda place, name: (tmp_path / CRM / place / name).read_bytes())


def test_files_are_found_oldest_first_without_the_ignored_ones(drop: Drop) -> None:
    for name in ("b.csv", "a.csv", ".hidden", "c.csv.part", "~$d.xlsx"):
        drop.put(name, b"x")
    assert [own.name for own in drop.folders.files(CRM)] == ["b.csv", "a.csv"]
    assert drop.found("a.csv").mark.size == 1


def test_a_hash_is_that_of_the_file_that_was_found_or_none(drop: Drop) -> None:
    drop.put("a.csv", b"one")
    found = drop.found("a.csv")
    assert drop.folders.sha256(CRM, found) == sha256(b"one").hexdigest()
    drop.put("a.csv", b"other")
    assert drop.folders.sha256(CRM, found) is None
    assert drop.folders.sha256(CRM, a_found_file("gone.csv")) is None


def test_a_file_that_is_gone_cannot_be_opened(drop: Drop) -> None:
    drop.put("a.csv", b"one")
    with drop.folders.open(CRM, "a.csv") as stream:
        assert stream.read() == b"one"
    with pytest.raises(FileGone, match=r"b\.csv is no longer there"), drop.folders.open(CRM, "b.csv"):
        pass


@pytest.mark.parametrize("name", ODD)
def test_a_file_of_any_name_is_moved_with_its_content(drop: Drop, name: str) -> None:
    drop.put(name, b"one")
    assert drop.folders.move(CRM, drop.claimed(name, b"one"), Place.DONE, name)
    assert drop.read(Place.DONE, name) == b"one"
    assert list(drop.folders.files(CRM)) == []
    assert drop.folders.names(CRM, Place.DONE) == {name}
    assert drop.folders.names(CRM, Place.REFUSED) == frozenset()


def test_a_move_overwrites_nothing(drop: Drop) -> None:
    drop.put("a.csv", b"one")
    drop.folders.write(CRM, Place.DONE, "a.csv", [b"there"])
    with pytest.raises(NameTaken):
        drop.folders.move(CRM, drop.claimed("a.csv", b"one"), Place.DONE, "a.csv")
    assert drop.read(Place.DONE, "a.csv") == b"there"
    assert [own.name for own in drop.folders.files(CRM)] == ["a.csv"]


def test_only_the_file_that_was_claimed_is_moved(drop: Drop) -> None:
    drop.put("a.csv", b"one")
    claimed = drop.claimed("a.csv", b"one")
    assert not drop.folders.move(CRM, replace(claimed, sha256=sha256(b"two").hexdigest()), Place.DONE, "a.csv")
    drop.put("a.csv", b"other")
    assert not drop.folders.move(CRM, claimed, Place.DONE, "a.csv")
    assert not drop.folders.move(CRM, replace(claimed, name="gone.csv"), Place.DONE, "gone.csv")
    assert drop.folders.names(CRM, Place.DONE) == frozenset()
    assert drop.found("a.csv").mark.size == 5


def test_what_is_written_again_replaces_the_earlier_content(drop: Drop) -> None:
    for content in (b"one", b"two"):
        drop.folders.write(CRM, Place.REFUSED, "a.txt", iter([content, b"!"]))
    assert drop.read(Place.REFUSED, "a.txt") == b"two!"
    assert drop.folders.names(CRM, Place.REFUSED) == {"a.txt"}


def test_a_folder_that_is_not_there_is_said_in_a_sentence(drop: Drop) -> None:
    calls: tuple[Callable[[], object], ...] = (
        lambda: drop.folders.files("gone"),
        lambda: drop.folders.sha256("gone", a_found_file()),
        lambda: drop.folders.names("gone", Place.DONE),
        lambda: drop.folders.write("gone", Place.DONE, "a", [b""]),
    )
    for call in calls:
        with pytest.raises(FolderUnavailable, match="gone is not there"):
            call()


# What only a disk has


@pytest.fixture
def disk(tmp_path: Path) -> LocalFolders:
    folders = LocalFolders(tmp_path / "root")
    folders.prepare(CRM)
    return folders


def test_folders_are_offered_without_places_links_and_hidden_ones(disk: LocalFolders, tmp_path: Path) -> None:
    disk.prepare("warehouse/base")
    (disk.top / ".git").mkdir()
    (disk.top / "elsewhere").symlink_to(tmp_path)
    assert disk.choices() == ["crm-export", "warehouse", "warehouse/base"]
    assert LocalFolders(tmp_path / "none").choices() == []


def test_links_pipes_sockets_and_folders_are_not_files(
    disk: LocalFolders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, secret = disk.top / CRM, tmp_path / "secret.csv"
    secret.write_text("secret")
    (inside / "link.csv").symlink_to(secret)
    (inside / "inner.csv").mkdir()
    os.mkfifo(inside / "pipe.csv")
    monkeypatch.chdir(inside)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as own:
        own.bind("socket.csv")
        assert list(disk.files(CRM)) == []
        for name in ("link.csv", "inner.csv", "pipe.csv", "socket.csv"):
            assert disk.sha256(CRM, a_found_file(name)) is None
            with pytest.raises(FileGone), disk.open(CRM, name):
                pass


def test_no_link_below_the_root_leads_out(disk: LocalFolders, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (disk.top / "out").symlink_to(tmp_path / "outside")
    (disk.top / CRM / "done").rmdir()
    (disk.top / CRM / "done").symlink_to(tmp_path / "outside")
    for folder in ("out", "../outside", f"{CRM}/../../outside"):
        with pytest.raises(FolderUnavailable):
            disk.files(folder)
    with pytest.raises(FolderUnavailable, match=r"crm-export/done is not a folder, or .* which is not followed"):
        disk.write(CRM, Place.DONE, "a.csv", [b"x"])
    assert list((tmp_path / "outside").iterdir()) == []


def test_the_root_may_be_a_link_and_an_absolute_path_is_taken_as_it_is(disk: LocalFolders, tmp_path: Path) -> None:
    (tmp_path / "mounted").symlink_to(disk.top)
    (disk.top / CRM / "a.csv").write_text("x")
    assert [own.name for own in LocalFolders(tmp_path / "mounted").files(CRM)] == ["a.csv"]
    assert [own.name for own in LocalFolders(tmp_path / "none").files(str(disk.top / CRM))] == ["a.csv"]


def test_a_file_that_a_program_still_writes_is_not_hashed(disk: LocalFolders) -> None:
    with (disk.top / CRM / "a.csv").open("wb") as file:
        file.write(b"half")
        file.flush()
        found = disk.files(CRM)[0]
        assert disk.sha256(CRM, found) is None
    assert disk.sha256(CRM, found) == sha256(b"half").hexdigest()


def test_results_are_readable_for_whoever_may_read_the_folder(disk: LocalFolders) -> None:
    (disk.top / CRM / "done").chmod(0o770)
    before = os.umask(0o077)
    try:
        disk.write(CRM, Place.DONE, "a.csv", [b"x"])
        (disk.top / CRM).chmod(0o750)
        (disk.top / CRM / "refused").rmdir()
        disk.names(CRM, Place.REFUSED)
    finally:
        os.umask(before)
    assert (disk.top / CRM / "done/a.csv").stat().st_mode & 0o777 == 0o660
    assert (disk.top / CRM / "refused").stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EOPNOTSUPP])
def test_a_file_is_moved_to_another_file_system_and_where_there_are_no_links(
    disk: LocalFolders, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    (disk.top / CRM / "a.csv").write_bytes(b"one")
    (found,) = disk.files(CRM)
    claimed = a_folder_file(mark=found.mark, name="a.csv", sha256=sha256(b"one").hexdigest())
    monkeypatch.setattr(os, "link", refuse)
    (disk.top / CRM / "done/a.csv").write_bytes(b"there")
    with pytest.raises(NameTaken):
        disk.move(CRM, claimed, Place.DONE, "a.csv")
    assert disk.move(CRM, claimed, Place.DONE, "b.csv")
    assert {path.name: path.read_bytes() for path in (disk.top / CRM / "done").iterdir()} == {
        "a.csv": b"there",
        "b.csv": b"one",
    }
    assert (disk.top / CRM / "done/b.csv").stat().st_mtime_ns == found.mark.written_ns
    assert list(disk.files(CRM)) == []


def test_a_failed_write_leaves_no_draft_and_old_drafts_are_removed(disk: LocalFolders) -> None:
    old = disk.top / CRM / "done/.netone-1a2b3c4d.part"
    old.write_bytes(b"x")
    os.utime(old, (0, 0))

    def pieces() -> object:
        yield b"half"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(FolderUnavailable, match=r"The disk of .*/crm-export/done is full"):
        disk.write(CRM, Place.DONE, "a.csv", pieces())  # type: ignore[arg-type]  # a generator that fails
    assert list((disk.top / CRM / "done").iterdir()) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "The service may not read and write"),
        (errno.EROFS, "is read-only"),
        (errno.ENOSPC, "The disk of .* is full"),
        (errno.ESTALE, "does not answer"),
        (errno.EBUSY, "cannot be used: Device or resource busy"),
    ],
)
def test_each_refusal_of_the_system_has_its_sentence(
    disk: LocalFolders, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(FolderUnavailable, match=words):
        disk.files(CRM)


def test_a_file_that_may_not_be_read_is_named(disk: LocalFolders, monkeypatch: pytest.MonkeyPatch) -> None:
    (disk.top / CRM / "a.csv").write_bytes(b"one")
    (found,) = disk.files(CRM)
    own = os.open

    def refuse(path: str, *given: int, **options: int) -> int:
        if path == "a.csv":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return own(path, *given, **options)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(FolderUnavailable, match=r"may not read and write .*/crm-export/a\.csv\."):
        disk.sha256(CRM, found)


def test_a_file_that_is_replaced_while_it_is_moved_goes_back(
    disk: LocalFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = disk.top / CRM / "a.csv"
    path.write_bytes(b"one")
    (found,) = disk.files(CRM)
    claimed = a_folder_file(mark=found.mark, name="a.csv", sha256=sha256(b"one").hexdigest())
    link = os.link

    def replaced_before(*given: object, **options: object) -> None:
        if path.exists() and path.read_bytes() == b"one":
            path.write_bytes(b"new one")
        link(*given, **options)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(os, "link", replaced_before)
    assert not disk.move(CRM, claimed, Place.DONE, "a.csv")
    assert path.read_bytes() == b"new one"
    assert disk.names(CRM, Place.DONE) == frozenset()
    assert disk.files(CRM)[0].mark != FileMark(3, found.mark.written_ns)
