"""JavaScript modules: their URLs carry the version of their folder, and browsers keep only that version."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from unittest import mock

import pytest

from domain.account import Role
from entrypoints.web import script_modules
from entrypoints.web.script_modules import module_url, module_urls
from tests.integration.web.conftest import Office

FOR_A_YEAR = "public, max-age=31536000, immutable"


def urls(office: Office) -> list[str]:
    with office.app.test_request_context("/"):
        return module_urls("charts")


@pytest.fixture
def copied(office: Office, tmp_path: Path) -> Path:
    """The folder of the charts' modules, in a copy that a test may change."""
    shutil.copytree(Path(office.app.static_folder or ""), tmp_path / "static")
    office.app.static_folder = str(tmp_path / "static")
    return tmp_path / "static" / "js" / "charts"


def test_a_module_of_the_current_version_is_kept_for_a_year(office: Office) -> None:
    with office.app.test_request_context("/"):
        url = module_url("charts", "mounting.js")
    answer = office.browser(Role.ADMIN).get(url)

    assert re.fullmatch(r"/modules/charts/[0-9a-f]{12}/mounting\.js", url)
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == FOR_A_YEAR
    answer.close()


def test_a_module_of_another_version_is_served_and_not_kept(office: Office) -> None:
    answer = office.browser(Role.ADMIN).get("/modules/charts/000000000000/mounting.js")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"
    answer.close()


def test_an_edit_of_one_module_changes_the_url_of_each(office: Office, copied: Path) -> None:
    before = urls(office)
    (copied / "axes.js").write_text("export const changed = 1;\n", encoding="utf-8")

    after = urls(office)

    assert len(before) == len(after) > 10
    assert set(before) & set(after) == set()


def test_the_folder_is_looked_through_once_for_all_urls(office: Office) -> None:
    """It was once for each module, which took a fifth of a page with charts."""
    with mock.patch.object(script_modules, "_modules_of", wraps=script_modules._modules_of) as looked_through:
        assert len(urls(office)) > 10
    assert looked_through.call_count == 1


def test_every_import_names_a_module_of_the_same_folder(office: Office) -> None:
    folder = Path(office.app.static_folder or "") / "js" / "charts"
    imports = re.findall(r'from "([^"]+)"', "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.js")))

    assert len(imports) > 20
    assert [name for name in imports if not name.startswith("./") or not (folder / name).is_file()] == []


@pytest.mark.parametrize(
    "url",
    ["/modules/charts/1/nothing.js", "/modules/other/1/app.js", "/modules/charts/1/..%2fapp.js", "/modules/charts/"],
)
def test_nothing_else_is_served(office: Office, url: str) -> None:
    assert office.browser(Role.ADMIN).get(url).status_code == 404
