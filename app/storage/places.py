"""Where a book file may lie: never on a network drive, better not in a folder that a service synchronises.

SQLite's write-ahead log needs memory shared between all who have the file open, which network drives do not offer
(https://www.sqlite.org/wal.html, "All processes using a database must be on the same host computer"). A synchronising
service copies file and log at different moments, so the copy on the other computer may be torn.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Mapping
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
    "baidunetdiskworkspace": "百度网盘",
    "baidusyncdisk": "百度网盘",
    "百度网盘同步空间": "百度网盘",
    "百度网盘": "百度网盘",
    "box": "Box",
    "dropbox": "Dropbox",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "google 云端硬盘": "Google Drive",
    "icloud drive": "iCloud",
    "iclouddrive": "iCloud",
    "mobile documents": "iCloud",
    "nextcloud": "Nextcloud",
    "nutstore": "坚果云",
    "nutstore files": "坚果云",
    "我的坚果云": "坚果云",
    "坚果云": "坚果云",
    "onedrive": "OneDrive",
    "mega": "MEGA",
    "megasync": "MEGA",
    "seafile": "Seafile",
    "weiyun": "腾讯微云",
    "wps 云盘": "WPS 云盘",
    "wps云文档": "WPS 云盘",
    "wps云盘": "WPS 云盘",
    "wpsdrive": "WPS 云盘",
}
SYNCHRONISED_MARKS = {
    ".stfolder": "Syncthing",
    ".dropbox": "Dropbox",
    ".sync": "Resilio Sync",
    ".owncloudsync.log": "ownCloud",
    ".nextcloudsync.log": "Nextcloud",
    ".seafile-data": "Seafile",
    ".sync_*.db": "Nextcloud",
    "._sync_*.db": "Nextcloud",
}
"""Files and folders by which such a folder is known, as patterns: what the service itself keeps in it."""
ONEDRIVE_VARIABLES = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")
ONEDRIVE_ACCOUNTS = r"Software\Microsoft\OneDrive\Accounts"
SYNC_ROOTS = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\SyncRootManager"
"""Where Windows lists the folders of every service that uses its interface for such; each names its folder by user."""


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
        return windows_network_place(_resolved(path).drive, _windows_drive_type)
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None  # no such list on this system
    place = path.resolve()
    depths = {str(folder): len(folder.parts) for folder in (place, *place.parents)}
    best: tuple[int, str] = (-1, "")
    for line in lines:
        words = line.split()
        depth = depths.get(_unescaped(words[1]), -1) if len(words) >= 3 else -1
        if depth >= max(best[0], 0):  # of two mounts on one folder the later one is seen
            best = (depth, words[2])
    return best[1] if best[1] in NETWORK_FILE_SYSTEMS else None


def synchronised_folder_warning(path: Path) -> Message | None:
    """Return a sentence to show when a service synchronises the folder of the book's file, else `None`."""
    service = synchronising_service(path)
    if service is None:
        return None
    return message(
        "这本账簿在 {service} 同步的文件夹里。同步可能损坏打开着的账簿，请把它移出来，只把备份放在那里。",
        service=service,
    )


def synchronising_service(path: Path) -> str | None:
    """Return the name of the service that synchronises the folder a file lies in, else `None`.

    Known by the folders' names, by what services keep in them, by the environment and by Windows' own lists. Links and
    junctions are followed, and a folder such as Documents that was redirected is the one it was redirected to.
    """
    roots = _service_folders()
    folders = dict.fromkeys((*path.absolute().parents, *_resolved(path).parents))
    return next((service for folder in folders if (service := _service_of(folder, roots)) is not None), None)


def lie_on_one_disk(one: Path, other: Path) -> bool:
    """Tell whether two places are on one disk of the system, whether or not they exist yet."""
    try:
        return _nearest(one).stat().st_dev == _nearest(other).stat().st_dev
    except OSError:
        return False


def _nearest(path: Path) -> Path:
    return next((place for place in (path, *path.absolute().parents) if place.exists()), path)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a circle of links, a drive that is gone
        return path.absolute()


def _service_of(folder: Path, roots: Mapping[str, str]) -> str | None:
    name = folder.name.casefold()
    if name in SYNCHRONISED_NAMES:
        return SYNCHRONISED_NAMES[name]
    if name.startswith("onedrive - "):
        return "OneDrive"
    listed = roots.get(_folded(folder))
    if listed is not None:
        return listed
    for mark, service in SYNCHRONISED_MARKS.items():
        if "*" not in mark:
            if (folder / mark).exists():
                return service
        elif _holds(folder, mark):
            return service
    return None


def _holds(folder: Path, pattern: str) -> bool:
    try:
        return next(folder.glob(pattern), None) is not None
    except OSError:
        return False


def _folded(folder: Path) -> str:
    return os.path.normcase(str(folder)).rstrip("\\/")


def _service_folders() -> dict[str, str]:
    """Return the folders the system knows to be synchronised, and by which service."""
    found = {os.environ[name]: "OneDrive" for name in ONEDRIVE_VARIABLES if os.environ.get(name)}
    found |= _listed_by_windows()
    return {_folded(Path(folder)): service for folder, service in found.items()}


def _listed_by_windows() -> dict[str, str]:
    found: dict[str, str] = {}
    if sys.platform == "win32":
        import winreg

        def names(key: winreg.HKEYType) -> list[str]:
            return [winreg.EnumKey(key, place) for place in range(winreg.QueryInfoKey(key)[0])]

        def values(key: winreg.HKEYType) -> list[str]:
            count = winreg.QueryInfoKey(key)[1]
            return [str(winreg.EnumValue(key, place)[1]) for place in range(count)]

        with contextlib.suppress(OSError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, ONEDRIVE_ACCOUNTS) as accounts:
            for account in names(accounts):
                with contextlib.suppress(OSError), winreg.OpenKey(accounts, account) as key:
                    found[str(winreg.QueryValueEx(key, "UserFolder")[0])] = "OneDrive"
        with contextlib.suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, SYNC_ROOTS) as providers:
            for provider in names(providers):
                with contextlib.suppress(OSError), winreg.OpenKey(providers, provider + r"\UserSyncRoots") as key:
                    found |= dict.fromkeys(values(key), provider.partition("!")[0])
    return {folder: service for folder, service in found.items() if folder}


def windows_network_place(drive: str, drive_type: Callable[[str], int]) -> str | None:
    r"""Return the network place that a drive of Windows is, or `None` for a disk of this computer.

    A drive is `C:` or `\\server\share`, or one of them in the long form, `\\?\C:` or `\\?\UNC\server\share`;
    `drive_type` is asked for `C:\` and answers as GetDriveTypeW.
    """
    plain = drive.replace("/", "\\").removeprefix("\\\\?\\")
    if plain.upper().startswith("UNC\\"):
        return "\\\\" + plain[4:]
    if plain.startswith("\\\\"):
        return plain
    return plain if drive_type(plain + "\\") == WINDOWS_REMOTE_DRIVE else None


def _windows_drive_type(root: str) -> int:
    if sys.platform == "win32":
        import ctypes

        return int(ctypes.windll.kernel32.GetDriveTypeW(root))
    return 0


def _unescaped(text: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text


def make_private(folder: Path) -> None:
    """Make a folder that only this person looks into: a book others may not read must not be read in its backups.

    One that is there stays as it is. Raises `OSError`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
