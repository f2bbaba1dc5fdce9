"""Templates show values; they neither calculate nor decide. Numbers with a name come from the domain.

Their lines are short enough to read; `djlint --check` holds the rest of their form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from tests.architecture.every_file import for_every

ROOT = Path(__file__).parents[2]
LAYERS = ("adapters", "entrypoints")
"""The folders below which templates lie; `make lint` gives the same to djLint."""
PAGES = sorted(path.relative_to(ROOT).as_posix() for layer in LAYERS for path in (ROOT / layer).rglob("*.html"))
"""Every template: the pages' and the printed report's."""
MAX_LINE_LENGTH = 120
ASSEMBLING = re.compile(r"\.(?:append|extend|insert|pop|update)\(|\{%-?\s*do\b|\bset _ =")
"""What changes a list or dictionary in place."""
FORMATTING = re.compile(r"\|\s*(?:format|round)\(|\.format\(|[\"']%[.\d]*[dfeg]")
"""What writes a number without the formats."""
ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)
CALCULATING: dict[str, str] = {}
"""Templates that may calculate, each with the reason."""
RULE_IN_PROSE = {
    r"\b[Uu]nder \d": "a smallest number of customers",
    r"\d customers or more": "a smallest number of customers",
    r"\b200 or more|[Bb]elow 200|200,000": "a number of customers",
    r"\b0\.10\b|\b0\.25\b": "a limit of the PSI",
    r"\b5 percentage points": "the change of risk that counts",
    r"more than a fifth|than 20\s?%|least half": "a share of the file",
    r"\b7 days": "how long files stay in the trash",
    r"2,000 generated|[Tt]welve months": "the size of the sample data",
    r"[\"']v0[\"']": "the starter model's id",
}
"""How a rule's number reads when it is written into a page instead of taken from `rules`."""


def source(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def calculations(text: str) -> Iterator[str]:
    """Arithmetic, and comparisons with a number other than 0 and 1. Joining lists with `+` is neither."""
    tree = Environment(autoescape=True).parse(text)
    for node in tree.find_all(ARITHMETIC):
        if not (isinstance(node, nodes.Add) and (_is_list(node.left) or _is_list(node.right))):
            yield f"line {node.lineno}: {type(node).__name__}"
    for compared in tree.find_all(nodes.Compare):
        parts = [compared.expr, *(operand.expr for operand in compared.ops)]
        numbers = [part.value for part in parts if isinstance(part, nodes.Const)]
        if any(isinstance(value, int | float) and value not in (0, 1) for value in numbers):
            yield f"line {compared.lineno}: comparison with {numbers}"


def _is_list(node: nodes.Node) -> bool:
    if isinstance(node, nodes.CondExpr):
        return _is_list(node.expr1)
    if isinstance(node, nodes.Add):
        return _is_list(node.left) or _is_list(node.right)
    return isinstance(node, nodes.List)


def test_every_template_is_checked_here_and_by_djlint() -> None:
    packages = ("domain", "application", "migrations", *LAYERS)
    suffixes = {".html", ".jinja", ".jinja2", ".j2"}
    everywhere = [path for package in packages for path in (ROOT / package).rglob("*") if path.suffix in suffixes]
    command = re.search(r"djlint --check --lint --quiet (.+)", (ROOT / "Makefile").read_text(encoding="utf-8"))

    assert sorted(path.relative_to(ROOT).as_posix() for path in everywhere) == PAGES
    assert "adapters/reporting/templates/report.html" in PAGES
    assert command
    assert tuple(command.group(1).split()) == LAYERS


def unknown_macros(text: str) -> set[str]:
    """Names that a template takes from the files it imports, and that these do not define."""
    tree = Environment(autoescape=True).parse(text)
    imported = {own.target: str(own.template.value) for own in tree.find_all(nodes.Import)}  # type: ignore[attr-defined]  # every path is a constant
    return {
        f"{used.node.name}.{used.attr}"
        for used in tree.find_all(nodes.Getattr)
        if isinstance(used.node, nodes.Name) and used.node.name in imported
        if used.attr not in _macros(imported[used.node.name])
    }


def _macros(name: str) -> set[str]:
    return set(re.findall(r"\{% macro (\w+)", source(f"entrypoints/web/templates/{name}")))


@for_every("page", PAGES)
def test_a_template_uses_macros_that_exist(page: str) -> None:
    """Jinja would notice only when a page shows the part."""
    assert unknown_macros(source(page)) == set()


def test_a_macro_that_does_not_exist_is_found() -> None:
    planted = '{% import "_parts.html" as ui %}{% if never %}{{ ui.meter(1, 2, "x") }}{{ ui.icon("x") }}{% endif %}'
    assert unknown_macros(planted) == {"ui.meter"}


@for_every("page", PAGES)
def test_no_line_of_a_template_is_too_long(page: str) -> None:
    lines = enumerate(source(page).splitlines(), start=1)
    assert {number: len(line) for number, line in lines if len(line) > MAX_LINE_LENGTH} == {}


@for_every("page", PAGES)
def test_a_template_does_not_assemble_data(page: str) -> None:
    """Lists and specifications of charts come from Python."""
    assert ASSEMBLING.findall(source(page)) == []


@pytest.mark.parametrize(
    "wrong", ["{% set _ = rows.append(1) %}", "{% do rows.append(1) %}", '{% set _ = all.pop("x") %}']
)
def test_assembling_in_a_template_is_found(wrong: str) -> None:
    assert ASSEMBLING.search(wrong)


@for_every("page", PAGES)
def test_a_template_formats_no_number_by_hand(page: str) -> None:
    """Numbers pass the filters of `entrypoints/web/formats.py`, or are prepared in Python."""
    assert FORMATTING.findall(source(page)) == []


@pytest.mark.parametrize(
    "wrong", ['{{ "%.2f"|format(x) }}', "{{ shape | format(x) }}", "{{ x|round(1) }}", "{{ '%d' % x }}"]
)
def test_formatting_a_number_by_hand_is_found(wrong: str) -> None:
    assert FORMATTING.search(wrong)


@for_every("page", PAGES)
def test_a_template_does_not_calculate(page: str) -> None:
    if page not in CALCULATING:
        assert list(calculations(source(page))) == []


def test_templates_that_may_calculate_do() -> None:
    assert [page for page in CALCULATING if not list(calculations(source(page)))] == []


@for_every("page", PAGES)
def test_a_template_takes_the_numbers_of_rules_from_the_domain(page: str) -> None:
    text = " ".join(re.sub(r"\{#.*?#\}", "", source(page), flags=re.DOTALL).split())

    assert {match.group(): what for rule, what in RULE_IN_PROSE.items() for match in re.finditer(rule, text)} == {}


@pytest.mark.parametrize(
    "wrong",
    [
        "{{ p * (rate - 1) }}",
        "{{ (a / b)|percent }}",
        "{% set lost = 1 - p %}",
        "{% if rejected * 5 > rows %}{% endif %}",
        "{% if segment.customers >= 30 %}{% endif %}",
        "{{ 'many' if items|length > 12 else '' }}",
    ],
)
def test_a_calculation_in_a_template_is_found(wrong: str) -> None:
    assert list(calculations(wrong))


@pytest.mark.parametrize(
    "right",
    ["{{ loop.index0 }}", "{% if count > 0 %}{% endif %}", "{{ a ~ b }}", "{{ items[:12] }}", "{{ [a] + [b] }}"],
)
def test_showing_a_value_is_not_taken_for_a_calculation(right: str) -> None:
    assert list(calculations(right)) == []
