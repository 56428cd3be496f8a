"""Everything users download, made into out/release: `python3 dev.py package [windows|linux] [--twice]`.

Windows: the pinned interpreter and packages are unpacked on Linux, PyInstaller runs under Wine. Linux: the pinned
packages go into an environment of their own. The same installer.spec for both, the same time written into everything.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import archives
import contents
import inputs
import installer
import sbom
import windows_python
from wine import Wine, WineError

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from app.portable import MARKER  # noqa: E402
from app.version import PROGRAM, PROGRAM_NAME_EN, VERSION  # noqa: E402

BUILD_LIMIT_S = 1200
PIP_LIMIT_S = 900
SYSTEMS = ("windows", "linux")
DOWNLOADS_VARIABLE = "ZHANGFANG_DOWNLOADS"
# Where no version control tells when the sources were last changed.
FIXED_EPOCH = 1767225600


class PackageError(Exception):
    """A step failed; the text shows what it wrote."""


class Places(NamedTuple):
    """Where a project's builds and what they need lie."""

    root: Path
    downloads: Path

    @property
    def out(self) -> Path:
        """Everything that is made."""
        return self.root / "out"

    @property
    def windows(self) -> Path:
        """The Windows build and what it needs: `python`, `wine`, `work`, `dist`."""
        return self.out / "windows"

    @property
    def linux(self) -> Path:
        """What the Linux build needs: its environment."""
        return self.out / "linux"

    @property
    def release(self) -> Path:
        """What is offered for download."""
        return self.out / "release"


def places(root: Path = ROOT, downloads: Path | None = None) -> Places:
    """Return the places of a project; a second build elsewhere shares the downloads of the first."""
    shared = os.environ.get(DOWNLOADS_VARIABLE)
    return Places(root, downloads or (Path(shared) if shared else root / "out" / "downloads"))


def say(text: str) -> None:
    """Tell what happens, on standard error."""
    sys.stderr.write(f"package: {text}\n")
    sys.stderr.flush()


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    """Say how long a stage took."""
    began = time.monotonic()
    yield
    say(f"{name}: {time.monotonic() - began:.1f} s")


def source_epoch(root: Path) -> int:
    """Return the one time that everything built from these sources carries, in seconds since 1970.

    What the caller set as SOURCE_DATE_EPOCH, else the time of the last commit, else a fixed one.
    """
    if told := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(told)
    with contextlib.suppress(OSError, ValueError):
        command = ["git", "log", "-1", "--format=%ct"]
        done = subprocess.run(command, capture_output=True, check=False, cwd=root, encoding="ascii", timeout=30)
        return int(done.stdout)
    return FIXED_EPOCH


