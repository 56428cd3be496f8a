"""Runs a command that ends with the process that started it, also when that one is killed: `leash.py PARENT COMMAND…`.

Linux only: the system sends SIGTERM (prctl(2), PR_SET_PDEATHSIG), and a command that is executed keeps that wish.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Put this process on the leash of its parent and become the command."""
    parent, *command = arguments
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it died before we could ask
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - no shell, and the command is the supervisor's own


if __name__ == "__main__":
    main(sys.argv[1:])
