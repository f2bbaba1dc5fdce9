"""An archive that is not byte for byte as it was written is refused, and nothing changes."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.backup.tar_blocks import END, header_of, padding_of
from domain.errors import BackupDamaged, BackupRefused
from tests.integration.backup.installations import Installation

Members = list[tuple[str, bytes]]


def layout_of(archive: Path) -> dict[str, tuple[int, int]]:
    """First byte and size of each member's content."""
    with tarfile.open(archive) as tar:
        return {entry.name: (entry.offset_data, entry.size) for entry in tar}


def places_in(archive: Path) -> list[int]:
    """Bytes of every kind: headers (all 512 of one), contents, padding, manifest, seal, the end, and random ones."""
    layout, size = layout_of(archive), archive.stat().st_size
    places = set(range(layout["uploads/run-done.upload"][0] - 512, layout["uploads/run-done.upload"][0]))
    for first, length in layout.values():
        places |= {first - 512, first - 512 + 124, first - 1, first, first + length // 2, first + max(length - 1, 0)}
        places |= {first + length, first + length + padding_of(length) - 1}
    places |= {size - 1, size - 512, size - 1024}
    places |= set(random.Random(12).sample(range(size), 200))
    first, length = layout["manifest.json"]
    places |= set(range(first, first + length, 7))
    return sorted(place for place in places if place < size)


def test_an_archive_with_any_changed_byte_is_rejected_without_changes(
    installation: Installation, archive: Path
) -> None:
    before, sound = installation.state(), archive.read_bytes()
    damaged = archive.with_name("damaged.tar")
    missed = []
    for number, place in enumerate(places_in(archive)):
        content = bytearray(sound)
        content[place] ^= (1 << number % 8) if number % 3 else 0xFF
        damaged.write_bytes(content)
        try:
            installation.backups.check(damaged)
        except (BackupDamaged, BackupRefused):
            continue
        missed.append(place)
    assert missed == []
    with pytest.raises((BackupDamaged, BackupRefused)):
        installation.restore(damaged)
    assert installation.state() == before
    assert not (installation.folder / ".restore").exists()


@pytest.mark.parametrize(
    "name", ["netone.db", "models/v1/trees.npz", "results/run-done/customers.parquet", "uploads/run-done.upload"]
)
def test_the_damaged_member_is_named(archive: Path, installation: Installation, name: str) -> None:
    first, length = layout_of(archive)[name]
    content = bytearray(archive.read_bytes())
    content[first + length // 2] ^= 1
    archive.write_bytes(content)
    with pytest.raises(BackupDamaged, match=name) as refused:
        installation.restore(archive)
    assert refused.value.member == name
    assert "Nothing was changed" in str(refused.value)


def test_a_damaged_header_is_named_by_the_member_before_it(archive: Path, installation: Installation) -> None:
    first, _ = layout_of(archive)["models/v1/trees.npz"]
    content = bytearray(archive.read_bytes())
    content[first - 500] ^= 1
    archive.write_bytes(content)
    with pytest.raises(BackupDamaged, match=r"the header after models/v1/model\.json"):
        installation.backups.check(archive)


def test_an_archive_cut_short_anywhere_is_refused(archive: Path, installation: Installation) -> None:
    whole = archive.read_bytes()
    cut = archive.with_name("cut.tar")
    for length in (0, 1, 511, 512, 513, 100_000, len(whole) // 2, len(whole) - 1024, len(whole) - 512, len(whole) - 1):
        cut.write_bytes(whole[:length])
        with pytest.raises((BackupDamaged, BackupRefused)):
            installation.backups.check(cut)
    cut.write_bytes(whole + b"\0")
    with pytest.raises(BackupDamaged):
        installation.backups.check(cut)


def members_of(archive: Path) -> Members:
    with tarfile.open(archive) as tar:
        return [(entry.name, tar.extractfile(entry).read()) for entry in tar]  # type: ignore[union-attr]


def written(target: Path, members: Members, *, seal: bool = True) -> Path:
    """A canonical archive of these members, with a manifest that lists them unless there is one."""
    content = b""
    for name, data in members:
        content += header_of(name, len(data), 0) + data + bytes(padding_of(len(data)))
    target.write_bytes(content + END)
    return target


def resealed(archive: Path, change: Callable[[dict[str, Any]], None], extra: Members | None = None) -> Path:
    """The archive with a changed manifest that its seal fits, and perhaps with other files in it."""
    members = members_of(archive)
    files = members[:-2] + (extra or [])
    document = json.loads(members[-2][1])
    document["files"] = [
        {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files
    ]
    change(document)
    text = json.dumps(document).encode()
    seal = f"{hashlib.sha256(text).hexdigest()}  manifest.json\n".encode()
    return written(archive.with_name("other.tar"), [*files, ("manifest.json", text), ("manifest.sha256", seal)])


def nothing(_: dict[str, Any]) -> None: ...


def test_the_helper_that_reseals_makes_sound_archives(archive: Path, installation: Installation) -> None:
    assert installation.backups.check(resealed(archive, nothing)).files


@pytest.mark.parametrize(
    ("field", "value"), [("format", 2), ("version", "0.2.1"), ("version", "1.0"), ("schema", "9999")]
)
def test_archives_of_newer_versions_are_refused(
    archive: Path, installation: Installation, field: str, value: object
) -> None:
    newer = resealed(archive, lambda document: document.update({field: value}))
    with pytest.raises(BackupRefused, match="newer version"):
        installation.restore(newer)


def test_an_archive_of_another_product_is_refused(archive: Path, installation: Installation) -> None:
    other = resealed(archive, lambda document: document.update(product="other"))
    with pytest.raises(BackupRefused, match="another product"):
        installation.restore(other)


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/evil",
        "results/../../evil",
        "results/run/../x",
        "results/./x",
        "results/run-done/.hidden",
        "models/v1/deeper/x",
        "uploads//x",
        "uploads/a\\..\\b",
        "queue.db",
        "service.lock",
        "netone.db-wal",
        ".restore/journal.json",
        "results/run-done/ü",
        "netone.db",
        "manifest.json",
    ],
)
def test_members_with_places_that_no_backup_has_are_refused(
    archive: Path, installation: Installation, tmp_path: Path, name: str
) -> None:
    before = installation.state()
    with pytest.raises((BackupRefused, BackupDamaged)):
        installation.restore(resealed(archive, nothing, [(name, b"evil")]))
    assert installation.state() == before
    assert not [*tmp_path.rglob("evil")]


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE, tarfile.GNUTYPE_SPARSE]
)
def test_links_devices_folders_and_sparse_files_are_refused(
    archive: Path, installation: Installation, kind: bytes
) -> None:
    entry = tarfile.TarInfo("results/run-done/link")
    entry.type, entry.linkname, entry.mode = kind, "/etc/passwd", 0o600
    content = archive.read_bytes()
    first, _ = layout_of(archive)["manifest.json"]
    archive.write_bytes(content[: first - 512] + entry.tobuf(tarfile.GNU_FORMAT) + content[first - 512 :])
    with pytest.raises((BackupRefused, BackupDamaged)):
        installation.restore(archive)
    assert not (installation.folder / "results" / "run-done" / "link").is_symlink()


