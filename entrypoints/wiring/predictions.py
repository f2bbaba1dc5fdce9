"""The use cases of predictions."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from application.use_cases.files.asked_upload import AskedUploads
from application.use_cases.files.check_file import CheckFile
from application.use_cases.files.history import AddHistory
from application.use_cases.predictions.compare_runs import CompareRuns
from application.use_cases.predictions.customer_searches import RecallSearch, RememberSearch
from application.use_cases.predictions.export_change import ExportBaseChange
from application.use_cases.predictions.history import (
    DeleteRuns,
    ListOwnEnded,
    ListRuns,
    RenameRun,
    SetMonth,
    SetThreshold,
    ShareRun,
)
from application.use_cases.predictions.open_result import OpenCustomer, OpenResult, ViewRun, WhatIf
from application.use_cases.predictions.run_files import ListRepeatedIds, ScoreAgain, ViewRunFiles
from application.use_cases.predictions.run_lists import OpenHistory, ViewChangeableRuns
from application.use_cases.predictions.sample_data import RemoveSample, StartSample, WriteSample
from application.use_cases.predictions.saved_views import ListViews, RemoveView, SaveView
from application.use_cases.predictions.score_records import ScoreRecords
from application.use_cases.predictions.score_run import ScoreRun
from application.use_cases.predictions.score_to_table import ScoreToTable
from application.use_cases.predictions.scoring_pass import ScoringPass
from application.use_cases.predictions.submit_scoring import CancelRun, SubmitScoring
from application.use_cases.predictions.undo import DeleteWithUndo, FinishRunDeletions, UndoDeletion, ViewDeletion
from application.use_cases.predictions.why_changed import ExplainBaseChange, ExplainCustomerChange
from application.use_cases.programs.submit_once import SubmitScoringOnce
from domain.run import Run
from entrypoints.wiring.ports import Ports

BETWEEN_WRITES = 0.03
"""Seconds of pause for other writers while a contact list is stored; waiting SQLite writers retry every 0.1 s."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """Check and score files, read results, compare, share and delete them."""

    check_file: CheckFile
    asked_uploads: AskedUploads
    submit_scoring: SubmitScoring
    submit_scoring_once: SubmitScoringOnce
    cancel_run: CancelRun
    score_run: ScoreRun
    score_records: ScoreRecords
    score_to_table: ScoreToTable
    score_again: ScoreAgain
    view_run: ViewRun
    view_run_files: ViewRunFiles
    list_repeated_ids: ListRepeatedIds
    open_result: OpenResult
    open_customer: OpenCustomer
    what_if: WhatIf
    remember_search: RememberSearch
    recall_search: RecallSearch
    save_view: SaveView
    list_views: ListViews
    remove_view: RemoveView
    list_runs: ListRuns
    list_own_ended: ListOwnEnded
    open_history: OpenHistory
    view_changeable_runs: ViewChangeableRuns
    rename_run: RenameRun
    set_month: SetMonth
    share_run: ShareRun
    set_threshold: SetThreshold
    compare_runs: CompareRuns
    explain_base_change: ExplainBaseChange
    export_base_change: ExportBaseChange
    explain_customer_change: ExplainCustomerChange
    delete_runs: DeleteRuns
    delete_with_undo: DeleteWithUndo
    undo_deletion: UndoDeletion
    view_deletion: ViewDeletion
    finish_run_deletions: FinishRunDeletions
    start_sample: StartSample
    remove_sample: RemoveSample
    write_sample: WriteSample


def build_predictions(ports: Ports, *, afterwards: Callable[[Run], object]) -> Predictions:
    """`afterwards` is called with each run that is done."""
    delete_runs = DeleteRuns(
        new_uow=ports.new_uow, results=ports.results, uploads=ports.uploads, storage=ports.storage, clock=ports.clock
    )
    submit_scoring = SubmitScoring(
        new_uow=ports.new_uow,
        files=ports.files,
        uploads=ports.uploads,
        jobs=ports.jobs,
        clock=ports.clock,
        ids=ports.ids,
        formats_of=ports.formats_of,
        max_waiting=ports.max_waiting,
        kept=ports.works_here,
        liveness=ports.liveness,
        pause=time.sleep,
    )
    scoring_pass = ScoringPass(
        files=ports.files,
        uploads=ports.uploads,
        results=ports.results,
        registry=ports.registry,
        recommender=ports.recommender,
        formats_of=ports.formats_of,
        add_history=AddHistory(files=ports.files, store=ports.histories),
    )
    score_run = ScoreRun(
        new_uow=ports.new_uow,
        new_reading=ports.new_reading,
        scoring_pass=scoring_pass,
        uploads=ports.uploads,
        results=ports.results,
        clock=ports.clock,
        claims=ports.claims,
        storage=ports.storage,
        encode_contacts=ports.encode_contacts,
        pause=partial(time.sleep, BETWEEN_WRITES),
        formats_of=ports.formats_of,
        liveness=ports.liveness,
        afterwards=afterwards,
    )
    open_customer = OpenCustomer(
        new_uow=ports.new_reading, results=ports.results, registry=ports.registry, formats_of=ports.formats_of
    )
    explain_base_change = ExplainBaseChange(
        new_uow=ports.new_reading, results=ports.results, registry=ports.registry, splitter=ports.risk_splitter
    )
    finish_run_deletions = FinishRunDeletions(
        new_uow=ports.new_uow,
        new_reading=ports.new_reading,
        results=ports.results,
        uploads=ports.uploads,
        storage=ports.storage,
        clock=ports.clock,
    )
    return Predictions(
        check_file=CheckFile(
            new_uow=ports.new_reading,
            files=ports.files,
            uploads=ports.uploads,
            ids=ports.ids,
            formats_of=ports.formats_of,
            pause=time.sleep,
        ),
        asked_uploads=AskedUploads(new_reading=ports.new_reading, uploads=ports.uploads),
        submit_scoring=submit_scoring,
        submit_scoring_once=SubmitScoringOnce(new_uow=ports.new_reading, submit=submit_scoring, clock=ports.clock),
        cancel_run=CancelRun(new_uow=ports.new_uow, clock=ports.clock, liveness=ports.liveness),
        score_run=score_run,
        score_records=ScoreRecords(
            new_uow=ports.new_reading,
            records=ports.records,
            files=ports.files,
            registry=ports.registry,
            recommender=ports.recommender,
            add_history=scoring_pass.add_history,
            formats_of=ports.formats_of,
            ids=ports.ids,
            scratch=ports.scratch,
        ),
        score_to_table=ScoreToTable(score_run=score_run, tables=ports.tables),
        score_again=ScoreAgain(new_uow=ports.new_reading, uploads=ports.uploads, submit=submit_scoring),
        view_run=ViewRun(new_uow=ports.new_reading, results=ports.results),
        view_run_files=ViewRunFiles(new_uow=ports.new_reading, uploads=ports.uploads),
        list_repeated_ids=ListRepeatedIds(new_uow=ports.new_reading, results=ports.results),
        open_result=OpenResult(new_uow=ports.new_reading, results=ports.results),
        open_customer=open_customer,
        what_if=WhatIf(open_customer=open_customer, registry=ports.registry),
        remember_search=RememberSearch(new_uow=ports.new_uow, secrets=ports.secrets, clock=ports.clock),
        save_view=SaveView(new_uow=ports.new_uow, ids=ports.ids),
        list_views=ListViews(new_uow=ports.new_reading),
        remove_view=RemoveView(new_uow=ports.new_uow),
        recall_search=RecallSearch(new_reading=ports.new_reading, clock=ports.clock),
        list_runs=ListRuns(new_uow=ports.new_reading),
        list_own_ended=ListOwnEnded(new_uow=ports.new_reading),
        open_history=OpenHistory(new_uow=ports.new_reading, results=ports.results),
        view_changeable_runs=ViewChangeableRuns(new_uow=ports.new_reading, results=ports.results),
        rename_run=RenameRun(new_uow=ports.new_uow, clock=ports.clock),
        set_month=SetMonth(new_uow=ports.new_uow, clock=ports.clock),
        share_run=ShareRun(new_uow=ports.new_uow, clock=ports.clock),
        set_threshold=SetThreshold(new_uow=ports.new_uow, results=ports.results, clock=ports.clock),
        compare_runs=CompareRuns(new_uow=ports.new_reading, results=ports.results),
        explain_base_change=explain_base_change,
        export_base_change=ExportBaseChange(explain=explain_base_change),
        explain_customer_change=ExplainCustomerChange(
            new_uow=ports.new_reading, results=ports.results, registry=ports.registry, splitter=ports.risk_splitter
        ),
        delete_runs=delete_runs,
        delete_with_undo=DeleteWithUndo(
            new_uow=ports.new_uow,
            delete_runs=delete_runs,
            finish=finish_run_deletions,
            ids=ports.ids,
            clock=ports.clock,
        ),
        undo_deletion=UndoDeletion(new_uow=ports.new_uow, clock=ports.clock),
        view_deletion=ViewDeletion(new_uow=ports.new_reading, clock=ports.clock),
        finish_run_deletions=finish_run_deletions,
        start_sample=StartSample(
            new_uow=ports.new_reading,
            sample=ports.sample,
            submit=submit_scoring,
            clock=ports.clock,
            scratch=ports.scratch,
        ),
        remove_sample=RemoveSample(new_uow=ports.new_uow, delete_runs=delete_runs, clock=ports.clock),
        write_sample=WriteSample(sample=ports.sample),
    )
