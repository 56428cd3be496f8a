#!/usr/bin/env python3
"""The developer's one door: set up, run, test, lint and build 账房, with nothing but Python installed.

    python3 dev.py run [arguments of main.py]       (Windows: py dev.py run)
    python3 dev.py test [arguments of pytest]

Every command first makes `.venv` beside this file and installs what is missing in it; when nothing is, that costs about
a tenth of a second. On Debian and Ubuntu the system's packages are looked after too: root gets them installed, anybody
else gets the exact line to type. This file uses the standard library only and is the same on Linux and Windows.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)
WINDOWS = os.name == "nt"

RUN_REQUIREMENTS = ("requirements.txt",)
DEV_REQUIREMENTS = ("requirements.txt", "requirements-server.txt", "requirements-dev.txt")

# Debian and Ubuntu names. Qt comes with its wheel but expects these of the system: the first three for any Qt program,
# the others for a window under X11.
QT_PACKAGES = (
    "libgl1",
    "libglib2.0-0",
    "libfontconfig1",
    "libdbus-1-3",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-xinerama0",
    "libxkbcommon-x11-0",
)
RUN_PACKAGES = (*QT_PACKAGES, "fonts-wqy-microhei")  # the font has all Chinese characters
DEV_PACKAGES = (
    *RUN_PACKAGES,
    "xvfb",  # a screen in memory, for the pictures of the window
    "xauth",
    "mariadb-server-core",  # the test database; the tests start it themselves, so no system service is installed
    "mariadb-client-core",  # mariadb-install-db asks a program of it
    "nginx-light",  # the way in front of the services; the tests start their own, no system service is needed
    "hledger",  # figures are compared with these two
    "ledger",
    "sqlite3",  # the tests damage books with it, as an intruder would
    "binutils",  # PyInstaller reads and strips libraries with it
)
WINDOWS_PACKAGES = (
    "fonts-wqy-microhei",
    "nsis",  # makes the installer
    "osslsigncode",  # verifies who signed the Windows Python
    "wine",  # runs PyInstaller for Windows, and the finished program
    "wine64",
    "xvfb",
    "xauth",
)
PROOF_PACKAGES = (
    *WINDOWS_PACKAGES,
    "locales",  # Wine takes the language of Windows from the locale; the proof makes the Chinese one for itself
    "xdotool",  # clicks and types in the program's window
)


class SetupError(Exception):
    """The machine lacks something this script cannot get by itself; the text says what to do."""


# --- what is there, what is missing -----------------------------------------------------------------------------------


def venv_program(name: str) -> Path:
    """Return the path of a program inside `.venv`, on this kind of system."""
    if WINDOWS:
        return VENV / "Scripts" / f"{name}.exe"
    return VENV / "bin" / name


def stamp_text(requirement_files: Iterable[str]) -> str:
    """Return a text that changes when the pinned packages or the interpreter under `.venv` change."""
    digest = hashlib.sha256()
    for name in requirement_files:
        digest.update((ROOT / name).read_bytes())
    digest.update((VENV / "pyvenv.cfg").read_bytes())
    digest.update(os.fsencode(venv_program("python").resolve()))
    return digest.hexdigest()


def stamp_path(requirement_files: Sequence[str]) -> Path:
    """Return the file in `.venv` that remembers what was installed from these requirement files."""
    return VENV / f"installed-{Path(requirement_files[-1]).stem}"


def is_installed(requirement_files: Sequence[str]) -> bool:
    """Tell whether `.venv` holds exactly the packages these files pin."""
    if not venv_program("python").exists() or not (VENV / "pyvenv.cfg").exists():
        return False
    stamp = stamp_path(requirement_files)
    return stamp.exists() and stamp.read_text(encoding="ascii") == stamp_text(requirement_files)


def missing_packages(wanted: Iterable[str]) -> list[str]:
    """Return the Debian packages among `wanted` that are not installed, under their own name or one that stands for it.

    Newer releases rename packages (libglib2.0-0t64 provides libglib2.0-0), so the provided names count too. On systems
    without dpkg the answer is empty.
    """
    if not (shutil.which("dpkg-query") and shutil.which("apt-get")):
        return []
    listing = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${db:Status-Status}\t${Package}\t${Provides}\n"],
        capture_output=True,
        check=True,
        encoding="utf-8",
    ).stdout
    present: set[str] = set()
    for line in listing.splitlines():
        status, package, provides = line.split("\t")
        if status == "installed":
            present.add(package)
            present.update(word.split()[0] for word in provides.split(",") if word.strip())
    return [name for name in wanted if name not in present]


# --- getting what is missing ------------------------------------------------------------------------------------------


def say(text: str) -> None:
    """Tell the developer something, on standard error, where it cannot mix with a program's output."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def child_environment() -> dict[str, str]:
    """Return the environment for the programs we start.

    Without the variables that would point Python elsewhere, or stop it from keeping compiled files: without those every
    start takes two to three times as long.
    """
    dropped = {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PIP_NO_COMPILE"}
    return {name: value for name, value in os.environ.items() if name not in dropped}


def call(command: Sequence[str | Path], **extra_environment: str) -> int:
    """Run a command in the project's folder, show it, and return its exit code."""
    say("$ " + " ".join(str(word) for word in command))
    return subprocess.run(command, cwd=ROOT, env=child_environment() | extra_environment, check=False).returncode


def is_root() -> bool:
    """Tell whether we may install system packages."""
    return sys.platform != "win32" and os.geteuid() == 0


def apt_line(packages: Iterable[str]) -> str:
    """Return the line a developer types to install these Debian packages."""
    return "sudo apt-get update && sudo apt-get install --yes --no-install-recommends " + " ".join(packages)


def ensure_packages(wanted: Iterable[str]) -> bool:
    """Install the missing Debian packages if we may, else print the line that does; tell whether all are there now."""
    missing = missing_packages(wanted)
    if not missing:
        return True
    if is_root():
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
        if not call(["apt-get", "update"], **quiet) and not call(install, **quiet):
            return True
    say("these system packages are missing; please install them with\n    " + apt_line(missing))
    return False


def require_packages(wanted: Iterable[str]) -> None:
    """Have Debian packages that a command cannot do without.

    Raises:
        SetupError: one is missing and we may not install it; the line to type was printed.
    """
    if not ensure_packages(wanted):
        raise SetupError("without these packages this command cannot go on")


def outer_python() -> str:
    """Return the interpreter a new `.venv` is made from, also when we run inside the old one."""
    inner = sys.prefix != sys.base_prefix
    return str(getattr(sys, "_base_executable", sys.executable)) if inner else sys.executable


def is_venv_sound() -> bool:
    """Tell whether `.venv` has an interpreter that runs and has pip."""
    python = venv_program("python")
    command = [str(python), "-c", "import pip"]
    return python.exists() and not subprocess.run(command, capture_output=True, check=False).returncode


def packages_for_venv(requirement_files: Sequence[str]) -> tuple[str, ...]:
    """Return the Debian package that completes Python's venv module, when one has to be made and cannot yet."""
    if is_installed(requirement_files) or importlib.util.find_spec("ensurepip") or is_venv_sound():
        return ()
    return (f"python{sys.version_info.major}.{sys.version_info.minor}-venv",)


def ensure_venv() -> None:
    """Make `.venv`, or make it anew when its interpreter or its pip is gone.

    Raises:
        SetupError: Python's own venv module is not complete.
    """
    if is_venv_sound():
        return
    importlib.invalidate_caches()  # apt-get may have brought it a moment ago
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError("this Python cannot make environments: it lacks ensurepip (Debian, Ubuntu: python3-venv)")
    if call([outer_python(), "-m", "venv", "--clear", VENV]):
        raise SetupError("Python could not make .venv, see above")


def ensure_python_packages(requirement_files: Sequence[str]) -> None:
    """Bring `.venv` to the pinned packages, unless its stamp says that it is there already.

    Raises:
        SetupError: pip failed.
    """
    if is_installed(requirement_files):
        return
    ensure_venv()
    pip: list[str | Path] = [venv_program("python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    for name in requirement_files:
        pip += ["--requirement", name]
    if call(pip):
        raise SetupError("pip could not install the packages, see above; is the network there?")
    stamp_path(requirement_files).write_text(stamp_text(requirement_files), encoding="ascii")
    if requirement_files == DEV_REQUIREMENTS:
        stamp_path(RUN_REQUIREMENTS).write_text(stamp_text(RUN_REQUIREMENTS), encoding="ascii")


def ensure_ready_to_run() -> None:
    """Set up what the program needs."""
    ensure_packages([*packages_for_venv(RUN_REQUIREMENTS), *RUN_PACKAGES])
    ensure_python_packages(RUN_REQUIREMENTS)


def ensure_ready_to_develop() -> None:
    """Set up what tests, checks and builds need."""
    ensure_packages([*packages_for_venv(DEV_REQUIREMENTS), *DEV_PACKAGES])
    ensure_python_packages(DEV_REQUIREMENTS)


# --- the commands -----------------------------------------------------------------------------------------------------


def module_command(module: str, *arguments: str) -> list[str | Path]:
    """Return the command that runs a tool of `.venv`; as a module, so that it survives a moved folder."""
    return [venv_program("python"), "-m", module, *arguments]


def setup(arguments: Sequence[str]) -> int:
    """Install everything for running, testing and building; nothing else."""
    del arguments
    ensure_ready_to_develop()
    return 0


def run(arguments: Sequence[str]) -> int:
    """Start the program: dev.py run [arguments of main.py]."""
    ensure_ready_to_run()
    own = arguments[1:] if arguments[:1] == ["--"] else arguments
    command = [str(venv_program("python")), str(ROOT / "main.py"), *own]
    if not WINDOWS:
        os.execve(command[0], command, child_environment())  # so that signals reach the program itself  # noqa: S606
    return subprocess.run(command, env=child_environment(), check=False).returncode


def test(arguments: Sequence[str]) -> int:
    """Run the tests: dev.py test [arguments of pytest]; without arguments all of them, three at a time."""
    ensure_ready_to_develop()
    chosen = list(arguments) or ["-n", "3", "--dist", "worksteal"]
    return call(module_command("pytest", *chosen), QT_QPA_PLATFORM=os.environ.get("QT_QPA_PLATFORM", "offscreen"))


def lint(arguments: Sequence[str]) -> int:
    """Check form, types and arrows: ruff, mypy --strict, import-linter; all of them, whichever fails."""
    del arguments
    ensure_ready_to_develop()
    start_import_linter = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    codes = [
        call(module_command("ruff", "check")),
        call(module_command("ruff", "format", "--check")),
        call(module_command("mypy")),
        call([venv_program("python"), "-c", start_import_linter, "--no-logo"]),
    ]
    return int(any(codes))


def fix(arguments: Sequence[str]) -> int:
    """Mend what ruff can mend, and format."""
    del arguments
    ensure_ready_to_develop()
    codes = [call(module_command("ruff", "check", "--fix")), call(module_command("ruff", "format"))]
    return int(any(codes))


def build(arguments: Sequence[str]) -> int:
    """Build the one-file program and the one-folder program into out/dist."""
    ensure_ready_to_develop()
    places = ("--workpath", "out/work", "--distpath", "out/dist")
    return call(module_command("PyInstaller", "--noconfirm", *places, *arguments, "installer.spec"))


def package(arguments: Sequence[str]) -> int:
    """Make all downloads in out/release: dev.py package [windows|linux] [--twice]; without a name both."""
    ensure_ready_to_develop()
    if "linux" not in arguments:
        require_packages(WINDOWS_PACKAGES)
    return call([venv_program("python"), "build/package.py", *arguments])


def lock(arguments: Sequence[str]) -> int:
    """Choose anew, from requirements.txt, the exact files the downloads are made from: build/*/requirements.lock."""
    ensure_ready_to_develop()
    return call([venv_program("python"), "build/inputs.py", *arguments])


def prove_windows(arguments: Sequence[str]) -> int:
    """Prove the Windows downloads under Wine: install, start, keep a book, upgrade, uninstall."""
    ensure_ready_to_develop()
    require_packages(PROOF_PACKAGES)
    return call([venv_program("python"), "build/prove_windows.py", *arguments])


def test_windows(arguments: Sequence[str]) -> int:
    """Run a quick set of tests with a Windows Python under Wine; --all for every suite, or pytest's arguments."""
    ensure_ready_to_develop()
    require_packages(WINDOWS_PACKAGES)
    return call([venv_program("python"), "build/test_windows.py", *arguments])


def self_test(arguments: Sequence[str]) -> int:
    """Let both built programs prove themselves: run each with --self-test and look into its archive and its log."""
    ensure_ready_to_develop()
    return call(module_command("pytest", "-m", "built", "tests/packaging", *arguments))


def check(arguments: Sequence[str]) -> int:
    """Do everything a change must pass: lint, test, build, self-test; stops at the first that fails."""
    del arguments
    return lint([]) or test([]) or build([]) or self_test([])


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "setup": setup,
    "run": run,
    "test": test,
    "lint": lint,
    "fix": fix,
    "build": build,
    "self-test": self_test,
    "package": package,
    "lock": lock,
    "prove-windows": prove_windows,
    "test-windows": test_windows,
    "check": check,
}


def usage() -> str:
    """Return the list of commands, each with the first line of its docstring."""
    lines = [f"  {name:<13} {(function.__doc__ or '').splitlines()[0]}" for name, function in COMMANDS.items()]
    return "\n".join(["usage: python3 dev.py COMMAND [arguments]", "", *lines])


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 wrong usage or set-up not possible."""
    if sys.version_info < OLDEST_PYTHON:
        say("Python 3.11 or newer is needed, this is " + sys.version.split()[0])
        return 2
    if not arguments or arguments[0] not in COMMANDS:
        print(usage(), file=sys.stderr)
        return 0 if arguments[:1] in (["help"], ["-h"], ["--help"]) else 2
    try:
        return COMMANDS[arguments[0]](list(arguments[1:]))
    except SetupError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
