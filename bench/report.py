"""Writes the figures as a table for the terminal, and as docs/performance.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent.parent / "docs" / "performance.md"
QUERY_LIMITS_MS = {
    "first page by risk": 10,
    "next page by risk": 10,
    "deep page (offset 500,000)": 20,
    "one band": 150,
    "first page by gain": 150,
    "one attribute": 150,
    "bands, action and two attributes": 150,
    "the same at offset 1,000": 150,
    "id begins with": 150,
    "id in full": 150,
    "answer at another threshold": 300,
    "histogram of a number": 300,
    "group by a level": 300,
    "two attributes crossed": 150,
}

LIST_PAGE_MS, STATUS_CHANGE_MS = 50.0, 20.0

Row = tuple[str, ...]
Section = tuple[str, Row, list[Row]]
"""Title, column headings, and rows."""


def script_us_per_row(document: dict[str, Any]) -> float:
    """CPU per row from the difference of two sizes, so that start-up time does not count."""
    small, big = (document["figures"][f"script {rows}"] for rows in document["script_sizes"])
    return float((big["cpu_s"] - small["cpu_s"]) / (big["rows"] - small["rows"]) * 1e6)


def ratios(document: dict[str, Any]) -> list[tuple[str, float, float]]:
    """(claim, figure, limit)."""
    figures, sizes = document["figures"], sorted(document["sizes"])
    biggest = max(size for size in sizes if size <= 1_000_000)
    path, predict = figures[f"path {biggest}"], figures["floor"]["predict_us_per_row"]
    script = script_us_per_row(document)
    measured = [
        ("CPU per row, in XGBoost's bare predictions of the same rows", path["cpu_us_per_row"] / predict, 4.0),
        ("CPU per row, as a share of today's script", path["cpu_us_per_row"] / script, 1 / 20),
        ("The same with the starter model", figures["champion"]["cpu_us_per_row"] / script, 1 / 20),
        (f"Peak memory at {biggest:,} rows, MB", path["peak_mb"], 600.0),
        (f"CSV of {biggest:,} rows while they are scored, CPU s on top", path["csv"], 1.5),
        (f"CSV of {biggest:,} rows for a download, CPU s", path["csv_stored"], 3.0),
        (f"PDF of {biggest:,} customers, 200 listed, CPU s", figures["reports"]["pdf_s"], 10.0),
        ("The same, peak memory, MB", figures["reports"]["pdf_peak_mb"], 500.0),
        ("Slowest refresh of Insights or History, CPU ms", max(figures["pages"].values()), 300.0),
        ("Slowest page of a campaign's list, CPU ms", max(figures["lists"]["pages"].values()), LIST_PAGE_MS),
        ("Status change in a campaign's list, CPU ms", figures["lists"]["changes"]["status change"], STATUS_CHANGE_MS),
    ]
    deep = figures["reasons"]["depth 6, 500 trees"]["cpu_us_per_row"]
    measured.append(("Reasons of a model of depth 6 and 500 trees, CPU µs per row", deep["reasons_and_margin"], 60.0))
    largest = sizes[-1]
    if largest > biggest:
        large = figures[f"path {largest}"]
        measured.append(
            (f"Peak memory at {largest:,} relative to {biggest:,} rows", large["peak_mb"] / path["peak_mb"], 1.15)
        )
        base = figures["path 100000"]["cpu_us_per_row"]
        measured.append((f"CPU per row at {largest:,} relative to 100,000 rows", large["cpu_us_per_row"] / base, 1.15))
    return measured


def _rows(document: dict[str, Any]) -> list[Row]:
    figures = document["figures"]
    sides = [(f"today's script, {rows:,} rows", f"script {rows}") for rows in document["script_sizes"]]
    sides += [("floor: parse, bare prediction, Parquet", "floor")]
    sides += [(f"NetOne Churn, {rows:,} rows", f"path {rows}") for rows in document["sizes"]]
    sides += [("NetOne Churn with the starter model", "champion")]
    return [
        (
            name,
            f"{figures[key]['cpu_s']:.2f}",
            f"{figures[key]['wall_s']:.2f}",
            f"{figures[key]['cpu_us_per_row']:.1f}",
            f"{figures[key]['rows'] / figures[key]['wall_s']:,.0f}",
            f"{figures[key]['peak_mb']:.0f}",
        )
        for name, key in sides
    ]


def _stages(figure: dict[str, Any]) -> list[Row]:
    return [
        (name, f"{seconds:.2f}", f"{seconds / figure['rows'] * 1e6:.2f}")
        for name, seconds in figure["stages_cpu_s"].items()
    ]


def _reasons(document: dict[str, Any]) -> list[Row]:
    return [
        (
            name,
            *(f"{taken['cpu_us_per_row'][key]:.2f}" for key in ("reasons_and_margin", "predict", "pred_contribs")),
            f"{taken['largest_difference']:.1e}",
            f"{taken['build_cpu_s']:.1f}",
        )
        for name, taken in document["figures"]["reasons"].items()
    ]


def _queries(document: dict[str, Any]) -> list[Row]:
    return [
        (name, f"{taken['p50_ms']:.1f}", f"{taken['p95_ms']:.1f}", str(QUERY_LIMITS_MS[name]))
        for name, taken in document["figures"]["queries"].items()
    ]


def _lists(document: dict[str, Any]) -> list[Row]:
    figures = document["figures"]["lists"]
    limits = {"pages": f"{LIST_PAGE_MS:.0f}", "others": "", "changes": f"{STATUS_CHANGE_MS:.0f}"}
    return [
        (name, f"{taken:.0f}", limits[group])
        for group in ("pages", "changes", "others")
        for name, taken in figures[group].items()
    ]


def _sections(document: dict[str, Any]) -> list[Section]:
    biggest = max(size for size in document["sizes"] if size <= 1_000_000)
    path = document["figures"][f"path {biggest}"]
    csv: list[Row] = [
        (name, f"{path[key]:.2f}", f"{path[key] / path['rows'] * 1e6:.2f}")
        for name, key in (
            ("while scoring, all columns of `netone score`", "csv"),
            ("of the stored run, the same columns", "csv_stored"),
            ("of the stored run, and the input repeated", "csv_with_input"),
            ("Parquet of the stored run", "parquet_stored"),
            ("Parquet of the stored run, and the input repeated", "parquet_with_input"),
        )
    ]
    claims: list[Row] = [
        (claim, f"{figure:.3g}", f"{limit:.3g}", "yes" if figure <= limit else "**no**")
        for claim, figure, limit in ratios(document)
    ]
    return [
        ("Claims", ("claim", "measured", "limit", "met"), claims),
        ("Side by side", ("side", "CPU s", "wall s", "CPU µs/row", "rows/s", "peak MB"), _rows(document)),
        (f"Stage by stage, {biggest:,} rows", ("stage", "CPU s", "CPU µs/row"), _stages(path)),
        ("Stages of the floor", ("stage", "CPU s", "CPU µs/row"), _stages(document["figures"]["floor"])),
        (
            f"Today's script, {document['script_sizes'][-1]:,} rows",
            ("stage", "CPU s", "CPU µs/row"),
            _stages(document["figures"][f"script {document['script_sizes'][-1]}"]),
        ),
        (
            "Reasons and margins alone, CPU µs per row on one thread",
            ("model", "ours", "bare prediction", "XGBoost's own reasons", "largest difference", "tables built in, s"),
            _reasons(document),
        ),
        (f"Writing the CSV in the file's order, {biggest:,} rows", ("columns", "CPU s", "CPU µs/row"), csv),
        (
            f"Pages on {biggest:,} customers and 10,000 runs, through the web application",
            ("request", "CPU ms", "limit"),
            [(name, f"{taken:.0f}", "300") for name, taken in document["figures"]["pages"].items()],
        ),
        (
            f"A campaign's list with {document['members']:,} members, through the web application",
            ("request", "CPU ms", "limit"),
            _lists(document),
        ),
        (f"Queries on {biggest:,} customers, warm", ("query", "p50 ms", "p95 ms", "limit"), _queries(document)),
    ]


def table(document: dict[str, Any]) -> str:
    """The figures as text for the terminal."""
    lines = []
    for title, head, rows in _sections(document):
        widths = [max(len(row[place]) for row in [head, *rows]) for place in range(len(head))]
        lines += ["", title]
        lines += ["  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in [head, *rows]]
    return "\n".join(lines)


def write_docs(document: dict[str, Any]) -> None:
    """Write docs/performance.md."""
    machine = document["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    method = (
        "Written by `python -m bench --write-docs`; no figure is typed in by hand. Figures are CPU seconds, "
        "because wall time on a busy machine is noisy. Each figure is measured in a separate process, the "
        f"contestants take turns, and the median of {document['repeats']} repeats counts. All score with the same "
        "model: XGBoost, depth 3, 300 trees, on generated customers with 19 attributes. Our path does everything "
        "that a run does: it validates the file, finds duplicate ids, explains every customer exactly, chooses "
        "actions, sums, stores the attributes, sorts by risk, and stores the contact list. The cost per row of "
        "today's script is the slope between its two sizes, so that its start and its training do not count.\n"
    )
    taken = (
        f"Taken {document['taken_at']} on {machine['processor']}, {machine['cores']} cores, {machine['system']}; "
        f"load average {machine['load_before'][0]} before, {machine['load_after'][0]} after. Python "
        f"{machine['python']}, {versions}.\n"
    )
    script = f"Today's script: {script_us_per_row(document):.0f} µs of CPU per row.\n"
    parts = ["# What it costs\n", method, taken, script]
    for title, head, rows in _sections(document):
        lines = [f"## {title}\n", _line(head), _line(["---", *["---:"] * (len(head) - 1)]), *map(_line, rows), ""]
        parts.append("\n".join(lines))
    DOCS.write_text("\n".join(parts), "utf-8")


def _line(cells: Any) -> str:
    return "| " + " | ".join(cells) + " |"
