"""The gallery shows every page: an address that answers GET is visited in some state, or left out with a reason."""

from __future__ import annotations

import re
from itertools import chain

from flask import Flask

from tests.gallery.states import ALL, EXCLUDED, State
from tests.integration.web.conftest import Office

STATES: list[State] = list(chain.from_iterable(ALL.values()))
NOT_ROUTES = {"/no-such-page"}
"""Visited for the page that says so."""


def endpoint_of(app: Flask, state: State) -> str:
    path = re.sub(r"\{\w+\}", "1", state.path).partition("?")[0]
    with app.test_request_context():
        return str(app.url_map.bind("localhost").match(path, method="GET")[0])


def visited(app: Flask) -> set[str]:
    return {endpoint_of(app, state) for state in STATES if state.path not in NOT_ROUTES}


def test_every_page_is_in_the_gallery_or_left_out_with_a_reason(office: Office) -> None:
    there = {rule.endpoint for rule in office.app.url_map.iter_rules() if "GET" in (rule.methods or set())}
    missing = there - visited(office.app) - EXCLUDED.keys()
    assert sorted(missing) == [], "add a state to tests/gallery/states.py, or the endpoint to EXCLUDED with a reason"


def test_nothing_is_left_out_that_is_visited_or_does_not_exist(office: Office) -> None:
    there = {rule.endpoint for rule in office.app.url_map.iter_rules()}
    assert sorted(EXCLUDED.keys() & visited(office.app)) == []
    assert sorted(EXCLUDED.keys() - there) == []
    assert all(EXCLUDED.values())


def test_each_state_has_a_name_of_its_own() -> None:
    names = [state.name for state in STATES]
    assert sorted(names) == sorted(set(names))
