"""`make test-replit`: what Replit does with a fresh clone, on this machine and without a network.

The clone's `.replit` decides: its environment and run command start the site on the port that is given, a set-up link
makes an administrator behind a TLS proxy, a file is predicted, and the memory is measured. Then the site is stopped,
and the deployment's run command starts it on another port: everything has to be there again. Linux only.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import signal
import subprocess
import sys
import tempfile
import tomllib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from bench.idle_memory import pss_mib
from tests.e2e.site import ROOT, a_free_port, wait_for

HOST = "netone-churn.example.replit.app"
EMAIL, PASSWORD = "owner@telco.example.com", "correct horse battery staple 9"
CUSTOMERS = 500
MOST_MIB = 512


@dataclass
class Browser:
    """A person's browser behind Replit's proxy, which speaks TLS to the person and plain HTTP to the program."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Host": HOST,
            "X-Forwarded-For": "198.51.100.7",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": HOST,
            "Referer": f"https://{HOST}/",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        connection.request(method, path, body, headers | ({"Content-Type": kind} if kind else {}))
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie", []):
            assert "Secure" in line, line
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, text

    def send(self, path: str, **fields: str) -> None:
        """Fill in the form of this page and send it."""
        token = self._token(path)
        form = urlencode({"csrf_token": token, **fields}).encode()
        status, text = self.ask("POST", path, form, "application/x-www-form-urlencoded")
        assert status in (302, 303), (path, status, text[-2000:])

    def upload(self, file: Path) -> None:
        edge = uuid.uuid4().hex
        part = f'--{edge}\r\nContent-Disposition: form-data; name="{{}}"'
        body = (
            f"{part.format('csrf_token')}\r\n\r\n{self._token('/predictions/new')}\r\n"
            f'{part.format("file")}; filename="{file.name}"\r\n\r\n{file.read_text("utf-8")}\r\n--{edge}--\r\n'
        )
        status, text = self.ask("POST", "/predictions", body.encode(), f"multipart/form-data; boundary={edge}")
        assert status in (302, 303), (status, text[-2000:])

    def _token(self, path: str) -> str:
        status, page = self.ask("GET", path)
        found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
        assert status == 200, (path, status)
        assert found, path
        return found[1]


@dataclass
class Clone:
    """A fresh clone, and the settings of its `.replit`."""

    folder: Path
    started: int = 0

    @property
    def replit(self) -> dict[str, object]:
        return tomllib.loads((self.folder / ".replit").read_text("utf-8"))

    @contextmanager
    def running(self, command: list[str]) -> Iterator[tuple[Browser, str, int]]:
        """A browser of the site that this command starts, what the site said, and its process."""
        self.started += 1
        port, log = a_free_port(), self.folder.with_name(f"said-{self.started}.txt")
        kept = {key: value for key, value in os.environ.items() if not key.startswith("NETONE_")}
        own = {"PORT": str(port), "PYTHONPATH": str(self.folder), "PYTHONUNBUFFERED": "1"}
        environment = kept | dict(self.replit["env"]) | own  # type: ignore[call-overload]
        with log.open("wb") as said:
            process = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=said, stderr=said, start_new_session=True
            )
        browser = Browser(port)
        try:
            wait_for(lambda: process.poll() is not None or _is_ready(browser), of="the site")
            assert process.poll() is None, log.read_text("utf-8")
            yield browser, log.read_text("utf-8"), process.pid
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--install", action="store_true", help="Install the packages too; needs a network.")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="netone-replit-") as folder:
        clone = Clone(Path(folder) / "app")
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone.folder)], check=True)
        if not chosen.install:
            borrow_packages(clone.folder)
        run, deployed = str(clone.replit["run"]), clone.replit["deployment"]["run"]  # type: ignore[index]
        print(f"run: {run}")
        first_visit(clone, ["sh", "-c", run])
        print(f"deployment: {deployed}")
        second_visit(clone, list(deployed))
        left = subprocess.run(
            ["git", "status", "--porcelain"], cwd=clone.folder, check=True, capture_output=True, text=True
        ).stdout
        assert left.split() in ([], ["??", ".venv"]), left
    print("The data outlived the restart, and git sees none of it.")
    return 0


def borrow_packages(clone: Path) -> None:
    """As after `make run` has installed them: the environment of this checkout, newer than the list of packages."""
    (clone / ".venv").symlink_to(ROOT / ".venv")
    for name in ("requirements.lock", "pyproject.toml"):
        os.utime(clone / name, (0, 0))


def first_visit(clone: Clone, command: list[str]) -> None:
    with clone.running(command) as (browser, said, pid):
        link = re.search(r"/setup/\S+", said)
        assert link, said
        place = {"currency": "USD", "time_zone": "Africa/Harare"}
        browser.send(link[0], name="Owner", email=EMAIL, password=PASSWORD, confirm=PASSWORD, **place)
        wait_for(lambda: browser.ask("GET", "/models/v0")[0] == 200, of="the starter model", every=1)
        file = clone.folder.with_name("customers.csv")
        sample = [str(clone.folder / ".venv/bin/netone"), "sample", "--out", str(file), "--unlabelled"]
        subprocess.run([*sample, "--rows", str(CUSTOMERS)], check=True, cwd=clone.folder.parent, stdout=sys.stderr)
        browser.upload(file)
        wait_for(lambda: is_predicted(browser), of="a prediction", every=1)
        memory = sum(map(pss_mib, processes_of(pid)))
        print(f"{memory:.0f} MiB after the prediction")
        assert memory <= MOST_MIB


def second_visit(clone: Clone, command: list[str]) -> None:
    with clone.running(command) as (browser, said, _):
        assert "/setup/" not in said, said
        browser.send("/login", email=EMAIL, password=PASSWORD, next="")
        assert is_predicted(browser)


def is_predicted(browser: Browser) -> bool:
    return f"{CUSTOMERS} customers" in browser.ask("GET", "/dashboard")[1]


def processes_of(pid: int) -> list[int]:
    """A process and all its descendants."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text(encoding="ascii").split()]
    return [pid, *(one for child in children for one in processes_of(child))]


def _is_ready(browser: Browser) -> bool:
    try:
        status, text = browser.ask("GET", "/readyz")
    except OSError:
        return False
    return status == 200 and '"worker": true' in text.replace('":true', '": true')


if __name__ == "__main__":
    sys.exit(main())
