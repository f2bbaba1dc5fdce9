"""The use cases of the playbook."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.playbook.change_playbook import ChangePlaybook
from application.use_cases.playbook.exchange_playbook import ExportPlaybook, ImportPlaybook
from application.use_cases.playbook.preview_playbook import PreviewPlaybook
from application.use_cases.playbook.read_playbook import ReadPlaybook
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Playbooks:
    """Read, change, preview and exchange the retention actions."""

    read_playbook: ReadPlaybook
    change_playbook: ChangePlaybook
    preview_playbook: PreviewPlaybook
    export_playbook: ExportPlaybook
    import_playbook: ImportPlaybook


def build_playbooks(ports: Ports) -> Playbooks:
    change_playbook = ChangePlaybook(new_uow=ports.new_uow, clock=ports.clock)
    return Playbooks(
        read_playbook=ReadPlaybook(new_uow=ports.new_reading),
        change_playbook=change_playbook,
        preview_playbook=PreviewPlaybook(
            new_uow=ports.new_reading,
            results=ports.results,
            trial=ports.playbook_trial,
            clock=ports.clock,
            formats_of=ports.formats_of,
        ),
        export_playbook=ExportPlaybook(new_uow=ports.new_reading, texts=ports.playbook_texts),
        import_playbook=ImportPlaybook(new_uow=ports.new_reading, texts=ports.playbook_texts, change=change_playbook),
    )
