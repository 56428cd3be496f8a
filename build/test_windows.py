"""Runs the project's tests with a Windows Python under Wine: `python3 dev.py test-windows [pytest's arguments]`.

Without arguments a chosen quick set of suites runs: what touches files, locks, processes, sockets, streams and the
window. With arguments pytest gets these instead, e.g. `tests/storage -k mariadb`; `--all` means every suite that is of
use there. A MariaDB server of this machine is started beside them, since Windows programs on Wine cannot start one.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "build")]

import inputs  # noqa: E402
import windows_python  # noqa: E402
from tests.mariadb import PORT_VARIABLE, ServerMissing, running_server  # noqa: E402
from wine import TimedOut, Wine, WineError  # noqa: E402

QUICK = (
    "tests/cli/test_processes.py",
    "tests/client/test_transport.py",
    "tests/storage/test_address.py",
    "tests/storage/test_backup.py::test_restore_sets_the_old_book_aside",
    "tests/storage/test_lock.py",
    "tests/storage/test_places.py",
    "tests/unit/test_settings.py",
    "tests/unit/test_logs.py",
    "tests/scenarios/test_people.py::test_serve_ends_by_every_signal_of_the_system",
    "tests/storage/test_database.py::test_a_password_with_every_awkward_character_opens_the_book",
    "tests/ui/test_widgets.py",
)
QUICK_LIMIT_S = 420
ALL = (
    *("tests/api", "tests/cli", "tests/client", "tests/exchange", "tests/ledger", "tests/reports", "tests/scenarios"),
    *("tests/security", "tests/storage", "tests/ui", "tests/unit"),
    "--ignore=tests/api/test_openapi.py",  # its library is for Linux here; what it fuzzes knows no system
)
ALL_LIMIT_S = 7200
TEST_LIMIT = "--timeout=900"
"""A process starts in two seconds under Wine, and some tests start sixty."""
TEST_PACKAGES = (
    *("hypothesis", "iniconfig", "packaging", "pluggy", "pygments", "pytest", "pytest-qt", "pytest-timeout"),
    "sortedcontainers",
)
"""In the versions of this machine's environment."""
FONT = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")


def main(arguments: Sequence[str]) -> int:
    """Make what is missing, run the tests, print what pytest printed; return its exit code, 2 where nothing ran."""
    out = ROOT / "out" / "windows"
    whole = "--all" in arguments
    chosen = [argument for argument in arguments if argument != "--all"]
    limit_s = QUICK_LIMIT_S if not arguments else ALL_LIMIT_S
    began = time.monotonic()
    try:
        python = test_python(out / "test-python")
        with Wine(out / "test-wine", screen=True, environment={"PYTHONDONTWRITEBYTECODE": "1"}) as wine:
            place_font(wine)
            with mariadb() as variables:
                done = wine.run(
                    [
                        *(python / "python.exe", "-m", "pytest", "-q", "-p", "no:cacheprovider", TEST_LIMIT),
                        *(chosen or (ALL if whole else QUICK)),
                    ],
                    limit_s,
                    environment=variables,
                    cwd=ROOT,
                )
    except (inputs.InputError, WineError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1 if isinstance(error, TimedOut) else 2
    sys.stdout.write(f"{done.output}\nWindows' Python under Wine, {time.monotonic() - began:.0f} s\n")
    return done.code


def test_python(target: Path) -> Path:
    """Return the folder of a Windows Python with the program's and the tests' packages, made from the lock if need be.

    It is not the one the build uses: that one looks nowhere but at itself, this one minds the environment and the
    folder it is started in, as the tests' own processes need it.
    """
    files = inputs.fetch(ROOT, "windows", ROOT / "out" / "downloads")
    if windows_python.make(ROOT, files, target):
        (target / "python311._pth").unlink()
        wanted = [f"{name}=={importlib.metadata.version(name)}" for name in TEST_PACKAGES]
        options = ["--no-deps", "--only-binary=:all:", "--platform=win_amd64", "--python-version=3.11"]
        options += ["--implementation=cp", "--abi=cp311", "--abi=abi3", "--abi=none"]
        command = [sys.executable, "-m", "pip", "install", "-q", *options, f"--target={target / 'Lib/site-packages'}"]
        try:
            subprocess.run([*command, *wanted], check=True, timeout=inputs.PIP_LIMIT_S)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            shutil.rmtree(target)  # else the next call would take it for whole
            raise inputs.InputError("the packages of the tests are not to be had; is the network there?") from error
    return target


def place_font(wine: Wine) -> None:
    """Give Windows a font with Chinese glyphs as a file: every real one has some, and PDF files embed it."""
    fonts = wine.drive_c / "windows" / "Fonts"
    if FONT.exists() and not (fonts / FONT.name).exists():
        fonts.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FONT, fonts / FONT.name)


@contextlib.contextmanager
def mariadb() -> Iterator[dict[str, str]]:
    """Start a MariaDB server of this machine, where there is one, and give the variable that tells the tests of it."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zhangfang-db-")))
        try:
            server = stack.enter_context(running_server(folder))
        except ServerMissing:
            yield {}
            return
        yield {PORT_VARIABLE: str(server.port)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
