"""The browser: the machine's own Chromium, else the one that Playwright installed."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Playwright

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The shell first: the same engine and pages, without the windows of a browser."""


def chromium_of(playwright: Playwright) -> str | None:
    """Where it is; None where there is none."""
    installed = next((path for path in map(shutil.which, NAMES) if path), None)
    own = playwright.chromium.executable_path
    return installed or (own if Path(own).exists() else None)
