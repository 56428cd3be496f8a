"""Where books and databases are is told to the window on their computer and to the log; to the network only names."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from app.kernel.errors import Conflict
from app.kernel.text import message
from app.storage.address import parse_address
from app.storage.database import Book, open_database
from app.storage.jobs import Job, start_job, wait_for_job
from app.storage.upgrade.server import UpgradePlan
from app.web.upgrading import upgrade_needed
from tests.calling import Caller, add_person, caller_on, give_owner_login, set_up


def test_a_missing_book_is_named_to_the_network_and_shown_to_the_window(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "firm.zhangfang"
    book = open_database(str(path))
    with caplog.at_level(logging.WARNING):
        told = [caller_on(book, serve=True).get(rule) for rule in ("/api/health", "/api/users", "/login")]
        shown = caller_on(book).get("/api/users")
    assert [answer.json["error"] for answer in told] == ["没有账簿文件“firm.zhangfang”。"] * 3
    assert [answer.code for answer in (*told, shown)] == ["book_missing"] * 4
    assert shown.json["error"] == f"没有账簿文件“{path}”。"
    assert caplog.text.count(f"book_missing ({path})") == 4


def test_a_failed_job_keeps_the_place_for_the_window_alone(sqlite_book: Book, caplog: pytest.LogCaptureFixture) -> None:
    actor = set_up(sqlite_book)
    place = Path("/srv/books/firm.zhangfang")

    def work(_job: Job) -> None:
        raise Conflict("target_exists", message("“{path}”已存在，请另起一个名字。", path=place))

    with sqlite_book.session(), caplog.at_level(logging.INFO):
        job = start_job(sqlite_book, actor.user_id, "test", work)
        wait_for_job(job, 20)
    window = caller_on(sqlite_book)
    token = window.post("/api/tokens", {}).json["token"]
    served = caller_on(sqlite_book, serve=True).as_token(token)
    assert window.get(f"/api/jobs/{job}").json["error"] == f"“{place}”已存在，请另起一个名字。"
    assert served.get(f"/api/jobs/{job}").json["error"] == "“firm.zhangfang”已存在，请另起一个名字。"
    assert f"target_exists ({place})" in caplog.text


def test_where_a_book_is_is_for_the_window_and_for_who_makes_backups(sqlite_book: Book) -> None:
    set_up(sqlite_book)
    window = caller_on(sqlite_book)
    give_owner_login(window)
    owner = window.log_in("boss", "owner-secret-1")
    add_person(owner, "clerk")
    served = caller_on(sqlite_book, serve=True)
    assert sqlite_book.address.path is not None

    def location(caller: Caller) -> str:
        return str(caller.get("/api/book").json["location"])

    whole = str(sqlite_book.address)
    assert location(window.log_in("clerk", "clerk-secret")) == location(owner) == whole
    assert location(served.log_in("boss", "owner-secret-1")) == whole
    assert location(served.log_in("clerk", "clerk-secret")) == sqlite_book.address.path.name


def test_a_database_is_named_without_its_server_and_user(sqlite_book: Book) -> None:
    address = parse_address("mysql://books@10.1.2.3:3307/firm?ledger=firm_ledger&tls=verify&tls_ca=/etc/db/ca.pem")
    plan = UpgradePlan(old="0.1.0", steps=1, others=(), kept="")
    with sqlite_book.session():
        refused = upgrade_needed(address, plan)
    told = str(message("{why}", why=refused.message).for_strangers())
    assert str(address) in str(refused.message)
    assert refused.logged == f"upgrade_needed ({address})"
    assert "upgrade firm --yes" in told
    assert not [word for word in ("books@", "10.1.2.3", "/etc/db", "firm_ledger") if word in told]
