"""Words to avoid in code and documents: `python -m tests.word_list`, part of `make lint`.

Prints one line per word found, with its place and what to write instead; the exit code is 1 if there is any. The list
has only words that are never needed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

AVOID = {
    r"told": "report, recognise, say",
    r"anew": "again",
    r"who(?:so)?ever": "anyone who, or the person by their role",
    r"(?:set|sets|setting) (?:\w+ ){0,2}aside": "reject, reserve, leave out",
    r"stands? beside": "is next to",
    r"speaks? of": "is about, names",
    r"speaking of": "about",
    r"all the same": "anyway",
    r"there and then": "at once",
    r"learn(?:s|t|ed)? by heart": "memorise, overfit",
    r"keep(?:s|ing)? house": "clean up",
    r"desks?": "application, page",
    r"shel(?:f|ves)": "store, cache",
    r"spool(?:s|ed|ing)?": "buffer",
    r"slates?": "count",
    r"signs? of life": "heartbeat",
    r"half-written": "partial, unfinished",
    r"once more": "again",
    r"of (?:its|their) own": "its own, separate, or nothing",
}
"""Regular expressions of words, and what to write instead."""

SKIPPED = {
    "tests/word_list.py": "lists the words",
    "requirements": "generated",
    "vendor_static/": "other people's files as published",
    "tests/integration/released/": "data of released versions",
}
"""Files, by how their path begins, that are not read."""

ALLOWED: dict[str, tuple[str, str]] = {
    "tests/architecture/test_docs.py": (
        "set aside|whoever|told",
        "the example of the test of this list",
    ),
}
"""Words of a file that are meant: path, then the words as a regular expression and the reason."""

PENDING: dict[str, int] = {}
"""Folders that are being rewritten, and how many of these words each has at most. Lower a number when words are gone,
and remove the folder at 0. `--all` lists them."""

READ = {".py", ".md", ".html", ".css", ".js", ".toml", ".yaml", ".mako", ".csv", ""}
GAP = r"(?:\s|#|//)+"
"""Between two words of a phrase, which may be broken over two lines of a comment."""
WORDS = re.compile(
    "|".join(rf"\b(?P<w{number}>{words.replace(' ', GAP)})\b" for number, words in enumerate(AVOID)), re.IGNORECASE
)
INSTEAD = tuple(AVOID.values())


def found_in(text: str) -> Iterator[tuple[int, str, str]]:
    """Line (from 1), word as written, and what to write instead. A phrase may be broken over two lines."""
    for match in WORDS.finditer(text):
        group = match.lastgroup or "w0"
        yield text.count("\n", 0, match.start()) + 1, " ".join(re.split(GAP, match.group())), INSTEAD[int(group[1:])]


def files() -> list[str]:
    """The repository's own text files."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [
        name
        for name in listed.stdout.split("\0")
        if name and Path(name).suffix in READ and not name.startswith(tuple(SKIPPED)) and (ROOT / name).is_file()
    ]


def check(names: Iterable[str]) -> list[str]:
    """One line for each word that is to be avoided."""
    lines = []
    for name in names:
        allowed = ALLOWED.get(name)
        for line, word, instead in found_in((ROOT / name).read_text(encoding="utf-8")):
            if allowed is None or not re.fullmatch(allowed[0], word, re.IGNORECASE):
                lines.append(f'{name}:{line}: "{word}": {instead}')
    return lines


def more_than_pending(names: Iterable[str]) -> list[str]:
    """As `check`; of a pending folder all its words, if it has more than it may have."""
    names = list(names)
    lines = check(name for name in names if not name.startswith(tuple(PENDING)))
    for folder, most in PENDING.items():
        lines_of_folder = check(name for name in names if name.startswith(folder))
        if len(lines_of_folder) > most:
            lines += [f"{folder} has {len(lines_of_folder)} words to avoid, {most} at most:", *lines_of_folder]
    return lines


def main(arguments: list[str]) -> int:
    lines = check(files()) if "--all" in arguments else more_than_pending(files())
    for line in lines:
        sys.stderr.write(f"{line}\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
