"""A fork of the process that has imported the application behaves as the same program in a new interpreter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.site import NETONE, a_free_port, wait_for
from tests.forking.process import ROOT, ForkedProcess, run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere programs are new interpreters")


def environment(**settings: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("NETONE_")}
    return kept | {"PYTHONPATH": str(ROOT), "NETONE_BCRYPT_COST": "4", **settings}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["score", "missing.csv", "--out", "out.csv", "--json"],
        ["user", "add", "no address", "--name", "Shop", "--role", "admin"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_fork_writes_and_ends_as_the_program(tmp_path: Path, arguments: list[str]) -> None:
    command, env = [*NETONE, "--data-dir", "data", *arguments], environment()
    alone = subprocess.run(command, input="", capture_output=True, text=True, env=env, cwd=tmp_path, check=False)
    forked = run(command, env=env, cwd=tmp_path, timeout=120)
    assert (forked.returncode, forked.stdout, forked.stderr) == (alone.returncode, alone.stdout, alone.stderr)


def test_a_fork_has_its_own_environment_folder_input_and_file_modes(tmp_path: Path) -> None:
    command = [*NETONE, "user", "add", "shop@example.com", "--name", "Shop", "--role", "admin"]
    env = environment(NETONE_DATA_DIR="here")
    made = run(
        [*command, "--password-stdin"], standard_input="correct horse 99 staple\n", env=env, cwd=tmp_path, timeout=120
    )
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "here" / "netone.db").stat().st_mode & 0o777 == 0o600


def test_a_fork_is_a_child_that_can_be_found_and_killed(tmp_path: Path) -> None:
    port = str(a_free_port())
    command = [*NETONE, "--data-dir", str(tmp_path / "data"), "serve", "--port", port]
    with (tmp_path / "log").open("wb") as log:
        server = ForkedProcess(command, env=environment(), cwd=tmp_path, stdout=log, stderr=log, start_new_session=True)
    try:
        state = Path(f"/proc/{server.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        assert int(state[1]) == os.getpid()
        wait_for(lambda: os.getsid(server.pid) == server.pid, of="its own session")
        shown = Path(f"/proc/{server.pid}/cmdline")
        wait_for(
            lambda: shown.read_bytes().split(b"\0")[: len(command)] == list(map(os.fsencode, command)), of="its command"
        )
        assert server.poll() is None
    finally:
        server.kill()
    assert server.wait(timeout=60) == -signal.SIGKILL
