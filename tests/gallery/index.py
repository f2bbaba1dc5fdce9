"""The page to look through the gallery, and the table of what was found."""

from __future__ import annotations

from html import escape
from pathlib import Path

from tests.gallery.judging import Verdict

HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Gallery</title>
<style>body{font:14px/1.5 system-ui;margin:24px;background:#eee}h2{font-size:15px;margin:28px 0 6px}
.row{display:flex;gap:10px;align-items:flex-start;overflow-x:auto}
figure{margin:0}img{display:block;border:1px solid #bbb}
figcaption,.at{color:#555;font-size:12px}.wrong{color:#a00;margin:0 0 6px}</style><h1>Gallery</h1>
"""


def write(folder: Path, verdicts: list[Verdict]) -> Path:
    parts = [HEAD, f"<p>{_summary(verdicts)}</p>"]
    for verdict in verdicts:
        parts.append(f"<h2>{escape(verdict.state.name)} <span class='at'>{escape(verdict.state.path)}</span></h2>")
        parts += [f"<p class='wrong'>{escape(wrong)}</p>" for wrong in verdict.wrong]
        parts.append("<div class='row'>")
        for picture in verdict.pictures:
            width, theme = picture.removesuffix(".jpg").split("-")[1:]
            parts.append(
                f"<figure><a href='{picture}'><img loading='lazy' src='{picture}' width='{int(width) // 4}' alt=''></a>"
                f"<figcaption>{width} {theme}</figcaption></figure>"
            )
        parts.append("</div>")
    target = folder / "index.html"
    target.write_text("\n".join(parts), "utf-8")
    return target


def table(verdicts: list[Verdict]) -> str:
    lines = [f"{'state':52} {'pictures':>8} {'later visit':>12} {'violations':>10}"]
    lines += [
        f"{verdict.state.name:52} {len(verdict.pictures):>8} {verdict.weight / 1000:>9.1f} KB {len(verdict.wrong):>10}"
        for verdict in verdicts
    ]
    for verdict in verdicts:
        lines += [f"  {verdict.state.name}: {wrong}" for wrong in verdict.wrong]
    return "\n".join([*lines, _summary(verdicts)])


def _summary(verdicts: list[Verdict]) -> str:
    pictures = sum(len(verdict.pictures) for verdict in verdicts)
    violations = sum(len(verdict.wrong) for verdict in verdicts)
    heaviest = max((verdict.weight for verdict in verdicts), default=0)
    return (
        f"{len(verdicts)} states, {pictures} pictures, {violations} violations; "
        f"the heaviest later visit transfers {heaviest / 1000:.1f} KB."
    )
