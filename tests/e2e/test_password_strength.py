"""The strength of a password is shown while it is typed, and no longer asked for once its form is sent."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.visitor import PASSWORD, Visitor

STRENGTH = "/register/strength"


def fill_in(visitor: Visitor, email: str) -> None:
    """With the page's clock standing still, so that a busy machine can't be slower than the pause in typing."""
    page = visitor.page
    page.clock.install(time=0)
    visitor.open("/register")
    page.clock.pause_at(3_600)
    page.get_by_label("Full name").fill("Shop Assistant")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Confirm password").fill(PASSWORD)
    page.get_by_label("Password", exact=True).fill(PASSWORD)


def test_the_strength_is_shown_a_quarter_of_a_second_after_typing(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    fill_in(visitor, "typing@telco.example.com")

    with visitor.page.expect_response(f"**{STRENGTH}") as answered:
        visitor.page.clock.run_for(250)

    assert answered.value.status == 200


def test_no_strength_request_is_sent_after_the_form(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    fill_in(visitor, "sent@telco.example.com")
    # The answer to the form never comes, as on a slow server.
    visitor.page.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")

    visitor.page.get_by_role("button", name="Create account").click()
    visitor.page.clock.run_for(2_000)

    assert [url for url in visitor.asked if url.endswith(STRENGTH)] == []
