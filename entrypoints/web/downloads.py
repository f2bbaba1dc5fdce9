"""Files for download: their names, and the style in which a person reads CSV."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response, request

from domain.csv_style import CsvStyle
from domain.file_names import file_name
from entrypoints.web.access import application, person
from entrypoints.web.formats import local
from entrypoints.web.predictions.attachments import attachment

CSV = "text/csv; charset=utf-8"


def csv_style() -> CsvStyle | None:
    """The style that the request names, else the person's, else commas; None for programs (`raw`)."""
    if "raw" in request.args:
        return None
    asked = request.args.get("style", "")
    return CsvStyle(asked) if asked in set(CsvStyle) else own_style()


def own_style() -> CsvStyle:
    return person().csv_style or CsvStyle.COMMA


def proposed_style() -> CsvStyle | None:
    """The style of the browser's language, for a person who has not chosen one and for whom it is another."""
    return application().accounts.propose_csv_style(request.accept_languages.best or "", by=person())


def csv_styles() -> dict[str, CsvStyle | None]:
    """Template variables of a menu with downloads."""
    return {"csv_style": own_style(), "proposed_style": proposed_style()}


def csv_file(pieces: Iterable[bytes], *name: str) -> Response:
    """A CSV that is sent as it is made, with a name of these parts and today."""
    return named(Response(pieces, content_type=CSV), *name, ending="csv")


def named(response: Response, *name: str, ending: str) -> Response:
    response.headers["Content-Disposition"] = attachment(
        file_name(*name, ending=ending, day=local(application().now()).date())
    )
    response.headers["Cache-Control"] = "no-store"
    return response
