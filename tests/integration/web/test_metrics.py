"""`/metrics`: who may read it, and what it says."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from application.ports.job_records import JobTotal
from bench.ports import ports_of
from domain.account import Role
from tests.builders import a_run, a_training
from tests.integration.web.conftest import Office

TOKEN = "a-long-enough-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def figures(office: Office, **options: object) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = office.browser().get("/metrics", **options)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    families = text_string_to_metric_families(answer.get_data(as_text=True))
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def test_this_machine_reads_the_metrics_without_a_token(office: Office) -> None:
    answer = office.browser().get("/metrics")

    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["10.0.0.7", "192.0.2.1", "2001:db8::1", "", "127.0.0.1.example.com"])
def test_other_machines_get_not_found(office: Office, address: str) -> None:
    assert office.browser().get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == 404


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1"])
def test_every_loopback_address_is_this_machine(office: Office, address: str) -> None:
    assert office.browser().get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == 200


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Via", "X-Real-IP"]
)
def test_behind_an_unknown_proxy_the_metrics_are_not_found(office: Office, header: str) -> None:
    assert office.browser().get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize("host", ["churn.example.com", "127.0.0.1.example.com", "localhost.example.com", "[::2]", "0"])
def test_under_another_host_name_the_metrics_are_not_found(office: Office, host: str) -> None:
    assert office.browser().get("/metrics", headers={"Host": host}).status_code == 404


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_local_host_names_are_this_machine(office: Office, host: str) -> None:
    assert office.browser().get("/metrics", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-For": "203.0.113.9"}])
def test_behind_a_known_proxy_a_token_is_needed(new_office: Callable[..., Office], headers: dict[str, str]) -> None:
    office = new_office(proxies=1)

    assert office.browser().get("/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x"]
)
@pytest.mark.parametrize("proxies", [0, 1])
def test_with_a_configured_token_only_the_token_gives_access(
    new_office: Callable[..., Office], given: str, proxies: int
) -> None:
    office = new_office(metrics_token=TOKEN, proxies=proxies)

    assert office.browser().get("/metrics", headers={"Authorization": given}).status_code == 404
    assert office.browser(Role.ADMIN).get("/metrics").status_code == 404


@pytest.mark.parametrize("proxies", [0, 1])
def test_the_token_gives_access_from_any_machine(new_office: Callable[..., Office], proxies: int) -> None:
    office = new_office(metrics_token=TOKEN, proxies=proxies)
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}

    assert office.browser().get("/metrics", headers=BEARER, environ_base=elsewhere).status_code == 200


def test_a_token_with_odd_characters_is_rejected_without_an_error(new_office: Callable[..., Office]) -> None:
    office = new_office(metrics_token=TOKEN)

    assert office.browser().get("/metrics", headers={"Authorization": "Bearer ü\xff"}).status_code == 404


def test_requests_are_counted_by_endpoint_method_and_class_of_status(office: Office) -> None:
    browser = office.browser()
    for url in ("/login", "/login", "/7590-VHVEG"):
        browser.get(url).get_data()

    samples = figures(office)

    def served(endpoint: str, status: str) -> float:
        labels = (("endpoint", endpoint), ("method", "GET"), ("status", status))
        return samples["netone_http_requests_total", labels]

    assert served("accounts.login", "2xx") == 2
    assert served("none", "4xx") == 1
    count = samples["netone_http_request_duration_seconds_count", (("endpoint", "accounts.login"), ("method", "GET"))]
    assert count == 2


def test_two_applications_in_one_process_have_separate_counters(new_office: Callable[..., Office]) -> None:
    one, other = new_office(), new_office()
    one.browser().get("/login").get_data()

    labels = (("endpoint", "accounts.login"), ("method", "GET"), ("status", "2xx"))
    assert ("netone_http_requests_total", labels) in figures(one)
    assert ("netone_http_requests_total", labels) not in figures(other)


def test_the_queue_the_worker_and_ended_jobs_are_read_from_the_database(office: Office) -> None:
    now = office.application.now()
    with ports_of(office.application).new_uow() as uow:
        uow.runs.add(a_run(id="waiting", created_at=now - timedelta(seconds=90)))
        uow.runs.add(replace(a_run(id="newer", created_at=now)))
        uow.trainings.add(a_training(id="training", created_at=now - timedelta(seconds=40)))
        uow.workers.heartbeat("worker", at=now - timedelta(seconds=12))
        uow.job_totals.add(JobTotal("score", "done", 2, 3.5, 1000, 7))
        uow.job_totals.add(JobTotal("score", "failed", 1, 0.5, 0, 40))
        uow.commit()

    samples = figures(office)
    assert samples["netone_queue_jobs", (("kind", "score"), ("state", "queued"))] == 2
    assert samples["netone_queue_jobs", (("kind", "score"), ("state", "running"))] == 0
    assert samples["netone_queue_jobs", (("kind", "train"), ("state", "queued"))] == 1
    assert samples["netone_queue_jobs", (("kind", "export"), ("state", "queued"))] == 0
    assert 90 <= samples["netone_queue_oldest_waiting_seconds", ()] < 150
    assert 12 <= samples["netone_worker_last_seen_seconds", ()] < 72
    done = (("kind", "score"), ("outcome", "done"))
    assert samples["netone_jobs_duration_seconds_count", done] == 2
    assert samples["netone_jobs_duration_seconds_sum", done] == 3.5
    assert samples["netone_rows_scored_total", ()] == 1000
    assert samples["netone_rows_rejected_total", ()] == 47


def test_a_worker_that_never_started_has_no_age(office: Office) -> None:
    assert math.isnan(figures(office)["netone_worker_last_seen_seconds", ()])


def test_metrics_contain_sizes_and_versions(office: Office) -> None:
    samples = figures(office)

    kinds = {labels[0][1] for name, labels in samples if name == "netone_storage_bytes"}
    assert kinds == {"database", "uploads", "results", "models", "trash", "other"}
    assert samples["netone_storage_bytes", (("kind", "database"),)] > 0
    assert samples["netone_disk_free_bytes", ()] > 0
    assert sum(name == "netone_build_info" for name, _ in samples) == 1


def test_metrics_contain_no_personal_data(office: Office) -> None:
    office.browser(Role.ADMIN).get("/history?q=7590-VHVEG").get_data()

    text = office.browser().get("/metrics").get_data(as_text=True)
    assert "7590-VHVEG" not in text
    assert "@" not in text
    for account in office.people.values():
        assert str(account.id) not in text
