"""A result with other recommendations: the same customers and reasons, with the actions of another playbook."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from adapters.results.files.folders import CUSTOMERS, NOTES, ResultFolders
from adapters.results.files.layout import ResultNotes
from adapters.results.files.manifest import MANIFEST, damaged_files, fingerprint, seal
from adapters.results.writing.run_totals import ContactingTotals, has_left
from adapters.storage.problems import storage_problems
from application.ports.columns import CustomerColumns
from application.ports.results import Recommend, ScoredCustomer
from domain.errors import ResultDamaged
from domain.playbook import Playbook
from domain.prediction import BandLimits
from domain.run import Contacting, RunId


@dataclass(frozen=True, slots=True)
class PreparedActions:
    """Implements `application.ports.results.PreparedResult`."""

    folders: ResultFolders
    run_id: RunId
    folder: Path
    contacting: Contacting
    fingerprint: str | None
    read_best: Callable[[Path, int, float, BandLimits], Iterator[ScoredCustomer]]
    forget: Callable[[], None]

    def best_contacts(self, limit: int, *, threshold: float, bands: BandLimits) -> Iterator[ScoredCustomer]:
        yield from self.read_best(self.folder, limit, threshold, bands)

    def publish(self) -> None:
        self.folders.publish(self.folder, self.run_id)
        self.forget()

    def abandon(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


@storage_problems()
def written_with(
    folders: ResultFolders,
    run_id: RunId,
    playbook: Playbook,
    recommend: Recommend,
    on_rows: Callable[[int], None],
    make: Callable[[Path, Contacting, str | None], PreparedActions],
) -> PreparedActions:
    """Write the result again beside the present one. Raises ResultMissing, or ResultDamaged.

    Nothing but the action, its gain and their sums depends on a playbook: the other files are copied.
    """
    source = folders.of(run_id)
    if damaged := damaged_files(source):
        raise ResultDamaged(run_id, damaged[0])
    target = folders.begin(run_id)
    try:
        notes = ResultNotes.from_json((source / NOTES).read_text("utf-8"))
        actions = tuple((action.id, action.name) for action in playbook.actions)
        contacting = _copy(source, target, notes, len(actions), recommend, on_rows).sums(actions)
        changed = replace(notes, actions=actions, contacting=contacting)
        (target / NOTES).write_text(changed.to_json(), "utf-8")
        for path in source.iterdir():
            if path.is_file() and path.name not in (CUSTOMERS, NOTES, MANIFEST):
                shutil.copyfile(path, target / path.name)
        sealed = None if fingerprint(source) is None else seal(target)
        folders.flush(target)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return make(target, contacting, sealed)


def _copy(
    source: Path,
    target: Path,
    notes: ResultNotes,
    actions: int,
    recommend: Recommend,
    on_rows: Callable[[int], None],
) -> ContactingTotals:
    """Copy the customers row group by row group, each with its new action."""
    totals, rows = ContactingTotals(actions), 0
    names = tuple(attribute.name for attribute in notes.attributes)
    with (
        pq.ParquetFile(source / CUSTOMERS) as file,
        pq.ParquetWriter(
            target / CUSTOMERS,
            file.schema_arrow,
            compression="zstd",
            compression_level=1,
            write_statistics=["row", "probability", "gain"],
            store_schema=True,
        ) as writer,
    ):
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, use_threads=False)
            best = recommend(CustomerColumns(table.num_rows, table, names, (), ()))
            totals.add(best.action, best.gain, has_left(table.column("actual")))
            changed = _with_column(table, "action", np.asarray(best.action))
            changed = _with_column(changed, "gain", np.asarray(best.gain))
            writer.write_table(changed, row_group_size=table.num_rows)
            rows += table.num_rows
            on_rows(rows)
    return totals


def _with_column(table: pa.Table, name: str, values: np.ndarray) -> pa.Table:
    place = table.schema.get_field_index(name)
    field = table.schema.field(place)
    return table.set_column(place, field, pa.array(values).cast(field.type))
