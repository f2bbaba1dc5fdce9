"""Opens an installation: checks that database and data directory match before anything is created or changed."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.installation import DatabaseFile, DataDirectory, SchemaState
from application.ports.system import Ids
from application.use_cases.permissions import NewUnitOfWork
from domain.errors import InstallationMismatch
from domain.formats import NO_CURRENCY, Formats, FormatsOf
from domain.installation import InstallationId, must_belong_together

NEWER = (
    "The database was made by a newer version of this program. Nothing was changed. Install that version, or restore "
    "a backup that was made before the update."
)


@dataclass(frozen=True, slots=True)
class OpenInstallation:
    """Upgrades the database, and gives database and data directory a common id if they have none.

    Every entrypoint that works on a data directory calls this first.
    """

    new_uow: NewUnitOfWork
    database: DatabaseFile
    directory: DataDirectory
    ids: Ids
    formats_of: FormatsOf

    def __call__(self) -> bool:
        """Returns whether the schema was upgraded.

        Raises InstallationMismatch; then nothing was created or changed.
        """
        # The directory is read first. A process that creates both writes to the database first, so the other order
        # could find the new directory's id together with a database that has no id yet.
        own = self.directory.installation()
        known = self.database.installation()
        if own is None or own != known:
            formats = self.formats_of(NO_CURRENCY)
            must_belong_together(self.directory.contents(), self.database.contents(), formats)
        if self.database.schema() is SchemaState.NEWER:
            raise InstallationMismatch(NEWER)
        upgraded = self.database.upgrade()
        if own is None or own != known:
            self._give_id(own)
        return upgraded

    def _give_id(self, own: InstallationId | None) -> None:
        """Write the id to the database first.

        The id committed there is valid, even if several processes start at once.
        """
        with self.new_uow() as uow:
            decided = uow.installation.begin(own or InstallationId(self.ids.new()))
            uow.commit()
        if self.directory.give(decided) != decided:
            raise InstallationMismatch("Another process has just taken this data directory for another database.")


@dataclass(frozen=True, slots=True)
class AdoptInstallation:
    """Declares, at an administrator's request, that this database and this data directory belong together."""

    new_uow: NewUnitOfWork
    database: DatabaseFile
    directory: DataDirectory
    ids: Ids

    def __call__(self) -> InstallationId:
        """Returns the common id: the database's, else the directory's, else a new one.

        The directory's mark is raised above the database's sequence. No file without a record is then moved to the
        trash before an administrator decides about them.
        """
        if self.database.schema() is SchemaState.NEWER:
            raise InstallationMismatch(NEWER)
        self.database.upgrade()
        proposed = self.directory.installation() or InstallationId(self.ids.new())
        with self.new_uow() as uow:
            decided = uow.installation.begin(proposed)
            sequence = uow.installation.sequence()
            uow.commit()
        self.directory.give(decided, replace=True)
        if not self.directory.contents().empty:
            self.directory.raise_mark(sequence + 1)
        return decided


def must_be_ready(database: DatabaseFile, directory: DataDirectory, formats: Formats) -> None:
    """Raises InstallationMismatch unless the database exists, is current and belongs to this directory.

    Changes nothing.
    """
    schema = database.schema()
    if schema is SchemaState.MISSING:
        raise InstallationMismatch(
            "There is no database. Nothing was created. Start netone serve for a new installation, or put the database "
            "of this data directory back in place."
        )
    own, known = directory.installation(), database.installation()
    if own is None or own != known:
        must_belong_together(directory.contents(), database.contents(), formats)
    if schema is SchemaState.NEWER:
        raise InstallationMismatch(NEWER)
    if schema is SchemaState.OLDER:
        raise InstallationMismatch(
            "The database has an older schema than this version. Nothing was changed. Run: netone db upgrade"
        )
