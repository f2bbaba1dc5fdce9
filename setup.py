"""Copies files that lie next to the packages into an installed package; everything else is in pyproject.toml.

The documents stay in `docs/`, where people read them in the repository, and the browser's libraries in
`vendor_static/`. An editable installation reads both there.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
PAGES = ("*.md", "guide/*.md", "img/*.webp")
PLACES = {"docs": "adapters/help/pages", "vendor_static": "entrypoints/web/vendored"}
"""Folders of the repository, and their places in the installed packages."""


def copied() -> Iterator[Path]:
    """Files that are needed while the product runs, relative to the repository."""
    for pattern in PAGES:
        yield from (file.relative_to(ROOT) for file in sorted((ROOT / "docs").glob(pattern)))
    vendored = Path("vendor_static")
    yield vendored / "manifest.json"
    for package in json.loads((ROOT / vendored / "manifest.json").read_text(encoding="utf-8"))["packages"]:
        if package["use"] == "browser":
            yield from (vendored / package["folder"] / name for name in package["files"])


class BuildWithFiles(build_py):
    """Builds the packages, then copies the files."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for file in copied():
            folder, *below = file.parts
            place = Path(self.build_lib, PLACES[folder], *below)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, place)


setup(cmdclass={"build_py": BuildWithFiles})
