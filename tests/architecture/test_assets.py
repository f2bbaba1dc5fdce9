"""The front end's files are what the manifest says, name no outside address and keep the strict policy."""

from __future__ import annotations

import base64
import gzip
import hashlib
import importlib.util
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from entrypoints.web.stylesheets import STYLESHEETS
from tests.architecture.every_file import for_every

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "vendor_static"
WEB = ROOT / "entrypoints" / "web"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
OURS_BESIDE_THE_PACKAGES = {"manifest.json", "icons.txt", "fetch.py", "build.py"}

TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
ASSETS = sorted(p for p in (WEB / "static").rglob("*") if p.suffix in {".css", ".js", ".svg"})
OWN_FILES = [*TEMPLATES, *ASSETS]
OWN_STYLESHEETS = sorted(path for path in (WEB / "static" / "css").glob("*.css") if path.stem != "tabler-trimmed")
MAX_STYLESHEET_LINES = 400

SHORT_CLASSES = {
    "c": "a chart's height in pixels, as c-200",
    "id": "an id",
    "k": "a legend's key, as k-2",
    "mt": "margin at the top in pixels, as mt8",
    "ok": "all right",
    "on": "switched on",
    "qr": "a QR code",
    "t": "the tone of a heatmap's cell, as t0",
    "u": "an underlined link, after HTML's element",
}
"""Classes of one and two letters, without the number at their end, and what they mean. Others are words."""
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


@for_every("path", OWN_FILES)
def test_no_file_of_ours_names_an_outside_address(path: Path) -> None:
    assert OUTSIDE.findall(path.read_text(encoding="utf-8")) == []


@for_every("path", TEMPLATES)
def test_no_template_needs_a_weaker_content_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert INLINE_HANDLER.findall(text) == []
    assert INLINE_STYLE.findall(text) == []
    assert INLINE_SCRIPT.findall(text) == []


@for_every("path", TEMPLATES)
def test_no_template_uses_what_htmx_ignores_without_eval(path: Path) -> None:
    assert HTMX_TRAPS.findall(path.read_text(encoding="utf-8")) == []


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    known = set(re.findall(r'<symbol id="([\w-]+)"', (WEB / "static" / "icons.svg").read_text(encoding="utf-8")))
    named = {name for path in TEMPLATES for name in re.findall(r'\bicon\("([\w-]+)"', path.read_text(encoding="utf-8"))}
    assert named <= known


