"""Outcomes from a file of all customers at a later time, which does not have to be scored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from application.ports.follow_up import FollowUp
from application.ports.intake import CustomerFiles, FilePreview
from application.ports.leaving_columns import LeavingColumns
from application.ports.results import ResultStore
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.close_campaign import CloseCampaign
from application.use_cases.campaigns.direct_campaign import directed
from application.use_cases.campaigns.match_members import MemberMatch, base_of, matched_members
from application.use_cases.campaigns.store_outcomes import membership_of, open_campaign, store_outcomes
from application.use_cases.files.recognition import ids_must_be_known, preview_for, recognised_columns
from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account
from domain.actor import Actor
from domain.campaign import Campaign, CampaignId
from domain.campaign_outcomes import (
    ANOTHER_BASE,
    OutcomeCheck,
    must_be_understood,
    must_not_be_its_own,
    must_take_outcomes,
)
from domain.errors import Conflict, FileRefused, InvalidInput, ModelNotFound, Unclear
from domain.formats import NO_CURRENCY, FormatsOf
from domain.outcome_file import (
    FileKind,
    OutcomeReading,
    ids_question,
    kind_of,
)
from domain.outcome_list import columns_of
from domain.question import Question
from domain.recognition import ColumnRecognition
from domain.run import RunId
from domain.schema import CustomerSchema

OTHER_FIGURES = (
    "Since these figures were shown, outcomes have changed. Nothing was stored. Check the file again, and confirm the "
    "new figures."
)


@dataclass(frozen=True, slots=True)
class OutcomeFile:
    """A file that is here. `upload` is the id of a stored upload; "" for one that was sent for this purpose."""

    path: Path
    name: str
    sha256: str
    upload: str = ""


@dataclass(frozen=True, slots=True)
class CustomersCheck:
    """What a file of all customers says. A `question` has to be answered first; then there is no `check`."""

    campaign: Campaign
    file: OutcomeFile
    reading: OutcomeReading
    check: OutcomeCheck | None = None
    id_header: str = ""
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class _Recognised:
    """The columns that matter: who, in which month, and whether they left."""

    preview: FilePreview
    columns: ColumnRecognition
    schema: CustomerSchema
    model_schema: CustomerSchema

    @property
    def id_header(self) -> str:
        return self.columns.id_header(self.model_schema) or ""

    @property
    def truth_header(self) -> str:
        target = self.schema.target_column
        return next((own.header for own in self.columns.match.matches if own.column == target), "")


@dataclass(frozen=True, slots=True)
class OutcomesFromCustomers:
    """Looks for a campaign's members in a file, and records what it says. Only for those who direct the campaign.

    Raises NotFound and NotAllowed; Conflict for a campaign that takes no outcomes; FileRefused and InvalidInput for a
    file that cannot be used.
    """

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    files: CustomerFiles
    leaving: LeavingColumns
    results: ResultStore
    close: CloseCampaign
    clock: Clock
    formats_of: FormatsOf

    def kind(self, file: OutcomeFile, reading: OutcomeReading, schema: CustomerSchema) -> FileKind | None:
        """What the file is taken for; None if a person has to say. Raises FileRefused, maybe with a question."""
        if reading.kind is not None:
            return reading.kind
        preview = preview_for(self.files, file.path, schema, reading.choice)
        try:
            listed = columns_of(preview.header, preview.sample)
        except FileRefused:
            return FileKind.CUSTOMERS
        used = 2 if listed.day is None else 3
        known = len(schema.file_columns) - len(recognised_columns(schema, "", preview, None).match.missing)
        return kind_of(
            is_list=True, others=len(preview.header) - used, known=known, attributes=len(schema.file_columns)
        )

    def check(
        self, campaign_id: CampaignId, file: OutcomeFile, reading: OutcomeReading, *, by: Account
    ) -> CustomersCheck:
        """Nothing is stored."""
        with self.new_reading() as uow:
            campaign = open_campaign(uow, campaign_id, by)
        try:
            recognised, match = self._matched(campaign, file, reading)
        except (Unclear, FileRefused) as error:
            if error.question is None:
                raise
            return CustomersCheck(campaign, file, reading, question=error.question)
        return CustomersCheck(campaign, file, reading, match.check, recognised.id_header)

    def store(
        self,
        campaign_id: CampaignId,
        file: OutcomeFile,
        reading: OutcomeReading,
        *,
        seen: str,
        close: bool,
        based_on: int,
        by: Actor,
    ) -> Campaign:
        """Record what was shown; `seen` is the fingerprint of the figures. Raises Conflict if they have changed."""
        with self.new_reading() as uow:
            campaign = open_campaign(uow, campaign_id, by.account)
        _, match = self._matched(campaign, file, reading)
        if match.check.is_another_base:
            raise InvalidInput(f"{ANOTHER_BASE}. Nothing was stored.", field="file")
        if match.check.fingerprint != seen:
            raise Conflict(OTHER_FIGURES)
        with self.new_uow() as uow:
            campaign = directed(uow, campaign_id, by, based_on)
            must_take_outcomes(campaign)
            saved, _ = store_outcomes(uow, campaign, match.outcomes, source=file.name, by=by, clock=self.clock)
            if close:
                saved = self.close.within(uow, saved, by=by)
            uow.commit()
        return saved

    def _matched(
        self, campaign: Campaign, file: OutcomeFile, reading: OutcomeReading
    ) -> tuple[_Recognised, MemberMatch]:
        with self.new_reading() as uow:
            base, members, schema = base_of(uow, campaign), membership_of(uow, campaign), schema_for(uow, campaign)
        must_not_be_its_own(campaign, file.sha256, base.file_sha256 if base else None)
        recognised = self._recognised(file, reading, schema)
        customers = tuple(members.numbers)
        found = matched_members(
            members,
            base.id if base else None,
            lambda before: self._follow(before, file.path, recognised, customers),
            truth_column=recognised.truth_header,
        )
        return recognised, found

    def _follow(
        self, before: RunId | None, path: Path, recognised: _Recognised, customers: tuple[str, ...]
    ) -> FollowUp:
        columns, header = recognised.columns, recognised.preview.header
        reading = self.files.read(
            path,
            schema=recognised.schema,
            match=columns.match,
            format=recognised.preview.format,
            rivals=columns.id_rivals,
        )
        found = self.results.follow_into(before, reading.batches(), customers)
        report = reading.report()
        ids_must_be_known(columns, recognised.model_schema, header, report, self.formats_of(NO_CURRENCY))
        must_be_understood(report.truth)
        return found

    def _recognised(self, file: OutcomeFile, reading: OutcomeReading, schema: CustomerSchema) -> _Recognised:
        """As a file to score is recognised; the truth, where the model's is not in the file, as in a training."""
        preview = preview_for(self.files, file.path, schema, reading.choice)
        positions = _id_position(schema, preview, reading)
        with self.new_reading() as uow:
            remembered = uow.remembered_matches.all()
        columns = recognised_columns(schema, "", preview, positions, remembered)
        if columns.id_header(schema) is None:
            raise _no_ids(preview, columns)
        if not columns.labelled or reading.truth is not None or reading.left:
            schema = self._with_truth(file.path, preview, reading, schema)
            columns = recognised_columns(schema, "", preview, positions, remembered)
        alone = replace(columns.schema_of(schema), columns=(), tenure_column=None, revenue_column=None)
        matches = tuple(own for own in columns.match.matches if own.column in alone.needed)
        columns = replace(columns, match=replace(columns.match, matches=matches, missing=(), ambiguous=()))
        return _Recognised(preview, columns, alone, schema)

    def _with_truth(
        self, path: Path, preview: FilePreview, reading: OutcomeReading, schema: CustomerSchema
    ) -> CustomerSchema:
        table = self.files.load_sample(path, format=preview.format)
        found = self.leaving.find(table, named=reading.truth, left=reading.left, seen=reading.seen)
        if found is None:
            return replace(schema, target_column=None, positive_value=None, negative_value=None, further_positive=())
        return replace(
            schema,
            target_column=found.name,
            positive_value=found.left[0],
            further_positive=found.left[1:],
            negative_value=found.stayed,
        )


