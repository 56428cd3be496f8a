"""A book from its making to many people on it: the runtime behind the window, the served copy, real processes."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.bootstrap import Runtime, window_book
from app.client.api import ApiClient
from app.client.transport import Transport
from app.contract.identity import PasswordChange, UserChange, UserInput
from app.contract.ledger import EntryInput, VoucherInput
from app.kernel.errors import (
    Conflict,
    EnvironmentFault,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    ZhangfangError,
)
from app.logs import start_logs, stop_logs
from app.settings import Settings
from app.ui.runtime import NewBook, OpenedBook
from app.web.serve import serve
from tests.mariadb import MariaDBServer

ROOT = Path(__file__).parents[2]
OWNER = "owner-secret-1"


def new_book(address: str) -> NewBook:
    return NewBook(address, "甲公司", "small_enterprise_2013", "2026-06", "general")


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    made = Runtime(Settings())
    yield made
    made.close_book()


@contextlib.contextmanager
def client_of(opened: OpenedBook, session: str = "") -> Iterator[ApiClient]:
    transport = Transport(opened.url, opened.token)
    transport.session = session
    client = ApiClient(transport)
    try:
        yield client
    finally:
        client.close()


def person(name: str) -> UserInput:
    return UserInput(name=name, age=30, login_name=name, password=f"{name}-secret", must_change_password=False)


# --- the runtime behind the window ---


def test_a_book_is_made_used_closed_and_opened_again(runtime: Runtime, tmp_path: Path) -> None:
    address = str(tmp_path / "甲 公司.zhangfang")
    opened = runtime.create_book(new_book(address))
    with client_of(opened) as api:
        assert api.add_user(UserInput(name="张三", age=30)).message == "用户已添加"
        entries = [
            EntryInput(summary="存", account_code="1002", debit="1"),
            EntryInput(summary="存", account_code="1001", credit="1"),
        ]
        assert api.add_voucher(VoucherInput(date="2026-06-01", entries=entries)).number == 1
    runtime.close_book()
    assert [path.name for path in tmp_path.glob("*.zhangfang*")] == ["甲 公司.zhangfang"]
    again = runtime.open_book(address)
    assert again.token != opened.token
    with client_of(again) as api:
        assert [user.name for user in api.list_users().users] == ["账簿所有者", "张三"]
    with client_of(replace(again, token=opened.token)) as api, pytest.raises(NotAuthenticated):
        api.health()


def test_opening_another_book_closes_the_first(runtime: Runtime, tmp_path: Path) -> None:
    first = runtime.create_book(new_book(str(tmp_path / "a.zhangfang")))
    second = runtime.create_book(new_book(str(tmp_path / "b.zhangfang")))
    with client_of(first) as api, pytest.raises(EnvironmentFault):
        api.health()
    with client_of(second) as api:
        assert api.health().book == "甲公司"
    runtime.close_book()
    runtime.close_book()
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("zhangfang")] == []


def test_what_cannot_be_opened_leaves_nothing_open(runtime: Runtime, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as missing:
        runtime.open_book(str(tmp_path / "missing.zhangfang"))
    assert missing.value.code == "book_missing"
    text = tmp_path / "text.zhangfang"
    text.write_text("no book", encoding="utf-8")
    with pytest.raises(ZhangfangError):
        runtime.open_book(str(text))
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["text.zhangfang"]
    assert text.read_text(encoding="utf-8") == "no book"


def test_a_new_book_never_replaces_a_file_and_a_failed_one_leaves_none(runtime: Runtime, tmp_path: Path) -> None:
    there = tmp_path / "there.zhangfang"
    there.write_bytes(b"something of the user's")
    with pytest.raises(Conflict) as refused:
        runtime.create_book(new_book(str(there)))
    assert refused.value.code == "book_exists"
    assert there.read_bytes() == b"something of the user's"
    with pytest.raises(ZhangfangError):
        runtime.create_book(replace(new_book(str(tmp_path / "bad.zhangfang")), base_currency="XYZ1"))
    assert not list(tmp_path.glob("bad*"))


def test_a_taken_port_is_said_and_the_book_is_closed_again(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        runtime = Runtime(Settings(other_programs=True, other_programs_port=other.getsockname()[1]))
        with pytest.raises(EnvironmentFault) as refused:
            runtime.create_book(new_book(str(tmp_path / "a.zhangfang")))
        assert refused.value.code == "port_taken"
    assert not list(tmp_path.glob("*-lock"))


def test_closing_during_a_running_request_takes_less_than_six_seconds(runtime: Runtime, tmp_path: Path) -> None:
    opened = runtime.create_book(new_book(str(tmp_path / "a.zhangfang")))
    stop = threading.Event()

    def keep_asking() -> None:
        with client_of(opened) as api:
            while not stop.is_set():
                try:
                    api.list_users()
                except ZhangfangError:
                    return

    threads = [threading.Thread(target=keep_asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    stop.wait(0.3)
    began = time.monotonic()
    runtime.close_book()
    assert time.monotonic() - began < 6
    stop.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def test_as_soon_as_a_second_login_exists_all_log_in(runtime: Runtime, tmp_path: Path) -> None:
    opened = runtime.create_book(new_book(str(tmp_path / "a.zhangfang")))
    with client_of(opened) as api:
        me = api.session().user
        api.change_user(me.id, UserChange(login_name="boss"))
        api.change_own_password(PasswordChange(new_password=OWNER))
        assert api.session().logins is False
        api.add_user(person("liu"))
        with pytest.raises(NotAuthenticated):
            api.list_users()
        api.log_in("liu", "liu-secret")
        with pytest.raises(PermissionDenied):
            api.list_users()
        api.log_out()
        with pytest.raises(NotAuthenticated) as wrong:
            api.log_in("boss", "liu-secret")
        assert wrong.value.code == "login_refused"
        api.log_in("boss", OWNER)
        assert [user.name for user in api.list_users().users][1:] == ["liu"]


def test_tokens_sessions_and_passwords_never_reach_the_log(runtime: Runtime, tmp_path: Path) -> None:
    log = start_logs(tmp_path / "logs", level=0)
    try:
        opened = runtime.create_book(new_book(str(tmp_path / "a.zhangfang")))
        with client_of(opened) as api:
            api.change_user(api.session().user.id, UserChange(login_name="boss"))
            api.change_own_password(PasswordChange(new_password=OWNER))
            api.add_user(person("liu"))
            api.log_in("liu", "liu-secret")
            session = api.transport.session
            with pytest.raises(NotAuthenticated):
                api.log_in("boss", "nearly-the-secret")
        with client_of(replace(opened, token="wrong")) as api, pytest.raises(NotAuthenticated):
            api.health()
        runtime.close_book()
    finally:
        stop_logs()
    text = log.read_text(encoding="utf-8")
    assert "serving on port" in text
    for secret in (opened.token, session, OWNER, "liu-secret", "nearly-the-secret"):
        assert secret not in text


def test_a_backup_is_restored_over_the_runtime(runtime: Runtime, tmp_path: Path) -> None:
    from app.contract.book import Job

    address = str(tmp_path / "a.zhangfang")
    opened = runtime.create_book(new_book(address))
    target = tmp_path / "backup.zhangfang"
    with client_of(opened) as api:
        from app.contract.book import BackupInput

        job = api.transport.call("POST", "/api/backups", Job, body=BackupInput(path=str(target)))
        deadline = time.monotonic() + 30
        while job.state in {"waiting", "running"} and time.monotonic() < deadline:
            job = api.transport.call("GET", f"/api/jobs/{job.id}", Job)
        assert job.state == "done", job
        api.add_user(UserInput(name="later", age=1))
    steps: list[tuple[int, int, str]] = []

    def report(done: int, total: int, text: str) -> bool:
        steps.append((done, total, text))
        return False

    assert runtime.restore_book(target, address, report) == address
    assert steps
    with client_of(runtime.open_book(address)) as api:
        assert [user.name for user in api.list_users().users] == ["账簿所有者"]
    assert len(list(tmp_path.glob("*.zhangfang"))) >= 2


def test_a_book_on_a_server_needs_its_password(
    mariadb_server: MariaDBServer, mariadb_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keyring

    monkeypatch.setattr(keyring, "get_password", lambda *_: None)
    runtime = Runtime(Settings())
    address = mariadb_server.url(mariadb_database)
    with pytest.raises(EnvironmentFault) as needed:
        runtime.open_book(address)
    assert needed.value.code == "password_needed"
    assert [*runtime.diagnose_database(address, mariadb_server.password)][-1].code == "book_absent"
    assert [*runtime.diagnose_database(address, "wrong")][-1].code == "login_refused"
    with pytest.raises(NotFound) as empty:
        runtime.open_book(address, mariadb_server.password)
    assert empty.value.code == "book_not_set_up"
    opened = runtime.create_book(new_book(address), mariadb_server.password)
    try:
        assert mariadb_server.password not in opened.address
        with client_of(opened) as api:
            assert api.book().database.startswith("MariaDB ")
    finally:
        runtime.close_book()


def test_arguments_of_the_window() -> None:
    assert window_book([]) == ""
    assert window_book(["--book", "a.zhangfang"]) == "a.zhangfang"
    assert window_book(["--book=a.zhangfang"]) == "a.zhangfang"
    for other in (["--book"], ["--book="], ["new", "a"], ["--book", "a", "b"], ["a.zhangfang"], ["--self-test"]):
        assert window_book(other) is None


# --- real processes ---


def run_program(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(ROOT / "main.py"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGBREAK"])
def test_serve_ends_by_every_signal_of_the_system(runtime: Runtime, tmp_path: Path, name: str) -> None:
    number = getattr(signal, name, None)
    if number is None:
        pytest.skip(f"{name} is Windows' own")
    address = str(tmp_path / "a.zhangfang")
    runtime.create_book(new_book(address))
    runtime.close_book()
    before = signal.getsignal(number)
    said: list[str] = []

    def answered(url: str) -> None:
        said.append(url)
        signal.raise_signal(number)

    assert serve(address, port=0, announce=answered) == 0
    assert len(said) == 1
    assert signal.getsignal(number) == before
    assert [path.name for path in tmp_path.glob("a.zhangfang*")] == ["a.zhangfang"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_answers_people_and_ends_gracefully(runtime: Runtime, tmp_path: Path, number: signal.Signals) -> None:
    address = str(tmp_path / "a.zhangfang")
    with client_of(runtime.create_book(new_book(address))) as api:
        api.change_user(api.session().user.id, UserChange(login_name="boss"))
        api.change_own_password(PasswordChange(new_password=OWNER))
    runtime.close_book()
    process = run_program("serve", address, "--port", "0")
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, (line, process.poll())
        api = ApiClient(Transport(found[0]))
        assert api.health().book == "甲公司"
        with pytest.raises(NotAuthenticated):
            api.list_users()
        api.log_in("boss", OWNER)
        assert len(api.list_users().users) == 1
        process.send_signal(number)
        assert process.wait(60) == 0
        api.close()
    finally:
        process.kill()
        process.communicate()
    assert [path.name for path in tmp_path.glob("a.zhangfang*")] == ["a.zhangfang"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is a screen always")
def test_what_is_said_before_anything_starts_is_utf8_whatever_the_console() -> None:
    process = run_program("--book", "a", DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="", PYTHONIOENCODING="ascii")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.startswith("这里没有屏幕")


def test_the_program_proves_itself(tmp_path: Path) -> None:
    # a console that knows no Chinese, as many on Windows
    process = run_program("--self-test", ZHANGFANG_DATA_DIR=str(tmp_path / "data"), PYTHONIOENCODING="ascii")
    out, err = process.communicate(timeout=100)
    assert process.returncode == 0, out + err
    assert "self-test passed" in out
    assert "reversed by" in out
    log = (tmp_path / "data" / "logs" / "zhangfang.log").read_text(encoding="utf-8")
    assert not [line for line in log.splitlines() if re.search(r" (WARNING|ERROR|CRITICAL) ", line)]
    assert not list((tmp_path / "data").glob("**/*.zhangfang"))


def test_a_bug_ends_the_self_test_where_nobody_can_close_a_dialog(tmp_path: Path) -> None:
    broken = """
