"""Two processes look at one folder at the same moment, on a real database and disk: each content is used once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

from application.ports.runs import RunQuery
from bench.ports import ports_of
from domain.account import Role
from domain.folders.files import FileState
from domain.folders.rule import FolderRuleId
from domain.model import ModelStage
from domain.run import RunId
from entrypoints.application import Application
from entrypoints.bootstrap import build
from entrypoints.settings import Settings
from tests import builders as a
from tests.builders.folders import a_plain_rule
from tests.fakes.jobs import RememberedJobs
from tests.unit.use_cases.scoring.application import FILE

FILES = 6
ANALYST = a.an_account(id="analyst", role=Role.ANALYST)


def test_each_content_becomes_one_prediction(tmp_path: Path) -> None:
    """Both have the same name, so that nothing but the records keeps them apart."""
    lookers = [
        build(Settings(data_dir=tmp_path, folder_seconds=0.05, bcrypt_cost=4), jobs=RememberedJobs()) for _ in range(2)
    ]
    lookers[0].maintenance.upgrade_database()
    folder = prepared(lookers[0])
    contents = [FILE + f"\nC-{number},1,1.5,Yes,Two year".encode() for number in range(FILES)]
    for number, content in enumerate(contents):
        for copy in ("", " copy"):
            (folder / f"base {number}{copy}.csv").write_bytes(content)

    begin = threading.Barrier(len(lookers))

    def look(application: Application) -> None:
        application.folders.look()
        time.sleep(0.15)
        begin.wait()
        application.folders.look()

    threads = [threading.Thread(target=look, args=(own,)) for own in lookers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with ports_of(lookers[0]).new_reading() as uow:
        runs = uow.runs.find(RunQuery(limit=None)).runs
        records = uow.folder_files.latest(FolderRuleId("rule-1"), limit=50)
    assert Counter(run.file_sha256 for run in runs) == dict.fromkeys({run.file_sha256 for run in runs}, 1)
    assert (len(runs), len(records)) == (FILES, FILES)
    assert {own.state for own in records} == {FileState.RUNNING}
    assert {own.job_id for own in records} == {run.id for run in runs}
    assert len(list(folder.glob("*.csv"))) == 2 * FILES  # copies wait for what becomes of their content
    uploads = {path.stem for path in (tmp_path / "uploads").glob("*.upload")}
    assert uploads == {str(RunId(run.id)) for run in runs}


def prepared(application: Application) -> Path:
    """An account, a champion and a rule with its folder."""
    with ports_of(application).new_uow() as uow:
        uow.accounts.add(ANALYST)
        uow.models.add(a.a_model_version(id="v1", schema=a.a_schema(month_column=None), stage=ModelStage.CHAMPION))
        uow.folder_rules.add(a_plain_rule())
        uow.commit()
    folder = Path(application.folders.view.root()) / "crm-export"
    folder.mkdir(parents=True)
    return folder
