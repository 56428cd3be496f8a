"""The program is started and ended, in order and by force, as real processes with real books; nothing is left."""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app.storage.address import parse_address
from app.web.opening import create_book
from tests.scenarios.place import Place, verified

ROOT = Path(__file__).resolve().parents[2]
LANES = 2
STARTS = 25
"""In each lane."""
LIMIT_S = 60
PATIENT = """
import sys
from app.bootstrap import instance, main
instance.ANSWER_S = instance.READY_S = 60.0
sys.exit(main(sys.argv[1:]))
"""
"""The program, to which a window on a busy machine does not seem to hang."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and /proc; the Windows proof has its own part")


@pytest.fixture(scope="module")
def empty_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "empty.zhangfang"
    create_book(parse_address(str(path)), name="甲公司", chart="small_enterprise_2013", start="2026-01", vat="general")
    return path


def wait_for(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    said = process.stdout.readline().strip()
    assert said == line, f"{said!r} {process.stderr.read() if process.stderr and process.poll() is not None else ''}"


def end(process: subprocess.Popen[str], number: signal.Signals) -> tuple[list[int], str]:
    """End a busy window; return the vouchers it acknowledged, and its standard error."""
    assert process.stdout is not None
    assert process.stderr is not None
    process.send_signal(number)
    process.wait(LIMIT_S)
    with process.stdout, process.stderr:  # `communicate` would leave out what was read ahead with the lines before
        output, errors = process.stdout.read(), process.stderr.read()
    return [
        int(line) for line in output.splitlines(keepends=True) if line.strip().isdigit() and line.endswith("\n")
    ], errors


def saved_by(process: subprocess.Popen[str]) -> int:
    """Wait for the next voucher that a busy window acknowledges."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.strip().isdigit(), line
    return int(line)


class Lane:
    """A series of starts, one after another, each ended at another moment; what went wrong is kept for the test."""

    def __init__(self, place: Place, seed: int) -> None:
        """Take the place and the seed of its choices."""
        self.place = place
        self.choice = random.Random(seed)
        self.acknowledged: set[int] = set()
        self.killed = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        """Start and end; then once more in order, which clears what the last killed run may have left."""
        try:
            for number in range(STARTS):
                self._once(("early", "painted", "saving", "order")[number % 4])
            self._once("order")
        except (AssertionError, subprocess.TimeoutExpired) as error:
            self.wrong.append(f"{type(error).__name__}: {error}")

    def _once(self, when: str) -> None:
        process = self.place.start("--book", str(self.place.book), busy=True)
        if when == "early":
            self._wait(process, 0.4)  # anywhere between the interpreter's start and the first windows
        else:
            wait_for(process, "painted")
            if when == "painted":
                self._wait(process, 0.8)  # while the book is locked, opened, served
            else:
                wait_for(process, "ready")
                if when == "order":
                    self.acknowledged.add(saved_by(process))
                self._wait(process, 0.1)  # while vouchers are saved
        saved, errors = end(process, signal.SIGTERM if when == "order" else signal.SIGKILL)
        self.acknowledged.update(saved)
        if when == "order":
            if process.returncode != 0 or errors or self.place.leftovers():
                self.wrong.append(f"{process.returncode} {errors} {self.place.leftovers()}")
        else:
            self.killed += 1

    def _wait(self, process: subprocess.Popen[str], most_s: float) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(self.choice.uniform(0, most_s))