def test_fonts_that_the_stylesheet_names_are_vendored() -> None:
    css = (WEB / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    fonts = re.findall(r'url\("\.\./\.\./vendor/([^"]+)"\)', css)
    assert len(fonts) == 2
    assert all((VENDOR / font).is_file() for font in fonts)


def rules_of(css: str, media: str = "") -> Iterator[tuple[str, str, str]]:
    """The media conditions, selector and declarations of every rule; font faces and key frames apart.

    Layers don't count: a selector whose rules are in two layers is defined twice.
    """
    at = 0
    while (opened := css.find("{", at)) >= 0:
        head = " ".join(css[at:opened].split())
        closed = _end_of_block(css, opened)
        if head.startswith("@layer"):
            yield from rules_of(css[opened + 1 : closed], media)
        elif head.startswith(("@media", "@supports", "@container")):
            yield from rules_of(css[opened + 1 : closed], f"{media} {head}")
        elif not head.startswith("@"):
            yield media.strip(), head, css[opened + 1 : closed]
        at = closed + 1


def selectors_of(css: str) -> Iterator[tuple[str, str]]:
    return ((media, selector) for media, selector, _ in rules_of(css))


def settings_of(css: str) -> Iterator[tuple[str, str, str]]:
    """Media conditions, selector and property of every declaration, for each selector of a comma list."""
    for media, selectors, body in rules_of(css):
        properties = {declared.partition(":")[0].strip() for declared in body.split(";") if ":" in declared}
        for selector in _in_list(selectors):
            yield from ((media, selector, name) for name in sorted(properties))


def _in_list(selectors: str) -> list[str]:
    """The selectors of a comma list; commas within brackets, as of `:is(a, b)`, divide nothing."""
    parts, depth = [""], 0
    for character in selectors:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _end_of_block(css: str, opened: int) -> int:
    depth = 0
    for at in range(opened, len(css)):
        depth += {"{": 1, "}": -1}.get(css[at], 0)
        if depth == 0:
            return at
    raise ValueError("a block is not closed")


def _without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def _own_stylesheets() -> str:
    """All of the product's own stylesheets in one text, without comments and the statement of the layers' order."""
    css = "\n".join(path.read_text(encoding="utf-8") for path in OWN_STYLESHEETS)
    return re.sub(r"@layer [\w, ]+;", "", _without_comments(css))


def test_pages_load_exactly_the_stylesheets_there_are() -> None:
    assert STYLESHEETS[0] == "tokens"
    assert sorted(STYLESHEETS) == sorted(path.stem for path in (WEB / "static" / "css").glob("*.css"))


@pytest.mark.parametrize("path", OWN_STYLESHEETS, ids=_name)
def test_a_stylesheet_is_short_and_all_its_rules_are_in_one_declared_layer(path: Path) -> None:
    css = path.read_text(encoding="utf-8")
    layers = re.search(r"@layer ([\w, ]+);", (WEB / "static" / "css" / "tokens.css").read_text(encoding="utf-8"))
    assert layers is not None
    assert len(css.splitlines()) <= MAX_STYLESHEET_LINES
    assert top_level_blocks(css) in [[f"@layer {name}"] for name in layers[1].split(", ")]


def top_level_blocks(css: str) -> list[str]:
    """The heads of the blocks that are in no other block."""
    css = re.sub(r"@layer [\w, ]+;", "", _without_comments(css))
    heads, at = [], 0
    while (opened := css.find("{", at)) >= 0:
        heads.append(" ".join(css[at:opened].split()))
        at = _end_of_block(css, opened) + 1
    return heads


def test_a_rule_outside_the_layer_is_found() -> None:
    assert top_level_blocks("@layer a, b;\n@layer a { .x { y: 1 } }\n.z { y: 2 }") == ["@layer a", ".z"]


def test_no_selector_is_defined_twice() -> None:
    counts = Counter(selectors_of(_own_stylesheets()))
    assert len(counts) > 500
    assert [rule for rule, times in counts.items() if times > 1] == []


def test_a_selector_that_is_defined_twice_is_found() -> None:
    css = "@layer one { .a { x: 1 } @media print { .a { x: 2 } .b > .c, .d { y: 1 } } } @layer two { .a { y: 2 } }"
    assert list(selectors_of(css)) == [("", ".a"), ("@media print", ".a"), ("@media print", ".b > .c, .d"), ("", ".a")]


def test_no_selector_sets_a_property_twice() -> None:
    counts = Counter(settings_of(_own_stylesheets()))
    assert len(counts) > 1000
    assert [setting for setting, times in counts.items() if times > 1] == []


def test_a_property_that_is_set_again_in_a_comma_list_is_found() -> None:
    css = "@layer a { .b:is(.x, .y) { top: 1px; left: 0 } } @layer c { .d, .b:is(.x, .y) { top: 2px } }"
    assert [setting for setting, times in Counter(settings_of(css)).items() if times > 1] == [
        ("", ".b:is(.x, .y)", "top")
    ]


def test_classes_are_words() -> None:
    names = re.findall(r"\.([a-z][\w-]*)", " ".join(head for _, head in selectors_of(_own_stylesheets())))
    stems = {name.rstrip("0123456789").rstrip("-") for name in names}
    assert {stem for stem in stems if len(stem) <= 2} == set(SHORT_CLASSES)


def test_a_first_load_stays_under_its_budget() -> None:
    """The heaviest page takes everything: 350 KB compressed, page and pictures apart."""
    browser = [p for p in MANIFEST["packages"] if p["use"] == "browser"]
    served = [VENDOR / p["folder"] / n for p in browser for n in p["files"] if n.endswith((".js", ".woff2"))]
    weight = sum(len(gzip.compress(p.read_bytes(), 9)) for p in [*served, *ASSETS])
    assert weight < 300_000
