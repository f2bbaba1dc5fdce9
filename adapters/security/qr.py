"""QR codes as SVG, by segno."""

from __future__ import annotations

import segno

QUIET_ZONE = 4
"""Modules of white around the code, as the standard asks for; a dark page would swallow less."""


class SegnoQrCodes:
    """Black on white whatever the page's theme, since many readers do not understand inverted codes."""

    def svg(self, text: str) -> str:
        code = segno.make(text, error="m", micro=False)
        return code.svg_inline(
            border=QUIET_ZONE, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
        )