import sys, app.selftest
app.selftest.post_and_reverse = lambda api: 1 // 0
from app.bootstrap import main
sys.exit(main(["--self-test"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", broken],
        capture_output=True,
        check=False,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, "ZHANGFANG_DATA_DIR": str(tmp_path / "data")},
        timeout=100,
    )
    assert done.returncode == 1
    assert "FAILED: unforeseen error" in done.stdout
    assert "ZeroDivisionError" in done.stdout


def test_a_wsgi_server_finds_the_book_in_its_environment(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import atexit

    from werkzeug.test import Client

    from app.kernel.errors import MalformedInput
    from app.web.wsgi import application

    ends: list[object] = []
    monkeypatch.setattr(atexit, "register", ends.append)
    with pytest.raises(MalformedInput):
        application()
    address = str(tmp_path / "a.zhangfang")
    runtime.create_book(new_book(address))
    runtime.close_book()
    monkeypatch.setenv("ZHANGFANG_BOOK", address)
    client = Client(application())
    health = client.get("/api/health").get_json()
    assert health is not None
    assert health["book"] == "甲公司"
    assert client.get("/api/users").status_code == 401
    assert len(ends) == 1
    assert callable(ends[0])
    ends[0]()
    assert not list(tmp_path.glob("*-lock"))


def test_an_empty_file_stays_empty(tmp_path: Path) -> None:
    empty = tmp_path / "空.zhangfang"
    empty.touch()
    runtime = Runtime(Settings())
    with pytest.raises(NotFound) as caught:
        runtime.open_book(str(empty))
    assert caught.value.code == "book_not_set_up"
    assert empty.read_bytes() == b""
