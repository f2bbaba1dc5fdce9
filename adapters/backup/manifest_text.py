"""The manifest as JSON, and its SHA-256 in the format of `sha256sum`."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version

from pydantic import ValidationError

from adapters.backup import names
from adapters.persistence.json_documents import from_json, to_json
from adapters.persistence.schema_version import known_revisions
from domain.backup import FORMAT, PRODUCT, Manifest, is_newer
from domain.errors import BackupDamaged, BackupRefused

MAX_BYTES = 512 * 1024**2


def product_version() -> str:
    """The version of this program."""
    return version(PRODUCT)


def manifest_bytes(manifest: Manifest) -> bytes:
    return json.dumps(json.loads(to_json(manifest)), ensure_ascii=False, indent=1).encode() + b"\n"


def seal_of(text: bytes) -> bytes:
    return f"{hashlib.sha256(text).hexdigest()}  {names.MANIFEST}\n".encode()


def parse_manifest(text: bytes, *, file: str) -> Manifest:
    """Parse a manifest. Raises BackupRefused for an archive of a newer version, BackupDamaged for an invalid one."""
    try:
        document = json.loads(text)
        if document["product"] != PRODUCT:
            raise BackupRefused(f"{file} is a backup of another product. Nothing was changed.")
        if document["format"] > FORMAT or is_newer(document["version"], product_version()):
            raise _newer(file, str(document["version"]))
        manifest = from_json(Manifest, text.decode())
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise BackupDamaged(file, names.MANIFEST, "cannot be read") from error
    if manifest.schema not in known_revisions():
        raise _newer(file, manifest.version)
    return manifest


def _newer(file: str, made_by: str) -> BackupRefused:
    return BackupRefused(
        f"{file} was made by a newer version of this product ({made_by}; this is {product_version()}). "
        "Nothing was changed. Update this program first, then restore."
    )
