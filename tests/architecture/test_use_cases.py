"""Entrypoints call use cases, and use cases get what they need from the composition root."""

from __future__ import annotations

import ast
import tomllib
import typing
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import grimp
import pytest
from grimp import ImportGraph
from importlinter.configuration import configure
from importlinter.contracts.forbidden import ForbiddenContract

from entrypoints.application import Application
from tests.architecture.every_file import for_every

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = (Callable[[], bool], Callable[[], None])
"""`database_is_current` and `keep_reserve` are functions without a use case around them."""
SOURCES = sorted((ROOT / "application").rglob("*.py"))


@pytest.fixture(scope="module")
def graph() -> ImportGraph:
    return grimp.build_graph("application", "adapters", "domain", "entrypoints", cache_dir=None)


def contract() -> ForbiddenContract:
    configure()
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    options = next(own for own in settings["contracts"] if own.get("id") == "entrypoints-call-use-cases")
    packages = {"root_packages": ["application", "adapters", "domain", "entrypoints"]}
    return ForbiddenContract(
        options["name"],
        packages,
        {key: str(own) if isinstance(own, bool) else own for key, own in options.items() if key != "name"},
    )


def test_entrypoints_import_no_port_and_no_adapter(graph: ImportGraph) -> None:
    assert contract().check(graph, verbose=False).kept


@pytest.mark.parametrize("importer", ["entrypoints.web.formats", "entrypoints.commands.runs", "entrypoints.worker"])
@pytest.mark.parametrize("imported", ["application.ports.unit_of_work", "adapters.results.store"])
def test_an_entrypoint_that_imports_a_port_or_an_adapter_is_found(
    graph: ImportGraph, importer: str, imported: str
) -> None:
    planted = deepcopy(graph)
    planted.add_import(importer=importer, imported=imported)
    assert not contract().check(planted, verbose=False).kept


def test_the_application_exposes_use_cases_by_area_and_no_port() -> None:
    """`get_type_hints` also fails where a field hides the module that types it: type checkers then see Any."""
    for area, kind in typing.get_type_hints(Application).items():
        in_wiring = kind.__module__.startswith("entrypoints.wiring")
        for name, part in (typing.get_type_hints(kind) if in_wiring else {"": kind}).items():
            known = part.__module__.startswith("application.use_cases") or part in FUNCTIONS
            assert known, f"{area}.{name} is no use case but {part}"


def use_cases_in(source: str) -> set[str]:
    """Frozen dataclasses with `__call__`."""
    return {
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
        and any("frozen=True" in ast.unparse(own) for own in node.decorator_list)
        and any(isinstance(own, ast.FunctionDef) and own.name == "__call__" for own in node.body)
    }


def calls_in(source: str, names: set[str]) -> list[str]:
    return [
        node.func.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]


@pytest.fixture(scope="module")
def use_cases() -> set[str]:
    return {name for path in SOURCES for name in use_cases_in(path.read_text(encoding="utf-8"))}


def test_a_use_case_that_constructs_another_is_found(use_cases: set[str]) -> None:
    assert {"ViewRun", "ScoreRun", "LogIn"} <= use_cases
    planted = "def page(self):\n    return ViewRun(self.new_uow)(1)\n"
    assert calls_in(planted, use_cases) == ["ViewRun"]


@for_every("path", SOURCES)
def test_use_cases_construct_no_use_case(path: Path, use_cases: set[str]) -> None:
    assert calls_in(path.read_text(encoding="utf-8"), use_cases) == []


ENTRYPOINTS = sorted(
    path for path in (ROOT / "entrypoints").rglob("*.py") if "wiring" not in path.parts and path.name != "bootstrap.py"
)
PERSISTENCE = frozenset({"new_uow", "new_reading", "uow", "commit", "rollback"})


def persistence_in(source: str) -> list[str]:
    """Attributes of use cases through which an entrypoint would reach the database."""
    return [
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in PERSISTENCE
    ]


def test_a_unit_of_work_that_is_taken_from_a_use_case_is_found() -> None:
    planted = "with application().predictions.view_run.new_uow() as uow:\n    uow.commit()\n"
    assert sorted(persistence_in(planted)) == ["commit", "new_uow"]


@for_every("path", ENTRYPOINTS)
def test_an_entrypoint_opens_no_unit_of_work(path: Path) -> None:
    assert persistence_in(path.read_text(encoding="utf-8")) == []


COMPOSITION_ROOT = {"bootstrap", "wiring"}


def test_the_contracts_name_every_entrypoint() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    modules = {
        f"entrypoints.{path.stem}"
        for path in (ROOT / "entrypoints").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists())
        and path.stem not in {"__init__", *COMPOSITION_ROOT}
    }
    for contract in settings["contracts"]:
        if "adapters" in contract.get("forbidden_modules", ()) and "entrypoints.web" in contract["source_modules"]:
            assert set(contract["source_modules"]) == modules, contract["name"]


TYPED = {"application.py", "bootstrap.py"}
"""The modules of `entrypoints` that know the wiring: the type of the application, and the composition root."""


def wiring_in(source: str) -> list[str]:
    """Imports of the wiring, at the top of a module or within a function."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if (
            isinstance(node, ast.ImportFrom)
            and (f"{node.module}.{node.names[0].name}").startswith("entrypoints.wiring")
        )
        or (isinstance(node, ast.Import) and any(own.name.startswith("entrypoints.wiring") for own in node.names))
    ]


@pytest.mark.parametrize(
    "planted",
    [
        "def restore():\n    from entrypoints.wiring.backups import enter\n",
        "from entrypoints.wiring import backups\n",
        "from entrypoints import wiring\n",
        "import entrypoints.wiring.adapters\n",
    ],
)
def test_an_import_of_the_wiring_is_found(planted: str) -> None:
    assert len(wiring_in(planted)) == 1


@for_every("path", ENTRYPOINTS)
def test_entrypoints_know_the_application_and_not_its_wiring(path: Path) -> None:
    if path.name not in TYPED:
        assert wiring_in(path.read_text(encoding="utf-8")) == []
