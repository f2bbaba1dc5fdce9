"""The whole log of a web server and its worker, after a session in which every field held something hostile."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import quote, urlencode

import pytest

from tests.e2e.site import Site, serving, wait_for

pytestmark = pytest.mark.slow

CUSTOMER = "7590-VHVEG"
EMAIL = "branch.secret@telco.example.com"
PERSON = "Tendai Moyo-Secret"
PASSWORD = "a very secret pass phrase 77"
FILE_NAME = "Customers of Tendai Moyo.csv"
ODD = "\x1b[31mforged\r\n2026-01-01 INFO forged line"
PERSONAL = (CUSTOMER, EMAIL, "branch.secret", "Moyo", PASSWORD, "Customers of", "forged", "127.0.0.1", "HostileAgent")


class Browser:
    """A browser that keeps cookies and sends the page's CSRF token, and odd headers."""

    def __init__(self, site: Site) -> None:
        self.connection = HTTPConnection("127.0.0.1", site.port, timeout=60)
        self.cookie = self.token = ""

    def ask(self, method: str, url: str, body: bytes | None = None, kind: str = "") -> str:
        headers = {
            "User-Agent": f"HostileAgent {CUSTOMER} {EMAIL}",
            "Referer": f"http://127.0.0.1/{CUSTOMER}",
            "X-Request-Id": CUSTOMER,
            "X-Forwarded-For": EMAIL,
            "Cookie": self.cookie,
            "X-CSRFToken": self.token,
            **({"Content-Type": kind} if kind else {}),
        }
        self.connection.request(method, url, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for name, value in answer.getheaders():
            if name == "Set-Cookie":
                self.cookie = value.split(";")[0]
        token = re.search(r'X-CSRFToken": "([^"]+)"', text)
        self.token = token[1] if token else self.token
        self.location = answer.getheader("Location", "")
        return text

    def post(self, url: str, **fields: str) -> str:
        return self.ask("POST", url, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def upload(self, url: str, content: bytes, **fields: str) -> str:
        parts = [f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{FILE_NAME}"\r\n\r\n'
        body = "".join(parts).encode() + head.encode() + content + b"\r\n--x--\r\n"
        return self.ask("POST", url, body, "multipart/form-data; boundary=x")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("logged")) as running:
        yield running


def a_file() -> bytes:
    lines = ["customerID,tenure,Contract,MonthlyCharges,TotalCharges,email"]
    lines += [f"{CUSTOMER}{n or ''},{n},Month-to-month,{20 + n},not a number {CUSTOMER},{EMAIL}" for n in range(40)]
    return "\n".join(lines).encode()


def a_session(site: Site) -> None:
    """Everything that a person can send, holding what must not be logged."""
    browser = Browser(site)
    with closing(browser.connection):
        browser.ask("GET", site.set_up_link.removeprefix(site.url))
        link = site.set_up_link.removeprefix(site.url)
        place = {"currency": "USD", "time_zone": "Africa/Harare"}
        browser.post(link, name=PERSON, email=EMAIL, password=PASSWORD, confirm=PASSWORD, **place)
        browser.ask("GET", "/login")
        browser.post("/login", email=EMAIL + ODD, password=PASSWORD + ODD)
        browser.post("/login", email=EMAIL, password=PASSWORD)
        browser.ask("GET", "/dashboard")
        for url in ("/history", "/admin/users", "/admin/uploads", "/admin/audit", "/" + quote(CUSTOMER + ODD)):
            browser.ask("GET", f"{url}?{urlencode({'q': CUSTOMER + ODD, 'search': EMAIL})}")
        browser.upload("/predictions", a_file(), name=ODD)
        run = browser.location
        assert run.startswith("/predictions/"), "the file was taken"
        wait_for(lambda: site.sql("select id from runs where state in ('done', 'failed')"), of="the run ends")
        browser.ask("GET", f"{run}?{urlencode({'q': CUSTOMER})}")
        browser.ask("GET", f"{run}/customers/{quote(CUSTOMER)}")
        browser.upload("/models/train", b"customerID,Churn\n" + f"{CUSTOMER},{EMAIL}\n".encode() * 3, target=EMAIL)
        browser.post("/admin/customers/export", customer_id=CUSTOMER)
        browser.post("/admin/invite", email=EMAIL + ODD, role=ODD)


def test_no_log_line_contains_personal_data_or_a_forged_line(site: Site) -> None:
    a_session(site)
    errors = site.stderr
    lines = [json.loads(line) for line in errors.splitlines()]
    requests = [line for line in lines if line["logger"] == "netone.request"]
    jobs = [line for line in lines if line["logger"] == "netone.job" and line["event"] == "job ended"]

    assert len(requests) >= 15
    assert {"accounts.login", "history.index", "predictions.create", "none"} <= {line["endpoint"] for line in requests}
    assert all(re.fullmatch("[0-9a-f]{32}", line["request_id"]) for line in requests)
    assert any(line.get("account") for line in requests)
    assert {"train", "score"} <= {line["kind"] for line in jobs}
    assert all(line.get("run") or line.get("training") for line in jobs)
    for word in PERSONAL:
        assert word not in errors, word
    assert [line for line in lines if line["level"] in ("error", "critical")] == []


def test_waiting_for_jobs_writes_no_log_lines(site: Site) -> None:
    before = len(site.stderr)
    time.sleep(2)  # the queue is polled several times a second
    written = [json.loads(line) for line in site.stderr[before:].splitlines()]
    assert [line for line in written if line["logger"] != "netone.request"] == []  # the line of a request may come late
