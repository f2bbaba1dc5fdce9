"""Makes the data directories of released schemas: `python -m tests.integration.released.make_fixtures 0003`.

Each schema has one SQL dump. The files of predictions, models and uploads are the same for all of them and are kept in
`files.tar.gz`. Run it once when a schema is released, with the code of that release, and commit the result.
"""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import sys
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config

from adapters.persistence.engine import ACCESS, Access, make_engine
from entrypoints.cli import netone

HERE = Path(__file__).parent
FILES = HERE / "files.tar.gz"
PASSWORD = "correct horse battery staple 9"
ROWS = 60


def main(revisions: list[str]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        _use_the_product(data, Path(scratch))
        with tarfile.open(FILES, "w:gz") as tar:
            for name in ("models", "results", "uploads"):
                tar.add(data / name, name)
        with closing(sqlite3.connect(data / "netone.db")) as connection:
            for table in ("runs", "trainings"):
                connection.execute(f"UPDATE {table} SET worker = 'host:1'")  # noqa: S608 (names of our own)
            connection.commit()
        for revision in sorted(revisions, reverse=True):
            _downgrade(data / "netone.db", revision)
            with closing(sqlite3.connect(data / "netone.db")) as connection:
                (HERE / f"{revision}.sql").write_text("\n".join(connection.iterdump()) + "\n", "utf-8")


def _use_the_product(data: Path, scratch: Path) -> None:
    os.environ["NETONE_BCRYPT_COST"] = "4"
    labelled = scratch / "labelled.csv"

    def run(*arguments: object) -> None:
        netone.main(["--data-dir", str(data), *map(str, arguments)], standalone_mode=False)

    run("sample", "--out", labelled, "--rows", 300, "--seed", 3)
    run("train", labelled, "--target", "Churn", "--effort", "low", "--algorithm", "logistic", "--seed", 11)
    run("sample", "--out", scratch / "customers.csv", "--rows", ROWS, "--seed", 4, "--unlabelled")
    run("score", scratch / "customers.csv", "--out", scratch / "scored.csv")
    shutil.rmtree(data / "tmp")
    sys.stdin = io.StringIO(f"{PASSWORD}\n")
    run("user", "add", "admin@telco.example.com", "--name", "Admin", "--role", "admin", "--password-stdin")


def _downgrade(database: Path, revision: str) -> None:
    config, engine = Config(), make_engine(f"sqlite:///{database}")
    config.set_main_option("script_location", str(HERE.parents[2] / "migrations"))
    with engine.connect().execution_options(**{ACCESS: Access.WRITING}) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])
