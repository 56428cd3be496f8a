"""Where a book file may lie: never on a network drive, better not in a folder that a service synchronises.

SQLite's write-ahead log needs memory shared between all who have the file open, which network drives do not offer
(https://www.sqlite.org/wal.html, "All processes using a database must be on the same host computer"). A synchronising
service copies file and log at different moments, so the copy on the other computer may be torn.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.kernel.errors import EnvironmentFault
from app.kernel.text import Message, message

NETWORK_FILE_SYSTEMS = frozenset(
    {
        *("9p", "afs", "ceph", "cifs", "davfs", "glusterfs", "gfs2", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2"),
        *("prl_fs", "smb3", "smbfs", "vboxsf", "fuse.davfs2", "fuse.glusterfs", "fuse.gvfsd-fuse", "fuse.rclone"),
        *("fuse.s3fs", "fuse.smbnetfs", "fuse.sshfs", "fuse.vmhgfs-fuse"),
    }
)
MOUNTS = Path("/proc/self/mounts")
WINDOWS_REMOTE_DRIVE = 4  # DRIVE_REMOTE of GetDriveTypeW

SYNCHRONISED_NAMES = {
    "baidusyncdisk": "百度网盘",
    "百度网盘": "百度网盘",
    "box": "Box",
    "dropbox": "Dropbox",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "icloud drive": "iCloud",
    "iclouddrive": "iCloud",
    "mobile documents": "iCloud",
    "nextcloud": "Nextcloud",
    "nutstore": "坚果云",
    "nutstore files": "坚果云",
    "我的坚果云": "坚果云",
    "坚果云": "坚果云",
    "onedrive": "OneDrive",
    "wps云盘": "WPS 云盘",
    "wpsdrive": "WPS 云盘",
}
SYNCHRONISED_MARKS = {
    ".stfolder": "Syncthing",
    ".dropbox": "Dropbox",
    ".sync": "Resilio Sync",
    ".owncloudsync.log": "ownCloud",
}


def refuse_network_drive(path: Path) -> None:
    """Raise `EnvironmentFault` (`network_drive`) when the file lies, or would lie, on a network drive."""
    kind = network_drive_kind(path)
    if kind is not None:
        raise EnvironmentFault(
            "network_drive",
            message(
                "“{path}”在网络盘上（{kind}），账簿放在那里会损坏。请放到本机磁盘，要共享请用 MySQL 或本程序的服务器。",
                path=path,
                kind=kind,
            ),
        )


def network_drive_kind(path: Path, mounts: Path = MOUNTS) -> str | None:
    """Return what kind of network drive a path is on, or `None` for a disk of this computer."""
    if sys.platform == "win32":
        return _windows_drive_kind(path)
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None  # no such list on this system
    place = path.resolve()
    best: tuple[int, str] = (-1, "")
    for line in lines:
        words = line.split()
        if len(words) < 3:
            continue
        folder = _unescaped(words[1])
        depth = len(folder.parts)
        if place.is_relative_to(folder) and depth >= best[0]:  # of two mounts on one folder the later one is seen
            best = (depth, words[2])
    return best[1] if best[1] in NETWORK_FILE_SYSTEMS else None


def synchronised_folder_warning(path: Path) -> Message | None:
    """Return a sentence to show when a service synchronises the folder of the file, else `None`."""
    for folder in path.absolute().parents:
        service = _service_of(folder)
        if service is not None:
            return message(
                "这本账簿在 {service} 同步的文件夹里。同步可能损坏打开着的账簿，请把它移出来，只把备份放在那里。",
                service=service,
            )
    return None


def _service_of(folder: Path) -> str | None:
    name = folder.name.casefold()
    if name in SYNCHRONISED_NAMES:
        return SYNCHRONISED_NAMES[name]
    if name.startswith("onedrive - "):
        return "OneDrive"
    for variable in ("OneDrive", "OneDriveConsumer", "OneDriveCommercial"):
        chosen = os.environ.get(variable)
        if chosen and folder == Path(chosen):
            return "OneDrive"
    return next((service for mark, service in SYNCHRONISED_MARKS.items() if (folder / mark).exists()), None)


def _windows_drive_kind(path: Path) -> str | None:
    drive = path.absolute().drive
    if drive.startswith(("\\\\", "//")):
        return drive
    if sys.platform == "win32":
        import ctypes

        if ctypes.windll.kernel32.GetDriveTypeW(drive + "\\") == WINDOWS_REMOTE_DRIVE:
            return drive
    return None


def _unescaped(text: str) -> Path:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return Path(text)
