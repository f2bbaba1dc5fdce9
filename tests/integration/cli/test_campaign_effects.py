"""`netone campaign list`, `show` and `effect`."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.ports import ports_of
from domain.campaign_members import Side
from entrypoints.bootstrap import build
from entrypoints.settings import Settings
from tests.integration.terminal import LEFT_OPEN, Terminal
from tests.integration.web.measured_campaign import Part, measured_campaign

pytestmark = LEFT_OPEN


def test_campaigns_are_listed_shown_and_measured(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    assert terminal.json("campaign", "list") == {"campaigns": []}
    application = build(Settings(data_dir=terminal.data, bcrypt_cost=4))
    parts = Part(Side.CONTACT, 360, 40, 10), Part(Side.CONTROL, 140, 60)
    measured_campaign(ports_of(application).new_uow, *parts, name="Spring\x1b[2J")

    (listed,) = terminal.json("campaign", "list")["campaigns"]
    assert listed == terminal.json("campaign", "show", "spring")
    assert (listed["name"], listed["state"], listed["to_contact"], listed["left_alone"]) == (
        "Spring\x1b[2J",
        "running",
        410,
        200,
    )
    assert (listed["outcomes_unknown"], listed["spent"]) == (10, 0.0)
    effect = terminal.json("campaign", "effect", "spring")
    assert (effect["final"], effect["finding"], effect["outcomes"]) == (False, "kept", 600)
    assert effect["answer"].startswith("So far contact has kept 83 customers")
    assert effect["effects"][0]["difference"] == pytest.approx(370 / 410 - 0.7)
    shown = terminal.run("campaign", "effect", "spring").stdout
    assert shown.startswith("So far contact has kept 83 customers")
    assert "All customers" in shown
    assert "\x1b" not in terminal.run("campaign", "list").stdout + terminal.run("campaign", "show", "spring").stdout
    assert terminal.run("campaign", "effect", "nowhere").returncode == 2
