"""Opening a file so that its name can be removed while it is open, on Windows as elsewhere."""

from __future__ import annotations

import contextlib
import os
import sys
import uuid
from pathlib import Path

_READ_AND_WRITE = 0xC0000000  # GENERIC_READ | GENERIC_WRITE
_SHARE_ALL = 0x7  # FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE
_OPEN_ALWAYS = 4
_NORMAL_FILE = 0x80  # FILE_ATTRIBUTE_NORMAL
_INVALID_HANDLE = -1


def open_removable(path: Path) -> int:
    """Open a file for reading and writing, make it if it is missing; return the descriptor, which the caller closes.

    Windows lets nobody remove a file that someone opened the ordinary way. Raises `OSError` and `ValueError`.
    """
    if sys.platform == "win32":
        return _open_on_windows(str(path))
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)


def remove_open_file(path: Path) -> None:
    """Remove the name of a file that others may have open through `open_removable`; a new file may take it at once.

    A file that a virus scanner or an indexer keeps from being removed stays.
    """
    removed = path
    with contextlib.suppress(FileNotFoundError, PermissionError):
        if sys.platform == "win32":  # there a removed name is taken until everybody has closed the file
            removed = path.rename(path.with_name(f"{path.name}.{uuid.uuid4().hex[:12]}.gone"))
        removed.unlink()


def _open_on_windows(name: str) -> int:
    if sys.platform == "win32":
        import ctypes
        import msvcrt

        if "\0" in name:
            raise ValueError("embedded null character")
        create_file = ctypes.WinDLL("kernel32", use_last_error=True).CreateFileW
        create_file.restype = ctypes.c_void_p
        create_file.argtypes = [
            *(ctypes.c_wchar_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p),
            *(ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p),
        ]
        handle = create_file(name, _READ_AND_WRITE, _SHARE_ALL, None, _OPEN_ALWAYS, _NORMAL_FILE, None)
        if handle in {None, ctypes.c_void_p(_INVALID_HANDLE).value}:
            raise ctypes.WinError(ctypes.get_last_error())
        return msvcrt.open_osfhandle(handle, os.O_RDWR | os.O_BINARY | os.O_NOINHERIT)
    raise OSError("this is not Windows")
