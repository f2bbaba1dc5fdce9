"""axe finds nothing on any page, in either theme, at desktop and phone width. No page is wider than its screen, and no
text is squeezed into a narrow column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from bench.ports import ports_of
from domain.account import LinkPurpose, OneTimeLink, Role
from entrypoints.application import Application
from tests.e2e.site import ROOT, Site
from tests.e2e.visitor import Person, Visitor

THEMES = ("light", "dark")
WIDTHS = (1440, 390)
WIDTHS_BETWEEN = (1024, 768)
"""Where only the page's width is checked: a page scrolls sideways at no width."""
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """
async (tagsOrRules) => {
  await document.fonts.ready;
  const report = await axe.run(document, { runOnly: tagsOrRules, resultTypes: ["violations"] });
  return report.violations.flatMap(violation => violation.nodes.map(node =>
    `${violation.id}: ${node.target.join(" ")} ${node.any.concat(node.all).map(check => check.message).join(" ")}`));
}
"""
SQUEEZED = """[...document.querySelectorAll("main :is(p, li, dd, h1, h2, h3, th, td)")].filter(block => {
  const style = getComputedStyle(block), line = parseFloat(style.lineHeight) || 20;
  const wide = block.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return block.checkVisibility() && !block.closest(".visually-hidden") && wide > 0 && wide < 120
    && block.clientHeight > 6 * line && block.innerText.trim().length > 20;
}).map(block => `squeezed into ${block.clientWidth} px: ${block.innerText.trim().slice(0, 40)}`)"""
"""Text in a column that is too narrow to read: more than six lines of less than 120 px."""
LOOK = """
async ([theme, standards, again]) => {
  const nextFrame = () => new Promise(requestAnimationFrame);
  for (let frames = 0; document.documentElement.dataset.bsTheme !== theme; frames += 1) {
    if (frames > 600) throw new Error(`the theme is not ${theme}`);
    await nextFrame();
  }
  await nextFrame();
  document.getAnimations().forEach((one) => one instanceof CSSTransition && one.finish());
  const shown = [...document.querySelectorAll("body *:not([aria-hidden=true], [aria-hidden=true] *)")];
  const inAnyOrder = ({ name, value }) => name + "=" + (name === "style" ? value.split(/; */).sort() : value);
  const elements = JSON.stringify(shown.map(element => {
    const style = getComputedStyle(element), attributes = [...element.attributes].map(inAnyOrder).sort();
    return [element.localName, attributes, style.display, style.visibility, style.opacity, element.textContent];
  }));
  const ofColours = axe.getRules(standards).filter(rule => rule.tags.includes("cat.color")).map(rule => rule.ruleId);
  const found = await (RUN_AXE)(again && elements === window.lookedAt ? ofColours : standards);
  const violations = [...found, ...SQUEEZED];
  window.lookedAt = elements;
  const tooWide = document.documentElement.scrollWidth - innerWidth;
  return tooWide > 0 ? [...violations, `${tooWide} px wider than the screen`] : violations;
}
""".replace("RUN_AXE", RUN_AXE.strip()).replace("SQUEEZED", SQUEEZED)
"""Finishes the transition to a theme, because colours between two themes are nobody's choice, and runs axe.

In a page whose elements were looked at in another theme, colours alone can be wrong: only their rules are run.
A chart that is drawn again in another theme has the same attributes in another order.
"""
TOO_WIDE = """
async () => {
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return document.documentElement.scrollWidth - innerWidth;
}
"""
PUBLIC = ("/", "/register", "/login", "/setup", "/no-such-page")
EMPTY = ("/dashboard", "/history", "/insights")
FULL = (
    *("/dashboard", "/predictions/new", "/predictions/{run}", "/predictions/{run}/customers/1"),
    *("/predictions/{run}?q=zzz", "/history", "/history/compare?a={run}&b={other}", "/insights"),
    *("/models", "/models/v0", "/models/v0/card", "/models/new", "/models/labels", "/models/train-again"),
    "/models/matches",
    *("/no-such-page", "/help", "/help/glossary", "/help/read-a-result", "/search", "/notifications"),
    *("/profile", "/profile/second-factor", "/profile/delete"),
    *("/admin/users", "/admin/users/invite", "/admin/predictions", "/admin/uploads", "/admin/settings"),
    *("/admin/playbook", "/admin/playbook/actions/welcome-call", "/admin/playbook/actions/new"),
    *("/admin/playbook/actions/welcome-call/remove", "/admin/playbook/versions"),
    *("/admin/do-not-contact", "/admin/do-not-contact/look-up"),
    *("/admin/economics", "/admin/customers", "/admin/audit", "/admin/health"),
    *("/admin/users/{person}/role", "/admin/users/{person}/disable", "/admin/users/{person}/reset"),
    *("/admin/users/{person}/sessions", "/admin/users/{person}/delete", "/admin/uploads/{run}/delete"),
    *("/admin/predictions/delete?run={run}", "/admin/predictions/delete-many?owner={person}"),
)
GATES_BY_LINK = ("setup", "invitation", "reset")


