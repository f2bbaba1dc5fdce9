"""The front end's files are what the manifest says, name no outside address and keep the strict policy."""

from __future__ import annotations

import base64
import gzip
import hashlib
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "vendor_static"
WEB = ROOT / "entrypoints" / "web"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
OURS_BESIDE_THE_PACKAGES = {"manifest.json", "icons.txt", "fetch.py", "build.py"}

TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
ASSETS = sorted(p for p in (WEB / "static").rglob("*") if p.suffix in {".css", ".js", ".svg"})
OWN_FILES = [*TEMPLATES, *ASSETS]

OUTSIDE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
INLINE_HANDLER = re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE)
INLINE_STYLE = re.compile(r"<[a-z][^>]*\sstyle\s*=|<style\b", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE)
HTMX_TRAPS = re.compile(r"hx-on\b|hx-vals\s*=\s*[\"']\s*js:|hx-(?:vars)\b|hx-trigger\s*=\s*\"[^\"]*\[")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _sha384(path: Path) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()


def _build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vendor_build", VENDOR / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("package", MANIFEST["packages"], ids=lambda package: package["folder"])
def test_every_vendored_file_has_the_hash_in_the_manifest(package: dict) -> None:
    for name, digest in package["files"].items():
        assert _sha384(VENDOR / package["folder"] / name) == digest, name


def test_every_file_beside_the_manifest_is_in_it() -> None:
    listed = {f"{p['folder']}/{name}" for p in MANIFEST["packages"] for name in p["files"]}
    present = {
        p.relative_to(VENDOR).as_posix() for p in VENDOR.rglob("*") if p.is_file() and "__pycache__" not in p.parts
    }
    assert present - listed == OURS_BESIDE_THE_PACKAGES
    assert listed <= present


def test_every_package_names_its_version_and_carries_its_licence() -> None:
    for package in MANIFEST["packages"]:
        assert package["folder"].endswith(package["version"])
        assert package["licence"]
        assert any(name.startswith("LICENSE") for name in package["files"]), package["name"]


def test_the_trimmed_stylesheet_and_the_sprite_are_what_the_build_makes() -> None:
    build = _build()
    assert build.STYLESHEET.read_text(encoding="utf-8") == build.stylesheet()
    assert build.SPRITE.read_text(encoding="utf-8") == build.sprite()


@pytest.mark.parametrize("path", OWN_FILES, ids=_name)
def test_no_file_of_ours_names_an_outside_address(path: Path) -> None:
    assert OUTSIDE.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_no_template_needs_a_weaker_content_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert INLINE_HANDLER.findall(text) == []
    assert INLINE_STYLE.findall(text) == []
    assert INLINE_SCRIPT.findall(text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_no_template_uses_what_htmx_ignores_without_eval(path: Path) -> None:
    assert HTMX_TRAPS.findall(path.read_text(encoding="utf-8")) == []


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    known = set(re.findall(r'<symbol id="([\w-]+)"', (WEB / "static" / "icons.svg").read_text(encoding="utf-8")))
    named = {name for path in TEMPLATES for name in re.findall(r'\bicon\("([\w-]+)"', path.read_text(encoding="utf-8"))}
    assert named <= known


def test_fonts_that_the_stylesheet_names_are_vendored() -> None:
    css = (WEB / "static" / "css" / "netone.css").read_text(encoding="utf-8")
    fonts = re.findall(r'url\("\.\./\.\./vendor/([^"]+)"\)', css)
    assert len(fonts) == 2
    assert all((VENDOR / font).is_file() for font in fonts)


def test_a_first_load_stays_under_its_budget() -> None:
    """The heaviest page takes everything: 350 KB compressed, page and pictures apart."""
    browser = [p for p in MANIFEST["packages"] if p["use"] == "browser"]
    served = [VENDOR / p["folder"] / n for p in browser for n in p["files"] if n.endswith((".js", ".woff2"))]
    weight = sum(len(gzip.compress(p.read_bytes(), 9)) for p in [*served, *ASSETS])
    assert weight < 300_000
