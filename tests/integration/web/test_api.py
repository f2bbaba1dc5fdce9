"""The API: tokens and scopes, scoring of records, files as predictions, models, problems, and the OpenAPI document."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from adapters.records.reading import ColumnarRecords
from application.queries import AuditQuery
from application.use_cases.predictions.score_records import exact_match
from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.api_token import Scope
from domain.model import Algorithm, Effort
from domain.template import template_header, template_rows
from domain.training import TrainingRequest
from entrypoints.web.api.operations import PREFIX
from entrypoints.web.api.routes import OPERATIONS
from tests.builders import a_training
from tests.integration.web.conftest import PASSWORD, Office, furnished


class Program:
    """A program with a token."""

    def __init__(self, office: Office, role: Role, *scopes: Scope) -> None:
        person = Actor(office.people[role])
        names = [scope.value for scope in scopes or tuple(Scope)]
        made = office.application.accounts.make_token("job", names, 7, password=PASSWORD, by=person)
        self.token, self.secret = made
        self.client: FlaskClient = office.app.test_client()

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.secret}"} | options.pop("headers", {})
        return self.client.open(PREFIX + path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        answer = self.send("GET", path, **options)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def send_file(self, path: str, content: bytes, **options: Any) -> TestResponse:
        fields = {"file": (io.BytesIO(content), options.pop("name", "customers.csv"))} | options.pop("fields", {})
        return self.send("POST", path, data=fields, content_type="multipart/form-data", **options)


def customers(rows: int) -> bytes:
    lines = ["customerID,tenure,Contract,MonthlyCharges,Churn"]
    for n in range(rows):
        leaves = (n * 7919) % 100 < (55 if n % 2 == 0 else 8)
        contract = "Month-to-month" if n % 2 == 0 else "Two year"
        lines.append(f"{n:05d}-AAAAA,{(n * 13) % 72},{contract},{20 + (n * 31) % 90},{'Yes' if leaves else 'No'}")
    return "\n".join(lines).encode()


def furnish(office: Office) -> None:
    """A model: tenure, contract and monthly charges."""
    models, manager = office.application.models, Actor(office.people[Role.MANAGER])
    request = TrainingRequest(algorithm=Algorithm.LOGISTIC, effort=Effort.LOW)
    training = models.submit_training(io.BytesIO(customers(300)), "labelled.csv", request, by=manager, promote=True)
    trained = models.train_model(training.id)
    assert trained is not None
    assert trained.error is None


@pytest.fixture(scope="module")
def with_model(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(installed, tmp_path_factory.mktemp("with-model") / "data", furnish)


@pytest.fixture
def office(new_office: Callable[..., Office], with_model: Path) -> Office:
    return new_office(copy_of=with_model)


def score_waiting(office: Office) -> None:
    with ports_of(office.application).new_reading() as uow:
        waiting = uow.runs.unfinished()
    for run in waiting:
        office.application.predictions.score_run(run.id)


@pytest.fixture
def program(office: Office) -> Program:
    return Program(office, Role.ANALYST)


def records_of(office: Office) -> list[dict[str, object]]:
    """The template's customers, with numbers as numbers."""
    model = office.application.models.find_champion(by=office.people[Role.ADMIN])
    assert model is not None
    numeric = {column.name for column in model.schema.file_columns if column.kind.is_number}
    header = template_header(model.schema)
    return [
        {name: float(cell) if name in numeric else cell for name, cell in zip(header, row, strict=True)}
        for row in template_rows(model.schema)
    ]


def csv_of(records: list[dict[str, object]]) -> bytes:
    lines = [",".join(records[0]), *(",".join(str(cell) for cell in record.values()) for record in records)]
    return ("\n".join(lines) + "\n").encode()


