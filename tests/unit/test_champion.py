"""When a newly trained model takes over by itself."""

from __future__ import annotations

import pytest

from domain.champion import reason_to_take_over
from domain.model import STARTER_ID, ModelVersion, is_starter
from tests.builders import a_model_version

OWN, STARTER = a_model_version(id="v2"), a_model_version(id="v0", starter=True)
FIRST = "the first model of this installation"


@pytest.mark.parametrize(
    ("version", "champion", "asked", "why"),
    [
        (OWN, None, False, FIRST),
        (STARTER, None, False, FIRST),
        (OWN, STARTER, False, FIRST),
        (OWN, STARTER, True, FIRST),
        (STARTER, STARTER, False, None),
        (STARTER, a_model_version(id="v1"), False, None),
        (OWN, a_model_version(id="v1"), False, None),
        (OWN, a_model_version(id="v1"), True, "asked for with the training"),
    ],
)
def test_the_first_model_and_the_first_own_model_become_champion(
    version: ModelVersion, champion: ModelVersion | None, asked: bool, why: str | None
) -> None:
    assert reason_to_take_over(version, champion, asked=asked) == why


def test_the_starter_model_is_v0() -> None:
    assert STARTER_ID == "v0"
    assert [is_starter(version) for version in ("v0", "v1", "v00", "")] == [True, False, False, False]