@pytest.fixture(scope="module")
def axe() -> str:
    script = next((ROOT / "vendor_static").glob("axe-core-*/axe.min.js"))
    return script.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def seen_by(browser: Browser, site: Site) -> Iterator[Callable[[Person | None], Visitor]]:
    """One context for each person, logged in once and kept for all pages, themes and widths."""
    kept: dict[Person | None, Visitor] = {}

    def visitor_of(person: Person | None) -> Visitor:
        if person not in kept:
            context = browser.new_context(reduced_motion="reduce")
            visitor = kept[person] = Visitor(site, context)
            if person is not None:
                visitor.take_session(person)
        return kept[person]

    yield visitor_of
    for visitor in kept.values():
        visitor.leave()
    assert [trouble for visitor in kept.values() for trouble in visitor.troubles] == []


@pytest.fixture(scope="module")
def newcomer(new_person: Callable[..., Person]) -> Person:
    return new_person()


@pytest.fixture(scope="module")
def full(
    seen_by: Callable[[Person | None], Visitor],
    new_person: Callable[..., Person],
    customers: Path,
    application: Application,
) -> tuple[Person, dict[str, str]]:
    """An administrator with two predictions, and what the addresses of their pages need."""
    person = new_person(Role.ADMIN)
    visitor = seen_by(person)
    other, run = visitor.predict(customers), visitor.predict(customers)
    with ports_of(application).new_reading() as uow:
        account = uow.accounts.by_email(person.email)
    assert account
    return person, {"run": run, "other": other, "person": account.id}


def problems_of(visitor: Visitor, axe: str, path: str) -> dict[str, Any]:
    """What is wrong with a page. It is looked at as it was opened first: charts are drawn again at each new width."""
    visitor.page.emulate_media(color_scheme=THEMES[0])
    visitor.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    visitor.open(path)
    problems = problems_here(visitor, axe, WIDTHS[:1])
    visitor.page.emulate_media(color_scheme=THEMES[0])
    for width in WIDTHS_BETWEEN:
        visitor.page.set_viewport_size({"width": width, "height": 900})
        if visitor.page.evaluate(TOO_WIDE) > 0:
            visitor.open(path)  # what the page was at another width says nothing
            too_wide = visitor.page.evaluate(TOO_WIDE)
            if too_wide > 0:
                problems[f"{width}"] = f"{too_wide} px wider than the screen"
        if squeezed := visitor.page.evaluate(SQUEEZED):
            problems[f"{width} px"] = squeezed
    return problems | problems_here(visitor, axe, WIDTHS[1:])


def problems_here(visitor: Visitor, axe: str, widths: tuple[int, ...] = WIDTHS) -> dict[str, Any]:
    """What axe finds, and how far the page is too wide, for each theme and width that has something."""
    problems: dict[str, Any] = {}
    page = visitor.page
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"() => {{ {axe} }}")
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            violations = page.evaluate(LOOK, [theme, STANDARDS, theme != THEMES[0]])
            if violations:
                problems[f"{theme} {width}"] = violations
    return problems


def test_axe_finds_what_is_wrong_when_something_is(seen_by: Callable[[Person | None], Visitor], axe: str) -> None:
    visitor = seen_by(None)
    visitor.open("/login")
    visitor.page.evaluate(f"() => {{ {axe} }}")
    visitor.page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    violations = visitor.page.evaluate(RUN_AXE, STANDARDS)
    assert any(violation.startswith("button-name") for violation in violations)


WRONG_IN_DARK = {
    "button-name": "button.className = 'only-dark'; main.append(button)",
    "color-contrast": "button.style.color = 'light-dark(black, #222)'; button.textContent = 'Go'; main.append(button)",
}


