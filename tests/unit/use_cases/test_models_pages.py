"""Reading models and looking at a labelled file."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import pytest

from application.ports.intake import FilePreview, StoredUpload, TrainingTable
from application.ports.models import Recognised
from application.use_cases.model_pages import CheckLabelled, ListModels, OpenModel, limits_of
from domain.account import Role
from domain.errors import FileRefused, InvalidInput, ModelNotFound, NotAllowed
from domain.evaluation import Metric, SegmentQuality
from domain.file_format import FileFormat, FormatChoice
from domain.model import Algorithm, ModelStage
from domain.training import TrainingId, TrainingRequest
from tests.builders import a_model_version, a_promotion, a_schema, a_training, an_account, an_evaluation
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork

ME = an_account(id="account-1")
VIEWER = an_account(id="account-2", role=Role.VIEWER)
BOSS = an_account(id="account-3", name="Branch South", role=Role.MANAGER)


def with_auc(value: float, low: float, high: float, **given: object) -> object:
    evaluation = an_evaluation()
    metrics = evaluation.metrics | {"auc": Metric(value, low, high)}
    return a_model_version(evaluation=replace(evaluation, metrics=metrics), **given)


def a_database(*versions: object, trainings: tuple[object, ...] = ()) -> FakeDatabase:
    database = FakeDatabase()
    with FakeUnitOfWork(database) as uow:
        for account in (ME, VIEWER, BOSS):
            uow.accounts.add(account)
        for version in versions:
            uow.models.add(version)  # type: ignore[arg-type]
        for training in trainings:
            uow.trainings.add(training)  # type: ignore[arg-type]
        uow.models.log(a_promotion(by=BOSS.email))
        uow.commit()
    return database


def test_a_candidate_worse_than_the_champion_is_listed_with_the_refusal() -> None:
    champion = with_auc(0.85, 0.84, 0.86, id="v1", stage=ModelStage.CHAMPION)
    worse = with_auc(0.80, 0.79, 0.81, id="v2")
    level = with_auc(0.845, 0.83, 0.86, id="v3")
    database = a_database(champion, worse, level)
    view = ListModels(lambda: FakeUnitOfWork(database))(by=ME)

    assert view.champion is not None
    assert view.champion.id == "v1"
    assert list(view.refusals) == ["v2"]
    assert "insist and say why" in view.refusals["v2"]


def test_a_retired_version_can_be_rolled_back_to_without_insisting() -> None:
    database = a_database(
        with_auc(0.85, 0.84, 0.86, id="v1", stage=ModelStage.CHAMPION),
        with_auc(0.80, 0.79, 0.81, id="v2", stage=ModelStage.RETIRED),
    )

    assert ListModels(lambda: FakeUnitOfWork(database))(by=ME).refusals == {}


def test_promotions_and_trainings_name_people_by_email_and_by_id() -> None:
    view = ListModels(lambda: FakeUnitOfWork(a_database(a_model_version())))(by=ME)

    assert view.people[view.promotions[0].by] == "Branch South"
    assert view.people["account-3"] == "Branch South"
    assert view.people["system"] == "Command line"


def test_trainings_under_way_are_shown_to_their_owner_and_to_those_who_see_all() -> None:
    mine = a_training()
    ended = replace(a_training(id=TrainingId("training-2")), state=mine.state).cancelled(at=mine.created_at)
    database = a_database(trainings=(mine, ended))
    listing = ListModels(lambda: FakeUnitOfWork(database))

    assert [t.id for t in listing(by=ME).under_way] == ["training-1"]
    assert listing(by=VIEWER).under_way == ()
    assert len(listing(by=BOSS).under_way) == 1


def test_an_unknown_version_is_not_found() -> None:
    with pytest.raises(ModelNotFound):
        OpenModel(lambda: FakeUnitOfWork(a_database()))("v9", by=ME)


def test_limits_say_what_follows_from_the_facts() -> None:
    weak = SegmentQuality("Contract", "Two year", 1695, 48, 0.03, 0.70)
    few = SegmentQuality("Contract", "One year", 37, 4, 0.1, None)
    columns = (replace(a_schema().columns[0], missing_rate=0.4), *a_schema().columns[1:])
    model = a_model_version(
        rows=500,
        churned=120,
        schema=a_schema(month_column=None, columns=columns),
        evaluation=an_evaluation(segments=(weak, few)),
    )
    limits = " ".join(limits_of(model))

    assert "the next quarter alone" in limits
    assert "One snapshot without months" in limits
    assert "Only 120 of its 500 customers left" in limits
    assert "Where contract is Two year it tells leavers apart less well: AUC 0.700" in limits
    assert "Only 37 customers had contract One year" in limits
    assert "Tenure was empty for 40% of customers" in limits
    assert "not what causes churn" in limits


def test_a_model_of_generated_customers_says_so_first() -> None:
    assert limits_of(a_model_version(starter=True))[0].startswith("It learned from generated customers")
    assert "generated" not in " ".join(limits_of(a_model_version()))


@dataclass
class OneFile:
    """Uploads and files at once: what is received is what is previewed."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def receive(self, upload_id: str, stream: IO[bytes], *, limit: int) -> StoredUpload:
        self.kept[upload_id] = stream.read()
        return StoredUpload("0" * 64, len(self.kept[upload_id]))

    def path(self, upload_id: str) -> Path:
        return Path(upload_id)

    def discard(self, upload_id: str) -> None:
        self.kept.pop(upload_id, None)

    def preview(self, path: Path, choice: FormatChoice | None = None) -> FilePreview:
        lines = self.kept[str(path)].decode().splitlines()
        if len(lines) < 2:
            raise FileRefused("The file holds no customers.")
        rows = [tuple(line.split(",")) for line in lines]
        return FilePreview(FileFormat(), rows[0], tuple(rows[1:]), 1)

    def load(self, path: Path, *, format: FileFormat) -> TrainingTable:
        return TrainingTable(self.preview(path).header, 1, 0, None)


