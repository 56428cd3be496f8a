"""Where the proof plays: a Windows of its own under Wine with a screen, and the ways to look at it from outside."""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from PIL import Image, ImageGrab

from prove.glyphs import Found, Region, find_text
from prove.record import ProofFailed, require
from wine import Result, Wine

T = TypeVar("T")

PROGRAM = "Zhangfang.exe"
COMMANDS = "zhangfang-cli.exe"
TITLE = "账房|Zhangfang"
SHORT_S = 60.0
LOOK_S = 0.05
LIKE = 0.8
LIKE_BOLD = 0.7
"""From this likeness on a text counts as seen: right ones have 0.9 and more, wrong ones 0.6 and less. The font has no
bold letters; where the program makes some of the others, right ones have 0.78."""
BODY_SIZES = range(12, 15)
TITLE_SIZES = range(20, 25)


@dataclass
class Stage:
    """A prefix, its screen, the files under proof, and a folder for what is seen."""

    wine: Wine
    out: Path
    payload: Path
    """The one-folder build, as it was built."""
    one_file: Path
    installer: Path
    machine_before: dict[str, dict[str, str]] = field(default_factory=dict)
    """What the registry said of the whole computer before the first installation."""

    # --- places -------------------------------------------------------------------------------------------------------

    @property
    def user(self) -> Path:
        """The Windows user's own folder."""
        users = self.wine.drive_c / "users"
        return next(path for path in sorted(users.iterdir()) if path.name != "Public" and (path / "AppData").is_dir())

    @property
    def installed(self) -> Path:
        """Where the installer puts the program."""
        return self.user / "AppData" / "Local" / "Programs" / "Zhangfang"

    @property
    def data(self) -> Path:
        """Settings and logs of the program."""
        return self.user / "AppData" / "Local" / "zhangfang"

    @functools.cached_property
    def temporary(self) -> Path:
        """The folder for temporary files of the Windows user."""
        folder = self.wine.path(self.run("cmd", "/c", "echo %TEMP%").output.strip())
        require(folder.is_dir(), f"there is no folder for temporary files, {folder}")
        return folder

    @property
    def log(self) -> str:
        """What the program has written into its log so far."""
        path = self.data / "logs" / "zhangfang.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    # --- programs -----------------------------------------------------------------------------------------------------

    def run(
        self, *command: str | Path, timeout_s: float = SHORT_S, environment: Mapping[str, str] | None = None
    ) -> Result:
        """Run a Windows program to its end."""
        return self.wine.run(command, timeout_s, environment=environment)

    def command(
        self, *arguments: str | Path, timeout_s: float = SHORT_S, environment: Mapping[str, str] | None = None
    ) -> str:
        """Run a command of the installed program; return what it wrote. Raises `ProofFailed` unless it was done."""
        done = self.run(self.installed / COMMANDS, *arguments, timeout_s=timeout_s, environment=environment)
        require(done.code == 0, f"{COMMANDS} {' '.join(map(str, arguments))}: code {done.code}\n{done.output}")
        return done.output

    def start(self, *command: str | Path, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a Windows program whose output nobody wants."""
        process = self.wine.start(command, environment=environment)
        assert process.stdout is not None  # noqa: S101 - the pipe `start` makes
        process.stdout.close()
        return process

    def processes(self, name: str = PROGRAM) -> list[int]:
        """Return the Linux process numbers of a Windows program that runs in this prefix."""
        mine = f"WINEPREFIX={self.wine.prefix}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):  # it ended while we looked, or is not ours
                if (
                    entry.name.isdigit()
                    and name.encode() in (entry / "cmdline").read_bytes()
                    and mine in (entry / "environ").read_bytes()
                    and (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
                ):
                    found.append(int(entry.name))
        return found

    def close_window(self, timeout_s: float = SHORT_S) -> None:
        """Ask the program's window to close, as its cross does, and wait until the program has ended."""
        self.run("taskkill", "/im", PROGRAM)
        self.wait(lambda: not self.processes(), "the program's end after its window was closed", timeout_s)

    def kill_program(self) -> None:
        """End the program as Windows' task manager does, and wait until it is gone."""
        self.run("taskkill", "/f", "/im", PROGRAM)
        self.wait(lambda: not self.processes(), "the program's end after it was killed", SHORT_S)

    def clear(self, step: str) -> None:
        """After a step that failed: take a picture of what it left on the screen and end the program."""
        if self.processes():
            self.picture(f"failed {step}")
            self.kill_program()

    def wait(self, look: Callable[[], T], what: str, timeout_s: float = SHORT_S) -> T:
        """Look again and again until something comes of it; return that. Raises `ProofFailed` when nothing does."""
        deadline = time.monotonic() + timeout_s
        while True:
            if found := look():
                return found
            if time.monotonic() > deadline:
                raise ProofFailed(f"waited {timeout_s:.0f} s in vain for {what}")
            time.sleep(LOOK_S)

    def wait_for_log(self, text: str, after: str, timeout_s: float = SHORT_S) -> None:
        """Wait until the program's log, beyond what it held before (`after`), holds a text."""
        try:
            self.wait(lambda: text in self.log[len(after) :], f"“{text}” in the log", timeout_s)
        except ProofFailed as failure:
            raise ProofFailed(f"{failure}; it got:\n{self.log[len(after) :][-2000:]}") from None

    # --- the registry -------------------------------------------------------------------------------------------------

    def registry(self, key: str) -> dict[str, dict[str, str]]:
        """Return the values of a key and all below it, by full key and name; `@` is a key's own value.

        Written by Windows' own export, which keeps Chinese, other than its query. Empty where there is no such key.
        """
        target = self.wine.drive_c / "proof-export.reg"
        target.unlink(missing_ok=True)
        self.run("reg", "export", key, "C:\\proof-export.reg", "/y", timeout_s=60)
        if not target.exists():
            return {}
        text = target.read_text(encoding="utf-16").replace("\\\r\n", "").replace("\\\n", "")
        target.unlink()
        found: dict[str, dict[str, str]] = {}
        values: dict[str, str] = {}
        for line in text.splitlines():
            if line.startswith("["):
                values = found.setdefault(line.strip("[]"), {})
            elif line.startswith("@="):
                values["@"] = _value(line[2:])
            elif line.startswith('"') and '"=' in line:
                name, _, value = line[1:].partition('"=')
                values[name] = _value(value)
        return found

    @contextlib.contextmanager
    def classes_of_the_user_count(self) -> Iterator[None]:
        """Let Wine find what the user's own part of the registry says about kinds of files.

        Windows looks there first (HKEY_CLASSES_ROOT merges both); this Wine looks into the computer's part only, so for
        a while the user's entries are copied there.
        """
        own, common = "HKEY_CURRENT_USER\\Software\\Classes", "HKEY_LOCAL_MACHINE\\Software\\Classes"
        copied = []
        lines = ["Windows Registry Editor Version 5.00", ""]
        for key, values in self.registry(own).items():
            if "zhangfang" in key.lower():
                copied.append(key.replace(own, common))
                lines.append(f"[{copied[-1]}]")
                lines += [_entry(name, value) for name, value in values.items()]
        require(copied, "the user's part of the registry says nothing about books")
        copy = self.wine.drive_c / "proof-classes.reg"
        copy.write_text("\r\n".join([*lines, ""]), encoding="utf-16", newline="")
        self.run("reg", "import", "C:\\proof-classes.reg")
        copy.unlink()
        try:
            yield
        finally:
            for key in sorted(copied, reverse=True):
                self.run("reg", "delete", key, "/f")

    # --- the screen ---------------------------------------------------------------------------------------------------

    def xdo(self, *arguments: str) -> str:
        """Run xdotool on the stage's screen; return what it wrote, nothing when it found nothing."""
        environment = {**os.environ, "DISPLAY": self.wine.display or ""}
        done = subprocess.run(
            ["xdotool", *arguments], env=environment, capture_output=True, check=False, text=True, timeout=SHORT_S
        )
        return done.stdout.strip()

    def windows(self, title: str = TITLE) -> list[str]:
        """Return the numbers of the visible windows whose title matches."""
        return self.xdo("search", "--onlyvisible", "--name", title).split()

    def window_box(self, number: str) -> tuple[int, int, int, int]:
        """Return a window's left, top, right, bottom on the screen."""
        shell = dict(line.split("=") for line in self.xdo("getwindowgeometry", "--shell", number).splitlines())
        left, top = int(shell["X"]), int(shell["Y"])
        return left, top, left + int(shell["WIDTH"]), top + int(shell["HEIGHT"])

    def picture(self, name: str, box: tuple[int, int, int, int] | None = None) -> Image.Image:
        """Take a picture of the screen or a part of it, and keep it under this name."""
        taken = ImageGrab.grab(bbox=box, xdisplay=self.wine.display)
        taken.save(self.out / f"{name}.png")
        return taken

    def find(
        self,
        name: str,
        text: str,
        region: Region,
        sizes_px: Sequence[int] = BODY_SIZES,
        *,
        title: str = TITLE,
        timeout_s: float = 20.0,
        like: float = LIKE,
    ) -> Found:
        """Wait until a Chinese text stands in a region of a window of that title; return where on the screen.

        Short texts only: programs round the places of letters differently, and it adds up. The picture is kept under
        `name`. Raises `ProofFailed` with the best likeness there was.
        """
        best = Found(0.0, 0, 0, 0)
        deadline = time.monotonic() + timeout_s
        while best.likeness < like:
            for number in self.windows(title):
                box = self.window_box(number)
                picture = self.picture(name, box)
                seen = find_text(picture, text, region, sizes_px)
                if seen.likeness > best.likeness:
                    best = Found(seen.likeness, box[0] + seen.x, box[1] + seen.y, seen.size_px)
            if best.likeness < like and time.monotonic() > deadline:
                raise ProofFailed(f"“{text}” does not stand where it has to: likeness {best.likeness:.2f} at best")
        return best

    def click(self, place: Found, right: int = 4, down: int = 4) -> None:
        """Click at a place that was found, a little inside it."""
        self.xdo("mousemove", str(place.x + right), str(place.y + down), "click", "1")

    def scroll_down(self, place: Found) -> None:
        """Turn the wheel at a place until the list there is at its end."""
        self.xdo("mousemove", str(place.x + 4), str(place.y + 4), "click", "--repeat", "30", "--delay", "10", "5")

    def paste(self, text: str) -> None:
        """Put a text into the focused field, instead of what is in it, through the clipboard."""
        holder = (
            "import sys; from PyQt5.QtCore import QTimer; from PyQt5.QtGui import QGuiApplication; "
            "a = QGuiApplication([]); a.clipboard().setText(sys.argv[1]); print('held', flush=True); "
            "QTimer.singleShot(20000, a.quit); a.exec()"
        )
        environment = {**os.environ, "DISPLAY": self.wine.display or "", "QT_QPA_PLATFORM": "xcb"}
        with subprocess.Popen([sys.executable, "-c", holder, text], env=environment, stdout=subprocess.PIPE) as process:
            try:
                assert process.stdout is not None  # noqa: S101 - asked for above
                process.stdout.readline()
                self.xdo("key", "ctrl+a")
                self.xdo("key", "ctrl+v")
                time.sleep(0.5)  # Wine fetches it from the holder while it pastes
            finally:
                process.terminate()


def _value(text: str) -> str:
    """Return a value as the export writes it, texts without their quotes."""
    if text.startswith('"') and text.endswith('"'):
        return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return text


def _entry(name: str, value: str) -> str:
    """Return the line of a text value for an import; see `_value`."""
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'@="{quoted}"' if name == "@" else f'"{name}"="{quoted}"'


def environment_of(values: Mapping[str, str]) -> dict[str, str]:
    """Return the caller's environment with these values instead of its own."""
    return {**os.environ, **values}
