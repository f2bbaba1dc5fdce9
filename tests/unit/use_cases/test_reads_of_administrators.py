"""What only administrators read."""

from __future__ import annotations

from pathlib import Path

import pytest

from application.ports.stored_files import UploadRecord
from application.use_cases.administration.manage_predictions import ListOwners
from application.use_cases.administration.manage_uploads import ViewUpload
from domain.account import Role
from domain.errors import NotAllowed, NotFound
from domain.run import RunId
from tests.builders import a_run, an_account
from tests.unit.use_cases.in_memory import InMemoryApplication

ADMIN, MANAGER = an_account(id="admin", role=Role.ADMIN), an_account(id="manager", role=Role.MANAGER)


@pytest.fixture
def app(tmp_path: Path) -> InMemoryApplication:
    made = InMemoryApplication(tmp_path)
    with made.new_uow() as uow:
        uow.uploads.add(UploadRecord.of(a_run(id=RunId("run-1"), file_name="october.csv")))
        uow.commit()
    return made


def test_only_administrators_can_see_an_upload(app: InMemoryApplication) -> None:
    assert ViewUpload(app.new_uow)("run-1", by=ADMIN).file_name == "october.csv"
    with pytest.raises(NotAllowed):
        ViewUpload(app.new_uow)("run-1", by=MANAGER)


def test_an_upload_that_does_not_exist_is_reported(app: InMemoryApplication) -> None:
    with pytest.raises(NotFound, match="no such upload"):
        ViewUpload(app.new_uow)("run-2", by=ADMIN)


def test_only_administrators_can_list_owners(app: InMemoryApplication) -> None:
    assert ListOwners(app.new_uow)(by=ADMIN)["system"] == "Command line"
    with pytest.raises(NotAllowed):
        ListOwners(app.new_uow)(by=MANAGER)
