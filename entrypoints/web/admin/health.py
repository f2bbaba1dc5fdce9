"""Storage and health: disk usage, whether a worker is running, and a check of the database."""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from flask import Response, flash, redirect, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from domain.account import Permission
from domain.disk import is_scarce
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.admin.area import area
from entrypoints.web.formats import number
from entrypoints.web.htmx import render_page, wants_fragment

LIBRARIES = (
    *("flask", "sqlalchemy", "alembic", "huey", "waitress", "duckdb", "pyarrow", "pandas", "numpy"),
    *("scikit-learn", "xgboost-cpu", "xgboost", "lightgbm", "bcrypt", "zxcvbn"),
)
MAX_LEFTOVERS_SHOWN = 20


@area.get("/health")
@allow(Permission.ADMINISTER)
def health() -> Response:
    return _shown()


@area.post("/health/check")
@allow(Permission.ADMINISTER)
def check_database() -> Response | WerkzeugResponse:
    problem = application().administration.check_database(by=actor())
    words = "The database is intact." if problem is None else f"The database is damaged: {problem}"
    if wants_fragment():
        return _shown(verdict=words, damaged=problem is not None)
    flash(words, "error" if problem else "message")
    return redirect(url_for("admin.health"), code=303)


@area.post("/health/leftovers/trash")
@allow(Permission.ADMINISTER)
def trash_leftovers() -> Response | WerkzeugResponse:
    report = application().maintenance.trash_leftovers(by=actor())
    count = len(report.moved)
    words = f"{number(count)} {'file or folder was' if count == 1 else 'files or folders were'} moved to the trash."
    if wants_fragment():
        return _shown(verdict=words)
    flash(words, "message")
    return redirect(url_for("admin.health"), code=303)


def _shown(*, verdict: str = "", damaged: bool = False) -> Response:
    health = application().administration.watch_health(by=person())
    return render_page(
        "admin/health.html",
        fragment="state",
        health=health,
        lives=health.worker_lives,
        backups=application().maintenance.watch_backups(by=person()),
        scarce=is_scarce(health.storage.disk_free, health.storage.disk_total),
        current=application().maintenance.database_is_current(),
        libraries=libraries(),
        leftovers=application().maintenance.find_leftovers(),
        shown=MAX_LEFTOVERS_SHOWN,
        folders=application().folders.view(by=person()).problems,
        verdict=verdict,
        damaged=damaged,
    )


@lru_cache(maxsize=1)
def libraries() -> tuple[tuple[str, str], ...]:
    """The libraries that the product uses, with versions."""
    names_and_versions = [("Python", platform.python_version())]
    for name in LIBRARIES:
        try:
            names_and_versions.append((name, version(name)))
        except PackageNotFoundError:
            continue
    return tuple(names_and_versions)
