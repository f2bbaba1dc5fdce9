"""Connects Alembic to the database, with a connection from the program or with a URL.

The program calls `adapters.persistence.schema_version.upgrade`. On the command line, pass a URL:
`alembic -x url=sqlite:///netone.db check`.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from adapters.persistence.engine import make_engine
from adapters.persistence.tables.all_tables import metadata


def run_on(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


def url() -> str:
    database_url = context.get_x_argument(as_dictionary=True).get("url") or context.config.get_main_option(
        "sqlalchemy.url"
    )
    if not database_url:
        raise SystemExit("Give the database's URL: alembic -x url=sqlite:///path/to/netone.db …")
    return database_url


handed_over: Connection | None = context.config.attributes.get("connection")
if handed_over is not None:
    run_on(handed_over)
else:
    engine = make_engine(url())
    with engine.begin() as own:
        run_on(own)
    engine.dispose()
