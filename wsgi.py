"""The application for any WSGI server. Run `netone worker` in addition to it."""

import sys

from domain.errors import DomainError
from entrypoints.bootstrap import create_application
from entrypoints.observability.logs import start_logging
from entrypoints.settings import Settings

settings = Settings()
start_logging(settings)
try:
    application = create_application(settings)
except DomainError as refusal:  # one sentence in the server's log instead of a traceback
    sys.exit(f"netone: {refusal}")
