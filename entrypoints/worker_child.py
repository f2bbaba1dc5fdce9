"""`netone worker` as the child of `netone serve`: it ends when its parent is gone, from its very first line on.

The parent holds the other end of this process's standard input and never writes to it. However the parent dies, the
system closes that end. Nothing heavy is imported before a thread waits for this.
"""

import os
import signal
import sys
import threading
import time

PATIENCE = 10.0
"""Seconds for an orderly end, after which the process ends at once."""


def end_with_parent() -> None:
    """Watch the parent in a thread; on Linux the kernel does so too."""
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
    """Covers a worker that is stopped or busy in native code. The pipe alone would do where this is refused."""
    import ctypes

    set_parent_death_signal = 1
    try:
        ctypes.CDLL(None).prctl(set_parent_death_signal, int(signal.SIGKILL), 0, 0, 0)
    except (OSError, AttributeError):
        return


if __name__ == "__main__":
    end_with_parent()
    from entrypoints.cli import main

    main([*sys.argv[1:], "worker"])