def problem_of(answer: TestResponse, status: int) -> Any:
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert problem["status"] == status
    return problem


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer netone_wrong", "Basic abc", "netone_wrong"])
def test_without_a_token_that_works_nothing_is_told(office: Office, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    answer = office.app.test_client().get(f"{PREFIX}/models", headers=headers)
    assert "Send a token that works" in problem_of(answer, 401)["detail"]
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="NetOne Churn"'


def test_a_person_who_still_has_to_set_up_the_second_factor_has_no_program(office: Office) -> None:
    program = Program(office, Role.ANALYST)
    assert program.get("/health")
    with ports_of(office.application).new_uow() as uow:
        uow.policies.save(replace(uow.policies.get(), second_factor_roles=(Role.ANALYST,)))
        uow.commit()
    problem_of(program.send("GET", "/health"), 401)


def test_a_browsers_session_is_no_token(office: Office) -> None:
    assert office.browser(Role.ADMIN).get(f"{PREFIX}/models").status_code == 401


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_each_operation_asks_for_its_own_scope(office: Office, name: str) -> None:
    own = OPERATIONS[name]
    path = own.path.replace("{run_id}", "none").replace("{kind}", "csv")
    path = path.replace("{model_id}", "v99").replace("{training_id}", "none")
    others = Program(office, Role.ADMIN, *(scope for scope in Scope if scope is not own.scope))
    detail = problem_of(others.send(own.method, path), 403)["detail"]
    assert detail == f"This token does not have the scope “{own.scope}”. Make a token with it in your profile."
    with_scope = Program(office, Role.ADMIN, own.scope)
    assert with_scope.send(own.method, path).status_code not in (401, 403, 405, 500)


def test_a_token_permits_nothing_that_the_role_does_not(office: Office) -> None:
    viewer = Program(office, Role.VIEWER)
    answer = viewer.send("POST", "/score", json={"records": [{"tenure": 1}]})
    assert "Your role (viewer) does not permit this" in problem_of(answer, 403)["detail"]


def test_records_are_scored_as_the_same_rows_of_a_file(office: Office, program: Program) -> None:
    records = records_of(office)
    answer = program.send("POST", "/score", json={"records": records})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    scored = answer.get_json()["customers"]
    run = program.send_file("/runs", csv_of(records)).get_json()
    score_waiting(office)
    stored = program.get(f"/runs/{run['id']}/customers?sort=row")["customers"]
    assert scored == stored
    assert [own["id"] for own in scored] == ["EXAMPLE-1", "EXAMPLE-2", "EXAMPLE-3"]
    assert all(own["reasons"] and own["recommendation"]["name"] for own in scored)


@dataclass(frozen=True)
class AlwaysAsAFile(ColumnarRecords):
    """Records that always go through the reader of files."""

    def batch(self, records: Any, header: Any, *, schema: Any, match: Any) -> None:
        return None


@pytest.mark.parametrize(
    "cells",
    [
        {"tenure": 7, "MonthlyCharges": 19.99},
        {"tenure": 0, "MonthlyCharges": 1e-9},
        {"tenure": -3.5, "MonthlyCharges": 123_456_789.125},
        {"Contract": " Month-to-month "},
        {"Contract": "month to month"},
        {"Contract": "Three years"},
        {"Contract": "N/A"},
        {"Contract": True},
        {"Contract": 2},
        {"Contract": None, "tenure": None},
        {"customerID": None},
        {"customerID": "'0042"},
        {"customerID": 17},
    ],
)
def test_a_record_without_a_file_is_read_as_one_with_it(office: Office, cells: dict[str, Any]) -> None:
    score, analyst = office.application.predictions.score_records, office.people[Role.ANALYST]
    record = {"customerID": "A-1", "Contract": "Two year", "tenure": 12, "MonthlyCharges": 50.5} | cells
    records = [record, record | {"customerID": "A-2"}]
    model = office.application.models.find_champion(by=analyst)
    assert model is not None
    match = exact_match(model, list(record))
    assert match is not None
    assert score.records.batch(records, list(record), schema=model.schema, match=match) is not None
    as_a_file = replace(score, records=AlwaysAsAFile())
    assert score(records, by=analyst).customers == as_a_file(records, by=analyst).customers


@pytest.mark.parametrize(
    "cells",
    [{"tenure": "12"}, {"tenure": "a year"}, {"tenure": 1e39}, {"Contract": "Two\nyear"}, {"customerID": "Total"}],
)
def test_a_record_in_doubt_is_read_as_a_file(office: Office, cells: dict[str, Any]) -> None:
    score, analyst = office.application.predictions.score_records, office.people[Role.ANALYST]
    record = {"customerID": "A-1", "Contract": "Two year", "tenure": 12, "MonthlyCharges": 50.5} | cells
    model = office.application.models.find_champion(by=analyst)
    assert model is not None
    match = exact_match(model, list(record))
    assert match is not None
    assert score.records.batch([record], list(record), schema=model.schema, match=match) is None


def test_every_faulty_record_is_named_and_none_is_scored(office: Office, program: Program) -> None:
    records = records_of(office)
    numeric = next(name for name, cell in records[0].items() if isinstance(cell, float))
    records[1] = records[1] | {numeric: "much"}
    answer = program.send("POST", "/score", json={"records": [*records, {}]})
    problem = problem_of(answer, 422)
    assert [own["field"] for own in problem["errors"]] == [f"records.1.{numeric}", "records.3"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "records"),
        ({"records": []}, "records"),
        ({"records": [{}] * 1001}, "records"),
        ({"records": [{"tenure": [1]}]}, "records.0.tenure"),
        ({"records": [{"tenure": 1}], "models": "v1"}, "models"),
        ({"records": [1]}, "records.0"),
        ([], ""),
    ],
)
def test_a_body_that_is_not_as_described_is_refused(program: Program, body: object, field: str) -> None:
    errors = problem_of(program.send("POST", "/score", json=body), 422)["errors"]
    assert errors[0]["field"].startswith(field)


