"""The bodies of the API: what it reads and answers. Money is in the installation's currency, a month."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Json, StrictBool, StrictFloat, StrictInt, StrictStr

from domain.api_token import Scope
from domain.model import Algorithm, Effort, ModelStage
from domain.prediction import RiskBand
from domain.records import MAX_CELL, MAX_RECORDS
from domain.run import JobState

Cell = Annotated[StrictStr, Field(max_length=MAX_CELL)] | StrictInt | StrictFloat | StrictBool | None
Share = Annotated[float, Field(ge=0, le=1)]
MAX_PAGE = 1000


class Asked(BaseModel):
    """What a program sends: unknown fields are faults, because a misspelt one would be ignored without a word."""

    model_config = ConfigDict(extra="forbid")


class Health(BaseModel):
    """Whether customers can be scored now, and as whom the token acts."""

    status: Literal["ok"] = "ok"
    model: str | None = Field(description="The model that scores unless another is named; null while there is none.")
    worker: bool = Field(description="Whether a worker takes up files at the moment.")
    email: str
    scopes: list[Scope]


class ScoreRequest(Asked):
    """Customers to score now. Nothing is stored."""

    records: list[dict[Annotated[str, Field(max_length=MAX_CELL)], Cell]] = Field(
        min_length=1,
        max_length=MAX_RECORDS,
        description="One object per customer: the model's columns and their values, as in a file.",
    )
    model: str | None = Field(None, max_length=20, description="Such as v3. Without it, the champion scores.")


class ReasonOut(BaseModel):
    """A reason of a risk."""

    attribute: str
    value: str | float | None
    shap_value: float = Field(description="In log-odds; a positive one raises the risk.")


class RecommendationOut(BaseModel):
    """The action that is expected to earn most; `leave-alone` where none is expected to earn anything."""

    action: str
    name: str
    expected_gain: float
    worth_contacting: bool


class CustomerOut(BaseModel):
    """A scored customer."""

    id: str
    row: int = Field(description="The record or the file's data row, counted from 1.")
    churn_probability: Share
    likely_to_leave: bool
    band: RiskBand
    reasons: list[ReasonOut] = Field(description="The strongest ones, raising ones first.")
    recommendation: RecommendationOut
    monthly_revenue: float | None
    month: str | None = None


class ScoreAnswer(BaseModel):
    """The customers in the order of the records."""

    model: str
    threshold: Share
    missing: list[str] = Field(description="Columns of the model that no record has.")
    customers: list[CustomerOut]


class RunOut(BaseModel):
    """A prediction for a file of customers."""

    id: str
    file_name: str
    state: JobState
    stage: str = Field(description="What is being done, in words.")
    done: int = Field(description="Customers scored so far.")
    created_at: datetime
    finished_at: datetime | None
    model: str
    threshold: Share
    error: str | None = Field(description="Why it failed, in a sentence.")
    rows: int | None = None
    scored: int | None = None
    rejected: int | None = None
    likely_to_leave: int | None = None
    mean_probability: Share | None = None
    money_at_risk: float | None = None
    worth_contacting: int | None = None
    expected_gain: float | None = None
    columns_missing: list[str] = []


class RunsOut(BaseModel):
    """A page of predictions, newest first."""

    runs: list[RunOut]
    total: int
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


class CustomersOut(BaseModel):
    """A page of a prediction's customers."""

    customers: list[CustomerOut]
    total: int
    next: str | None


class Page(Asked):
    """Which page of a list."""

    limit: int = Field(100, ge=1, le=MAX_PAGE)
    cursor: str | None = Field(None, max_length=20, pattern=r"^[0-9]{1,12}$", description="`next` of the page before.")

    @property
    def offset(self) -> int:
        return int(self.cursor or 0)


class RunsPage(Page):
    """Which predictions."""

    state: JobState | None = None
    model: str | None = Field(None, max_length=20)


class CustomersPage(Page):
    """Which customers, in what order."""

    sort: Literal["risk", "gain", "row"] = "risk"
    likely: bool | None = None
    worth_contacting: bool | None = None
    band: RiskBand | None = None


class RunForm(Asked):
    """How a file is to be scored."""

    model: str | None = Field(None, max_length=20)
    columns: Json[dict[str, Annotated[int, Field(ge=0, le=100_000)]]] | None = Field(
        None,
        description="JSON: for columns of the model, the number of the file's column (from 1), or 0 to leave it out. "
        "Only columns that the file calls otherwise need it.",
    )
    encoding: str | None = Field(None, max_length=40)
    delimiter: str | None = Field(None, max_length=5)
    decimal: Literal[".", ","] | None = None


class TrainingForm(Asked):
    """How a model is to be trained. What is left out is detected."""

    target: str | None = Field(None, max_length=MAX_CELL, description="The column that says who left.")
    positive: str | None = Field(None, max_length=MAX_CELL, description="The value of customers who left.")
    id_column: str | None = Field(None, max_length=MAX_CELL)
    algorithm: Algorithm = Algorithm.XGBOOST
    effort: Effort = Effort.NORMAL


class TrainingOut(BaseModel):
    """A training."""

    id: str
    file_name: str
    state: JobState
    stage: str
    created_at: datetime
    finished_at: datetime | None
    model: str | None = Field(description="The model that it made, once it is done.")
    error: str | None


class MetricOut(BaseModel):
    """A figure with its 95% interval, where there is enough data for one."""

    value: float
    low: float | None
    high: float | None


class ModelOut(BaseModel):
    """A model version."""

    id: str
    name: str
    stage: ModelStage
    algorithm: Algorithm
    threshold: Share
    trained_at: datetime
    file_name: str
    rows: int
    churned: int
    horizon: str


class ColumnOut(BaseModel):
    """A column that the model reads."""

    name: str
    kind: str
    levels: list[str]
    importance: Share
    typical: str | None


class ModelDetails(ModelOut):
    """A model version with its columns and its quality on customers that it has not seen."""

    id_column: str | None
    columns: list[ColumnOut]
    metrics: dict[str, MetricOut]
    limits: list[str] = Field(description="What the model cannot do, in sentences.")


class ModelsOut(BaseModel):
    """All model versions, newest first."""

    champion: str | None
    models: list[ModelOut]


class Promotion(Asked):
    """Why a model is promoted. A worse model than the champion needs `force` and a reason."""

    reason: str = Field("", max_length=1000)
    force: bool = False
