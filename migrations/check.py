"""`make migrations`: checks that the migrated schema equals the declared tables."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from adapters.persistence.engine import make_engine
from adapters.persistence.schema_version import upgrade
from adapters.persistence.tables.all_tables import metadata


def main() -> int:
    """Migrate an empty database and compare it with the tables. Returns the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'check.db'}")
        upgrade(engine)
        with engine.connect() as connection:
            differences = compare_metadata(MigrationContext.configure(connection), metadata)
        engine.dispose()
    for difference in differences:
        sys.stderr.write(f"{difference}\n")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
