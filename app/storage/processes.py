"""Which process is which: the system uses ids again, so an id is kept with the time its process started."""

from __future__ import annotations

import os
import platform
import sys
from functools import cache
from pathlib import Path

_LINUX_START_FIELD = 19  # of /proc/<id>/stat, counted after the program's name
_WINDOWS_QUERY = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
_WINDOWS_STILL_ACTIVE = 259


@cache
def host_name() -> str:
    """Return this computer's name, as it is shown to the user of another computer."""
    return platform.node() or "localhost"


@cache
def machine_id() -> str:
    """Return a text that tells computers of one name apart, or nothing where the system has none."""
    if sys.platform == "win32":
        import winreg

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            return Path(path).read_text(encoding="ascii").strip()
        except OSError:
            continue
    return ""


def own_start() -> str:
    """Return when this process started, in a form only good for comparing."""
    return process_start(os.getpid()) or "running"


def process_start(process_id: int) -> str | None:
    """Return when a process of this computer started, or `None` when there is no such process."""
    if process_id <= 0:
        return None
    if sys.platform == "win32":
        return _windows_process_start(process_id)
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return _signalled_process_start(process_id)
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in {"Z", "X"} else fields[_LINUX_START_FIELD - 1]


def _signalled_process_start(process_id: int) -> str | None:
    if Path("/proc/self/stat").exists():
        return None
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return "running"
    return "running"


def _windows_process_start(process_id: int) -> str | None:
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(_WINDOWS_QUERY, False, process_id)
        if not handle:
            return None
        try:
            code = wintypes.DWORD()
            times = [wintypes.FILETIME() for _ in range(4)]
            if kernel.GetExitCodeProcess(handle, ctypes.byref(code)) and code.value != _WINDOWS_STILL_ACTIVE:
                return None
            kernel.GetProcessTimes(handle, *(ctypes.byref(time) for time in times))
            return f"{times[0].dwHighDateTime}.{times[0].dwLowDateTime}"
        finally:
            kernel.CloseHandle(handle)
    return None
