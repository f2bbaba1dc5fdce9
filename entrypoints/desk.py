"""Every use case that an entrypoint can call, put together by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from application.ports.exports import ExportStore
from application.ports.intake import CustomerFiles, Uploads
from application.ports.jobs import JobQueue
from application.ports.models import ModelRegistry, SampleCustomers
from application.ports.results import ResultStore
from application.ports.system import Clock, Ids
from application.use_cases import (
    administration,
    backups,
    check_file,
    check_storage,
    compare_runs,
    dashboard,
    departure,
    disposal,
    evaluate_model,
    exports,
    history,
    insights,
    installation,
    leftovers,
    links,
    model_pages,
    models,
    monitoring,
    open_installation,
    open_result,
    own_data,
    passwords,
    privacy,
    queueing,
    refusals,
    registration,
    reports,
    rewrites,
    sample_data,
    score_customers,
    score_to_csv,
    searches,
    second_factor,
    sessions,
    submit_scoring,
    submit_training,
    train_model,
    upkeep,
)
from application.use_cases.access import NewUnitOfWork
from application.use_cases.claims import Claims


@dataclass(frozen=True, slots=True)
class Desk:
    """The application, ready to use. Ports stand here only where an entrypoint reads plainly through them."""

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    clock: Clock
    ids: Ids
    files: CustomerFiles
    uploads: Uploads
    results: ResultStore
    exports: ExportStore
    registry: ModelRegistry
    jobs: JobQueue
    claims: Claims
    sample: SampleCustomers
    scratch: Path

    who_is: sessions.WhoIs
    who_enrols: sessions.WhoEnrols
    log_in: sessions.LogIn
    log_out: sessions.LogOut
    open_session: sessions.OpenSession
    renew_session: sessions.RenewSession
    register: registration.Register
    offer_set_up: links.OfferSetUp
    check_link: links.CheckLink
    join_by_link: registration.JoinByLink
    reset_password: passwords.ResetPassword
    change_password: passwords.ChangePassword
    edit_profile: own_data.EditProfile
    list_sessions: sessions.ListSessions
    end_other_sessions: sessions.EndOtherSessions
    add_account: registration.AddAccount
    download_my_data: own_data.DownloadMyData
    plan_departure: departure.PlanDeparture
    delete_account: departure.DeleteAccount
    password_rules: passwords.PasswordRules
    note_refusal: refusals.NoteRefusal
    check_pending_log_in: second_factor.CheckPendingLogIn
    pass_second_factor: second_factor.PassSecondFactor
    view_second_factor: second_factor.ViewSecondFactor
    begin_enrolment: second_factor.BeginEnrolment
    confirm_enrolment: second_factor.ConfirmEnrolment
    renew_recovery_codes: second_factor.RenewRecoveryCodes
    disable_second_factor: second_factor.DisableSecondFactor

    check_file: check_file.CheckFile
    submit_scoring: submit_scoring.SubmitScoring
    cancel_run: submit_scoring.CancelRun
    score_run: score_customers.ScoreRun
    score_to_csv: score_to_csv.ScoreToCsv
    view_run: open_result.ViewRun
    open_result: open_result.OpenResult
    open_customer: open_result.OpenCustomer
    remember_search: searches.RememberSearch
    recall_search: searches.RecallSearch
    what_if: open_result.WhatIf
    group_customers: open_result.GroupCustomers

    export_table: reports.ExportTable
    export_pdf: reports.ExportPdf
    order_export: exports.OrderExport
    make_export: exports.MakeExport
    resume_exports: exports.ResumeExports
    view_export: exports.ViewExport
    discard_old_exports: exports.DiscardOldExports

    list_runs: history.ListRuns
    delete_runs: history.DeleteRuns
    rename_run: history.RenameRun
    share_run: history.ShareRun
    compare_runs: compare_runs.CompareRuns
    set_threshold: history.SetThreshold

    check_labelled: submit_training.CheckLabelled
    submit_training: submit_training.SubmitTraining
    view_training: submit_training.ViewTraining
    cancel_training: submit_training.CancelTraining
    train_again: submit_training.TrainAgain
    offer_columns: submit_training.OfferColumns
    train_model: train_model.TrainModel
    evaluate_model: evaluate_model.EvaluateModel
    promote_model: models.PromoteModel
    change_threshold: models.ChangeThreshold
    champion_at: models.ChampionAt
    list_models: model_pages.ListModels
    open_model: model_pages.OpenModel

    open_insights: insights.OpenInsights
    explore_attribute: insights.ExploreAttribute
    cross_attributes: insights.CrossAttributes
    rank_segments: insights.RankSegments

    open_dashboard: dashboard.OpenDashboard
    ensure_starter: sample_data.EnsureStarterModel
    start_sample: sample_data.StartSample
    remove_sample: sample_data.RemoveSample

    list_people: administration.ListPeople
    view_person: administration.ViewPerson
    invite: links.Invite
    withdraw_invitation: links.WithdrawInvitation
    approve_account: administration.ApproveAccount
    change_role: administration.ChangeRole
    disable_account: administration.DisableAccount
    enable_account: administration.EnableAccount
    offer_reset: links.OfferReset
    end_sessions_of: administration.EndSessionsOf
    remove_account: departure.RemoveAccount
    reset_second_factor: second_factor.ResetSecondFactor
    reset_second_factor_of: second_factor.ResetSecondFactorOf
    change_settings: installation.ChangeSettings
    change_economics: installation.ChangeEconomics
    list_uploads: installation.ListUploads
    open_upload: installation.OpenUpload
    delete_upload: installation.DeleteUpload
    find_runs_in_bulk: installation.FindRunsInBulk
    read_audit: installation.ReadAudit
    export_audit: installation.ExportAudit
    watch_health: installation.WatchHealth
    check_database: installation.CheckDatabase
    erase_customer: privacy.EraseCustomer
    export_customer: privacy.ExportCustomer

    claim_next: queueing.ClaimNext
    touch_claims: queueing.TouchClaims
    place_in_queue: queueing.ViewPlace
    resume_work: upkeep.ResumeWork
    keep_reserve: Callable[[], None]
    sweep_leftovers: leftovers.SweepLeftovers
    keep_pace: leftovers.KeepPace
    find_leftovers: leftovers.FindLeftovers
    check_storage: check_storage.CheckStorage
    trash_leftovers: leftovers.TrashLeftovers
    restore_from_trash: leftovers.RestoreFromTrash
    finish_deletions: disposal.FinishDeletions
    settle_rewrites: rewrites.SettleRewrites
    purge_expired: upkeep.PurgeExpired
    forget_spent: upkeep.ForgetSpent
    worker_lives: upkeep.WorkerLives
    measure_installation: monitoring.MeasureInstallation
    record_job: monitoring.RecordJob
    measure_files: monitoring.MeasureFiles

    back_up: backups.BackUp
    back_up_nightly: backups.BackUpNightly
    watch_backups: backups.WatchBackups

    upgrade_database: open_installation.OpenInstallation
    adopt_installation: open_installation.AdoptInstallation
    database_is_current: Callable[[], bool]
