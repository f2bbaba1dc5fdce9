"""Dependencies point one way; an import that goes the other way is found."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.architecture.every_file import for_every

ROOT = Path(__file__).resolve().parents[2]
STANDARD = sys.stdlib_module_names
MODULES = sorted(path for layer in ("domain", "application") for path in (ROOT / layer).rglob("*.py"))
INITS = sorted(
    path
    for layer in ("domain", "application", "adapters", "entrypoints", "migrations")
    for path in (ROOT / layer).rglob("__init__.py")
)


def imported_by(source: str) -> set[str]:
    """The top-level packages that a module imports, wherever in it."""
    packages: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            packages |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            packages.add(node.module.partition(".")[0])
    return packages


def allowed_in(path: Path) -> set[str]:
    layer = path.relative_to(ROOT).parts[0]
    return {"domain"} if layer == "domain" else {"domain", "application"}


def test_an_import_of_a_framework_in_the_core_is_found() -> None:
    assert imported_by("def late():\n    from flask import g\n") - STANDARD == {"flask"}


@for_every("path", MODULES)
def test_the_core_imports_the_standard_library_and_itself_alone(path: Path) -> None:
    assert imported_by(path.read_text(encoding="utf-8")) - STANDARD - allowed_in(path) == set()


@for_every("path", INITS)
def test_packages_have_empty_init_files(path: Path) -> None:
    assert path.read_text(encoding="utf-8").strip() == ""


def test_the_import_contracts_hold() -> None:
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout
