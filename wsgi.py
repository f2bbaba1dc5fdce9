"""For any WSGI server; run `netone worker` beside it."""

import sys

from domain.errors import ChurnDeskError
from entrypoints.bootstrap import create_application
from entrypoints.observability.logs import start_logging
from entrypoints.settings import Settings

settings = Settings()
start_logging(settings)
try:
    application = create_application(settings)
except ChurnDeskError as refusal:  # one sentence in the server's log instead of a traceback
    sys.exit(f"netone: {refusal}")
