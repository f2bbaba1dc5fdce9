"""The examples of the API's documentation, run as they stand against the served product."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.api_token import Scope
from entrypoints.application import Application
from tests.e2e.site import Site
from tests.e2e.visitor import PASSWORD, Person

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def example(language: str) -> str:
    """The document's only block in a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.fixture
def environment(site: Site, application: Application, new_person: Callable[..., Person]) -> dict[str, str]:
    person = new_person(Role.ANALYST)
    with ports_of(application).new_reading() as uow:
        account = uow.accounts.by_email(person.email)
    assert account is not None
    _, secret = application.accounts.make_token("example", list(Scope), 7, password=PASSWORD, by=Actor(account))
    return {**os.environ, "NETONE": site.url, "TOKEN": secret}


def test_the_example_for_a_shell_scores_a_customer(environment: dict[str, str]) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed on this machine.")
    made = subprocess.run(["sh", "-c", example("sh")], env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    (customer,) = json.loads(made.stdout)["customers"]
    assert customer["id"] == "A-17"
    assert 0 < customer["churn_probability"] < 1


def test_the_example_in_python_scores_a_file(environment: dict[str, str], customers: Path, tmp_path: Path) -> None:
    shutil.copy(customers, tmp_path / "customers.csv")
    made = subprocess.run(
        [sys.executable, "-c", example("python")],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    first, *rest = made.stdout.splitlines()
    assert re.fullmatch(r"done \d+ of 110 are likely to leave", first)
    assert len(rest) == 10
