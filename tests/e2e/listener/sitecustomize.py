"""Put on the server's path by the tests: notes every address that a process of it reaches for."""

from __future__ import annotations

import os
import sys

_NOTES = os.environ.get("NETONE_TEST_CONNECTIONS")


def _note(words: str) -> None:
    with open(str(_NOTES), "a", encoding="utf-8") as notes:
        notes.write(words + "\n")


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        _note(f"connect {arguments[1]!r}")
    elif event == "socket.getaddrinfo":
        _note(f"resolve {arguments[0]!r}")


if _NOTES:
    _note(f"listening in {' '.join(sys.orig_argv)}")
    sys.addaudithook(_listen)
