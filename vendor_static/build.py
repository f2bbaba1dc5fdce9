"""Build two files from vendored packages: the trimmed Tabler stylesheet and the icon sprite.

The published stylesheet has 635 KB; pages need its reset rules and a few components. A rule is kept_rules
if every class in one of its selectors is in ``KEEP``. The result therefore depends only on that list
and not on the templates. Both outputs are committed; a test rebuilds and compares them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent / "entrypoints" / "web" / "static"
STYLESHEET = STATIC / "css" / "tabler-trimmed.css"
SPRITE = STATIC / "icons.svg"

KEEP = frozenset(
    [
        "btn",
        "form-label",
        "form-control",
        "form-select",
        "form-check",
        "form-check-input",
        "form-check-label",
        "form-check-inline",
        "form-switch",
        "is-invalid",
        "invalid-feedback",
        "visually-hidden",
        "visually-hidden-focusable",
        "m-0",
        "d-none",
    ]
)
DROPPED_ELEMENTS = re.compile(r"(?<![\w.\-\[:])(?:kbd|samp|blockquote|fieldset legend|hr|pre)(?![\w-])")
DROPPED_PARTS = ("[data-vc", "[data-bs-sidebar", "[data-bs-layout", "[class", "scrollbar", ":host")

MARK = (
    '<symbol id="mark" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#0b5461"/>'
    '<g fill="none" stroke-linecap="round" stroke-linejoin="round" stroke-width="2.1">'
    '<path stroke="#fff" d="M5.6 17V7.1l7.9 9.9"/><path stroke="#9dc3ca" d="M13.5 17l4.2-7.2"/></g>'
    '<circle cx="18" cy="8" r="2.1" fill="#e9a23b"/></symbol>'
)

Rule = tuple[str, str]


def rules(css: str) -> Iterator[Rule]:
    """The top-level rules of a minified stylesheet as (prelude, body without its braces)."""
    position = 0
    while (opening := css.find("{", position)) >= 0:
        closing = _closing_brace(css, opening)
        yield css[position:opening].strip(), css[opening + 1 : closing]
        position = closing + 1


def _closing_brace(css: str, opening: int) -> int:
    depth, quote = 0, ""
    for index in range(opening, len(css)):
        char = css[index]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return index
    raise ValueError("the stylesheet ends inside a rule")


def _kept_selectors(prelude: str) -> list[str]:
    selectors = _split_selectors(prelude)
    return [s for s in selectors if _is_kept(s)]


def _split_selectors(prelude: str) -> list[str]:
    """Split at commas outside parentheses, which may be nested."""
    parts, depth = [""], 0
    for char in prelude:
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]


def _is_kept(selector: str) -> bool:
    if any(part in selector for part in DROPPED_PARTS) or DROPPED_ELEMENTS.search(selector):
        return False
    classes = re.findall(r"\.(-?[A-Za-z_][\w-]*)", re.sub(r"\[[^\]]*\]", "", selector))
    return "#" not in selector and all(name in KEEP for name in classes)


def trimmed(css: str) -> list[Rule]:
    """The rules that are kept; at-rules are trimmed inside."""
    kept_rules: list[Rule] = []
    for prelude, body in rules(css):
        if prelude.startswith("@media"):
            inner = trimmed(body)
            if inner and "print" not in prelude:
                kept_rules.append((prelude, "".join(f"{p}{{{b}}}" for p, b in inner)))
        elif not prelude.startswith("@"):
            selectors = _kept_selectors(prelude)
            if selectors:
                kept_rules.append((",".join(selectors), body))
    return kept_rules


def _declarations(body: str) -> list[str]:
    """Split at semicolons outside quotes and parentheses (data URLs contain semicolons)."""
    return [d for d in re.split(r";(?=(?:[^\"']|\"[^\"]*\"|'[^']*')*$)(?![^()]*\))", body) if d.strip()]


def without_unused_variables(kept_rules: list[Rule]) -> list[Rule]:
    """Drop unused custom properties, repeatedly until none is left."""
    while True:
        read = set(re.findall(r"var\((--[\w-]+)", "".join(body for _, body in kept_rules)))
        slim = [(prelude, _slim(body, read)) for prelude, body in kept_rules]
        slim = [(prelude, body) for prelude, body in slim if body]
        if slim == kept_rules:
            return kept_rules
        kept_rules = slim


def _slim(body: str, read: set[str]) -> str:
    if "{" in body:
        inner = [(p, _slim(b, read)) for p, b in rules(body)]
        return "".join(f"{p}{{{b}}}" for p, b in inner if b)
    declarations = [d.strip() for d in _declarations(body)]
    return ";".join(d for d in declarations if not d.startswith("--") or d.split(":", 1)[0] in read)


def stylesheet() -> str:
    """The trimmed stylesheet, one rule per line, in the layers of elements and of controls, below the notice that its licence requires."""
    source = next(HERE.glob("tabler-[0-9]*/tabler.min.css"))
    css = source.read_text(encoding="utf-8").removeprefix('@charset "UTF-8";')
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    notice = f"/*! Rules taken from {source.parent.name} (MIT, The Tabler Authors) by vendor_static/build.py. */\n"
    kept_rules = without_unused_variables(trimmed(css))
    elements = [rule for rule in kept_rules if not _has_class(rule)]
    components = [rule for rule in kept_rules if _has_class(rule)]
    return notice + _layer("reset", elements) + _layer("controls", components)


def _has_class(rule: Rule) -> bool:
    prelude, body = rule
    return any(_has_class(inner) for inner in rules(body)) if prelude.startswith("@") else "." in prelude


def _layer(name: str, own_rules: list[Rule]) -> str:
    """Rules in a cascade layer. ``tokens.css`` declares the order of the layers."""
    lines = "\n".join(f"{prelude}{{{body}}}" for prelude, body in own_rules)
    return f"@layer {name}{{\n{lines}\n}}\n"


def sprite() -> str:
    """Every icon named in ``icons.txt`` as a symbol, and the brand mark."""
    folder = next(HERE.glob("tabler-icons-*"))
    names = (HERE / "icons.txt").read_text(encoding="utf-8").split()
    symbols = [_symbol(name, (folder / f"{name}.svg").read_text(encoding="utf-8")) for name in names]
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join([*symbols, MARK]) + "\n</svg>\n"


def _symbol(name: str, svg: str) -> str:
    inner = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", svg, flags=re.DOTALL)
    inner = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", inner)
    inner = re.sub(r">\s+<", "><", inner).strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>'


def main() -> None:
    """Write both files."""
    STYLESHEET.write_text(stylesheet(), encoding="utf-8")
    SPRITE.write_text(sprite(), encoding="utf-8")


if __name__ == "__main__":
    main()
