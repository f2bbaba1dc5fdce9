"""For any WSGI server; run `netone worker` beside it."""

from entrypoints.bootstrap import create_application

application = create_application()
