"""A full disk on the command line: one sentence with the cause and exit code 1."""

from __future__ import annotations

import errno

import pytest

from domain.errors import StorageBusy, StorageFull
from entrypoints import cli


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (StorageFull(), "netone: The disk of this installation is full. Delete predictions"),
        (StorageBusy(), "netone: The database is busy with other work. Try again in a moment."),
        (
            OSError(errno.ENOSPC, "No space left on device", "out.csv"),
            "netone: No space left on device: out.csv. Nothing else was changed. Free space and try again.",
        ),
    ],
)
def test_a_storage_problem_ends_in_a_sentence_and_exit_code_1(
    error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.delenv("NETONE_TRACE", raising=False)
    monkeypatch.setattr(cli.netone, "main", fails)

    with pytest.raises(SystemExit) as ended:
        cli.main(["runs"])

    assert ended.value.code == 1
    assert sentence in capsys.readouterr().err
