"""One window a person and data folder: who is first, what a later start may say, and what is left of a killed run."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bootstrap import instance as module
from app.bootstrap.instance import FILE_NAME, Claim, Instance

ROOT = Path(__file__).parents[2]

PATIENCE_S = 60.0

FIRST = f"""
import sys, threading
from pathlib import Path
from app.bootstrap import instance as module
module.ANSWER_S = module.READY_S = module.MESSAGE_S = {PATIENCE_S}
instance = module.Instance(Path(sys.argv[1]))
print(instance.claim("").value, flush=True)
if len(sys.argv) > 2:
    def show(address):
        print("shown", ascii(address), flush=True)
        if sys.argv[2] == "hang":
            threading.Event().wait()
        return True
    instance.listen(show)
    print("listening", flush=True)
sys.stdin.readline()
instance.release()
"""


def start(folder: Path, *how: str) -> subprocess.Popen[str]:
    """Start a process that claims the folder and holds it until its standard input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", FIRST, str(folder), *how],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture
def first(tmp_path: Path) -> Iterator[Instance]:
    """This process as the first one."""
    made = Instance(tmp_path)
    assert made.claim("") is Claim.FIRST
    yield made
    made.release()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody counts as hanging because the machine has other work."""
    for name in ("READY_S", "ANSWER_S", "MESSAGE_S"):
        monkeypatch.setattr(module, name, PATIENCE_S)


@pytest.fixture
def impatient(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READY_S", 0.2)
    monkeypatch.setattr(module, "ANSWER_S", 0.3)


def call(first_file: Path, **content: object) -> bytes:
    """Say something to the first run; return what it answers before it hangs up."""
    known = json.loads(first_file.read_text(encoding="utf-8"))
    message = {"secret": known["secret"], **content}
    with socket.create_connection(("127.0.0.1", known["port"]), PATIENCE_S) as line:
        line.sendall(json.dumps(message).encode() + b"\n")
        return line.recv(100)


@pytest.mark.parametrize(
    "address", ["", "/家/我的　账本/甲公司.zhangfang", r"\\server\share\甲.zhangfang", "mysql://li:g@h/b"]
)
def test_a_second_start_hands_over_what_it_was_to_show(tmp_path: Path, address: str) -> None:
    with start(tmp_path, "listen") as process:
        assert (said(process), said(process)) == ("first", "listening")
        second = Instance(tmp_path)
        assert second.claim(address) is Claim.SHOWN
        assert second.process == process.pid
        assert said(process) == f"shown {address!a}"
        process.communicate("\n")
    assert list(tmp_path.iterdir()) == []


def test_another_data_folder_is_another_program(tmp_path: Path) -> None:
    with start(tmp_path / "a") as process:
        assert said(process) == "first"
        other = Instance(tmp_path / "b")
        assert other.claim("") is Claim.FIRST
        other.release()
        process.communicate("\n")


def test_of_simultaneous_starts_exactly_one_wins(tmp_path: Path) -> None:
    processes = [start(tmp_path, "listen") for _ in range(4)]
    claims = sorted(said(process) for process in processes)
    for process in processes:
        process.communicate("\n")
    assert claims == ["first", "shown", "shown", "shown"]
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_leaves_word_of_itself_and_is_followed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start(tmp_path, "listen") as process:
        assert (said(process), said(process)) == ("first", "listening")
        process.kill()
    monkeypatch.setattr(module, "READY_S", 0.0)  # nothing is waited for
    monkeypatch.setattr(module, "_hand_over", None)  # nor is anybody called
    after = Instance(tmp_path)
    assert after.claim("") is Claim.FIRST
    assert after.left is not None
    assert after.left.process == process.pid
    after.release()
    again = Instance(tmp_path)
    assert again.claim("") is Claim.FIRST
    assert again.left is None, "told once"
    again.release()


@pytest.mark.usefixtures("impatient")
def test_a_window_that_hangs_is_told_of(tmp_path: Path) -> None:
    with start(tmp_path, "hang") as process:
        assert (said(process), said(process)) == ("first", "listening")
        assert Instance(tmp_path).claim("") is Claim.SILENT
        process.kill()


@pytest.mark.usefixtures("impatient")
def test_a_run_that_never_gets_to_listening_is_told_of(tmp_path: Path) -> None:
    with start(tmp_path) as process:
        assert said(process) == "first"
        assert Instance(tmp_path).claim("") is Claim.SILENT
        process.communicate("\n")


def test_a_start_during_the_end_of_the_first_becomes_the_next(first: Instance, tmp_path: Path) -> None:
    first.listen(lambda _address: True)
    first.stop_listening()
    threading.Timer(0.3, first.release).start()
    after = Instance(tmp_path)
    assert after.claim("") is Claim.FIRST
    assert after.left is None
    after.release()


@pytest.mark.parametrize("field", ["host", "user"])
def test_another_person_or_computer_over_one_folder_has_a_window_apart(
    tmp_path: Path, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start(tmp_path, "listen") as process:
        assert (said(process), said(process)) == ("first", "listening")
        monkeypatch.setattr(module, f"_{field}", lambda: "somebody else")
        apart = Instance(tmp_path)
        assert apart.claim("") is Claim.APART
        apart.listen(lambda _address: True)
        apart.release()
        assert (tmp_path / FILE_NAME).exists()
        process.communicate("\n")


def test_only_show_this_book_is_understood(first: Instance, tmp_path: Path) -> None:
    shown: list[str] = []

    def show(address: str) -> bool:
        shown.append(address)
        return True

    first.listen(show)
    file = tmp_path / FILE_NAME
    refused: list[dict[str, object]] = [
        {"secret": "guessed", "show": "x"},
        {"secret": "\ud800", "show": "x"},
        {"secret": 7, "show": "x"},
        {"run": "x"},
        {"show": "x", "run": "y"},
        {"show": ["x"]},
        {"show": "x\ny"},
        {"show": "x\0"},
        {"show": "x" * (module.MAX_ADDRESS + 1)},
        {},
    ]
    assert [call(file, **content) for content in refused] == [b""] * len(refused)
    port = json.loads(file.read_text(encoding="utf-8"))["port"]
    for raw in (b"\n", b"\xff\n", b"[]\n", b'"show"\n', b"{" * 50_000 + b"\n", b"[" * 50_000 + b"\n"):
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as line:
            line.sendall(raw)
            assert line.recv(10) == b""
    assert shown == []
    assert call(file, show="甲") == b"shown\n"
    assert shown == ["甲"]


def test_whoever_says_too_much_or_nothing_is_hung_up_on(
    first: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MESSAGE_S", 0.2)
    first.listen(lambda _address: True)
    port = json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8"))["port"]
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as line:
        assert line.recv(10) == b""
    with (
        socket.create_connection(("127.0.0.1", port), PATIENCE_S) as line,
        pytest.raises(OSError, match=r"reset|roken|aborted"),
    ):
        line.sendall(b"x" * 100_000_000)
    monkeypatch.setattr(module, "MESSAGE_S", PATIENCE_S)
    assert call(tmp_path / FILE_NAME, show="") == b"shown\n"


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows the profile's folder is only for its person")
def test_the_secret_is_only_for_this_person(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch(mode=0o666)
    (tmp_path / FILE_NAME).chmod(0o666)
    made = Instance(tmp_path)
    assert made.claim("") is Claim.FIRST
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    made.release()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"process": 1}', b"\xff\xfe", b'{"process": "x"}' * 9])
def test_a_torn_file_names_no_run(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    made = Instance(tmp_path)
    assert made.claim("") is Claim.FIRST
    assert made.left is None
    made.release()


def test_a_folder_that_cannot_be_written_is_the_callers_to_tell(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Instance(tmp_path / "file").claim("")


def test_a_start_over_a_window_loads_neither_qt_nor_the_server(tmp_path: Path) -> None:
    heavy = ("PyQt5", "flask", "peewee", "pydantic")
    program = (
        "import sys\nfrom app.bootstrap import main\ncode = main([])\n"
        f"print(code, [name for name in {heavy} if name in sys.modules])"
    )
    with start(tmp_path, "listen") as process:
        assert (said(process), said(process)) == ("first", "listening")
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "ZHANGFANG_DATA_DIR": str(tmp_path)},
            text=True,
            timeout=PATIENCE_S,
        )
        process.communicate("\n")
    assert done.stdout == "0 []\n"
    assert done.stderr == ""
