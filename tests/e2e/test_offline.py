"""Nothing goes out: not from the browser, not from the server, not from the worker."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tests.e2e.conftest import Finished
from tests.e2e.site import Site
from tests.e2e.visitor import Person, Visitor

HERE_ONLY = re.compile(r"(connect|resolve) (\('(127\.0\.0\.1|::1)'.*|'(127\.0\.0\.1|::1|localhost)'|None|b?'/.*|b?'')$")


def test_a_whole_visit_sends_requests_to_the_server_only(
    visit: Callable[..., Visitor], site: Site, analyst: Person, customers: Path
) -> None:
    visitor = visit(analyst)
    visitor.open("/")
    run = visitor.predict(customers)
    visitor.download("Download CSV")
    for path in ("/dashboard", f"/predictions/{run}/customers/1", "/insights", "/history", "/models/v0", "/profile"):
        visitor.open(path)
    hosts = {urlsplit(url).netloc for url in visitor.asked if not url.startswith(("data:", "blob:"))}
    assert hosts == {f"127.0.0.1:{site.port}"}
    assert len(visitor.asked) > 20


def test_server_and_worker_open_no_connection_outside_the_machine(site: Site, finished: Finished) -> None:
    assert finished.run, "the server and the worker have done their work"
    noted = site.connections.read_text(encoding="utf-8").splitlines()
    listening = [line for line in noted if line.startswith("listening in")]
    assert any(" serve " in line for line in listening)
    assert any("entrypoints.worker_child" in line for line in listening)
    reached = [line for line in noted if not line.startswith("listening in")]
    assert [line for line in reached if not HERE_ONLY.match(line)] == []


def test_the_content_policy_names_no_other_host(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    policy = visitor.open("/").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert re.findall(r"https?:|\*|\w+\.\w+", policy) == []
