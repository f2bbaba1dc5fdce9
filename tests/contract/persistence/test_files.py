"""The installation's record, pending deletions, and the hashes that files may have."""

from __future__ import annotations

from application.ports.stored_files import EVERY_PART, FileHash, FileKind, FilePart, PendingDeletion
from domain.installation import InstallationId
from tests.builders import at
from tests.contract.persistence.full import NewUow, check_every_field_is_filled


def test_the_first_installation_id_stays(new_uow: NewUow) -> None:
    with new_uow() as uow:
        assert uow.installation.get() is None
        assert uow.installation.begin(InstallationId("first")) == "first"
        uow.commit()
    with new_uow() as uow:
        assert uow.installation.begin(InstallationId("second")) == "first"
        assert uow.installation.get() == "first"


def test_the_work_sequence_never_decreases(new_uow: NewUow) -> None:
    with new_uow() as uow:
        assert uow.installation.sequence() == 0
        uow.installation.begin(InstallationId("first"))
        assert [uow.installation.advance() for _ in range(2)] == [1, 2]
        assert uow.installation.advance(beyond=10) == 11
        assert uow.installation.advance(beyond=4) == 12
        assert uow.installation.sequence() == 12


def test_pending_deletions_come_back_with_every_field_in_their_order(new_uow: NewUow) -> None:
    full = PendingDeletion("run-1", EVERY_PART, at(minutes=1), until=at(minutes=9), unless_listed=True)
    plain = PendingDeletion("run-2", frozenset({FilePart.UPLOAD}), at(minutes=0))
    with new_uow() as uow:
        added = [uow.deletions.add(full), uow.deletions.add(plain)]
        check_every_field_is_filled(added[0])
        uow.commit()
    with new_uow() as uow:
        assert list(uow.deletions.all()) == added
        uow.deletions.remove(added[0].id)
        assert list(uow.deletions.all()) == added[1:]
        uow.deletions.remove_of("run-2")
        assert list(uow.deletions.all()) == []


def test_a_file_has_two_hashes_while_it_is_rewritten_and_one_afterwards(new_uow: NewUow) -> None:
    old, new = (FileHash(FileKind.RESULTS, "run-1", digit * 64, size) for digit, size in (("a", 1), ("b", 2)))
    other = FileHash(FileKind.UPLOAD, "run-1", "c" * 64, 3)
    with new_uow() as uow:
        uow.hashes.settle(old)
        uow.hashes.accept(other)
        uow.hashes.accept(new)
        uow.hashes.accept(new)
        assert uow.hashes.of(FileKind.RESULTS, "run-1") == {old.sha256, new.sha256}
        assert list(uow.hashes.all(FileKind.RESULTS)) == [old, new]
        uow.hashes.settle(new)
        uow.commit()
    with new_uow() as uow:
        assert list(uow.hashes.all(FileKind.RESULTS)) == [new]
        uow.hashes.remove(FileKind.RESULTS, "run-1")
        assert uow.hashes.of(FileKind.RESULTS, "run-1") == frozenset()
        assert list(uow.hashes.all(FileKind.UPLOAD)) == [other]
