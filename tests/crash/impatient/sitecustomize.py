"""Put on the path of the server that is killed: it waits fewer seconds than an installation, nothing else differs."""

from __future__ import annotations

import os

if os.environ.get("NETONE_TEST_IMPATIENT"):
    from entrypoints import supervisor

    supervisor.MAX_RESTART_SECONDS = 2.0