def build_environment(epoch: int) -> dict[str, str]:
    """Return the variables PyInstaller runs with, so that neither time nor chance reach the result."""
    return {"SOURCE_DATE_EPOCH": str(epoch), "PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "PYTHONNOUSERSITE": "1"}


def give_one_time(folder: Path, epoch: int) -> None:
    """Give every file of a build the same time; the installer keeps it."""
    for path in folder.rglob("*"):
        os.utime(path, (epoch, epoch), follow_symlinks=False)


# --- Windows ----------------------------------------------------------------------------------------------------------


def prepare_windows(where: Places) -> Path:
    """Return the folder of the Windows Python with all packages, made from the lock if it is not there yet."""
    with stage("windows: inputs"):
        files = inputs.fetch(where.root, "windows", where.downloads)
        python = where.windows / "python"
        windows_python.make(where.root, files, python)
        say(windows_python.verify(python))
    return python


def pyinstaller_under_wine(where: Places, wine: Wine, python: Path, arguments: Sequence[str | Path]) -> str:
    """Run the Windows PyInstaller with these arguments in the project's folder and return what it wrote.

    Raises:
        PackageError: it failed.
        TimedOut: it hung.
    """
    done = wine.run(
        [python / "python.exe", "-m", "PyInstaller", "--noconfirm", *arguments],
        BUILD_LIMIT_S,
        environment=build_environment(source_epoch(where.root)),
        cwd=where.root,
    )
    if done.code:
        raise PackageError(f"PyInstaller failed under Wine:\n{done.output[-4000:]}")
    return done.output


def build_windows(where: Places) -> None:
    """Build the one-file program and the folder for Windows into out/windows/dist."""
    python = prepare_windows(where)
    wine = Wine(where.windows / "wine")
    try:
        with stage("windows: Wine's prefix"):
            wine.make()
        shutil.rmtree(where.windows / "dist", ignore_errors=True)
        shutil.rmtree(where.windows / "work", ignore_errors=True)
        with stage("windows: PyInstaller"):
            to: list[str | Path] = ["--workpath", where.windows / "work", "--distpath", where.windows / "dist"]
            written = pyinstaller_under_wine(where, wine, python, [*to, where.root / "installer.spec"])
    finally:
        wine.stop()
    (where.windows / "pyinstaller.log").write_text(written, encoding="utf-8")
    give_one_time(where.windows / "dist", source_epoch(where.root))


def release_windows(where: Places) -> list[Path]:
    """Make what Windows users download from the built programs: the installer and the portable .zip."""
    folder = where.windows / "dist" / f"{PROGRAM_NAME_EN}-folder"
    setup = where.release / f"{PROGRAM_NAME_EN}-{VERSION}-windows-x64-setup.exe"
    with stage("windows: installer"):
        installer.make_installer(folder, setup, VERSION)
    with stage("windows: portable zip"):
        return [setup, portable_zip(where)]


def portable_zip(where: Places) -> Path:
    """Make the .zip: the one-file program, its licence, how to use it, and the mark of portable mode; return it."""
    output = where.release / f"{PROGRAM_NAME_EN}-{VERSION}-windows-x64-portable.zip"
    program = where.windows / "dist" / f"{PROGRAM_NAME_EN}.exe"
    files: dict[str, Path | bytes] = {
        f"{output.stem}/{program.name}": program,
        f"{output.stem}/{MARKER}": b"",
    }
    for name, source in (
        ("说明.txt", where.root / "build" / "windows" / "说明.txt"),
        ("LICENSE.txt", where.root / "LICENSE"),
    ):
        text = source.read_text("utf-8").replace("\n", "\r\n")
        mark = b"" if text.isascii() else b"\xef\xbb\xbf"  # by it Notepad knows that a text is UTF-8
        files[f"{output.stem}/{name}"] = mark + text.encode()
    archives.write_zip(output, files, source_epoch(where.root))
    return output


# --- Linux ------------------------------------------------------------------------------------------------------------


def prepare_linux(where: Places) -> Path:
    """Return the Python of an environment that holds exactly the packages of the Linux lock."""
    with stage("linux: inputs"):
        files = inputs.fetch(where.root, "linux", where.downloads)
        venv, key = where.linux / "venv", inputs.lock_key(where.root / inputs.LOCKS["linux"])
        stamp = venv / "made-from"
        if not stamp.exists() or stamp.read_text("ascii") != key:
            shutil.rmtree(venv, ignore_errors=True)
            run([sys.executable, "-m", "venv", "--without-pip", venv], where.root)
            version = f"python{sys.version_info.major}.{sys.version_info.minor}"
            inputs.install(where.root, "linux", files, venv / "lib" / version / "site-packages")
            stamp.write_text(key, encoding="ascii")
    return venv / "bin" / "python"


def build_linux(where: Places) -> None:
    """Build the one-file program and the folder for Linux into out/dist."""
    python = prepare_linux(where)
    with stage("linux: PyInstaller"):
        to: list[str | Path] = ["--workpath", where.out / "work", "--distpath", where.out / "dist"]
        run([python, "-m", "PyInstaller", "--noconfirm", "--clean", *to, "installer.spec"], where.root)
    give_one_time(where.out / "dist", source_epoch(where.root))


def release_linux(where: Places) -> list[Path]:
    """Make what Linux users download: the folder and the one-file program, each as a .tar.xz."""
    dist = where.out / "dist"
    epoch = source_epoch(where.root)
    name = f"{PROGRAM}-{VERSION}-linux-x86_64"
    extra = {file: where.root / file for file in ("LICENSE", "README.md")}
    folder = archives.files_below(dist / f"{PROGRAM}-folder", name)
    folder |= {f"{name}/{file}": path for file, path in extra.items()}
    one_file = {f"{name}-one-file/{PROGRAM}": dist / PROGRAM}
    one_file |= {f"{name}-one-file/{file}": path for file, path in extra.items()}
    contents_by_suffix = {"": folder, "-one-file": one_file}
    made = [where.release / f"{name}{suffix}.tar.xz" for suffix in contents_by_suffix]
    with stage("linux: archives"), ThreadPoolExecutor(2) as both:  # compressing leaves the interpreter to the other
        times = [epoch] * len(made)
        list(both.map(archives.write_tar_xz, made, contents_by_suffix.values(), times))
    return made


def run(command: Sequence[str | Path], folder: Path, **environment: str) -> None:
    """Run a program of the build in a folder, with these variables besides those of every build.

    Raises:
        PackageError: it failed.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        command,
        cwd=folder,
        env=kept | build_environment(source_epoch(folder)) | environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=BUILD_LIMIT_S,
    )
    if done.returncode:
        raise PackageError(f"{' '.join(map(str, command))} failed:\n{done.stdout[-4000:]}")


# --- all --------------------------------------------------------------------------------------------------------------


def finished_build(where: Places, system: str) -> contents.Build:
    """Return where a system's finished build keeps its records and what it was made from."""
    if system == "windows":
        python = where.windows / "python"
        return contents.Build(
            system, where.windows / "work" / "installer", python / "Lib" / "site-packages", python, where.root
        )
    venv = where.linux / "venv"
    packages = next((venv / "lib").glob("python3*/site-packages"))
    # the standard library lies where the environment was made from
    return contents.Build(system, where.out / "work" / "installer", packages, Path(sys.base_prefix), where.root)


def list_components(where: Places, systems: Sequence[str]) -> Path:
    """Write the list of components of these systems' builds and return the file."""
    with stage("list of components"):
        listed = {
            system: sbom.components(finished_build(where, system), inputs.fetch(where.root, system, where.downloads))
            for system in systems
        }
        output = where.release / "sbom.cdx.json"
        sbom.write(output, sbom.document(listed, PROGRAM, VERSION, source_epoch(where.root)))
    return output


def prove(where: Places, systems: Sequence[str]) -> None:
    """Read everything back from the finished files.

    Raises:
        PackageError: something is not as it must be.
    """
    files = [f"tests/packaging/test_packaged_{system}.py" for system in systems]
    with stage("checks"):
        variables = {"QT_QPA_PLATFORM": "offscreen", DOWNLOADS_VARIABLE: str(where.downloads)}
        run([sys.executable, "-m", "pytest", "-q", "-m", "packaged", *files], where.root, **variables)


def package(where: Places, systems: Sequence[str]) -> list[Path]:
    """Build for these systems and make everything that is offered; return the files, SHA256SUMS last."""
    if "windows" in systems:
        build_windows(where)
    if "linux" in systems:
        build_linux(where)
    return release(where, systems)


def release(where: Places, systems: Sequence[str]) -> list[Path]:
    """Make everything that is offered from finished builds and read it back; return the files, SHA256SUMS last.

    Raises:
        PackageError: a finished file is not as it must be.
    """
    os.environ["SOURCE_DATE_EPOCH"] = str(source_epoch(where.root))  # makensis reads it too
    shutil.rmtree(where.release, ignore_errors=True)
    where.release.mkdir(parents=True)
    made: list[Path] = []
    if "windows" in systems:
        made += release_windows(where)
    if "linux" in systems:
        made += release_linux(where)
    made.append(list_components(where, systems))
    sums = where.release / "SHA256SUMS"
    archives.write_sums(sums, made)
    prove(where, systems)
    return [*made, sums]


def compare_with_second(where: Places, systems: Sequence[str]) -> list[str]:
    """Build everything again from a copy of the sources in another folder; return what is not the same, as sentences.

    The second build shares the downloads with the first and nothing else: it makes its own interpreter, environment and
    Wine prefix.
    """
    import compare

    with tempfile.TemporaryDirectory(prefix="zhangfang again ") as folder:
        copy = Path(folder) / "sources"
        copy_sources(where.root, copy)
        again: list[str | Path] = [
            sys.executable,
            copy / "build" / "package.py",
            *systems,
            "--downloads",
            where.downloads,
        ]
        with stage("the second build"):
            run(again, copy, SOURCE_DATE_EPOCH=str(source_epoch(where.root)))
        second = places(copy, where.downloads)
        pairs = [(where.release, second.release)]
        pairs += [(where.windows / "dist", second.windows / "dist")] if "windows" in systems else []
        pairs += [(where.out / "dist", second.out / "dist")] if "linux" in systems else []
        return [
            f"{one.relative_to(where.root)}/{found.name}: {found.detail}"
            for one, other in pairs
            for found in compare.compare(one, other)
        ]


def copy_sources(root: Path, target: Path) -> None:
    """Copy what version control knows, as it lies there now, to a new folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached"], capture_output=True, check=True, cwd=root, encoding="utf-8", timeout=60
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (root / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, target / name)


def main(arguments: Sequence[str]) -> int:
    """Run from the command line; 0 done, 1 failed."""
    parser = argparse.ArgumentParser(prog="dev.py package", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("systems", nargs="*", metavar="windows|linux", help="for which system; without: both")
    parser.add_argument("--twice", action="store_true", help="build again elsewhere and compare every byte")
    parser.add_argument("--downloads", type=Path, default=places().downloads, help="where fetched packages are kept")
    given = parser.parse_args(arguments)
    systems = given.systems or list(SYSTEMS)
    if unknown := set(systems) - set(SYSTEMS):
        parser.error(f"no such system: {', '.join(sorted(unknown))}")
    where = places(ROOT, given.downloads)
    began = time.monotonic()
    try:
        made = package(where, systems)
        differences = compare_with_second(where, systems) if given.twice else []
    except (PackageError, WineError, inputs.InputError, installer.InstallerError, subprocess.TimeoutExpired) as error:
        say(str(error))
        return 1
    for path in made:
        say(f"{path.stat().st_size / 1e6:7.2f} MB  {path.relative_to(ROOT)}")
    for difference in differences:
        say(difference)
    if given.twice and not differences:
        say("built twice, in two folders: every byte is the same")
    say(f"all done in {time.monotonic() - began:.0f} s")
    return int(bool(differences))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
