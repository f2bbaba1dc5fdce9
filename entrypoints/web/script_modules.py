"""URLs of JavaScript modules. The version of a folder is part of its path, so imports between its modules carry it too.

An import such as ``./axes.js`` is relative to the URL of the importing module. A query parameter, as `static_url` adds,
would be lost there, and an import map would need an inline script, which the content policy forbids.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, abort, current_app, send_from_directory, url_for

from entrypoints.web.vendor import keep_for_ever

FOLDERS = frozenset({"charts"})
"""Folders of modules below ``static/js``."""


def register(app: Flask) -> None:
    """Serve the modules below ``/modules`` and give templates ``module_url`` and ``module_urls``."""
    app.add_url_rule("/modules/<folder>/<version>/<name>", "script_module", script_module)
    app.add_template_global(module_url)
    app.add_template_global(module_urls)


def script_module(folder: str, version: str, name: str) -> Response:
    """One module. Browsers may cache the current version for a year; any other version must be validated."""
    if folder not in FOLDERS:
        abort(404)
    response = send_from_directory(_path_of(folder), name)
    return keep_for_ever(response) if version == _version_of(folder) else response


def module_url(folder: str, name: str) -> str:
    """The URL of one module, with a hash of the content of all modules in its folder."""
    return url_for("script_module", folder=folder, version=_version_of(folder), name=name)


def module_urls(folder: str) -> list[str]:
    """The URLs of all modules of a folder, so that browsers load them at once and not one import after another."""
    modules = _modules_of(folder)
    version = _version_of_files(modules)
    return [url_for("script_module", folder=folder, version=version, name=file.name) for file in modules]


def _path_of(folder: str) -> Path:
    return Path(current_app.static_folder or "") / "js" / folder


def _modules_of(folder: str) -> list[Path]:
    return sorted(_path_of(folder).glob("*.js"))


def _version_of(folder: str) -> str:
    return _version_of_files(_modules_of(folder))


def _version_of_files(modules: list[Path]) -> str:
    return _content_hash(tuple((file, file.stat().st_mtime_ns) for file in modules))


@lru_cache(maxsize=32)
def _content_hash(files: tuple[tuple[Path, int], ...]) -> str:
    """The time of the last change is part of the cache's key: after an edit the files are hashed again."""
    content = hashlib.sha256()
    for file, _ in files:
        content.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return content.hexdigest()[:12]
