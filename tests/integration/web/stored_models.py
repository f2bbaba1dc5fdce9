"""Model versions and trainings that are stored for tests of their pages."""

from __future__ import annotations

import io
from dataclasses import replace

from bench.ports import ports_of
from domain.account import Role
from domain.evaluation import Metric
from domain.model import ModelStage, ModelVersion
from domain.training import Training
from tests.builders import a_model_version, a_training, an_evaluation
from tests.integration.web.conftest import Office

LABELLED = "customerID,Contract,MonthlyCharges,Churn\n" + "\n".join(
    f"{n:04d}-ABCDE,{'Month-to-month' if n % 3 else 'Two year'},{20 + n % 60},{'Yes' if n % 5 < 2 else 'No'}"
    for n in range(200)
)


def a_version(auc: float = 0.85, **given: object) -> ModelVersion:
    evaluation = an_evaluation()
    metrics = evaluation.metrics | {"auc": Metric(auc, auc - 0.01, auc + 0.01)}
    return a_model_version(**({"evaluation": replace(evaluation, metrics=metrics)} | given))


def keep(office: Office, *versions: ModelVersion) -> None:
    with ports_of(office.application).new_uow() as uow:
        for version in versions:
            uow.models.add(version)
        uow.commit()


def keep_training(office: Office, **given: object) -> Training:
    training = a_training(owner=str(office.people[Role.ANALYST].id), **given)
    with ports_of(office.application).new_uow() as uow:
        uow.trainings.add(training)
        uow.commit()
    return training


def champion(**given: object) -> ModelVersion:
    return a_version(stage=ModelStage.CHAMPION, **given)


def a_file(text: str = LABELLED, name: str = "labelled.csv") -> dict[str, object]:
    return {"file": (io.BytesIO(text.encode()), name), "horizon": "the next month"}
