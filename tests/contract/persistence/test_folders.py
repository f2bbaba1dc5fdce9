"""Rules of watched folders and their files, on the fake and on the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import Conflict, NotFound
from domain.folders.files import FileState, FolderFileId
from domain.folders.growth import FileMark
from domain.folders.rule import FolderRuleId
from tests.builders import at
from tests.builders.folders import a_folder_file, a_folder_rule, a_plain_rule
from tests.contract.persistence.full import NewUow, check_every_field_is_filled

RULE, OTHER = FolderRuleId("rule-1"), FolderRuleId("rule-2")
STALE = timedelta(seconds=30)


def test_a_rule_comes_back_with_every_field(new_uow: NewUow) -> None:
    rule, bare = a_folder_rule(), a_plain_rule(id=OTHER, folder="Büro")
    check_every_field_is_filled(rule)
    with new_uow() as uow:
        uow.folder_rules.add(rule)
        uow.folder_rules.add(bare)
        uow.commit()
    with new_uow() as uow:
        assert (uow.folder_rules.get(RULE), uow.folder_rules.get(OTHER)) == (rule, bare)
        assert list(uow.folder_rules.all()) == [bare, rule]


def test_a_folder_has_one_rule_whatever_its_case(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.folder_rules.add(a_plain_rule(folder="Büro"))
        uow.folder_rules.add(a_plain_rule(id=OTHER, folder="crm"))
        uow.commit()
    with new_uow() as uow, pytest.raises(Conflict, match="There is a rule for this folder"):
        uow.folder_rules.add(a_plain_rule(id=FolderRuleId("rule-3"), folder="BÜRO"))
    with new_uow() as uow, pytest.raises(Conflict, match="There is a rule for this folder"):
        uow.folder_rules.save(a_plain_rule(id=OTHER, folder="BÜRO"))


def test_saving_a_rule_keeps_what_looks_reported(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.folder_rules.add(a_folder_rule())
        uow.folder_rules.report(RULE, at=at(minutes=8), problem="Gone.", waiting=2, last_file_at=at(minutes=7))
        uow.folder_rules.save(a_folder_rule(problem="", looked_at=None, last_file_at=None, waiting=0, paused=False))
        found = uow.folder_rules.get(RULE)
        assert (found.looked_at, found.last_file_at, found.waiting) == (at(minutes=8), at(minutes=7), 2)
        assert (found.problem, found.paused) == ("", False)
        uow.folder_rules.report(RULE, at=at(minutes=9), problem="Away.", waiting=0)
        found = uow.folder_rules.get(RULE)
        assert (found.problem, found.waiting, found.last_file_at) == ("Away.", 0, at(minutes=7))
        uow.folder_rules.report(OTHER, at=at(minutes=9), problem="", waiting=0)  # removed meanwhile


def test_a_missing_rule_raises_an_error(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for call in (lambda: uow.folder_rules.get(RULE), lambda: uow.folder_rules.remove(RULE)):
            with pytest.raises(NotFound, match="no such rule"):
                call()
        with pytest.raises(NotFound):
            uow.folder_rules.save(a_folder_rule())
        assert not uow.folder_rules.take(RULE, "one", now=at(), stale_before=at() - STALE)


def test_one_living_process_looks_at_a_folder(new_uow: NewUow) -> None:
    def takes(looker: str, minutes: float) -> bool:
        with new_uow() as uow:
            now = at(minutes=minutes)
            taken = uow.folder_rules.take(RULE, looker, now=now, stale_before=now - STALE)
            uow.commit()
        return taken

    with new_uow() as uow:
        uow.folder_rules.add(a_plain_rule())
        uow.commit()
    assert (takes("one", 0), takes("one", 0), takes("two", 0), takes("two", 0.5)) == (True, True, False, False)
    with new_uow() as uow:
        uow.folder_rules.touch("one", now=at(minutes=1))
        uow.folder_rules.touch("two", now=at(minutes=9))
        uow.commit()
    assert (takes("two", 1.4), takes("two", 1.6)) == (False, True)  # silent for half a minute
    with new_uow() as uow:
        uow.folder_rules.release("one")  # it has none
        uow.folder_rules.release("two")
        uow.commit()
    assert (takes("one", 1.6), takes("two", 1.0)) == (True, True)  # the second sees a time from the future


def test_a_file_comes_back_with_every_field_and_any_name(new_uow: NewUow) -> None:
    file = a_folder_file(
        name="a\n\udcff.csv", target="\udcfe.csv", mark=FileMark(3_000_000_000, 1_796_100_090_602_670_035)
    )
    bare = a_folder_file(
        id=FolderFileId("bare"),
        sha256="b" * 64,
        state=FileState.CLAIMED,
        job_id=None,
        target=None,
        words="",
        ended_at=None,
        settled=False,
        tries=0,
    )
    check_every_field_is_filled(file)
    with new_uow() as uow:
        uow.folder_rules.add(a_plain_rule())
        uow.folder_files.add(file)
        uow.folder_files.add(bare)
        uow.commit()
    with new_uow() as uow:
        assert (uow.folder_files.get(file.id), uow.folder_files.get(bare.id)) == (file, bare)
        assert uow.folder_files.of_content(RULE, file.sha256) == file
        assert uow.folder_files.of_content(OTHER, file.sha256) is None
        assert list(uow.folder_files.unsettled(RULE)) == [bare]
        uow.folder_files.save(replace(bare, settled=True, claimed_at=at(minutes=5)))
        assert list(uow.folder_files.unsettled(RULE)) == []
        assert [own.id for own in uow.folder_files.latest(RULE, limit=5)] == ["bare", "file-1"]
        assert [own.id for own in uow.folder_files.latest(RULE, limit=1)] == ["bare"]


def test_a_content_is_claimed_once_for_each_rule(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.folder_rules.add(a_plain_rule())
        uow.folder_rules.add(a_plain_rule(id=OTHER, folder="other"))
        uow.folder_files.add(a_folder_file())
        uow.folder_files.add(a_folder_file(id=FolderFileId("file-2"), rule_id=OTHER))
        uow.commit()
    with new_uow() as uow, pytest.raises(Conflict, match="claimed already"):
        uow.folder_files.add(a_folder_file(id=FolderFileId("file-3"), name="copy.csv"))
    with new_uow() as uow, pytest.raises(Conflict, match="the rule was removed"):
        uow.folder_files.add(a_folder_file(id=FolderFileId("file-4"), rule_id=FolderRuleId("gone")))


def test_removing_a_rule_removes_the_records_of_its_files(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for rule in (a_plain_rule(), a_plain_rule(id=OTHER, folder="other")):
            uow.folder_rules.add(rule)
        uow.folder_files.add(a_folder_file())
        uow.folder_files.add(a_folder_file(id=FolderFileId("file-2"), rule_id=OTHER))
        uow.folder_rules.remove(RULE)
        with pytest.raises(NotFound, match="no record of this file"):
            uow.folder_files.get(FolderFileId("file-1"))
        assert uow.folder_files.get(FolderFileId("file-2")).rule_id == OTHER
        uow.folder_files.remove(FolderFileId("file-2"))
        uow.folder_files.remove(FolderFileId("file-2"))  # gone already
        with pytest.raises(NotFound):
            uow.folder_files.save(a_folder_file())


def test_an_erased_customer_is_not_named_in_what_records_say(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.folder_rules.add(a_plain_rule())
        uow.folder_files.add(a_folder_file(words="The id 7590-VHVEG is there twice; 7590-VHVEG0 is not."))
        uow.folder_files.erase_mentions("7590-VHVEG")
        assert uow.folder_files.get(FolderFileId("file-1")).words == (
            "The id (erased) is there twice; 7590-VHVEG0 is not."
        )