@dataclass
class Recogniser:
    algorithm: Algorithm = Algorithm.XGBOOST

    def recognise(self, table: TrainingTable, request: TrainingRequest) -> Recognised:
        if "Churn" not in table.header:
            raise InvalidInput("The file has no column that says who left.", field="target")
        return Recognised("Churn", "Yes", "No", "id", None, ("bill",), (), 2, 1)


def checking(one: OneFile) -> CheckLabelled:
    database = a_database()
    return CheckLabelled(
        lambda: FakeUnitOfWork(database),
        one,  # type: ignore[arg-type]
        one,  # type: ignore[arg-type]
        lambda: {Algorithm.XGBOOST: Recogniser()},  # type: ignore[dict-item]
        SimpleNamespace(new=lambda: "1"),
    )


def test_a_labelled_file_is_recognised_and_nothing_stays() -> None:
    one = OneFile()
    found = checking(one)(io.BytesIO(b"id,bill,Churn\n1,5,Yes\n2,6,No\n3,6,Yes"), TrainingRequest(), by=ME)

    assert found.recognised is not None
    assert found.recognised.target == "Churn"
    assert found.values_of("Churn") == ("Yes", "No")
    assert found.values_of("nope") == ()
    assert one.kept == {}


def test_a_file_without_a_target_still_offers_its_columns() -> None:
    found = checking(OneFile())(io.BytesIO(b"id,bill\n1,5\n2,6"), TrainingRequest(), by=ME)

    assert found.recognised is None
    assert found.problem is not None
    assert found.preview.header == ("id", "bill")


def test_what_is_no_file_of_customers_is_refused_and_nothing_stays() -> None:
    one = OneFile()

    with pytest.raises(FileRefused):
        checking(one)(io.BytesIO(b"nothing"), TrainingRequest(), by=ME)
    assert one.kept == {}


def test_a_viewer_may_not_look_at_a_file_for_training() -> None:
    with pytest.raises(NotAllowed):
        checking(OneFile())(io.BytesIO(b"id,Churn\n1,Yes"), TrainingRequest(), by=VIEWER)
