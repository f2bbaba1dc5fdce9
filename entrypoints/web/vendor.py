"""URLs of the front-end files: vendored libraries and the product's scripts and pictures."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, abort, current_app, g, request, send_from_directory, url_for

IN_PACKAGE = Path(__file__).with_name("vendored")
IN_REPOSITORY = Path(__file__).resolve().parents[2] / "vendor_static"
VENDOR_FOLDER = IN_PACKAGE if IN_PACKAGE.is_dir() else IN_REPOSITORY
"""Copied into an installed package; `vendor_static/` where the program runs from its repository."""
ONE_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class VendoredFiles:
    """The manifest's content: the files that browsers may load, and the file of each library name."""

    served: frozenset[str]
    """Paths below the vendor folder, such as ``htmx-2.0.11/htmx.min.js``."""
    by_name: dict[str, str]
    """``htmx`` and ``inter/inter-latin-wght-normal.woff2`` → path."""

    def path(self, name: str) -> str:
        """The path of a library name. Raises KeyError if the manifest does not list it."""
        return self.by_name[name]


def read_manifest(folder: Path = VENDOR_FOLDER) -> VendoredFiles:
    """Read the manifest; only packages used in the browser are served."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    by_name: dict[str, str] = {}
    for package in manifest["packages"]:
        if package["use"] != "browser":
            continue
        for file in package["files"]:
            path = f"{package['folder']}/{file}"
            by_name.setdefault(package["name"], path)
            by_name[f"{package['name']}/{file}"] = path
    return VendoredFiles(frozenset(by_name.values()), by_name)


def register(app: Flask) -> None:
    """Serve the vendored files below ``/vendor`` and give templates ``vendor_url`` and ``static_url``."""
    files = read_manifest()

    def vendor_file(path: str) -> Response:
        """One vendored file. Its URL contains the version, so browsers may cache it for a year."""
        if path not in files.served:
            abort(404)
        response = send_from_directory(VENDOR_FOLDER, path, max_age=ONE_YEAR)
        return keep_for_ever(response)

    def vendor_url(name: str) -> str:
        return url_for("vendor_file", path=files.path(name))

    app.add_url_rule("/vendor/<path:path>", "vendor_file", vendor_file)
    app.after_request(_keep_hashed_static_files)
    app.add_template_global(vendor_url)
    app.add_template_global(static_url)


def static_url(name: str) -> str:
    """The URL of a product file with a hash of its content, so that browsers load changes at once."""
    known: dict[str, str] = g.setdefault("static_urls", {})  # a page names the sprite of icons many times
    if name not in known:
        file = Path(current_app.static_folder or "") / name
        known[name] = _static_url(name, file, file.stat().st_mtime_ns, request.script_root)
    return known[name]


@lru_cache(maxsize=512)
def _static_url(name: str, file: Path, modified: int, _root: str) -> str:
    """The path below which the site is served is part of the key."""
    return url_for("static", filename=name, v=_content_hash(file, modified))


@lru_cache(maxsize=512)
def _content_hash(file: Path, modified: int) -> str:
    """The hash of a file's content. ``modified`` is part of the cache's key, so that an edited file is hashed again."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def _keep_hashed_static_files(response: Response) -> Response:
    if request.endpoint == "static" and "v" in request.args and response.status_code in (200, 206, 304):
        return keep_for_ever(response)
    return response


def keep_for_ever(response: Response) -> Response:
    """Let browsers cache a response for a year without asking again."""
    response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    return response
