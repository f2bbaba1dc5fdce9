"""One stylesheet: its URL carries the version, and browsers keep only that version."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from domain.account import Role
from entrypoints.web.stylesheets import STYLESHEETS, stylesheet_url
from tests.integration.web.conftest import Office


def url(office: Office) -> str:
    with office.app.test_request_context("/"):
        return stylesheet_url()


def test_a_page_loads_all_stylesheets_as_one_that_is_kept_for_a_year(office: Office) -> None:
    browser = office.browser(None)
    links = re.findall(r'<link rel="stylesheet" href="([^"]+)"', browser.get("/login").get_data(as_text=True))
    answer = browser.get(links[0])
    folder = Path(office.app.static_folder or "") / "css"

    assert len(links) == 1
    assert re.fullmatch(r"/styles/[0-9a-f]{12}/all\.css", links[0])
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers
    assert answer.data == b"\n".join((folder / f"{name}.css").read_bytes() for name in STYLESHEETS)


def test_fonts_are_found_from_the_address_of_the_stylesheet(office: Office) -> None:
    fonts = re.findall(rb'url\("\.\./\.\./(vendor/[^"]+)"', office.browser(None).get(url(office)).data)

    assert len(fonts) == 2
    for font in fonts:
        answer = office.browser(None).get(f"/{font.decode()}")
        assert answer.status_code == 200
        answer.close()


def test_another_version_is_served_and_not_kept(office: Office) -> None:
    answer = office.browser(Role.ADMIN).get("/styles/000000000000/all.css")

    assert answer.status_code == 200
    assert "Cache-Control" not in answer.headers or "max-age" not in answer.headers["Cache-Control"]


def test_an_edit_of_one_file_changes_the_url(office: Office, tmp_path: Path) -> None:
    shutil.copytree(Path(office.app.static_folder or ""), tmp_path / "static")
    office.app.static_folder = str(tmp_path / "static")
    before = url(office)
    (tmp_path / "static" / "css" / "pages.css").write_text("p { color: red; }\n", encoding="utf-8")

    assert url(office) != before
