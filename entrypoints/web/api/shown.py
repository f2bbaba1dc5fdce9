"""The product's objects as the API shows them."""

from __future__ import annotations

from application.queries import ScoredCustomer
from domain.model import ModelVersion
from domain.playbook import Playbook
from domain.prediction import Reason
from domain.run import Run
from domain.training import Training
from entrypoints.web.api import schemas


def customer(scored: ScoredCustomer, playbook: Playbook) -> schemas.CustomerOut:
    prediction, action = scored.prediction, playbook.action(scored.action_id)
    return schemas.CustomerOut(
        id=str(prediction.customer_id),
        row=prediction.row,
        churn_probability=prediction.probability,
        likely_to_leave=prediction.likely_to_leave,
        band=prediction.band,
        reasons=[_reason(own) for own in (*prediction.raises, *prediction.lowers)],
        recommendation=schemas.RecommendationOut(
            action=scored.action_id,
            name=action.name if action else "Leave alone",
            expected_gain=scored.expected_gain,
            worth_contacting=scored.worth_contacting,
        ),
        monthly_revenue=scored.monthly_revenue,
        month=scored.month,
    )


def _reason(own: Reason) -> schemas.ReasonOut:
    return schemas.ReasonOut(attribute=own.attribute, value=own.value, shap_value=own.contribution)


def run(own: Run) -> schemas.RunOut:
    summary = own.summary
    contacting = summary.contacting if summary else None
    return schemas.RunOut(
        id=own.id,
        file_name=own.file_name,
        state=own.state,
        stage=own.progress.words,
        done=own.progress.done,
        created_at=own.created_at,
        finished_at=own.finished_at,
        model=own.model_version,
        threshold=own.threshold,
        error=own.error,
        rows=summary.rows if summary else None,
        scored=summary.scored if summary else None,
        rejected=summary.rejected if summary else None,
        likely_to_leave=summary.likely_to_leave if summary else None,
        mean_probability=summary.mean_probability if summary else None,
        money_at_risk=summary.money_at_risk if summary else None,
        worth_contacting=contacting.customers if contacting else None,
        expected_gain=contacting.expected_gain if contacting else None,
        columns_missing=list(summary.columns_missing) if summary else [],
    )


def training(own: Training) -> schemas.TrainingOut:
    return schemas.TrainingOut(
        id=own.id,
        file_name=own.file_name,
        state=own.state,
        stage=own.progress.words,
        created_at=own.created_at,
        finished_at=own.finished_at,
        model=own.version,
        error=own.error,
    )


def model(own: ModelVersion) -> schemas.ModelOut:
    return schemas.ModelOut(
        id=own.id,
        name=own.name,
        stage=own.stage,
        algorithm=own.algorithm,
        threshold=own.threshold,
        trained_at=own.trained_at,
        file_name=own.file_name,
        rows=own.rows,
        churned=own.churned,
        horizon=own.horizon,
    )


def model_details(own: ModelVersion, limits: tuple[str, ...]) -> schemas.ModelDetails:
    return schemas.ModelDetails(
        **model(own).model_dump(),
        id_column=own.schema.id_column,
        columns=[
            schemas.ColumnOut(
                name=column.name,
                kind=column.kind.value,
                levels=list(column.levels),
                importance=column.importance,
                typical=column.typical,
            )
            for column in own.schema.file_columns
        ],
        metrics={
            name: schemas.MetricOut(value=metric.value, low=metric.low, high=metric.high)
            for name, metric in own.evaluation.metrics.items()
        },
        limits=list(limits),
    )
