"""Starting with the wrong database, or with the wrong data directory: refused, and every file is still there."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from adapters.persistence.backup import backup, restore
from adapters.persistence.engine import ACCESS, Access, make_engine
from domain.errors import InstallationMismatch
from entrypoints.application import Application
from entrypoints.bootstrap import build_inline, build_worker, create_application
from entrypoints.settings import Settings


def files_in(folder: Path) -> dict[str, bytes]:
    """Everything that people would miss, by its path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for kind in ("results", "uploads", "models")
        for path in sorted((folder / kind).rglob("*"))
        if path.is_file()
    }


def installation_id(folder: Path) -> str:
    """The id in the database of an installation."""
    with closing(sqlite3.connect(folder / "netone.db")) as connection:
        return str(connection.execute("SELECT installation_id FROM installation").fetchone()[0])


@pytest.fixture
def folder(with_starter: Path, tmp_path: Path) -> Path:
    """An installation with a starter model, and the results of a run that is as old as leftovers are swept."""
    folder = tmp_path / "data"
    shutil.copytree(with_starter, folder)
    return folder


def settings(folder: Path, **given: object) -> Settings:
    return Settings(data_dir=folder, bcrypt_cost=4, **given)  # type: ignore[arg-type]


def opened(folder: Path, **given: object) -> Application:
    application = build_inline(settings(folder, **given))
    application.maintenance.upgrade_database()
    return application


def by_the_command_line(own: Settings) -> None:
    build_inline(own).maintenance.upgrade_database()


def by_a_worker(own: Settings) -> None:
    build_worker(own)[0].maintenance.upgrade_database()


def by_the_web(own: Settings) -> None:
    create_application(own)


ENTRYPOINTS = [by_the_command_line, by_a_worker, by_the_web]


@pytest.mark.parametrize("start", ENTRYPOINTS)
def test_without_its_database_an_installation_does_not_start_and_keeps_every_file(
    folder: Path, start: Callable[[Settings], None]
) -> None:
    before = files_in(folder)
    (folder / "netone.db").rename(folder.parent / "moved.db")

    with pytest.raises(InstallationMismatch, match="new or empty"):
        start(settings(folder))

    assert files_in(folder) == before
    assert not (folder / "netone.db").exists(), "no database was created in its place"


@pytest.mark.parametrize("start", ENTRYPOINTS)
def test_another_database_is_refused(folder: Path, tmp_path: Path, start: Callable[[Settings], None]) -> None:
    opened(tmp_path / "other")  # a second installation, with another id
    before = files_in(folder)
    url = f"sqlite:///{tmp_path / 'other' / 'netone.db'}"

    with pytest.raises(InstallationMismatch, match="two different installations"):
        start(settings(folder, database_url=url))

    assert files_in(folder) == before


def test_an_empty_directory_is_refused_by_a_database_that_expects_files(folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{folder / 'netone.db'}"
    with pytest.raises(InstallationMismatch, match="directory is empty"):
        opened(tmp_path / "mistyped", database_url=url)
    assert not (tmp_path / "mistyped" / "installation.json").exists()


def test_a_copy_of_everything_is_an_installation_too(folder: Path, tmp_path: Path) -> None:
    before = files_in(folder)
    shutil.copytree(folder, tmp_path / "copy")
    opened(tmp_path / "copy")
    assert files_in(tmp_path / "copy") == before
    identity = (folder / "installation.json").read_bytes()
    assert (tmp_path / "copy" / "installation.json").read_bytes() == identity
    assert installation_id(tmp_path / "copy") == installation_id(folder)


def test_a_second_machine_with_the_files_on_a_shared_volume_joins(folder: Path, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    for kind in ("uploads", "results", "models"):
        if (folder / kind).exists():
            (second / kind).symlink_to(folder / kind)
    opened(second, database_url=f"sqlite:///{folder / 'netone.db'}")
    assert (second / "installation.json").read_text() == (folder / "installation.json").read_text()


def test_an_older_backup_of_the_same_installation_opens(folder: Path, tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{folder / 'netone.db'}")
    backup(engine, tmp_path / "monday.db")
    engine.dispose()
    (folder / "netone.db").unlink()
    restore(tmp_path / "monday.db", folder / "netone.db")
    before, identity = files_in(folder), (folder / "installation.json").read_text()
    opened(folder)
    assert files_in(folder) == before
    assert f'{{"id": "{installation_id(folder)}"}}\n' == (folder / "installation.json").read_text() == identity


def forget_ids(folder: Path) -> Engine:
    """As a version without ids leaves an installation."""
    engine = make_engine(f"sqlite:///{folder / 'netone.db'}")
    config = Config()
    config.set_main_option("script_location", str(files("migrations")))
    with engine.connect().execution_options(**{ACCESS: Access.WRITING}) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
    (folder / "installation.json").unlink()
    return engine


def test_an_installation_of_an_older_version_gets_its_id_once(folder: Path) -> None:
    forget_ids(folder).dispose()
    before = files_in(folder)

    opened(folder)
    first = (folder / "installation.json").read_text()
    opened(folder)

    assert (folder / "installation.json").read_text() == first
    assert stat.S_IMODE((folder / "installation.json").stat().st_mode) == 0o600
    assert files_in(folder) == before


def test_a_backup_from_before_the_update_is_recognised_by_what_it_lists(folder: Path) -> None:
    identity = (folder / "installation.json").read_bytes()
    forget_ids(folder).dispose()
    (folder / "installation.json").write_bytes(identity)

    opened(folder)

    assert (folder / "installation.json").read_bytes() == identity


def test_an_older_version_without_its_database_is_refused(folder: Path) -> None:
    forget_ids(folder).dispose()
    (folder / "netone.db").unlink()
    with pytest.raises(InstallationMismatch, match="new or empty"):
        opened(folder)


@pytest.mark.parametrize("fresh", [True, False])
def test_processes_that_start_together_agree_on_one_id(folder: Path, tmp_path: Path, fresh: bool) -> None:
    place = tmp_path / "fresh" if fresh else folder
    place.mkdir(exist_ok=True)
    if not fresh:
        forget_ids(place).dispose()
    problems: list[Exception] = []

    def start() -> None:
        try:
            opened(place)
        except Exception as problem:  # noqa: BLE001 - every problem is one
            problems.append(problem)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    engine = make_engine(f"sqlite:///{place / 'netone.db'}")
    with engine.connect() as connection:
        ids = connection.execute(text("SELECT installation_id FROM installation")).scalars().all()
    engine.dispose()
    assert [f'{{"id": "{one}"}}\n' for one in ids] == [(place / "installation.json").read_text()]
    assert [name for name in os.listdir(place) if name.startswith(".")] == []


def test_a_damaged_installation_id_is_reported(folder: Path) -> None:
    (folder / "installation.json").write_text("{")
    with pytest.raises(InstallationMismatch, match="cannot be read"):
        opened(folder)


def test_a_database_of_a_newer_version_is_refused(folder: Path) -> None:
    engine = make_engine(f"sqlite:///{folder / 'netone.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(InstallationMismatch, match="newer version"):
        opened(folder)


def test_adopting_needs_confirmation_and_then_everything_opens(folder: Path) -> None:
    before = files_in(folder)
    (folder / "netone.db").unlink()
    build_inline(settings(folder)).maintenance.adopt_installation()
    opened(folder)
    assert files_in(folder) == before
