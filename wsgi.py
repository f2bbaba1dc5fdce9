"""For any WSGI server; run `netone worker` beside it."""

import sys

from domain.errors import ChurnDeskError
from entrypoints.bootstrap import create_application

try:
    application = create_application()
except ChurnDeskError as refusal:  # one sentence in the server's log instead of a traceback
    sys.exit(f"netone: {refusal}")
