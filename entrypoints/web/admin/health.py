"""Storage and health: how much there is, whether a worker lives, whether the database is sound."""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from flask import Response, flash, redirect, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from domain.account import Permission
from entrypoints.web.access import address, allow, desk, person
from entrypoints.web.admin.area import area
from entrypoints.web.htmx import render_page, wants_fragment

LIBRARIES = (
    *("flask", "sqlalchemy", "alembic", "huey", "waitress", "duckdb", "pyarrow", "pandas", "numpy"),
    *("scikit-learn", "xgboost-cpu", "xgboost", "bcrypt", "zxcvbn"),
)
MAX_LEFTOVERS_SHOWN = 20
SCARCE = 0.1
"""Share of the disk under which free room is a worry."""


@area.get("/health")
@allow(Permission.ADMINISTER)
def health() -> Response:
    return _shown()


@area.post("/health/check")
@allow(Permission.ADMINISTER)
def check_database() -> Response | WerkzeugResponse:
    found = desk().check_database(by=person(), address=address())
    words = "The database is sound." if found is None else f"The database is damaged: {found}"
    if wants_fragment():
        return _shown(verdict=words, damaged=found is not None)
    flash(words, "error" if found else "message")
    return redirect(url_for("admin.health"), code=303)


@area.post("/health/leftovers/trash")
@allow(Permission.ADMINISTER)
def trash_leftovers() -> Response | WerkzeugResponse:
    report = desk().trash_leftovers(by=person(), address=address())
    count = len(report.moved)
    words = f"{count:,} {'file or folder was' if count == 1 else 'files or folders were'} moved to the trash."
    if wants_fragment():
        return _shown(verdict=words)
    flash(words, "message")
    return redirect(url_for("admin.health"), code=303)


def _shown(*, verdict: str = "", damaged: bool = False) -> Response:
    health = desk().watch_health(by=person())
    return render_page(
        "admin/health.html",
        fragment="state",
        health=health,
        lives=health.worker_lives,
        backups=desk().watch_backups(by=person()),
        scarce=health.storage.disk_free < SCARCE * health.storage.disk_total,
        current=desk().database_is_current(),
        libraries=libraries(),
        leftovers=desk().find_leftovers(),
        shown=MAX_LEFTOVERS_SHOWN,
        verdict=verdict,
        damaged=damaged,
    )


@lru_cache(maxsize=1)
def libraries() -> tuple[tuple[str, str], ...]:
    """What the product stands on, with versions."""
    found = [("Python", platform.python_version())]
    for name in LIBRARIES:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            continue
    return tuple(found)
