"""What pages need of the application to write a number."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask

from adapters.formatting.babel_formats import formats_of


@pytest.fixture
def page_formats() -> Iterator[None]:
    """An application context in which pages' formats work, without a database."""
    web = Flask(__name__)
    web.extensions["netone"] = SimpleNamespace(formats_of=formats_of)
    with web.app_context():
        yield
