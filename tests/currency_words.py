"""Lists the currency signs and codes of CLDR for `domain/vocabulary/money.py`, which imports no library.

    python -m tests.currency_words

prints the two texts of that module. A test compares them with the installed version of Babel.
"""

from __future__ import annotations

import re
import sys
import unicodedata

from babel import Locale, localedata
from babel.core import get_global


def codes() -> list[str]:
    """ISO codes, present and past."""
    return sorted(get_global("all_currencies"))


def words() -> list[str]:
    """Signs and abbreviations of every locale, in the form of `money.currency_key`; single signs are left out."""
    keys = set()
    for name in localedata.locale_identifiers():
        for code, sign in Locale.parse(name).currency_symbols.items():
            key = key_of(sign)
            if sign != code and len(key) > 1 and not _is_a_sign_with_letters(key):
                keys.add(key)
    return sorted(keys)


def key_of(text: str) -> str:
    visible = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return "".join(visible.split()).casefold().strip(".")


def _is_a_sign_with_letters(key: str) -> bool:
    signs = [character for character in key if unicodedata.category(character) == "Sc"]
    return len(signs) == 1 and re.fullmatch(r"[a-z]{0,3}", key.replace(signs[0], "")) is not None


def main() -> None:
    for name, entries in (("_CODES", codes()), ("_CLDR_WORDS", words())):
        sys.stdout.write(f"{name}\n{' '.join(entries)}\n")


if __name__ == "__main__":
    main()
