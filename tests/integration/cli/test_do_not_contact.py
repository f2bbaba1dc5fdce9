"""`netone do-not-contact`."""

from __future__ import annotations

from pathlib import Path

from tests.integration.terminal import LEFT_OPEN, Terminal

pytestmark = LEFT_OPEN


def test_a_file_is_added_listed_and_a_customer_removed(tmp_path: Path) -> None:
    terminal, file = Terminal(tmp_path), tmp_path / "list.csv"
    file.write_bytes(b"customer_id;name\n0012;x\nA\x1b[2J;y\n0012;x\n;z\n")

    assert terminal.json("do-not-contact", "add", file) == {
        "added": 2,
        "already_listed": 0,
        "repeated": 1,
        "column": "customer_id",
        "left_out": 1,
        "left_out_lines": [{"line": 5, "reason": "has no id"}],
    }
    again = terminal.run("do-not-contact", "add", file)
    assert again.returncode == 0
    assert "Added: 0. Listed already: 2. Twice in the file: 1. Lines left out: 1." in again.stderr
    assert "Line 5 has no id." in again.stderr
    listed = terminal.json("do-not-contact", "list")["customers"]
    assert [(own["id"], own["source"], own["by"], own["note"]) for own in listed] == [
        ("0012", "uploaded", "Command line", "list.csv"),
        ("A\x1b[2J", "uploaded", "Command line", "list.csv"),
    ]
    shown = terminal.run("do-not-contact", "list")
    assert shown.stdout.splitlines()[0].startswith("0012 ")
    assert "\x1b" not in shown.stdout
    assert terminal.json("do-not-contact", "remove", " 0012 ") == {"removed": " 0012 "}
    assert terminal.sql("select customer_id from do_not_contact") == [("A\x1b[2J",)]
    assert terminal.sql("select action, subject from audit_log where action like '%do-not-contact list'") == [
        ("added to the do-not-contact list", "2 customers"),
        ("exported the do-not-contact list", ""),
        ("exported the do-not-contact list", ""),
        ("removed from the do-not-contact list", "1 customer"),
    ]


def test_mistakes_are_said_in_one_line_and_add_nothing(tmp_path: Path) -> None:
    terminal, table = Terminal(tmp_path), tmp_path / "table.csv"
    table.write_text("town,plan\nPorto,M\nPorto,S\n")

    assert "call it “customer_id”" in terminal.mistake("do-not-contact", "add", table)
    assert "There is no file" in terminal.mistake("do-not-contact", "add", tmp_path / "missing.csv")
    assert "not on the do-not-contact list" in terminal.mistake("do-not-contact", "remove", "7590-VHVEG")
    assert terminal.json("do-not-contact", "list") == {"customers": []}
