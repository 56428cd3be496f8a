"""The one-file program's other half: the process that unpacked it, and waits for its end to remove what it unpacked."""

from __future__ import annotations

import os
import signal
import sys

from app.bootstrap.leftovers import unpacked_folder, unpacker


def end_with_unpacker() -> None:
    """Let the program end in order when the process that unpacked it is killed: whoever killed it meant the program.

    Only on Linux, where the system can tell; elsewhere the window stays, and works.
    """
    folder = unpacked_folder()
    if folder is None or sys.platform != "linux":
        return
    import ctypes

    set_parent_death_signal = 1  # PR_SET_PDEATHSIG
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != unpacker(folder):  # it was killed before we could ask to be told
        os.kill(os.getpid(), signal.SIGTERM)