def test_a_member_that_claims_a_huge_size_is_refused_without_room_being_taken(
    archive: Path, installation: Installation
) -> None:
    content = archive.read_bytes()
    first, _ = layout_of(archive)["uploads/run-done.upload"]
    huge = header_of("uploads/run-done.upload", 8 * 1024**4, 0)
    archive.write_bytes(content[: first - 512] + huge + content[first:])
    with pytest.raises(BackupDamaged, match="cut short"):
        installation.restore(archive)
    assert not (installation.folder / ".restore").exists()


def test_a_huge_manifest_is_refused_without_being_read_into_memory(archive: Path, installation: Installation) -> None:
    first, _ = layout_of(archive)["manifest.json"]
    with archive.open("r+b") as file:
        file.seek(first - 512)
        file.write(header_of("manifest.json", 10 * 1024**3, 0))
        file.truncate(first + 10 * 1024**3)
    with pytest.raises(BackupRefused, match="no backup has"):
        installation.backups.check(archive)


@pytest.mark.parametrize(
    "content", [b"", b"id,tenure\n1,2\n" * 100, os.urandom(2048), b"SQLite format 3\0" + bytes(9000)]
)
def test_other_kinds_of_files_are_refused(installation: Installation, tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "other"
    other.write_bytes(content)
    with pytest.raises(BackupRefused, match="not a backup"):
        installation.restore(other)


def test_an_archive_packed_again_by_another_program_is_refused(archive: Path, installation: Installation) -> None:
    """Its times, owners and padding are others than ours; the files in it may be sound, but that is not proven."""
    again = archive.with_name("again.tar")
    with tarfile.open(again, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in members_of(archive):
            entry = tarfile.TarInfo(name)
            entry.size, entry.uname = len(data), "root"
            tar.addfile(entry, io.BytesIO(data))
    with pytest.raises(BackupRefused):
        installation.backups.check(again)


def test_an_archive_with_an_invalid_database_is_rejected(archive: Path, installation: Installation) -> None:
    before, members = installation.state(), members_of(archive)
    broken = [("netone.db", b"no database" * 500), *members[1:-2]]
    document = json.loads(members[-2][1])
    document["files"] = [{"name": n, "size": len(d), "sha256": hashlib.sha256(d).hexdigest()} for n, d in broken]
    text = json.dumps(document).encode()
    seal = f"{hashlib.sha256(text).hexdigest()}  manifest.json\n".encode()
    other = written(archive.with_name("x.tar"), [*broken, ("manifest.json", text), ("manifest.sha256", seal)])
    with pytest.raises(Exception, match="damaged or not a database"):
        installation.restore(other)
    assert installation.state() == before
