"""The use cases of customers' personal data."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.predictions.undo import FinishRunDeletions
from application.use_cases.privacy.customer_data import EraseCustomer, ExportCustomer
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Privacy:
    """Export and erase what is stored about one customer."""

    erase_customer: EraseCustomer
    export_customer: ExportCustomer


def build_privacy(ports: Ports, finish_run_deletions: FinishRunDeletions) -> Privacy:
    return Privacy(
        erase_customer=EraseCustomer(
            new_uow=ports.new_uow,
            files=ports.files,
            uploads=ports.uploads,
            results=ports.results,
            registry=ports.registry,
            exports=ports.exports,
            storage=ports.storage,
            leftovers=ports.leftovers,
            clock=ports.clock,
            finish_run_deletions=finish_run_deletions,
            liveness=ports.liveness,
        ),
        export_customer=ExportCustomer(
            new_uow=ports.new_uow, files=ports.files, uploads=ports.uploads, results=ports.results, clock=ports.clock
        ),
    )
