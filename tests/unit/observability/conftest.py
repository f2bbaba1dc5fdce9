"""Every test begins without the context of a request or a job."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from structlog.contextvars import clear_contextvars


@pytest.fixture(autouse=True)
def no_context() -> Iterator[None]:
    """Another test's response may not have been closed, and its request id stays bound until then."""
    clear_contextvars()
    yield
    clear_contextvars()