def schema_for(uow: UnitOfWork, campaign: Campaign) -> CustomerSchema:
    """The schema of the model that scored the campaign's customers; without that model, the champion's."""
    try:
        return uow.models.schema(campaign.plan.model_version if campaign.plan else "")
    except ModelNotFound:
        champion = uow.models.champion()
        return champion.schema if champion else CustomerSchema(())


def _id_position(schema: CustomerSchema, preview: FilePreview, reading: OutcomeReading) -> dict[str, int] | None:
    place, names = reading.id_position, [name.strip() for name in preview.header]
    if reading.id_name is not None:
        place = names.index(reading.id_name) if names.count(reading.id_name) == 1 else -1
    if place is None:
        return None
    if not 0 <= place < len(names):
        raise FileRefused("The chosen column of ids is not in this file, or occurs twice.", advice="Choose another.")
    return {schema.id_column or names[place]: place}


def _no_ids(preview: FilePreview, columns: ColumnRecognition) -> Unclear | FileRefused:
    if columns.id_candidates:
        return Unclear(ids_question(preview.header, columns.id_candidates))
    names = ", ".join(f"“{name[:60]}”" for name in preview.header[:5])
    return FileRefused(
        f"No column with the customers’ ids was recognised among {names}, so nobody can be found in the file.",
        advice="Call it “customer_id”, in the first line of the file.",
    )
