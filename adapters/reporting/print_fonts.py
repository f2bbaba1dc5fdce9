"""The fonts of printed reports: Inter as on the pages, and DejaVu Sans for characters that it lacks.

`fonts/` holds Inter with Latin letters at the weights 400 and 600, made of the variable fonts in `vendor_static` with
fontTools: the renderer reads no variable fonts.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from markupsafe import Markup, escape

INTER = Path(__file__).parent / "fonts"
REGULAR, SEMIBOLD = INTER / "Inter-Regular.ttf", INTER / "Inter-SemiBold.ttf"
NUMBERED_START = "‹"


def fonts_folder() -> Path:
    """The folder of DejaVu Sans, which comes with the chart library."""
    from matplotlib import get_data_path

    return Path(get_data_path()) / "fonts" / "ttf"


@lru_cache(maxsize=2)
def font_data(path: Path) -> str:
    """A font as the URL of its data, because the renderer may read only one folder."""
    return "data:font/ttf;base64," + base64.b64encode(path.read_bytes()).decode("ascii")


def in_both_fonts(value: object) -> object:
    """A template's text with the characters that Inter lacks marked for the other font. Markup stays as it is."""
    if not isinstance(value, str) or isinstance(value, Markup) or value.isascii():
        return value
    known = _characters(REGULAR)
    parts = [(inter, "".join(part)) for inter, part in groupby(value, lambda letter: ord(letter) in known)]
    if all(inter for inter, _ in parts):
        return value
    return Markup("").join(
        escape(part) if inter else Markup('<span class="wide">{}</span>').format(part) for inter, part in parts
    )


def is_in_inter(text: str) -> bool:
    """Whether Inter has all characters of the text."""
    return text.isascii() or all(ord(letter) in _characters(REGULAR) for letter in text)


def drawable(text: str) -> str:
    """The text with Unicode numbers, such as ‹674E 660E›, in place of characters that both fonts lack."""
    known = _characters(fonts_folder() / "DejaVuSans.ttf") | _characters(REGULAR)
    parts = groupby(text, lambda character: ord(character) in known)
    return "".join("".join(part) if shown else _numbered(part) for shown, part in parts)


def _numbered(characters: Iterable[str]) -> str:
    return f"{NUMBERED_START}{' '.join(f'{ord(character):04X}' for character in characters)}›"


@lru_cache(maxsize=2)
def _characters(font: Path) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(font)).get_charmap())


@lru_cache(maxsize=1)
def chart_family() -> tuple[str, ...]:
    """The families of text in charts, in order of preference. They are known to the chart library from now on."""
    from matplotlib.font_manager import fontManager

    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # DejaVu Sans has no weight of 600
    for path in (REGULAR, SEMIBOLD):
        fontManager.addfont(path)
    return "Inter", "DejaVu Sans"
