"""What the gallery shows: the states of every page, and the addresses that it leaves out with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.e2e.visitor import Visitor
from tests.gallery import actions

Act = Callable[[Visitor, dict[str, str]], None]


@dataclass(frozen=True)
class State:
    """One page in one state. Names in braces in the path are filled in by the installation."""

    name: str
    path: str
    person: str = "admin"
    """Who looks: nobody, or a person of the installation."""
    act: Act | None = None
    """What the person does after opening the page."""
    pollers: bool = False
    """The page asks again and again, so it never comes to rest."""


NOBODY, NEWCOMER, VIEWER, LONG = "nobody", "newcomer", "viewer", "long"

FRESH = (
    State("home of an empty installation", "/", NOBODY),
    State("set-up", "/setup/{setup}", NOBODY),
    State("set-up, refused", "/setup/{setup}", NOBODY, actions.send_the_form),
    State("set-up without the link", "/setup", NOBODY),
    State("dashboard, empty", "/dashboard"),
    State("history, empty", "/history"),
    State("insights, empty", "/insights"),
    State("campaigns, empty", "/campaigns"),
    State("own campaign lists, empty", "/campaigns/mine"),
    State("new campaign without a prediction", "/campaigns/new"),
    State("gradings, empty", "/gradings"),
    State("notifications, empty", "/notifications"),
    State("models with the starter alone", "/models"),
    State("training again without months", "/models/train-again"),
    State("matches, empty", "/models/matches"),
    State("folders, empty", "/admin/folders"),
    State("predictions of everybody, empty", "/admin/predictions"),
    State("uploads, empty", "/admin/uploads"),
    State("do not contact, empty", "/admin/do-not-contact"),
)
"""An installation in which nothing has happened."""

PUBLIC = (
    State("home", "/", NOBODY),
    State("home, logged in", "/"),
    State("register", "/register", NOBODY),
    State("register, refused", "/register", NOBODY, actions.send_the_form),
    State("log in", "/login", NOBODY),
    State("log in, refused", "/login", NOBODY, actions.send_a_wrong_log_in),
    State("log in after the session ended", "/login?next=/history&expired=1", NOBODY),
    State("log in, code", "/login/code", NOBODY, actions.ask_for_the_code),
    State("invitation", "/invitation/{invitation}", NOBODY),
    State("new password", "/reset/{reset}", NOBODY),
    State("one-time link that was used", "/invitation/used", NOBODY),
    State("set-up when it is done", "/setup", NOBODY),
    State("no such page, logged out", "/no-such-page", NOBODY),
    State("no such page", "/no-such-page"),
    State("not allowed", "/admin/users", VIEWER),
)
PREDICTIONS = (
    State("dashboard", "/dashboard"),
    State("dashboard of a viewer", "/dashboard", VIEWER),
    State("dashboard with sample data", "/dashboard", NEWCOMER),
    State("new prediction", "/predictions/new"),
    State("new prediction, file chosen", "/predictions/new", act=actions.choose("this month")),
    State("new prediction, matches asked", "/predictions/new", act=actions.choose("foreign again")),
    State("new prediction, matches remembered", "/predictions/new", act=actions.choose("foreign")),
    State("new prediction, format asked", "/predictions/new", act=actions.choose("unclear")),
    State("new prediction, refused", "/predictions/new", act=actions.choose("recipes")),
    State("new prediction, no file", "/predictions/new", act=actions.press("Predict churn")),
    State("column guide", "/predictions/columns"),
    State("result", "/predictions/{run}"),
    State("result of a viewer", "/predictions/{run}", VIEWER),
    State("result, filtered", "/predictions/{run}?band=high&sort=gain&dir=desc"),
    State("result, nobody matches", "/predictions/{run}?q=zzz"),
    State("result, another threshold", "/predictions/{run}?threshold=0.6"),
    State("result, for analysts", "/predictions/{run}", act=actions.open_folds),
    State("result, customer beside the list", "/predictions/{run}", act=actions.look_beside),
    State("result, deletion asked", "/predictions/{run}", act=actions.press("Delete prediction")),
    State("result with rejected rows", "/predictions/{rejected}"),
    State("result of one customer", "/predictions/{one}"),
    State("result of a labelled file", "/predictions/{labelled}"),
    State("result that was graded", "/predictions/{graded}"),
    State("result with long names", "/predictions/{long}", LONG),
    State("prediction that failed", "/predictions/{failed}"),
    State("prediction that asks", "/predictions/{asking}"),
    State("customer", "/predictions/{run}/customers/1"),
    State("customer with a long name", "/predictions/{long}/customers/1", LONG),
    State("customer, for analysts", "/predictions/{run}/customers/2", act=actions.open_folds),
    State("grading of a prediction", "/predictions/{graded}/grading"),
    State("grading, none yet", "/predictions/{one}/grading"),
    State("gradings", "/gradings"),
    State("history", "/history"),
    State("history with long names", "/history", LONG),
    State("history, nothing found", "/history?q=zzz"),
    State("history, rows chosen", "/history", act=actions.choose_rows),
    State("history, deletion asked", "/history/delete?run={run}&run={graded}"),
    State("history, new name", "/history/{run}/rename"),
    State("two predictions compared", "/history/compare?a={graded}&b={run}"),
    State("insights", "/insights"),
    State("insights of one prediction", "/insights?run={run}"),
    State("insights with long names", "/insights", LONG),
    State("search", "/search"),
    State("search, found", "/search", act=actions.search_for("customers")),
    State("search, nothing found", "/search", act=actions.search_for("zzzz")),
    State("notifications", "/notifications"),
    State("menu of a phone", "/dashboard", act=actions.open_menu),
    State("keyboard shortcuts", "/dashboard", act=actions.ask_for_the_keys),
)
CAMPAIGNS = (
    State("campaigns", "/campaigns"),
    State("own campaign lists", "/campaigns/mine"),
    State("new campaign", "/campaigns/new?run={run}"),
    State("new campaign, refused", "/campaigns/new?run={run}", act=actions.press("Show whom it chooses")),
    State("campaign, draft", "/campaigns/{draft}"),
    State("campaign, running", "/campaigns/{campaign}"),
    State("campaign, nobody matches", "/campaigns/{campaign}?q=zzz"),
    State("campaign, shared out", "/campaigns/{campaign}/assign?member=1&member=2"),
    State("campaign, call card", "/campaigns/{campaign}/members/1"),
    State("campaign, note", "/campaigns/{campaign}/members/1/note"),
    State("campaign, cards to print", "/campaigns/{campaign}/cards"),
    State("campaign, download", "/campaigns/{campaign}/export"),
    State("campaign, outcomes", "/campaigns/{campaign}/outcomes"),
    State("campaign, closed", "/campaigns/{closed}"),
    State("campaign, effect", "/campaigns/{closed}/effect"),
    State("campaign, effect not yet known", "/campaigns/{campaign}/effect"),
)
MODELS = (
    State("models", "/models"),
    State("model in use", "/models/v1"),
    State("model in use, for analysts", "/models/v1", act=actions.open_folds),
    State("starter model", "/models/v0"),
    State("model card", "/models/v1/card"),
    State("train a model", "/models/new"),
    State("train a model, file chosen", "/models/new", act=actions.choose("labelled")),
    State("train a model, refused", "/models/new", act=actions.choose("recipes")),
    State("make labels", "/models/labels", LONG),
    State("make labels, files looked at", "/models/labels", act=actions.look_at_the_months),
    State("train again", "/models/train-again"),
    State("remembered matches", "/models/matches"),
    State("forget a match", "/models/matches/{match}/remove"),
)
PROFILE = (
    State("profile", "/profile"),
    State("profile, long name", "/profile", LONG),
    State("profile, refused", "/profile", act=actions.press("Change password")),
    State("tokens", "/profile/tokens"),
    State("second factor", "/profile/second-factor"),
    State("second factor, key", "/profile/second-factor", NEWCOMER, actions.press("Set up")),
    State("second factor, on", "/profile/second-factor", "careful"),
    State("delete the account", "/profile/delete", NEWCOMER),
    State("delete the account of the only administrator", "/profile/delete"),
    State("end other sessions", "/profile/sessions/end-others", NEWCOMER),
    State("help", "/help"),
    State("help, glossary", "/help/glossary"),
    State("help, API", "/help/api/reference"),
    State("help, guide", "/help/read-a-result"),
    State("help, table of settings", "/help/operations"),
)
ADMIN = (
    State("users", "/admin/users"),
    State("users, nobody found", "/admin/users?q=zzz"),
    State("users, more for one", "/admin/users", act=actions.open_the_first_menu),
    State("invite", "/admin/users/invite"),
    State("invite, refused", "/admin/users/invite", act=actions.send_the_form),
    State("change a role", "/admin/users/{person}/role"),
    State("disable an account", "/admin/users/{person}/disable"),
    State("reset link", "/admin/users/{person}/reset"),
    State("log a person out", "/admin/users/{person}/sessions"),
    State("reset a second factor", "/admin/users/{careful}/second-factor"),
    State("delete an account", "/admin/users/{person}/delete"),
    State("predictions of everybody", "/admin/predictions"),
    State("predictions of everybody, one deleted", "/admin/predictions/delete?run={run}"),
    State("predictions of everybody, many deleted", "/admin/predictions/delete-many?owner={person}"),
    State("uploads", "/admin/uploads"),
    State("delete an upload", "/admin/uploads/{run}/delete"),
    State("folders", "/admin/folders"),
    State("watch a folder", "/admin/folders/new"),
    State("watch a folder, refused", "/admin/folders/new", act=actions.press("Watch this folder")),
    State("change a folder", "/admin/folders/{rule}"),
    State("stop watching a folder", "/admin/folders/{rule}/remove"),
    State("settings", "/admin/settings"),
    State("settings, refused", "/admin/settings", act=actions.refuse_settings),
    State("economics", "/admin/economics"),
    State("playbook", "/admin/playbook"),
    State("playbook, versions", "/admin/playbook/versions"),
    State("playbook, action", "/admin/playbook/actions/welcome-call"),
    State("playbook, new action", "/admin/playbook/actions/new"),
    State("playbook, new action refused", "/admin/playbook/actions/new", act=actions.send_the_form),
    State("playbook, remove an action", "/admin/playbook/actions/welcome-call/remove"),
    State("do not contact", "/admin/do-not-contact"),
    State("do not contact, looked up", "/admin/do-not-contact/look-up"),
    State("customer data", "/admin/customers"),
    State("audit log", "/admin/audit"),
    State("storage and health", "/admin/health"),
)
FILLED = (*PUBLIC, *PREDICTIONS, *CAMPAIGNS, *MODELS, *PROFILE, *ADMIN)
"""An installation with predictions, models, campaigns and people."""

STOPPED = (
    State("dashboard, a prediction waits", "/dashboard", pollers=True),
    State("prediction, running", "/predictions/{running}", pollers=True),
    State("prediction, waiting", "/predictions/{waiting}", pollers=True),
    State("training, waiting", "/models/trainings/{training}", pollers=True),
    State("report, waiting", "/predictions/{run}/exports/{export}", pollers=True),
    State("history, predictions wait", "/history", pollers=True),
)
"""The same installation while its worker is held, so that what runs stays as it is."""

ALL = {"fresh": FRESH, "filled": FILLED, "held": STOPPED}

EXCLUDED = {
    "admin.download_upload": "a file",
    "admin.export_audit": "a file",
    "admin.index": "leads to the users",
    "api.document": "for programs",
    "api.download_run": "for programs",
    "api.get_model": "for programs",
    "api.get_run": "for programs",
    "api.get_training": "for programs",
    "api.health": "for programs",
    "api.list_customers": "for programs",
    "api.list_models": "for programs",
    "api.list_runs": "for programs",
    "campaigns.csv": "a file",
    "campaigns.effect_csv": "a file",
    "campaigns.effect_pdf": "a file",
    "campaigns.groups": "a part of the form of a campaign, which is visited",
    "campaigns.plan": "leads to the draft, which is visited",
    "campaigns.row": "a part of the list, which is visited",
    "campaigns.xlsx": "a file",
    "dashboard.progress": "a part of the dashboard, which is visited",
    "do_not_contact.download": "a file",
    "exports.csv": "a file",
    "exports.file": "a file",
    "exports.parquet": "a file",
    "exports.pdf": "a file, or leads to the page of a report, which is visited",
    "exports.xlsx": "a file",
    "grading.csv": "a file",
    "health.healthz": "for programs",
    "health.readyz": "for programs",
    "help.picture": "a picture",
    "help.search_page": "leads to the help, which is visited",
    "history.row": "a part of the history, which is visited",
    "history.why_csv": "a file",
    "insights.by_attribute": "a part of the insights, which are visited",
    "insights.segments": "a part of the insights, which are visited",
    "insights.together": "a part of the insights, which are visited",
    "labels.file": "a file",
    "metrics.metrics": "for programs",
    "notices.count": "a part of every page",
    "playbook.export": "a file",
    "predictions.recommending": "leads back to the prediction",
    "predictions.rejected": "a file",
    "predictions.template": "a file",
    "profile.my_data": "a file",
    "script_module": "a script",
    "static": "a file",
    "stylesheet": "a file",
    "vendor_file": "a file",
}
"""Endpoints that answer GET and show no separate page, with the reason."""
