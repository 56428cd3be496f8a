"""The one-file program's other half: the process that unpacked it, waits for its end, and may show a picture."""

from __future__ import annotations

import importlib
import os
import signal
import sys

from app.bootstrap.leftovers import unpacked_folder, unpacker

SPLASH_VARIABLE = "_PYI_SPLASH_IPC"
"""Set where a picture is shown while the program is unpacked."""


def close_splash() -> None:
    """Take away the picture that was shown while the program was unpacked, where there is one."""
    if os.environ.pop(SPLASH_VARIABLE, None):
        importlib.import_module("pyi_splash").close()


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
