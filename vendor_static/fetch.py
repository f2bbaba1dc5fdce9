"""Download the front-end libraries as published, and record their hashes.

``make vendor`` runs this. ``npm pack NAME@VERSION`` downloads each package. Only the files listed
below are stored, unchanged, and ``manifest.json`` records their SHA-384. If a hash differs from the
one in the manifest, the run stops, because a published version never changes. Afterwards the two
files built from the packages (trimmed stylesheet, icon sprite) are rebuilt.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
MANIFEST = HERE / "manifest.json"
ICON_NAMES = HERE / "icons.txt"

TABLER_LICENCE = """MIT License

Copyright (c) 2018-2026 The Tabler Authors

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


@dataclass(frozen=True)
class Package:
    """One library: the files used from its npm package and what the product uses them for."""

    name: str
    npm: str
    version: str
    licence: str
    use: str
    """``browser`` (served), ``build`` (source of a built file) or ``tests`` (never served)."""
    take: dict[str, str]
    """Path in the package → file name here. ``vendor_url(name)`` returns the first one."""
    written: dict[str, str] = field(default_factory=dict)
    """Files that the package lacks and this script writes, such as a licence text: name → content."""

    @property
    def folder(self) -> str:
        """The name of the folder in ``vendor_static``; it includes the version."""
        return f"{self.name}-{self.version}"


def _icons() -> dict[str, str]:
    names = ICON_NAMES.read_text(encoding="utf-8").split()
    return {f"icons/outline/{name}.svg": f"{name}.svg" for name in names}


def packages() -> list[Package]:
    """All libraries of the front end with their exact versions."""
    return [
        Package(
            "htmx", "htmx.org", "2.0.11", "0BSD", "browser",
            {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "LICENSE"},
        ),
        Package(
            "chartjs", "chart.js", "4.6.1", "MIT", "browser",
            {"dist/chart.umd.min.js": "chart.umd.min.js", "LICENSE.md": "LICENSE.md"},
        ),
        Package(
            "inter", "@fontsource-variable/inter", "5.3.0", "OFL-1.1", "browser",
            {
                "files/inter-latin-wght-normal.woff2": "inter-latin-wght-normal.woff2",
                "files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext-wght-normal.woff2",
                "LICENSE": "LICENSE",
            },
        ),
        Package(
            "tabler", "@tabler/core", "1.6.1", "MIT", "build",
            {"dist/css/tabler.min.css": "tabler.min.css"},
            {"LICENSE": TABLER_LICENCE},
        ),
        Package(
            "tabler-icons", "@tabler/icons", "3.51.0", "MIT", "build",
            {**_icons(), "LICENSE": "LICENSE"},
        ),
        Package(
            "axe-core", "axe-core", "4.14.1", "MPL-2.0", "tests",
            {
                "axe.min.js": "axe.min.js",
                "LICENSE": "LICENSE",
                "LICENSE-3RD-PARTY.txt": "LICENSE-3RD-PARTY.txt",
            },
        ),
    ]  # fmt: skip


def sha384(content: bytes) -> str:
    """The hash in the format of subresource integrity and the manifest."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def _pack(package: Package, folder: Path) -> Path:
    """Download the package's tarball with the ordinary npm client."""
    command = ["npm", "pack", f"{package.npm}@{package.version}", "--json", "--pack-destination", str(folder)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    file_name = str(json.loads(answer.stdout)[0]["filename"])
    return folder / file_name.replace("@", "").replace("/", "-")


def _read(tarball: Path, package: Package) -> dict[str, bytes]:
    """The listed files of the tarball, by their name here."""
    with tarfile.open(tarball) as archive:
        contents = {}
        for source, name in package.take.items():
            member = archive.extractfile(f"package/{source}")
            if member is None:
                raise SystemExit(f"{package.npm}@{package.version} does not contain {source}")
            contents[name] = member.read()
    return contents | {name: text.encode() for name, text in package.written.items()}


def _known_hashes() -> dict[str, str]:
    if not MANIFEST.exists():
        return {}
    entries = json.loads(MANIFEST.read_text(encoding="utf-8"))["packages"]
    return {f"{e['folder']}/{name}": digest for e in entries for name, digest in e["files"].items()}


def _entry(package: Package, contents: dict[str, bytes]) -> dict[str, object]:
    return {
        "name": package.name,
        "version": package.version,
        "package": package.npm,
        "licence": package.licence,
        "use": package.use,
        "folder": package.folder,
        "files": {name: sha384(content) for name, content in contents.items()},
    }


def _store(package: Package, contents: dict[str, bytes], known: dict[str, str]) -> None:
    """Write the files. Exits if a hash differs from the manifest's hash of the same version."""
    folder = HERE / package.folder
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        expected = known.get(f"{package.folder}/{name}")
        if expected not in (None, sha384(content)):
            raise SystemExit(f"{package.folder}/{name} is not the file recorded in the manifest")
        (folder / name).write_bytes(content)


def main() -> None:
    """Download all packages, write the files and the manifest, and rebuild the built files."""
    known, entries = _known_hashes(), []
    with tempfile.TemporaryDirectory() as scratch:
        for package in packages():
            contents = _read(_pack(package, Path(scratch)), package)
            _store(package, contents, known)
            entries.append(_entry(package, contents))
            print(f"{package.folder}: {len(contents)} files")
    MANIFEST.write_text(json.dumps({"packages": entries}, indent=2) + "\n", encoding="utf-8")
    subprocess.run([sys.executable, str(HERE / "build.py")], check=True)


if __name__ == "__main__":
    main()
