"""QR codes as SVG, by segno."""

from __future__ import annotations

import segno

QUIET_ZONE = 4
"""Width of the white border in modules, as the standard requires. On a dark page, a narrower one is not readable."""


class SegnoQrCodes:
    """Black on white in every theme, because many readers cannot read inverted codes."""

    def svg(self, text: str) -> str:
        code = segno.make(text, error="m", micro=False)
        return code.svg_inline(
            border=QUIET_ZONE, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
        )
