"""One customer's data: handed out whole, and erased so that no byte of the data directory names them."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.campaign import CampaignId, CampaignState
from domain.campaign_members import CampaignEvent, EventKind
from domain.do_not_contact import Source
from domain.model import ModelStage
from domain.run import Run, RunId
from tests.builders import a_campaign, a_member, a_model_version, a_schema, a_training, at
from tests.fakes.models import FakeScorer, InMemoryModelRegistry, LevelModel
from tests.integration.web.conftest import Office

GONE, STAYS = "7590-VHVEG", "5575-GNVDE"
HEADER = "customerID,tenure,MonthlyCharges,PaperlessBilling,Contract,Notes"
ROWS = [
    f"{GONE},1,29.85,Yes,Month-to-month,first",
    f"{STAYS},34,56.95,No,Two year,recommended by {GONE} in May",
    f"{GONE}0,2,53.85,Yes,Month-to-month,another one",
    f"{GONE},3,29.85,Yes,Month-to-month,second month",
    f'"  {GONE} ",4,29.85,Yes,"Month-to-month","a ""quoted"" note"',
    *(f"{number:04}-OTHER,12,70.0,No,Two year," for number in range(200)),
    f"{GONE},5,29.85,Yes,Month-to-month,third,one cell too many",
]
FILE = "\n".join([HEADER, *ROWS]) + "\n"


@pytest.fixture
def run(office: Office) -> Run:
    """A finished prediction of a file with the customer in it, contact list and rejected row included."""
    schema = a_schema(month_column=None)
    registry = InMemoryModelRegistry({"v1": FakeScorer("v1", schema, LevelModel(-0.5, 3, {"Month-to-month": 2.0}))})
    office.replace_everywhere("registry", registry)
    with ports_of(office.application).new_uow() as uow:
        uow.models.add(a_model_version(id="v1", schema=schema, stage=ModelStage.CHAMPION))
        uow.commit()
    return _scored(office, FILE.encode())


def test_an_export_holds_all_that_is_known_of_one_customer(office: Office, run: Run) -> None:
    answer = office.browser(Role.ADMIN).post("/admin/customers/export", {"customer_id": f" {GONE} "})
    data = json.loads(answer.data)

    assert answer.headers["Content-Disposition"] == "attachment; filename=customer.json"
    assert [entry["row"] for entry in data["predictions"]] == [1, 4, 5]
    assert data["predictions"][0]["attributes"]["Contract"] == "Month-to-month"
    assert data["predictions"][0]["other_columns"]["Notes"] == "first"
    assert len(data["contact_lists"]) == 3
    assert [row["tenure"] for row in data["uploads"][0]["rows"]] == ["1", "3", "4", "5"]
    assert STAYS not in answer.get_data(as_text=True)
    assert "exported a customer's data" in office.audit()


def test_an_unknown_customer_is_reported(office: Office, run: Run) -> None:
    answer = office.browser(Role.ADMIN).post("/admin/customers/export", {"customer_id": "0000-NOBODY"})

    assert answer.status_code == 404


def test_erasing_asks_for_the_id_first_and_changes_nothing_before(office: Office, run: Run) -> None:
    admin = office.browser(Role.ADMIN)

    page = admin.post("/admin/customers/erase", {"customer_id": GONE}).get_data(as_text=True)
    dialog = admin.post("/admin/customers/erase", {"customer_id": GONE}, htmx=True).get_data(as_text=True)

    assert f"Erase customer {GONE}?" in page
    assert "<dialog" in dialog
    assert _places_of(office.folder, GONE)


def test_erasing_a_customer_removes_every_byte_of_them_and_keeps_all_others(office: Office, run: Run) -> None:
    before = {row: result for row, result in _results(office, run).items() if result != GONE}
    admin = office.browser(Role.ADMIN)
    (office.folder / "tmp" / "half-made-report.csv").write_text(f"{GONE},82.8%")

    answer = admin.post("/admin/customers/erase/confirmed", {"customer_id": GONE})

    assert answer.status_code == 303
    # "7590-VHVEG0" is somebody else and stays: what is left of the id is left in theirs alone
    assert _places_of(office.folder, GONE, but=f"{GONE}0") == []
    assert _results(office, run) == before
    assert f"{GONE}0" in before.values()
    with ports_of(office.application).new_reading() as uow:
        after, record = uow.runs.get(run.id), uow.uploads.get(run.id)
    assert record
    assert after.file_sha256 == record.sha256 != run.file_sha256, "the file has a new hash"
    assert after.file_bytes == record.size == ports_of(office.application).uploads.path(run.id).stat().st_size
    assert after.summary == run.summary, "sums stay"
    assert "erased a customer" in office.audit()


def test_a_deleted_prediction_cannot_bring_an_erased_customer_back(office: Office, run: Run) -> None:
    admin = office.browser(Role.ADMIN)
    deletion = office.application.predictions.delete_with_undo([run.id], by=Actor(office.people[Role.ADMIN]))
    assert _places_of(office.folder, GONE)

    assert admin.post("/admin/customers/erase/confirmed", {"customer_id": GONE}).status_code == 303

    assert _places_of(office.folder, GONE) == []
    assert admin.post("/history/undo", {"batch": deletion.batch}).status_code == 404
    assert "deleted a prediction" in office.audit()


def test_an_erased_customer_stays_on_the_do_not_contact_list_with_id_and_date_alone(office: Office, run: Run) -> None:
    change, manager = office.application.do_not_contact.change, Actor(office.people[Role.MANAGER])
    change.add(GONE, why="moved to Porto", by=manager)
    change.add(STAYS, why=f"neighbour of {GONE}", by=manager)
    admin = office.browser(Role.ADMIN)
    exported = json.loads(admin.post("/admin/customers/export", {"customer_id": GONE}).data)

    admin.post("/admin/customers/erase/confirmed", {"customer_id": GONE})

    assert exported["do_not_contact"].keys() == {"since", "source", "note"}
    assert exported["do_not_contact"]["note"] == "moved to Porto"
    with ports_of(office.application).new_reading() as uow:
        entry, other = uow.do_not_contact.get(GONE), uow.do_not_contact.get(STAYS)
    assert entry
    assert other
    assert (entry.note, entry.by, entry.source) == ("", "", Source.MARKED)
    assert other.note == "neighbour of (erased)"
    assert "The do-not-contact list keeps the id" in admin.get("/admin/customers").get_data(as_text=True)
    assert _places_of(office.folder, "moved to Porto") == []
    assert {place.partition(":")[0] for place in _places_of(office.folder, GONE, but=f"{GONE}0")} <= {"netone.db"}


def test_an_erased_customer_leaves_only_figures_in_campaigns(office: Office, run: Run) -> None:
    with ports_of(office.application).new_uow() as uow:
        uow.campaigns.add(a_campaign(state=CampaignState.RUNNING))
        uow.campaigns.add_members(CampaignId("campaign-1"), [a_member(1, customer_id=GONE, message=f"Dear {GONE}")])
        noted = uow.campaigns.member(CampaignId("campaign-1"), 1).noted("Call after six")
        uow.campaigns.save_member(CampaignId("campaign-1"), noted)
        event = CampaignEvent(at(), "A colleague", EventKind.NOTE, 1, "", "Call after six")
        uow.campaigns.record(CampaignId("campaign-1"), [event])
        uow.commit()
    admin = office.browser(Role.ADMIN)
    exported = json.loads(admin.post("/admin/customers/export", {"customer_id": GONE}).data)

    admin.post("/admin/customers/erase/confirmed", {"customer_id": GONE})

    (membership,) = exported["campaigns"]
    assert (membership["campaign"], membership["message"], membership["note"]) == (
        "Spring calls",
        f"Dear {GONE}",
        "Call after six",
    )
    assert membership["history"] == [{"at": "2026-11-02T12:00:00+00:00", "what": "note", "after": "Call after six"}]
    assert "A colleague" not in json.dumps(exported)
    assert "1 membership of campaigns" in admin.get("/admin/customers").get_data(as_text=True)
    with ports_of(office.application).new_reading() as uow:
        assert uow.campaigns.member(CampaignId("campaign-1"), 1).customer_id == ""
    assert _places_of(office.folder, "Call after six") == []


def test_the_rewritten_upload_is_the_old_one_without_the_customers_rows(office: Office, run: Run) -> None:
    office.application.privacy.erase_customer(GONE, by=Actor(office.people[Role.ADMIN]))

    lines = ports_of(office.application).uploads.path(run.id).read_text(encoding="utf-8").splitlines()

    kept = [HEADER, ROWS[1].replace(GONE, "(erased)"), ROWS[2], *ROWS[5:-1]]
    assert lines == kept


def test_erasing_twice_finds_nothing_the_second_time(office: Office, run: Run) -> None:
    first = office.application.privacy.erase_customer(GONE, by=Actor(office.people[Role.ADMIN]))
    second = office.application.privacy.erase_customer(GONE, by=Actor(office.people[Role.ADMIN]))

    assert (first.results, first.contacts) == (3, 3)
    assert first.files == 2, "the upload and the list of rejected rows"
    assert not second.anything


def test_a_packed_file_is_rewritten_too(office: Office, run: Run) -> None:
    packed = _scored(office, gzip.compress(FILE.encode()))

    office.application.privacy.erase_customer(GONE, by=Actor(office.people[Role.ADMIN]))

    assert GONE + "," not in ports_of(office.application).uploads.path(packed.id).read_text(encoding="utf-8")


def test_erasing_a_numeric_id_removes_only_its_own_row(office: Office, run: Run) -> None:
    rows = [f"{number},{number},50.0,No,Two year,{number}" for number in range(1, 60)]
    numbered = _scored(office, "\n".join([HEADER, *rows]).encode())

    office.application.privacy.erase_customer("12", by=Actor(office.people[Role.ADMIN]))

    lines = ports_of(office.application).uploads.path(numbered.id).read_text(encoding="utf-8").splitlines()
    assert lines == [HEADER, *(row for row in rows if not row.startswith("12,"))]


def test_erasing_is_rejected_while_jobs_are_running(office: Office, run: Run) -> None:
    with ports_of(office.application).new_uow() as uow:
        uow.trainings.add(a_training())
        uow.commit()

    answer = office.browser(Role.ADMIN).post("/admin/customers/erase/confirmed", {"customer_id": GONE})

    assert answer.status_code == 409
    assert _places_of(office.folder, GONE)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.MANAGER])
def test_only_administrators_erase_or_export(office: Office, run: Run, role: Role) -> None:
    browser = office.browser(role)

    for url in ("export", "erase", "erase/confirmed"):
        assert browser.post(f"/admin/customers/{url}", {"customer_id": GONE}).status_code == 403


def _scored(office: Office, content: bytes) -> Run:
    submitted = office.application.predictions.submit_scoring(
        io.BytesIO(content), "october.csv", by=Actor(office.people[Role.ANALYST])
    )
    office.application.predictions.score_run(submitted.id)
    with ports_of(office.application).new_reading() as uow:
        run = uow.runs.get(RunId(submitted.id))
    assert run.summary, run.error
    return run


def _results(office: Office, run: Run) -> dict[int, str]:
    """Row → id of everybody in the run's results."""
    table = pq.read_table(office.folder / "results" / run.id / "customers.parquet", columns=["row", "id"])
    return dict(zip(table.column("row").to_pylist(), table.column("id").to_pylist(), strict=True))


def _places_of(folder: Path, customer_id: str, but: str = "\0") -> list[str]:
    """Files that name a customer: bytes as they are, and what packed ones unpack to."""
    return [
        str(file.relative_to(folder))
        for file in sorted(folder.rglob("*"))
        if file.is_file() and customer_id.encode() in _content(file).replace(but.encode(), b"")
    ]


def _content(file: Path) -> bytes:
    content = file.read_bytes()
    if file.suffix == ".parquet":
        return content + json.dumps(pq.read_table(file).to_pylist(), default=str).encode()
    return content + gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
