"""Compresses what browsers load: the files of the front end, and pages and their parts."""

from __future__ import annotations

import gzip
import io
import secrets
from functools import lru_cache

from flask import Flask, Response, request

from entrypoints.web.access import UNGUARDED

FILE_TYPES = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})
PAGE_TYPES = frozenset({"text/html", "application/json"})
LEAST = 1_000
"""Bytes below which a page is sent as it is: compressed, it would hardly be shorter."""
PAGE_LEVEL = 5
"""Pages are compressed for every request; the highest level takes three times as long for two per cent less."""
LONGEST_NAME = 100


def register(app: Flask) -> None:
    app.after_request(_compressed)


def _compressed(response: Response) -> Response:
    of_files = request.endpoint in UNGUARDED and response.mimetype in FILE_TYPES
    of_pages = not of_files and response.mimetype in PAGE_TYPES and not response.is_streamed
    if not of_files and not of_pages:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") <= 0 or "Content-Encoding" in response.headers:
        return response
    if of_files and response.status_code == 200:
        response.direct_passthrough = False
        response.set_data(_file_gzipped(response.get_data()))
    elif of_pages and not response.direct_passthrough and len(response.get_data()) >= LEAST:
        response.set_data(page_gzipped(response.get_data()))
    else:
        return response
    response.headers["Content-Encoding"] = "gzip"
    if tag := response.get_etag()[0]:
        response.set_etag(f"{tag}-gzip")
    return response


@lru_cache(maxsize=64)
def _file_gzipped(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)


def page_gzipped(content: bytes) -> bytes:
    """A page compressed, with a file name of random length in the header of gzip.

    A page holds secrets, such as its CSRF token, next to texts of the request. Its compressed length would tell how
    alike they are (the BREACH attack); the random length hides that. R. Palacios and others: HTB: a very effective
    method to protect web servers against BREACH attack to HTTPS, IEEE Access 10, 2022.
    """
    name = secrets.token_hex(LONGEST_NAME)[: secrets.randbelow(LONGEST_NAME) + 1]
    buffer = io.BytesIO()
    with gzip.GzipFile(name, "wb", PAGE_LEVEL, buffer, mtime=0) as file:
        file.write(content)
    return buffer.getvalue()
