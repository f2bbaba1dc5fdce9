"""Which database and which data directory may be used together."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_without_currency
from domain.errors import InstallationMismatch
from domain.installation import Contents, InstallationId, must_belong_together

A, B = InstallationId("a"), InstallationId("b")
RUNS, OTHERS = frozenset({"run-1", "run-2"}), frozenset({"run-9"})
MODELS = frozenset({"v0"})


@pytest.mark.parametrize(
    ("directory", "database"),
    [
        pytest.param(Contents(), Contents(), id="a new installation"),
        pytest.param(Contents(A, RUNS, MODELS), Contents(A, RUNS, MODELS), id="the same id"),
        pytest.param(Contents(A, RUNS, MODELS), Contents(A), id="an older backup of the same database"),
        pytest.param(Contents(None, RUNS, MODELS), Contents(None, RUNS, MODELS), id="an older version is updated"),
        pytest.param(Contents(A, RUNS), Contents(None, frozenset({"run-1"})), id="a backup made before the update"),
        pytest.param(Contents(None, RUNS), Contents(B, RUNS), id="a second machine with a shared volume"),
        pytest.param(Contents(None, models=MODELS), Contents(None, models=MODELS), id="only models are left"),
        pytest.param(Contents(), Contents(B), id="a database of accounts only, and a new directory"),
    ],
)
def test_matching_installation_and_database_are_accepted(directory: Contents, database: Contents) -> None:
    must_belong_together(directory, database, formats_without_currency())


@pytest.mark.parametrize(
    ("directory", "database", "words"),
    [
        pytest.param(Contents(A, RUNS), Contents(B, RUNS), "two different installations", id="another database"),
        pytest.param(Contents(A, RUNS), Contents(), "new or empty", id="the database is gone"),
        pytest.param(Contents(A), Contents(), "new or empty", id="the database is gone before the first upload"),
        pytest.param(Contents(None, RUNS), Contents(), "new or empty", id="an older version without its database"),
        pytest.param(Contents(None, RUNS), Contents(B), "new or empty", id="the fresh database of another directory"),
        pytest.param(Contents(), Contents(B, RUNS), "directory is empty", id="a volume that is not mounted"),
        pytest.param(Contents(), Contents(None, models=MODELS), "directory is empty", id="a mistyped directory"),
        pytest.param(Contents(None, RUNS, MODELS), Contents(B, OTHERS, MODELS), "knows none", id="strangers"),
        pytest.param(Contents(A, RUNS), Contents(None, OTHERS), "knows none", id="strangers, one without an id"),
    ],
)
def test_a_mismatch_that_could_delete_files_is_rejected_with_advice(
    directory: Contents, database: Contents, words: str
) -> None:
    with pytest.raises(InstallationMismatch, match=words) as refusal:
        must_belong_together(directory, database, formats_without_currency())
    said = str(refusal.value)
    assert "Nothing was changed." in said
    assert "netone db adopt" in said
    assert "\n" not in said
