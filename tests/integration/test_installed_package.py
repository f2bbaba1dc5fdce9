"""What `pip install .` copies: the help and the browser's libraries, which lie next to the packages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import entrypoints.web.vendor as vendor
from adapters.help.markdown_pages import MarkdownPages
pages = MarkdownPages()
print(pages.folder, sum(len(group.pages) for group in pages.groups()), len(pages.picture("result.webp").content))
print(vendor.VENDOR_FOLDER, all((vendor.VENDOR_FOLDER / path).is_file() for path in vendor.read_manifest().served))
"""


@pytest.mark.slow
def test_an_installed_package_has_the_help_and_the_libraries(tmp_path: Path) -> None:
    library = tmp_path / "lib"
    build = ["setup.py", "-q", "build", "--build-base", str(tmp_path / "base"), "build_py", "--build-lib", str(library)]
    done = subprocess.run([sys.executable, *build], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

    asked = subprocess.run(
        [sys.executable, "-c", ASK], cwd=tmp_path, env={"PYTHONPATH": str(library)}, capture_output=True, text=True
    )

    assert asked.returncode == 0, asked.stderr
    pages, libraries = asked.stdout.splitlines()
    assert pages.startswith(f"{library}/adapters/help/pages ")
    assert int(pages.split()[1]) >= 40
    assert libraries == f"{library}/entrypoints/web/vendored True"
