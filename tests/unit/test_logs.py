"""The log: rotating, without secrets, also without a console."""

from __future__ import annotations

import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import logs
from app.logs import hide_secret, mask_secrets, start_logs, stop_logs

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """Leave the root logger as it was, and stand in no request, whatever was answered in this thread before."""
    level = logging.getLogger().level
    logs.request_id.set("")
    yield
    stop_logs()
    logging.getLogger().setLevel(level)


def test_records_go_to_the_file(tmp_path: Path) -> None:
    path = start_logs(tmp_path / "logs")
    logging.getLogger("app.test").info("凭证 %d 已记账", 7)
    try:
        raise LookupError("inner")
    except LookupError:
        logging.getLogger("app.test").exception("failed")
    stop_logs()
    logging.getLogger("app.test").info("not any more")
    text = path.read_text(encoding="utf-8")
    assert "INFO MainThread app.test: 凭证 7 已记账" in text
    assert "LookupError: inner" in text
    assert "not any more" not in text


@pytest.mark.parametrize(
    "line",
    [
        "opening mysql://li:geheim@db/main",
        "opening mysql://li:a@b:geheim/c@db:3306/main?ledger=x",
        "Authorization: Bearer geheim.geheim-geheim",
        "headers {'Authorization': 'Bearer geheimgeheim', 'X': 1}",
        '{"password": "geheim\\" geheim", "name": "li"}',
        "password=geheim&name=li",
        "ZHANGFANG_DB_PASSWORD=geheim",
        "token: geheim",
        "{'new_password': 'geheim'}",
        "密码：geheim".replace("：", ":"),
    ],
)
def test_secrets_are_masked(line: str, tmp_path: Path) -> None:
    assert "geheim" not in mask_secrets(line)
    path = start_logs(tmp_path)
    logging.getLogger().warning("%s", line)
    stop_logs()
    text = path.read_text(encoding="utf-8")
    assert "geheim" not in text
    assert logs.MASK in text


def test_masking_leaves_the_rest(tmp_path: Path) -> None:
    assert mask_secrets("GET http://127.0.0.1:5000/api/users 200") == "GET http://127.0.0.1:5000/api/users 200"
    assert mask_secrets("password=x name=li").endswith("name=li")
    assert mask_secrets("mysql://li:x@db/main").endswith("@db/main")


def test_a_known_secret_is_masked_in_messages_and_tracebacks(tmp_path: Path) -> None:
    hide_secret("run-token-of-this-process")
    path = start_logs(tmp_path)
    try:
        raise ValueError("bad run-token-of-this-process")
    except ValueError:
        logging.getLogger().exception("it was run-token-of-this-process")
    stop_logs()
    assert "run-token" not in path.read_text(encoding="utf-8")


def test_a_program_without_console_logs_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    path = start_logs(tmp_path, console=True)
    logging.getLogger().warning("heard")
    stop_logs()
    assert "heard" in path.read_text(encoding="utf-8")


def test_the_console_gets_them_too_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start_logs(tmp_path, console=True)
    logging.getLogger().warning("token=geheim heard")
    stop_logs()
    written = capsys.readouterr().err
    assert "heard" in written
    assert "geheim" not in written


def test_started_again_it_moves_and_nothing_is_written_twice(tmp_path: Path) -> None:
    first = start_logs(tmp_path / "a")
    second = start_logs(tmp_path / "b")
    logging.getLogger().warning("once")
    stop_logs()
    assert first.read_text() == ""
    assert second.read_text().count("once") == 1


def test_a_full_file_is_set_aside_and_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 500)
    path = start_logs(tmp_path)
    for number in range(100):
        logging.getLogger().warning("line %d of the log", number)
    stop_logs()
    files = sorted(entry.name for entry in tmp_path.iterdir())
    assert files == ["zhangfang.log", *(f"zhangfang.log.{number}" for number in range(1, 6))]
    assert "line 99" in path.read_text()
    assert all(entry.stat().st_size <= 500 for entry in tmp_path.iterdir())


def test_a_file_another_process_holds_is_written_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(self: Path, target: str) -> None:
        raise PermissionError(13, "The process cannot access the file because it is being used by another process")

    monkeypatch.setattr(logs, "MAX_BYTES", 300)
    monkeypatch.setattr("os.rename", held)
    path = start_logs(tmp_path)
    for number in range(20):
        logging.getLogger().warning("line %d of the log", number)
    stop_logs()
    assert path.read_text().count("of the log") == 20


def test_warnings_of_python_are_logged(tmp_path: Path) -> None:
    path = start_logs(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("this is old", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(False)
    stop_logs()
    assert "this is old" in path.read_text(encoding="utf-8")


def test_two_processes_share_a_log_past_its_rotation(tmp_path: Path) -> None:
    """None of them fails over what the other renamed."""
    program = (
        "import logging, sys\nfrom pathlib import Path\nfrom app import logs\nlogs.MAX_BYTES = 20_000\n"
        "logs.start_logs(Path(sys.argv[1]))\n"
        "for number in range(2000): logging.getLogger().info('line %d', number)\nlogs.stop_logs()"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    writers = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [(writer.communicate(timeout=60)[1], writer.returncode) for writer in writers] == [("", 0), ("", 0)]
    assert any("line 1999" in path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
