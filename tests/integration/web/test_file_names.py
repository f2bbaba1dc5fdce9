"""Names of files and uploads are never paths."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from domain.account import Role
from tests.integration.web.conftest import Office
from tests.integration.web.moves import FILE, with_model


@pytest.mark.parametrize(
    "name",
    [
        *("../../evil.csv", "..\\..\\evil.csv", "/etc/cron.d/evil.csv", "C:\\Windows\\evil.csv", "evil\0.csv"),
        *("....//....//evil.csv", "%2e%2e%2fevil.csv", "a" * 300 + ".csv", ".htaccess", 'a"\r\nX-Evil: 1.csv'),
        *("<img src=x onerror=alert(1)>.csv", "=cmd|' /C calc'!A0.csv", "‮vsc.exe"),
    ],
)
def test_a_file_name_is_never_used_as_a_path_and_never_breaks_a_header(office: Office, name: str) -> None:
    with_model(office)
    before = _files(office.folder.parent)
    answer = office.browser(Role.ANALYST).post(
        "/predictions", {"file": (io.BytesIO(FILE), name)}, content_type="multipart/form-data"
    )
    assert answer.status_code < 400, answer.get_data(as_text=True)

    new = {path for path in _files(office.folder.parent) - before if "netone.db" not in path.name}
    assert [path.parent for path in new] == [office.folder / "uploads"]
    assert re.fullmatch(r"[0-9a-f-]{36}\.upload", next(iter(new)).name)

    upload_id = next(iter(new)).name.removesuffix(".upload")
    download = office.browser(Role.ADMIN).get(f"/admin/uploads/{upload_id}/download")
    disposition = download.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert not set("\r\n\0/\\") & set(disposition)
    assert "X-Evil" not in download.headers
    assert download.mimetype == "application/octet-stream"
    assert download.headers["X-Content-Type-Options"] == "nosniff"
    assert download.data == FILE
    download.close()


@pytest.mark.parametrize(
    "wanted", ["../netone.db", "..%2fsecret.key", "%2e%2e/%2e%2e/etc/passwd", "x/../../secret.key"]
)
def test_an_upload_id_is_never_used_as_a_path(office: Office, wanted: str) -> None:
    admin = office.browser(Role.ADMIN)

    for url in (f"/admin/uploads/{wanted}/download", f"/predictions/{wanted}/rejected.csv", f"/static/{wanted}"):
        answer = admin.get(url)
        assert answer.status_code in (404, 405, 308), url
        assert b"SQLite" not in answer.data


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}
