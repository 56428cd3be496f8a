"""Guessing passwords through every door there is: over the network, in the browser's form, at the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.cli.program import main
from app.identity.service import access
from app.kernel import clock
from app.storage.database import open_database
from tests.calling import OWNER_PASSWORD, Caller, caller_on, firm_file

TRIES = 30
Try = tuple[int, str]
"""How a try ended: a status, and the sentence that was said."""


@pytest.fixture
def path(tmp_path: Path, empty_file: Path) -> Path:
    """A closed book with an owner and two clerks who log in."""
    return firm_file(tmp_path / "book.zhangfang", empty_file, "liu", "wang")


def by_api(caller: Caller, name: str, password: str) -> Try:
    answer = caller.post("/api/login", {"login_name": name, "password": password})
    return answer.status, str(answer.json.get("error", ""))


def by_form(caller: Caller, name: str, password: str) -> Try:
    page = caller.get("/login").data.decode()
    field = re.search(r'name="csrf" value="([^"]*)"', page)
    assert field is not None
    form = {"login_name": name, "password": password, "csrf": field[1]}
    answer = caller.post("/login", data=form)
    said = re.search(r'class="problem"[^>]*>([^<]*)<', answer.data.decode())
    return answer.status, said[1].strip() if said else ""


def by_command(path: Path, name: str, password: str, capsys: pytest.CaptureFixture[str]) -> Try:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHANGFANG_USER", name)
        patch.setenv("ZHANGFANG_PASSWORD", password)
        code = main(["report", str(path), "trial-balance", "--json"])
    return code, capsys.readouterr().err.strip()


@pytest.mark.parametrize("name", ["liu", "nobody-of-this-name"])
def test_thirty_wrong_passwords_lock_whichever_doors_they_come_through(
    path: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tries of all doors count together, outlive a restart, and touch nobody else."""
    book = open_database(str(path))
    served, window = caller_on(book, serve=True), caller_on(book)
    at_work = window.log_in("liu", "liu-secret")
    statuses = []
    for _ in range(TRIES // 3):
        statuses.append(by_api(served, name, "wrong guess")[0])
        statuses.append(by_form(served, name, "wrong guess")[0])
        statuses.append(by_api(window, name, "wrong guess")[0])
    assert statuses[:5] == [401] * 5
    assert set(statuses[5:]) == {429}
    book.close()
    assert by_command(path, name, "liu-secret", capsys)[0] == 1
    book = open_database(str(path))
    ahead = access.IDLE_MS // 24  # half an hour, less what the test takes
    real = clock.utc_ms
    monkeypatch.setattr(clock, "utc_ms", lambda: real() + ahead - 60_000)
    served, window = caller_on(book, serve=True), caller_on(book)
    for status, said in (by_api(served, name, "liu-secret"), by_form(served, name, "liu-secret")):
        assert status == 429
        assert "分钟" in said or "秒" in said
    assert by_api(served, "wang", "wang-secret")[0] == 200
    assert by_form(served, "boss", OWNER_PASSWORD)[0] == 302
    assert window.as_session(at_work.headers["X-Zhangfang-Session"]).get("/api/session").status == 200
    book.close()
    code, said = by_command(path, name, "liu-secret", capsys)
    assert code == 1
    assert "liu-secret" not in said


def test_every_door_says_the_same_about_a_wrong_password_and_an_unknown_name(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = open_database(str(path))
    served = caller_on(book, serve=True)
    said = set()
    for name in ("liu", "nobody-of-this-name", "掌柜", ""):
        said |= {by_api(served, name, "wrong guess"), by_form(served, name, "wrong guess")}
    book.close()
    for name in ("liu", "nobody-of-this-name"):
        code, sentence = by_command(path, name, "wrong guess", capsys)
        assert code == 1
        said.add((401, sentence))
    assert len(said) == 1, said
