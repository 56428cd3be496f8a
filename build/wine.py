"""Windows programs run on Linux: a private Wine, apart from the user's own, with a screen of its own where asked.

Building and proving the Windows program use this; both must work unattended, so everything has a time limit and nothing
reads a keyboard. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import TracebackType
from typing import IO, NamedTuple, Self

import wine_random_source

# Debian keeps the 64-bit loader off PATH; what is on PATH asks for the 32-bit half, which nothing of ours needs.
LOADERS = ("/usr/lib/wine/wine64", "/usr/lib/wine64/wine64", "/opt/wine-stable/bin/wine64", "/opt/wine-stable/bin/wine")
SERVERS = ("/usr/lib/wine/wineserver64", "/usr/lib/wine64/wineserver", "/opt/wine-stable/bin/wineserver")

PREFIX_LIMIT_S = 180
STOP_LIMIT_S = 20
# After a program's end its output is read to the last byte, but Wine's own services may hold the pipe a while longer.
DRAIN_LIMIT_S = 3

# Of the caller's environment only these reach Wine: nothing that leads to the user's own places.
KEPT_VARIABLES = ("PATH", "TMPDIR", "USER", "LOGNAME", "LD_LIBRARY_PATH")


class WineError(Exception):
    """Wine is not there or did not do what it was asked; the text says what and shows the output."""


class TimedOut(WineError):
    """A program did not end in time; everything in its prefix was killed. `output` is what it had written."""

    def __init__(self, command: str, timeout_s: float, output: str) -> None:
        super().__init__(f"{command}: not done after {timeout_s:g} s, stopped; it had written:\n{output}")
        self.output = output


class Result(NamedTuple):
    """How a program ended: its exit code, and what it wrote to both outputs, as one text."""

    code: int
    output: str


def loader() -> Path | None:
    """Return the program that runs 64-bit Windows programs, or None where Wine is missing."""
    return _first(LOADERS, "wine64") or _first((), "wine")


def _first(places: Sequence[str], name: str) -> Path | None:
    found = next((place for place in places if os.access(place, os.X_OK)), None) or shutil.which(name)
    return Path(found) if found else None


class Screen:
    """A screen in memory (Xvfb) on a free number; `display` is its name, as in the DISPLAY variable."""

    def __init__(self, size: str = "1280x900x24") -> None:
        reading, writing = os.pipe()
        try:
            # The screen chooses a free number and tells it; nobody else's can be met by accident.
            self._process = subprocess.Popen(
                ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp", "-noreset"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(writing,),
                start_new_session=True,
            )
        except FileNotFoundError as error:
            os.close(reading)
            raise WineError("Xvfb is not there (Debian, Ubuntu: the package xvfb)") from error
        finally:
            os.close(writing)
        with os.fdopen(reading, encoding="ascii") as told:
            number = told.readline().strip()
        if not number:
            self._process.wait(STOP_LIMIT_S)
            raise WineError(f"Xvfb ended at once with code {self._process.returncode}")
        self.display = f":{number}"

    def stop(self) -> None:
        """End the screen; windows still on it lose it."""
        self._process.terminate()
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Wine:
    """A Wine prefix below `folder`, which becomes its programs' home too.

    As a context manager it makes the prefix (about 15 s; nothing when it is there) and at the end stops all that
    runs in it. The files stay: `folder` is the caller's.

    Args:
        folder: where the prefix and its home live; made when missing.
        screen: whether to start a screen of its own; without one, programs run but can show no window.
        locale: of the Unix side, which Wine takes the Windows language from, e.g. `zh_CN.UTF-8`.
        environment: variables every program in this prefix sees besides the usual ones.
    """

    def __init__(
        self,
        folder: Path,
        *,
        screen: bool = False,
        locale: str = "C.UTF-8",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.prefix = self.folder / "prefix"
        self.drive_c = self.prefix / "drive_c"
        self._wants_screen = screen
        self._screen: Screen | None = None
        self._locale = locale
        self._environment = dict(environment or {})

    # --- life ---------------------------------------------------------------------------------------------------------

    def make(self) -> None:
        """Make the prefix as a 64-bit Windows 10, unless it is made, and start the screen if one was asked for.

        Raises:
            WineError: Wine or Xvfb is missing, or the prefix could not be made.
        """
        if loader() is None:
            raise WineError("Wine is not there (Debian, Ubuntu: the package wine, with wine64)")
        (self.folder / "Desktop").mkdir(parents=True, exist_ok=True)  # Wine links the desktop of Windows to it
        if self._wants_screen and self._screen is None:
            self._screen = Screen()
        made = self.prefix / "made"  # written last: a prefix that was interrupted is made again
        if made.exists():
            return
        shutil.rmtree(self.prefix, ignore_errors=True)
        self.run(["wineboot", "-i"], PREFIX_LIMIT_S)
        self.run(["winecfg", "-v", "win10"], PREFIX_LIMIT_S)
        system = self.drive_c / "windows" / "system32"
        if not system.is_dir():
            raise WineError(f"Wine made no Windows in {self.prefix}")
        library = system / wine_random_source.LIBRARY
        if not library.exists():
            library.write_bytes(wine_random_source.random_source())
        made.touch()

    def stop(self) -> None:
        """Kill whatever runs in the prefix, wait until it is gone, and end the screen."""
        self.kill()
        if self._screen is not None:
            self._screen.stop()
            self._screen = None

    def kill(self) -> None:
        """Kill whatever runs in the prefix and wait until it is gone; the prefix stays usable."""
        server = _first(SERVERS, "wineserver")
        if server is None or not self.prefix.is_dir():
            return
        for option in ("-k", "-w"):
            with contextlib.suppress(subprocess.TimeoutExpired):
                subprocess.run(
                    [server, option],
                    env=self.environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    check=False,
                    timeout=STOP_LIMIT_S,
                )

    def __enter__(self) -> Self:
        try:
            self.make()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- programs -----------------------------------------------------------------------------------------------------

    @property
    def display(self) -> str | None:
        """The DISPLAY of the screen, or None without one."""
        return self._screen.display if self._screen else None

    def environment(self, further: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the whole environment of a program in this prefix."""
        known = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        known |= {
            "HOME": str(self.folder),
            "LC_ALL": self._locale,
            "LANG": self._locale,
            "WINEPREFIX": str(self.prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            # no questions about .NET and HTML engines, no entries in the Linux menus
            "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=d",
        }
        if self._screen is not None:
            known["DISPLAY"] = self._screen.display
        return known | self._environment | dict(further or {})

    def start(
        self,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program and return at once; its two outputs are one pipe, `stdout`, which the caller reads or closes.

        A `Path` in the command is written as Windows sees it, a `str` is handed over as it is. Standard input is empty,
        and the outputs are never a regular file, since Python under Wine dies of that at its start.

        Raises:
            WineError: Wine is missing.
        """
        found = loader()
        if found is None:
            raise WineError("Wine is not there (Debian, Ubuntu: the package wine, with wine64)")
        words = [self.windows(word) if isinstance(word, Path) else word for word in command]
        return subprocess.Popen(
            [str(found), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment(environment),
            cwd=cwd or self.folder,
            start_new_session=True,
        )

    def run(
        self,
        command: Sequence[str | Path],
        timeout_s: float,
        *,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Result:
        """Run a program to its end and return its exit code and output; see `start` for how the command is written.

        Raises:
            TimedOut: it did not end in time; the prefix's programs are all killed, since a Windows program in trouble
                shows a box and waits for ever.
            WineError: Wine is missing.
        """
        process = self.start(command, environment=environment, cwd=cwd)
        pieces: list[bytes] = []
        reader = threading.Thread(target=_read, args=(process.stdout, pieces), daemon=True)
        reader.start()
        try:
            code = process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise TimedOut(" ".join(map(str, command)), timeout_s, _text(pieces)) from error
        finally:
            if process.returncode is None:
                self._end(process)
            reader.join(DRAIN_LIMIT_S)
        return Result(code, _text(pieces))

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the prefix's programs and, should Wine's server itself hang, the process we started."""
        self.kill()
        deadline = time.monotonic() + STOP_LIMIT_S
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)  # its own group, see start_new_session
            process.wait()

    # --- paths --------------------------------------------------------------------------------------------------------

    def path(self, windows_path: str) -> Path:
        r"""Return where a Windows path of drive C or Z lies on Linux, e.g. `C:\我的 账本\甲.zhangfang`.

        Windows does not distinguish capitals, so existing parts are found in any spelling.

        Raises:
            ValueError: the path has no drive, or one this prefix does not have.
        """
        pure = PureWindowsPath(windows_path)
        roots = {"c:": self.drive_c, "z:": Path("/")}
        place = roots.get(pure.drive.lower())
        if place is None or not pure.root:
            raise ValueError(f"{windows_path}: not a path on drive C or Z")
        for part in pure.parts[1:]:
            exact = place / part
            if not exact.exists() and place.is_dir():
                exact = next((child for child in place.iterdir() if child.name.lower() == part.lower()), exact)
            place = exact
        return place

    def windows(self, path: Path) -> str:
        r"""Return a Linux path as Windows sees it: below the prefix on drive C, elsewhere on drive Z."""
        absolute = PurePosixPath(os.path.abspath(path))  # noqa: PTH100 - links stay, as Windows sees them
        if absolute.is_relative_to(self.drive_c):
            return "C:\\" + "\\".join(absolute.relative_to(self.drive_c).parts)
        return "Z:" + str(absolute).replace("/", "\\")


def _read(pipe: IO[bytes] | None, pieces: list[bytes]) -> None:
    """Collect what comes through a pipe until its last writer closes it."""
    assert pipe is not None  # noqa: S101 - start() always makes one
    with pipe:
        while piece := os.read(pipe.fileno(), 1 << 16):
            pieces.append(piece)


def _text(pieces: list[bytes]) -> str:
    return b"".join(pieces).decode("utf-8", errors="replace").replace("\r\n", "\n")
