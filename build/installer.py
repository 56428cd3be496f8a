"""Makes the Windows installer from the one-folder build, on Linux or Windows, with NSIS (Debian: nsis).

The script is build/windows/installer.nsi; what depends on the build is written here: the list of files to install and
to remove, the version, the size. The same folder and version give the same bytes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

HERE = Path(__file__).resolve().parent
SCRIPT = HERE / "windows" / "installer.nsi"
ICON = HERE / "windows" / "zhangfang.ico"
LICENSE = HERE.parent / "LICENSE"
FILE_LIST = "_internal/installed-files.txt"
"""Where an installed version keeps the names of its files, so that the next one can take them away."""

COMPRESSIONS = ("lzma", "none")
DICTIONARY_MB = 32
"""The two programs of the folder are nearly the same; both have to fit, so that the second costs next to nothing."""
LONGEST_PATH = 160
"""Windows allows 260 characters in all; the folder of a user with a long name needs the rest."""

TIME_LIMIT_S = 900


class InstallerError(Exception):
    """The installer cannot be made; the text says why and what to do."""


@dataclass(frozen=True)
class Payload:
    """What goes into the installer: paths below the program's folder, with forward slashes, sorted."""

    files: tuple[str, ...]
    folders: tuple[str, ...]
    """Without the program's folder itself; a folder stands before what is in it."""
    size_kb: int


def read_payload(folder: Path) -> Payload:
    """List a one-folder build. Raises `InstallerError` when it is none, or holds what Windows could not take."""
    if not (folder / "Zhangfang.exe").is_file():
        raise InstallerError(f"{folder} holds no Zhangfang.exe; build the one-folder program first")
    paths = sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix())
    files = tuple(path.relative_to(folder).as_posix() for path in paths if path.is_file())
    folders = tuple(path.relative_to(folder).as_posix() for path in paths if path.is_dir())
    for name in files:
        require_windows_name(name)
    size = sum((folder / name).stat().st_size for name in files)
    return Payload(files, folders, -(-size // 1024))


def require_windows_name(name: str) -> None:
    """Raise `InstallerError` for a path, with forward slashes, that Windows or the list of files could not take."""
    if any(letter in name for letter in '\\"`<>|?*:\n\r\t') or len(name) > LONGEST_PATH:
        raise InstallerError(f"Windows cannot install a file named {name!r}")


def four_numbers(version: str) -> str:
    """Return a version as Windows counts, always with four numbers. Raises `InstallerError` for what is no version."""
    parts = version.split(".")
    if not 1 <= len(parts) <= 4 or not all(part.isascii() and part.isdigit() and int(part) < 65536 for part in parts):
        raise InstallerError(f"{version!r} is no version of one to four numbers")
    return ".".join([*(str(int(part)) for part in parts), *["0"] * (4 - len(parts))])


def file_list(payload: Payload) -> str:
    """Return the text of the list that is installed: files, then folders, the deepest first, each with a backslash."""
    folders = [f"{name}/" for name in reversed(payload.folders)]
    return "".join(f"{_windows(name)}\r\n" for name in [*payload.files, "LICENSE.txt", *folders])


def payload_script(folder: Path, payload: Payload, list_file: Path) -> str:
    """Return the NSIS macros InstallFiles and RemoveFiles for these files.

    Args:
        folder: the one-folder build.
        payload: what `read_payload` found in it.
        list_file: holds `file_list`, as UTF-16.
    """
    sources = {"LICENSE.txt": LICENSE, FILE_LIST: list_file} | {name: folder / name for name in payload.files}
    places = sorted({PurePosixPath(name).parent for name in sources})
    lines = ["!macro InstallFiles"]
    for place in places:
        lines.append(f'  SetOutPath "{_installed("" if place == PurePosixPath() else str(place))}"')
        lines += [
            f'  File "/oname={_quoted(PurePosixPath(name).name)}" "{_quoted(str(source))}"'
            for name, source in sorted(sources.items())
            if PurePosixPath(name).parent == place
        ]
    lines += ["!macroend", "", "!macro RemoveFiles"]
    lines += [f'  Delete "{_installed(name)}"' for name in sorted(sources)]
    folders = {*payload.folders, str(PurePosixPath(FILE_LIST).parent)}
    lines += [f'  RMDir "{_installed(name)}"' for name in sorted(folders, reverse=True)]
    return "\n".join([*lines, "!macroend", ""])


def _windows(name: str) -> str:
    return name.replace("/", "\\")


def _quoted(text: str) -> str:
    """Return text as it stands between the double quotes of an NSIS line."""
    return text.replace("$", "$$")


def _installed(name: str) -> str:
    return "$INSTDIR" + (f"\\{_quoted(_windows(name))}" if name else "")


def makensis_command(
    version: str, payload: Payload, script: Path, output: Path, *, compression: str = "lzma"
) -> Sequence[str]:
    """Return the call of makensis; `compression` is `lzma` (small) or `none` (quick, for trials)."""
    defines = {
        "VERSION": version,
        "NUMBERS": four_numbers(version),
        "SIZE_KB": str(payload.size_kb),
        "OUT": str(output),
        "PAYLOAD": str(script),
        "LICENSE": str(LICENSE),
        "ICON": str(ICON),
    }
    how = {
        "lzma": ["SetCompressor /FINAL /SOLID lzma", f"SetCompressorDictSize {DICTIONARY_MB}"],
        "none": ["SetCompress off"],
    }
    return [
        "makensis",
        "-V2",
        "-WX",
        "-INPUTCHARSET",
        "UTF8",
        *(f"-D{name}={value}" for name, value in defines.items()),
        *(f"-X{line}" for line in how[compression]),
        str(SCRIPT),
    ]


def make_installer(folder: Path, output: Path, version: str, *, compression: str = "lzma") -> None:
    """Make the installer of a one-folder build.

    Args:
        folder: the one-folder build, with Zhangfang.exe in it.
        output: the installer to write, a name that ends with .exe; replaced when it is there.
        version: one to four numbers with points.
        compression: `lzma`, or `none` for a quick trial.

    Raises:
        InstallerError: the folder or the version is none, makensis is missing or refuses.
    """
    if compression not in COMPRESSIONS:
        raise InstallerError(f"{compression!r} is no compression; there are {', '.join(COMPRESSIONS)}")
    if shutil.which("makensis") is None:
        raise InstallerError("makensis is not installed (Debian: apt-get install nsis)")
    payload = read_payload(folder)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="zhangfang-installer-") as name:
        work = Path(name)
        list_path, script = work / "installed-files.txt", work / "payload.nsh"
        list_path.write_bytes(b"\xff\xfe" + file_list(payload).encode("utf-16-le"))
        script.write_text(payload_script(folder.resolve(), payload, list_path), encoding="utf-8")
        command = makensis_command(version, payload, script, output.resolve(), compression=compression)
        done = subprocess.run(
            command,
            capture_output=True,
            check=False,
            encoding="utf-8",
            env={**os.environ, "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH", "0")},
            errors="replace",
            timeout=TIME_LIMIT_S,
        )
    if done.returncode != 0:
        raise InstallerError(f"makensis refused:\n{done.stdout}{done.stderr}")
