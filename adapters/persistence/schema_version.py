"""Upgrades the database's schema from within the program."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from adapters.persistence.engine import ACCESS, Access

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory


def upgrade(engine: Engine) -> bool:
    """Run the missing migrations, all or none. Returns whether there were any.

    Several processes may start at once. On SQLite one migrates while the others wait; they then have nothing to do.
    """
    if is_current(engine):
        return False
    with engine.connect().execution_options(**{ACCESS: Access.WRITING}) as connection, connection.begin():
        migrate(connection)
    return True


def migrate(connection: Connection) -> None:
    """Run the missing migrations within the connection's transaction."""
    from alembic import command  # takes 0.2 s to import, so only when a migration is missing

    command.upgrade(_config(connection), "head")


def is_current(engine: Engine) -> bool:
    """Whether no migration is missing."""
    with engine.connect() as connection:
        return revision_of(connection) == newest_revision()


def revision_of(connection: Connection) -> str | None:
    """The database's current migration; None if it was never migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def newest_revision() -> str:
    """The number of the latest migration. Each migration is one numbered file."""
    return max(known_revisions())


def known_revisions() -> frozenset[str]:
    """The numbers of all migrations."""
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