@pytest.mark.parametrize("rule", WRONG_IN_DARK)
def test_what_is_wrong_in_one_theme_alone_is_found(
    seen_by: Callable[[Person | None], Visitor], axe: str, rule: str
) -> None:
    visitor = seen_by(None)
    visitor.open("/login")
    plant = (
        f"const main = document.querySelector('main'), button = document.createElement('button'); {WRONG_IN_DARK[rule]}"
    )
    visitor.page.evaluate(f"() => {{ {plant} }}")
    problems = problems_here(visitor, axe)
    assert list(problems) == ["dark 1440", "dark 390"]
    assert all(violations[0].startswith(rule) for violations in problems.values())


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_is_accessible(seen_by: Callable[[Person | None], Visitor], axe: str, path: str) -> None:
    assert problems_of(seen_by(None), axe, path) == {}


@pytest.mark.parametrize("path", EMPTY)
def test_a_page_with_nothing_to_show_is_accessible(
    seen_by: Callable[[Person | None], Visitor], axe: str, newcomer: Person, path: str
) -> None:
    assert problems_of(seen_by(newcomer), axe, path) == {}


@pytest.mark.parametrize("path", FULL)
def test_a_page_is_accessible(
    seen_by: Callable[[Person | None], Visitor], axe: str, full: tuple[Person, dict[str, str]], path: str
) -> None:
    person, names = full
    assert problems_of(seen_by(person), axe, path.format(**names)) == {}


@pytest.mark.parametrize("kind", GATES_BY_LINK)
def test_a_page_behind_a_one_time_link_is_accessible(
    seen_by: Callable[[Person | None], Visitor],
    axe: str,
    full: tuple[Person, dict[str, str]],
    application: Application,
    kind: str,
) -> None:
    purpose = {"setup": LinkPurpose.SET_UP, "invitation": LinkPurpose.INVITE, "reset": LinkPurpose.RESET}[kind]
    token, now = f"{kind}-{'x' * 40}", application.now()
    with ports_of(application).new_uow() as uow:
        account = uow.accounts.by_email(full[0].email)
        assert account
        uow.links.add(
            OneTimeLink(
                token_hash=application.accounts.check_link.secrets.digest(token),
                purpose=purpose,
                account_id=account.id if kind == "reset" else None,
                email=None if kind == "setup" else "shop.of.a.long.name@telco.example.com",
                role=Role.ANALYST,
                created_at=now,
                expires_at=now + timedelta(hours=1),
            )
        )
        uow.commit()
    assert problems_of(seen_by(None), axe, f"/{kind}/{token}") == {}


@pytest.mark.parametrize("path", ["/login", "/register"])
def test_a_form_that_was_refused_is_accessible(
    seen_by: Callable[[Person | None], Visitor], axe: str, path: str
) -> None:
    visitor = seen_by(None)
    visitor.open(path)
    visitor.mark()
    visitor.page.get_by_label("Email").fill("nobody")
    visitor.page.get_by_label("Password", exact=True).fill("short")
    with visitor.page.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith(path)):
        visitor.page.locator("main button[type=submit]").click()
    visitor.page.wait_for_function("window.stillTheSamePage === undefined")
    visitor.page.locator(".is-invalid, .note").first.wait_for()
    assert problems_here(visitor, axe) == {}


def test_a_profile_that_was_refused_is_accessible(
    seen_by: Callable[[Person | None], Visitor], axe: str, full: tuple[Person, dict[str, str]]
) -> None:
    visitor = seen_by(full[0])
    visitor.open("/profile")
    visitor.page.locator("#password_form").get_by_role("button", name="Change password").click()
    visitor.page.locator("#password_form .is-invalid").first.wait_for()
    assert problems_here(visitor, axe) == {}


@pytest.mark.parametrize("question", ["Invite", "Delete account"])
def test_an_open_question_is_accessible(
    seen_by: Callable[[Person | None], Visitor], axe: str, full: tuple[Person, dict[str, str]], question: str
) -> None:
    visitor = seen_by(full[0])
    visitor.open(f"/admin/users?q={full[0].email}")
    if question != "Invite":
        visitor.page.get_by_role("button", name="More for").click()
    visitor.page.get_by_role("link", name=question).first.click()
    visitor.page.locator("dialog[open]").wait_for()
    assert problems_here(visitor, axe) == {}


def test_the_open_menu_of_a_phone_is_accessible(
    seen_by: Callable[[Person | None], Visitor], axe: str, full: tuple[Person, dict[str, str]]
) -> None:
    visitor = seen_by(full[0])
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    visitor.open("/admin/users")
    visitor.page.get_by_role("button", name="Menu", exact=True).click()
    visitor.page.locator("#side").wait_for(state="visible")
    assert problems_here(visitor, axe, widths=(390,)) == {}
