"""The use cases around predictions: making them, reading them, printing them, and keeping them in order."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from application.use_cases import (
    check_file,
    compare_runs,
    dashboard,
    exports,
    history,
    insights,
    open_result,
    reports,
    sample_data,
    score_customers,
    score_to_csv,
    searches,
    submit_scoring,
)
from entrypoints.wiring.ports import Ports

BETWEEN_WRITES = 0.03
"""Seconds in which others may write while a contact list is stored; SQLite's waiting writers look every 0.1 s."""


def scoring(ports: Ports) -> dict[str, Any]:
    """From a file to a result, and a result's end."""
    new_uow, new_reading, clock, ids = ports.new_uow, ports.new_reading, ports.clock, ports.ids
    files, uploads, results = ports.files, ports.uploads, ports.results
    delete_runs = history.DeleteRuns(new_uow, results, uploads, ports.storage, clock)
    submit = submit_scoring.SubmitScoring(
        new_uow, files, uploads, ports.jobs, clock, ids, ports.max_waiting, kept=ports.works_here
    )
    score = score_customers.ScoreRun(
        new_uow,
        files,
        uploads,
        results,
        ports.registry,
        ports.recommender,
        clock,
        ports.claims,
        ports.storage,
        ports.encode_contacts,
        partial(time.sleep, BETWEEN_WRITES),
        ports.liveness,
    )
    return {
        "check_file": check_file.CheckFile(new_reading, files, uploads, ids),
        "submit_scoring": submit,
        "cancel_run": submit_scoring.CancelRun(new_uow, uploads, clock, ports.liveness),
        "score_run": score,
        "score_to_csv": score_to_csv.ScoreToCsv(score, ports.tables),
        "start_sample": sample_data.StartSample(new_reading, ports.sample, submit, clock, ports.scratch),
        "remove_sample": sample_data.RemoveSample(new_uow, delete_runs, clock),
        "delete_runs": delete_runs,
    }


def results(ports: Ports) -> dict[str, Any]:
    """A result as it is read, and all of them together."""
    new_uow, new_reading, results, clock = ports.new_uow, ports.new_reading, ports.results, ports.clock
    open_customer = open_result.OpenCustomer(new_reading, results, ports.registry)
    return {
        "view_run": open_result.ViewRun(new_reading),
        "open_result": open_result.OpenResult(new_reading, results),
        "open_customer": open_customer,
        "remember_search": searches.RememberSearch(new_uow, ports.secrets, clock),
        "recall_search": searches.RecallSearch(new_reading, clock),
        "what_if": open_result.WhatIf(new_reading, open_customer, ports.registry),
        "group_customers": open_result.GroupCustomers(new_reading, results),
        "list_runs": history.ListRuns(new_reading),
        "rename_run": history.RenameRun(new_uow, clock),
        "share_run": history.ShareRun(new_uow, clock),
        "set_threshold": history.SetThreshold(new_uow, results, clock),
        "compare_runs": compare_runs.CompareRuns(new_reading, results),
        "open_insights": insights.OpenInsights(new_reading, results),
        "explore_attribute": insights.ExploreAttribute(new_reading, results),
        "cross_attributes": insights.CrossAttributes(new_reading, results),
        "rank_segments": insights.RankSegments(new_reading, results),
        "open_dashboard": dashboard.OpenDashboard(new_reading),
    }


def documents(ports: Ports) -> dict[str, Any]:
    """A result as a table or a printed report."""
    new_uow, new_reading, clock = ports.new_uow, ports.new_reading, ports.clock
    results, store = ports.results, ports.exports
    export_pdf = reports.ExportPdf(new_uow, results, ports.pdf, clock)
    export_table = reports.ExportTable(new_uow, results, ports.tables, clock)
    return {
        "export_table": export_table,
        "export_pdf": export_pdf,
        "order_export": exports.OrderExport(new_reading, store, ports.jobs, clock),
        "make_export": exports.MakeExport(new_reading, store, export_pdf, export_table, ports.jobs),
        "resume_exports": exports.ResumeExports(store, ports.jobs, clock, ports.liveness),
        "view_export": exports.ViewExport(new_reading, store),
        "discard_old_exports": exports.DiscardOldExports(store, clock),
    }
