"""The database's schema, brought up to date from within the program."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from adapters.persistence.engine import ACCESS, Access

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory


def upgrade(engine: Engine) -> bool:
    """Run the migrations that are missing, all or none; whether there were any.

    Several processes may start at once: on SQLite one migrates while the others wait, and then find it done.
    """
    if is_current(engine):
        return False
    from alembic import command  # a fifth of a second, which a current database need not pay

    with engine.connect().execution_options(**{ACCESS: Access.WRITING}) as connection, connection.begin():
        command.upgrade(_config(connection), "head")
    return True


def is_current(engine: Engine) -> bool:
    """Whether no migration is missing."""
    with engine.connect() as connection:
        return revision_of(connection) == newest_revision()


def revision_of(connection: Connection) -> str | None:
    """The migration that the database is at; None where it was never migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def newest_revision() -> str:
    """The last migration there is: they are numbered, one file each."""
    return max(known_revisions())


def known_revisions() -> frozenset[str]:
    """Every migration there is."""
    names = (entry.name for entry in files("migrations").joinpath("versions").iterdir())
    return frozenset(name.split("_", 1)[0] for name in names if name[:4].isdigit() and name.endswith(".py"))


def scripts() -> ScriptDirectory:
    """The migrations as Alembic sees them."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
