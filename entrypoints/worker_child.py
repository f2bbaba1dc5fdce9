"""`netone worker` as the child process of `netone serve`: it ends when its parent ends.

The parent holds the other end of this process's standard input and never writes to it. When the parent ends for any
reason, the system closes the pipe. A thread that waits for this starts before any large import.
"""

import os
import signal
import sys
import threading
import time

PATIENCE = 10.0
"""Seconds for a clean shutdown; then the process is ended."""


def end_with_parent() -> None:
    """Watch the parent in a thread; on Linux the kernel also signals its end."""
    threading.Thread(target=_wait_for_end_of_parent, name="parent", daemon=True).start()
    if sys.platform == "linux":
        _die_with_parent()


def _wait_for_end_of_parent() -> None:
    try:
        while os.read(0, 1024):
            pass
    except OSError:
        return  # there is no standard input to watch
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os._exit(1)


def _die_with_parent() -> None:
    """Also ends a worker that is suspended or busy in native code. If the system refuses this, the pipe remains."""
    import ctypes

    set_parent_death_signal = 1
    try:
        ctypes.CDLL(None).prctl(set_parent_death_signal, int(signal.SIGKILL), 0, 0, 0)
    except (OSError, AttributeError):
        return


if __name__ == "__main__":
    end_with_parent()
    from entrypoints.cli import main

    main([*sys.argv[1:], "worker", "--replaceable"])