@pytest.mark.timeout(900)
def test_fifty_starts_and_ends_leave_nothing(tmp_path: Path, empty_book: Path) -> None:
    lanes = [Lane(Place(tmp_path / str(number), empty_book), number) for number in range(LANES)]
    threads = [threading.Thread(target=lane.run) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for lane in lanes:
        assert lane.wrong == []
        assert lane.place.running() == []
        assert lane.place.leftovers() == []
        assert len(lane.acknowledged) > STARTS // 4, "some vouchers were saved"
        assert lane.acknowledged <= verified(lane.place.book)
        assert lane.killed > STARTS // 2
        assert "ERROR" not in lane.place.log()


# --- what a person meets at the start ---------------------------------------------------------------------------------


def test_a_second_double_click_opens_the_book_in_the_first_window(tmp_path: Path, empty_book: Path) -> None:
    """Both start at once, too: one of them has the window; a relative name means the caller's folder."""
    place = Place(tmp_path, empty_book)
    shutil.copy(empty_book, tmp_path / "乙.zhangfang")
    place.environment["PYTHONPATH"] = str(ROOT)
    with place.start(busy=True) as first:
        wait_for(first, "painted")
        for arguments in ([], ["--book", "乙.zhangfang"]):
            done = subprocess.run(
                [sys.executable, "-c", PATIENT, *arguments],
                capture_output=True,
                check=False,
                cwd=tmp_path,
                env=place.environment,
                text=True,
                timeout=LIMIT_S,
            )
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        wait_for(first, "ready")
        assert (tmp_path / "乙.zhangfang-lock").exists()
        end(first, signal.SIGTERM)
    assert place.log().count("window painted") == 1
    assert place.running() == []


def test_a_window_that_hangs_is_told_of_instead_of_silence(tmp_path: Path, empty_book: Path) -> None:
    place = Place(tmp_path, empty_book)
    with place.start(busy=True) as first:
        wait_for(first, "painted")
        first.send_signal(signal.SIGSTOP)
        second = place.start()
        output, errors = second.communicate(timeout=LIMIT_S)
        first.send_signal(signal.SIGCONT)
        assert (second.returncode, output) == (1, "")
        assert f"进程 {first.pid}" in errors
        end(first, signal.SIGTERM)


def test_a_crash_of_the_interpreter_is_told_once_at_the_next_start(tmp_path: Path, empty_book: Path) -> None:
    place = Place(tmp_path, empty_book)
    with place.start(busy=True) as first:
        wait_for(first, "painted")
        end(first, signal.SIGSEGV)
        assert first.returncode == -signal.SIGSEGV
    told = []
    for _ in range(2):
        with place.start(busy=True) as process:
            wait_for(process, "painted")
            end(process, signal.SIGTERM)
        told.append("crashed" in place.log().rpartition("Python 3")[2])
    assert told == [True, False]


def test_without_any_stream_the_program_works_all_the_same(tmp_path: Path, empty_book: Path) -> None:
    """As when a desktop starts it: standard input, output and error are closed, and nothing ends up in their stead."""
    place = Place(tmp_path, empty_book)
    line = f'exec "{sys.executable}" "{ROOT / "main.py"}" --book "{place.book}" 0<&- 1>&- 2>&-'
    process = subprocess.Popen(["sh", "-c", line], env=place.environment)
    with process:
        log = place.data / "logs" / "zhangfang.log"
        deadline = time.monotonic() + LIMIT_S
        while not (log.exists() and "pages shown" in place.log()):
            assert time.monotonic() < deadline
            assert process.poll() is None
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        targets = [str(Path(f"/proc/{process.pid}/fd/{number}").readlink()) for number in range(3)]
        process.terminate()
        assert process.wait(LIMIT_S) == 0
    assert targets == ["/dev/null"] * 3
    assert place.leftovers() == []
    assert verified(place.book) == set()


@pytest.mark.parametrize("broken", ["settings", "folder"])
def test_broken_settings_and_a_folder_that_cannot_be_written_do_not_keep_the_window_away(
    tmp_path: Path, empty_book: Path, broken: str
) -> None:
    place = Place(tmp_path, empty_book)
    if broken == "settings":
        place.data.mkdir()
        (place.data / "settings.toml").write_bytes(b"\xff language = [")
    else:
        place.data.write_text("a file where the folder should be", encoding="ascii")
    with place.start("--book", str(place.book), busy=True) as process:
        wait_for(process, "painted")
        wait_for(process, "ready")
        _, errors = end(process, signal.SIGTERM)
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_an_error_before_the_window_is_told_with_the_place_of_the_log(tmp_path: Path, empty_book: Path) -> None:
    place = Place(tmp_path, empty_book)
    program = "import sys; sys.modules['app.ui.shell'] = None; from app.bootstrap import main; sys.exit(main([]))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=place.environment,
        text=True,
        timeout=LIMIT_S,
    )
    assert done.returncode == 1
    assert str(place.data / "logs") in done.stderr
    assert "app.ui.shell" in done.stderr
    assert "ModuleNotFoundError" in place.log()
    assert place.leftovers() == []
