"""The product's stylesheets as one file: a page is drawn once all have come, and one comes sooner than fourteen."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, url_for

from entrypoints.web.vendor import keep_for_ever

STYLESHEETS = (
    "tokens",
    "tabler-trimmed",
    "base",
    "controls",
    "layout",
    "panels",
    "tables",
    "charts",
    "overlays",
    "waiting",
    "pages",
    "campaigns",
    "help",
    "utilities",
)
"""In this order. The first declares the cascade layers; within a layer, the later one wins."""


def register(app: Flask) -> None:
    """Serve the file below ``/styles`` and give templates ``stylesheet_url``."""
    app.add_url_rule("/styles/<version>/all.css", "stylesheet", stylesheet)  # as deep as the files: they name fonts
    app.add_template_global(stylesheet_url)


def stylesheet(version: str) -> Response:
    """All stylesheets. Browsers may cache the current version for a year; any other version must be validated."""
    current, content = _joined(_files())
    response = Response(content, mimetype="text/css")
    return keep_for_ever(response) if version == current else response


def stylesheet_url() -> str:
    """The URL, with a hash of the content."""
    return url_for("stylesheet", version=_joined(_files())[0])


def _files() -> tuple[tuple[Path, int], ...]:
    """Each file with the time of its last change, so that an edited file is read again."""
    folder = Path(current_app.static_folder or "") / "css"
    files = [folder / f"{name}.css" for name in STYLESHEETS]
    return tuple((file, file.stat().st_mtime_ns) for file in files)


@lru_cache(maxsize=4)
def _joined(files: tuple[tuple[Path, int], ...]) -> tuple[str, bytes]:
    """The version and the content."""
    content = b"\n".join(file.read_bytes() for file, _ in files)
    return hashlib.sha256(content).hexdigest()[:12], content
