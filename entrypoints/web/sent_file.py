"""The file that a form sends, or the one that was kept for the answer to a question about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from flask import Response, after_this_request, request

from entrypoints.web.access import application, person
from entrypoints.web.htmx import wants_fragment


@dataclass(frozen=True, slots=True)
class SentFile:
    """`kept`: the SHA-256 of a file that was kept by an earlier request; blank for one that came with this request."""

    stream: IO[bytes]
    name: str
    kept: str = ""


def sent_file() -> SentFile | None:
    """None if no file was chosen and none is kept. Raises Conflict if the kept file is gone."""
    file = request.files.get("file")
    if file is not None and file.filename:
        return SentFile(file.stream, file.filename)
    sha256 = request.form.get("kept", "")
    if not sha256 or wants_fragment():
        return None
    stream = application().predictions.asked_uploads.path(sha256, by=person()).open("rb")

    @after_this_request
    def close(response: Response) -> Response:
        stream.close()
        return response

    return SentFile(stream, request.form.get("kept_name", ""), sha256)


def keep_for_answer(sent: SentFile | None) -> dict[str, str]:
    """What the templates need to send the answer without the file, for a browser without JavaScript."""
    if sent is None or wants_fragment():
        return {"kept": "", "kept_name": ""}
    sent.stream.seek(0)
    kept = sent.kept or application().predictions.asked_uploads.keep(sent.stream, by=person())
    return {"kept": kept, "kept_name": sent.name}


def forget_kept(sent: SentFile | None) -> None:
    if sent is not None and sent.kept:
        application().predictions.asked_uploads.forget(by=person())
