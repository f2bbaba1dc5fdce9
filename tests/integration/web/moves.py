"""What several of these tests do on the way to what they test."""

from __future__ import annotations

from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.model import ModelStage
from tests.builders import a_finished_run, a_model_version
from tests.fakes.security import FixedClock
from tests.integration.web.conftest import Office

NEW_PASSWORD = "nine purple lanterns drift"
FILE = b"customerID,tenure,MonthlyCharges,PaperlessBilling,Contract\n7590-VHVEG,1,29.85,Yes,Month-to-month\n"


def movable_clock(office: Office) -> FixedClock:
    clock = FixedClock()
    office.replace_everywhere("clock", clock)
    return clock


def reset_link(office: Office) -> str:
    return office.application.administration.create_reset_link(
        office.people[Role.VIEWER].id, by=Actor(office.people[Role.ADMIN])
    )[1]


def reset_by(office: Office, token: str, new: str) -> int:
    return office.browser().post(f"/reset/{token}", {"new_password": new, "confirm": new}).status_code


def with_prediction_of(office: Office, role: Role) -> None:
    """A finished prediction “run-1” of the person with this role, and the model “v1” that made it."""
    with ports_of(office.application).new_uow() as uow:
        uow.models.add(a_model_version(id="v1"))
        uow.runs.add(a_finished_run(id="run-1", owner=str(office.people[role].id)))
        uow.commit()


def with_model(office: Office) -> None:
    with ports_of(office.application).new_uow() as uow:
        uow.models.add(a_model_version(id="v1", stage=ModelStage.CHAMPION))
        uow.runs.add(a_finished_run(owner="system"))
        uow.commit()
