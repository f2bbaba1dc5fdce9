"""`.replit` asks for what exists: settings, targets of the Makefile, a port. `make test-replit` runs it."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib

import pytest

from entrypoints.settings import Settings
from tests.e2e.site import ROOT

REPLIT = tomllib.loads((ROOT / ".replit").read_text(encoding="utf-8"))


def made_by(command: str, **environment: str) -> str:
    """What `make` would do for a command of `.replit`."""
    assert re.match(r"make [^;&|]+$", command), command
    dry = command.replace("make ", "make --dry-run --always-make --no-print-directory ", 1)
    shell = {"PATH": "/usr/bin:/bin:/usr/local/bin", **environment}
    done = subprocess.run(["sh", "-c", dry], cwd=ROOT, env=shell, capture_output=True, text=True, check=True)
    return done.stdout


def test_its_environment_holds_settings_of_the_program() -> None:
    names = {name.removeprefix("NETONE_").lower() for name in REPLIT["env"]}
    settings = Settings.model_validate(
        {name.removeprefix("NETONE_").lower(): value for name, value in REPLIT["env"].items()}
    )

    assert names <= Settings.model_fields.keys()
    assert (str(settings.data_dir), settings.https, settings.proxies) == ("instance", True, 1)


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_both_commands_serve_on_all_addresses_at_the_port_that_is_given() -> None:
    shell, flag, deployed = REPLIT["deployment"]["run"]

    assert (shell, flag, deployed) == ("sh", "-c", REPLIT["run"])
    assert made_by(REPLIT["run"], PORT="5099").splitlines()[-1].endswith("netone serve --host 0.0.0.0 --port 5099")
    assert made_by(REPLIT["run"]).splitlines()[-1].endswith(f"--port {REPLIT['ports'][0]['localPort']}")


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_a_deployment_installs_the_packages_of_the_lock_while_it_is_built() -> None:
    assert "--require-hashes -r requirements.lock" in made_by(REPLIT["deployment"]["build"][2])


def test_its_data_is_outside_git() -> None:
    assert f"{REPLIT['env']['NETONE_DATA_DIR']}/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
