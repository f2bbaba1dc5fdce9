"""October's odd header is confirmed; November's is certain and says so; removal makes it ask again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.terminal import LEFT_OPEN, Terminal, rows_of

pytestmark = LEFT_OPEN
SIMILAR = "Contract_Typ"


@pytest.fixture
def renamed(unlabelled: Path) -> Path:
    file = unlabelled.with_name("october.csv")
    header, rest = unlabelled.read_text("utf-8").split("\n", 1)
    file.write_text(header.replace("Contract", SIMILAR, 1) + "\n" + rest, "utf-8")
    return file


def test_a_confirmed_match_is_used_in_the_next_file_listed_and_removed(
    terminal: Terminal, trained: dict[str, Any], renamed: Path
) -> None:
    out = terminal.folder / "out.csv"
    asked = terminal.run("score", renamed, "--out", out)
    assert f"“{SIMILAR}” may be Contract; it is not used." in asked.stderr

    first = terminal.json("score", renamed, "--out", out, "--accept-similar-columns")
    confirmed = rows_of(out)
    november = renamed.with_name("november.csv")
    november.write_text(renamed.read_text("utf-8"), "utf-8")
    done = terminal.run("score", november, "--out", out)
    assert done.returncode == 0, done.stderr
    assert f"“{SIMILAR}” is used as Contract, as confirmed on " in done.stderr
    assert "by Command line, in october.csv." in done.stderr
    assert [row["churn_probability"] for row in rows_of(out)] == [row["churn_probability"] for row in confirmed]

    (own,) = terminal.json("matches", "list")["matches"]
    assert (own["header"], own["column"], own["file"]) == (SIMILAR, "Contract", "october.csv")
    assert (own["confirmed_by"], own["used"], own["in_force"]) == ("Command line", 1, True)
    assert f"{SIMILAR} is Contract" in terminal.run("matches", "list").stdout

    assert terminal.json("matches", "remove", own["match"])["removed"] == own["match"]
    assert terminal.json("matches", "list") == {"matches": []}
    again = terminal.run("score", november, "--out", out)
    assert f"“{SIMILAR}” may be Contract; it is not used." in again.stderr
    assert terminal.json("runs", "show", first["run"])["rows"] == first["rows"], "earlier runs are unchanged"


def test_removing_what_is_not_remembered_is_one_sentence(terminal: Terminal) -> None:
    done = terminal.run("matches", "remove", "nothing")
    assert (done.returncode, done.stderr) == (2, "netone: This match is not remembered any more.\n")
