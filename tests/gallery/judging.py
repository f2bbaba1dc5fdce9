"""Every load of a page is judged: axe, width, console, failed requests, requests elsewhere, weight."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Request

from tests.e2e.site import ROOT
from tests.e2e.test_accessibility import LOOK, STANDARDS, THEMES, TOO_WIDE
from tests.e2e.visitor import Visitor
from tests.gallery.installation import Installation
from tests.gallery.states import State

WIDTHS = (1440, 1024, 768, 390)
"""Where a page is loaded, judged and shown, in both themes."""
WIDTHS_BETWEEN = (1280, 320)
"""Where only the page's width is checked."""
MAX_LATER_BYTES = 60_000
"""What a page that was visited before may transfer."""
DRAWN = "() => document.fonts.ready.then(() => !document.querySelector('.htmx-request'))"


@dataclass
class Verdict:
    """What is wrong in one state, what it weighs, and its pictures."""

    state: State
    stage: str
    wrong: list[str] = field(default_factory=list)
    weight: int = 0
    pictures: list[str] = field(default_factory=list)


class Listener:
    """Hears what goes wrong in a context, besides what the visitor hears."""

    def __init__(self, context: BrowserContext) -> None:
        self.heard: list[str] = []
        context.on("console", self._hear)
        context.on("requestfailed", self._failed)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type != "error":  # the visitor hears errors
            self.heard.append(f"console {message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left
            self.heard.append(f"failed: {request.method} {request.url} {request.failure}")

    def take(self, visitor: Visitor) -> list[str]:
        """What was heard since it was last asked."""
        heard = [*self.heard, *visitor.troubles]
        self.heard.clear()
        visitor.troubles.clear()
        return heard


class Judge:
    """Opens states of an installation, judges them, and keeps their pictures."""

    def __init__(self, installation: Installation, folder: Path, widths: tuple[int, ...] = WIDTHS) -> None:
        self.installation = installation
        self.widths = widths
        self.folder = folder
        self.axe = next((ROOT / "vendor_static").glob("axe-core-*/axe.min.js")).read_text(encoding="utf-8")
        self._listeners: dict[str, Listener] = {}

    def judge(self, state: State, stage: str, number: int) -> Verdict:
        verdict = Verdict(state, stage)
        visitor = self.installation.visitor(state.person)
        listener = self._listeners.setdefault(state.person, Listener(visitor.context))
        for width in self.widths:
            try:
                self._at(verdict, visitor, width, number)
            except Exception as error:  # noqa: BLE001 (a page that cannot be brought into its state is a finding)
                verdict.wrong.append(f"{width}: {type(error).__name__} {str(error).splitlines()[0]}")
            verdict.wrong += [f"{width}: {heard}" for heard in listener.take(visitor)]
        for width in WIDTHS_BETWEEN:
            visitor.page.set_viewport_size({"width": width, "height": 900})
            if visitor.page.evaluate(TOO_WIDE) <= 0:
                continue
            self._open(visitor, state)  # what the page was at another width says nothing
            too_wide = visitor.page.evaluate(TOO_WIDE)
            if too_wide > 0:
                verdict.wrong.append(f"{width}: {too_wide} px wider than the screen")
        if verdict.weight > MAX_LATER_BYTES:
            verdict.wrong.append(f"a later visit transfers {verdict.weight:,} bytes")
        return verdict

    def _at(self, verdict: Verdict, visitor: Visitor, width: int, number: int) -> None:
        page, state = visitor.page, verdict.state
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": width, "height": 900})
        transferred = self._open(visitor, state)
        if width != self.widths[0]:
            verdict.weight = max(verdict.weight, transferred)
        page.evaluate(f"() => {{ {self.axe} }}")
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            found = page.evaluate(LOOK, [theme, STANDARDS, theme != THEMES[0]])
            verdict.wrong += [f"{width} {theme}: {violation}" for violation in found]
            page.wait_for_function(DRAWN)
            picture = f"{number:03d}-{width}-{theme}.jpg"
            page.screenshot(
                path=self.folder / picture, full_page=True, type="jpeg", quality=70, animations="disabled", scale="css"
            )
            verdict.pictures.append(picture)

    def _open(self, visitor: Visitor, state: State) -> int:
        """Bring the page into its state. Returns the bytes that the visit transferred, before anything is done."""
        page = visitor.page
        transferred: list[int] = []
        wire = visitor.context.new_cdp_session(page)
        wire.on("Network.loadingFinished", lambda event: transferred.append(int(event["encodedDataLength"])))
        wire.send("Network.enable")
        visitor.open(state.path.format(**self.installation.names))
        page.wait_for_function(DRAWN)
        if not state.pollers:
            page.wait_for_load_state("networkidle")
        visitor.rest()
        weight = sum(transferred)
        wire.detach()
        if state.act:
            state.act(visitor, self.installation.names)
        return weight