@pytest.mark.parametrize("text", ["", "{", '{"records": [{"tenure": NaN}]}', "[" * 100_000, '{"a": 1e999}\x00'])
def test_text_that_is_no_json_is_refused(program: Program, text: str) -> None:
    problem_of(program.send("POST", "/score", data=text, content_type="application/json"), 400)


def test_another_media_type_is_refused(program: Program) -> None:
    problem_of(program.send("POST", "/score", data="a=1", content_type="application/x-www-form-urlencoded"), 415)
    problem_of(program.send("POST", "/runs", json={"file": "x"}), 415)


def test_an_unknown_address_and_a_wrong_method_are_problems_too(program: Program) -> None:
    problem_of(program.send("GET", "/nothing"), 404)
    answer = program.send("PUT", "/models")
    problem_of(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_a_file_is_submitted_once_for_one_key(office: Office, program: Program) -> None:
    content, key = csv_of(records_of(office)), {"Idempotency-Key": "7f2c"}
    first = program.send_file("/runs", content, headers=key)
    again = program.send_file("/runs", content, headers=key)
    assert first.status_code == again.status_code == 202
    assert first.get_json()["id"] == again.get_json()["id"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.headers["Location"] == f"{PREFIX}/runs/{first.get_json()['id']}"
    other = program.send_file("/runs", content, headers={"Idempotency-Key": "8a1b"})
    assert other.get_json()["id"] != first.get_json()["id"]
    assert program.get("/runs")["total"] == 2
    assert problem_of(program.send_file("/runs", content, headers={"Idempotency-Key": ""}), 422)


def test_a_prediction_is_followed_read_by_page_and_downloaded(office: Office, program: Program) -> None:
    run_id = program.send_file("/runs", csv_of(records_of(office) * 2), name="march.csv").get_json()["id"]
    waiting = program.send("GET", f"/runs/{run_id}")
    assert waiting.get_json()["state"] == "queued"
    assert waiting.headers["Retry-After"] == "2"
    problem_of(program.send("GET", f"/runs/{run_id}/customers"), 422)
    problem_of(program.send("GET", f"/runs/{run_id}/download/csv"), 422)
    score_waiting(office)
    done = program.get(f"/runs/{run_id}")
    assert (done["state"], done["rows"], done["scored"], done["file_name"]) == ("done", 6, 6, "march.csv")
    first = program.send("GET", f"/runs/{run_id}/customers?sort=row&limit=4")
    page = first.get_json()
    assert ([own["row"] for own in page["customers"]], page["total"], page["next"]) == ([1, 2, 3, 4], 6, "4")
    link = first.headers["Link"]
    assert link.startswith(f"<{PREFIX}/runs/{run_id}/customers?")
    assert 'rel="next"' in link
    rest = program.get(link[1 : link.index(">")].removeprefix(PREFIX))
    assert ([own["row"] for own in rest["customers"]], rest["next"]) == ([5, 6], None)
    csv = program.send("GET", f"/runs/{run_id}/download/csv")
    assert csv.content_type.startswith("text/csv")
    assert csv.get_data(as_text=True).count("\n") == 7
    problem_of(program.send("GET", f"/runs/{run_id}/download/doc"), 404)
    assert program.send("DELETE", f"/runs/{run_id}").status_code == 204
    problem_of(program.send("GET", f"/runs/{run_id}"), 404)


def test_a_file_that_raises_a_question_is_refused_with_its_choices(office: Office, program: Program) -> None:
    content = csv_of([{f"my {name}": cell for name, cell in record.items()} for record in records_of(office)])
    problem = problem_of(program.send_file("/runs", content), 422)
    assert problem["detail"]
    assert program.get("/runs")["total"] == 0


@pytest.mark.parametrize("name", sorted(name for name, own in OPERATIONS.items() if "run_id" in own.path))
def test_anothers_prediction_does_not_exist_for_a_program(office: Office, program: Program, name: str) -> None:
    run_id = program.send_file("/runs", csv_of(records_of(office))).get_json()["id"]
    own, stranger = OPERATIONS[name], Program(office, Role.VIEWER)
    path = own.path.replace("{run_id}", run_id).replace("{kind}", "csv")
    problem_of(stranger.send(own.method, path), 404)
    assert program.get(f"/runs/{run_id}")["state"] == "queued"
    assert Program(office, Role.MANAGER).get(f"/runs/{run_id}")["id"] == run_id


@pytest.mark.parametrize("method_and_end", [("GET", ""), ("POST", "/cancel")])
def test_anothers_training_does_not_exist_either(
    office: Office, program: Program, method_and_end: tuple[str, str]
) -> None:
    with ports_of(office.application).new_uow() as uow:
        uow.trainings.add(a_training(id="theirs", owner=str(office.people[Role.MANAGER].id)))
        uow.commit()
    method, end = method_and_end
    problem_of(program.send(method, f"/trainings/theirs{end}"), 404)


def test_models_are_listed_described_and_promoted(office: Office, program: Program) -> None:
    found = program.get("/models")
    champion = found["champion"]
    details = program.get(f"/models/{champion}")
    assert details["stage"] == "champion"
    assert {own["name"] for own in details["columns"]} <= set(records_of(office)[0])
    assert 0.5 < details["metrics"]["auc"]["value"] <= 1
    problem_of(program.send("GET", "/models/v99"), 404)
    manager = Program(office, Role.MANAGER)
    problem_of(manager.send("POST", f"/models/{champion}/promote", json={}), 409)
    problem_of(program.send("POST", f"/models/{champion}/promote", json={}), 403)


def test_a_training_is_submitted_looked_at_and_stopped(program: Program) -> None:
    content = b"id,tenure,Churn\n" + b"".join(b"%d,%d,%s\n" % (n, n % 9, b"Yes" if n % 3 else b"No") for n in range(60))
    sent = program.send_file("/trainings", content, fields={"target": "Churn", "effort": "low"})
    training = sent.get_json()
    assert (sent.status_code, training["state"]) == (202, "queued")
    problem_of(program.send_file("/trainings", content, fields={"target": "Gone"}), 422)
    problem_of(program.send_file("/trainings", content, fields={"effort": "most"}), 422)
    assert program.get(f"/trainings/{training['id']}")["state"] == "queued"
    stopped = program.send("POST", f"/trainings/{training['id']}/cancel").get_json()
    assert stopped["state"] == "cancelled"


def test_what_a_program_did_is_in_the_audit_log_with_its_token(office: Office, program: Program) -> None:
    program.send_file("/runs", csv_of(records_of(office)), name="march.csv")
    with ports_of(office.application).new_reading() as uow:
        entry = uow.audit.find(AuditQuery(limit=1))[0][0]
    assert (entry.actor, entry.subject) == ("analyst@telco.example.com", "march.csv (token “job”)")


def test_requests_are_limited_and_the_limit_is_said(office: Office, program: Program) -> None:
    first = program.send("GET", "/health")
    assert first.headers["RateLimit-Limit"] == "600"
    assert int(first.headers["RateLimit-Remaining"]) == 599
    assert 0 < int(first.headers["RateLimit-Reset"]) <= 60


def test_health_says_what_the_token_is(program: Program) -> None:
    health = program.get("/health")
    assert health["email"] == "analyst@telco.example.com"
    assert health["scopes"] == ["read", "score", "train", "manage"]


def test_the_document_describes_every_operation_and_needs_no_token(office: Office) -> None:
    answer = office.app.test_client().get(f"{PREFIX}/openapi.json")
    document = json.loads(answer.get_data(as_text=True))
    assert document["openapi"] == "3.1.0"
    described = {(method.upper(), path) for path, own in document["paths"].items() for method in own}
    assert described == {(own.method, own.path) for own in OPERATIONS.values()}
    routes = {
        (method, rule.rule.removeprefix(PREFIX).replace("<", "{").replace(">", "}"))
        for rule in office.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.document"
    }
    assert routes == described
    references = {part.split('"')[0] for part in json.dumps(document).split('"$ref": "#/components/schemas/')[1:]}
    assert references <= set(document["components"]["schemas"])
