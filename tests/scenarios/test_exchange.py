"""Whole books come in from files nobody here wrote, agree with independent tools, go out and come back."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from app.exchange import api as exchange_api
from app.kernel.text import message
from app.storage.creation import make_room
from app.storage.database import Book, open_database
from app.storage.jobs import wait_for_job
from app.storage.migrate import migrate
from app.storage.progress import WorkCancelled
from tests.calling import Answer, Caller, caller_on, set_up
from tests.exchange.desk import Desk, csv_book
from tests.exchange.test_csv_book_import import GOOD

SHARED = Path(__file__).parents[3] / "shared"
JOURNALS = (
    *("hledger/sample", "hledger/quickstart", "hledger/vat", "hledger/chinese", "hledger/multicurrency"),
    *("hledger/Cody", "hledger/zh", "hledger/1ktxns-100accts", "ledger/drewr3", "ledger/sample", "ledger/transfer"),
)


def shared(path: str) -> Path:
    """Return a file or folder of the shared samples."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"the shared samples are not there: {found}")
    return found


@pytest.fixture
def second_book(tmp_path: Path) -> Iterator[Book]:
    """Another empty book, in a file."""
    book = open_database(str(tmp_path / "second.zhangfang"))
    make_room(book)
    migrate(book)
    yield book
    book.close()


def test_a_household_month(book: Book, second_book: Book, tmp_path: Path) -> None:
    folder = shared("cases/household")
    desk = Desk.set_up(book, start=202603)
    result = desk.bring(folder, post=True)
    assert (result.vouchers, result.posted, result.skipped, result.warnings) == (16, 16, [], [])
    rows, totals = desk.report("trial-balance", from_period="2026-03", to_period="2026-03")
    found = {row["code"]: row for row in rows} | {"TOTAL": totals}
    with (folder / "expected_trial_balance.csv").open(encoding="utf-8") as file:
        expected = {row["code"]: row for row in csv.DictReader(file)}
    assert found.keys() == expected.keys()
    for code, row in expected.items():
        for column, amount in row.items():
            if column.endswith(("_debit", "_credit")):
                assert found[code][column] == (amount or "0.00"), (code, column)
    assert desk.findings() == []

    out = desk.send(tmp_path / "out")
    other = Desk.set_up(second_book, start=202603)
    other.bring(out, post=True)
    assert other.reports() == desk.reports()
    assert other.findings() == []
    again = other.send(tmp_path / "again")
    assert {file.name: file.read_bytes() for file in again.iterdir()} == {
        file.name: file.read_bytes() for file in out.iterdir()
    }


@pytest.mark.parametrize("name", JOURNALS)
def test_a_journal_agrees_with_independent_tools(name: str, book: Book) -> None:
    suffix = ".journal" if name.startswith("hledger") else ".dat"
    path = shared(f"samples/{name}{suffix}")
    desk = Desk.set_up(book, start=200001)
    result = desk.bring(path, post=True)
    assert result.vouchers == result.posted == len(desk.states())
    balances = desk.balances()
    table = path.with_suffix(".balances.tsv")
    lines = table.read_text(encoding="utf-8").splitlines()[1:] if table.exists() else []
    for line in lines:
        account, commodity, amount = line.split("\t")
        assert balances.get((account, commodity), Decimal(0)) == Decimal(amount), line
        assert Decimal(amount) == 0 or (account, commodity) in balances
    assert bool(lines) == bool(result.vouchers)
    assert desk.findings() == []


def test_a_refused_file_leaves_the_book_as_it_was(book: Book, tmp_path: Path) -> None:
    desk = Desk.set_up(book, start=202603)
    before = desk.everything()
    wrong = csv_book(
        tmp_path / "book",
        [*GOOD, *(line.replace(",记,1,", ",记,2,").replace("1001", "100299") for line in GOOD)],
        accounts="code,parent,name_zh,aux_type\n1201,,借出款,往来\n",
        opening="account_code,aux,year_begin_debit,year_begin_credit\n1201,往来:甲,5,\n3001,,,5\n",
    )
    with pytest.raises(Exception, match=r"vouchers.csv 第 5 行：没有科目“100299”"):
        desk.bring(wrong, post=True)
    assert desk.everything() == before


def finished(caller: Caller, book: Book, started: Answer) -> dict[str, object]:
    assert started.status == 202, started.json
    with book.session():
        wait_for_job(started.json["id"], 60)
    job: dict[str, object] = caller.get(f"/api/jobs/{started.json['id']}").json
    return job


def upload(caller: Caller, path: Path) -> str:
    content = path.read_bytes()
    body = {"name": path.name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    upload_id: str = caller.post("/api/uploads", body).json["id"]
    sent = caller.put(f"/api/uploads/{upload_id}/0", data=content, content_type="application/octet-stream")
    assert sent.json["complete"] is True
    return upload_id


def test_files_come_in_and_books_go_out_over_http(book: Book, tmp_path: Path) -> None:
    set_up(book)
    window = caller_on(book)
    journal = tmp_path / "月.journal"
    journal.write_text("2026-06-01 买菜\n    支出:食品    5 CNY\n    资产:现金\nP 2026-06-01 EUR 8 CNY\n", "utf-8")
    upload_id = upload(window, journal)
    trial = finished(window, book, window.post("/api/imports", {"upload_id": upload_id, "dry_run": True}))
    assert (trial["state"], window.get("/api/vouchers").json["vouchers"]) == ("done", [])
    english = {"Accept-Language": "en"}
    started = window.post("/api/imports", {"upload_id": upload_id, "post": True}, headers=english)
    assert finished(window, book, started)["result"] == {
        "vouchers": 1,
        "posted": 1,
        "skipped": [],
        "warnings": ["1 market prices (P) were not imported: a book has no price table."],
    }
    used = window.post("/api/imports", {"upload_id": upload_id})
    assert used.status == 404

    broken = tmp_path / "b.journal"
    broken.write_text("2026-06-01 x\n  a  1 CNY\n  b  1 CNY\n", "utf-8")
    failed = finished(window, book, window.post("/api/imports", {"upload_id": upload(window, broken)}))
    assert (failed["state"], failed["error"]) == ("failed", "b.journal 第 1 行：交易不平，差 2 CNY。")

    assert window.post("/api/exports", {"format": "pdf"}).status == 400
    started = window.post("/api/exports", {"format": "csv-book"})
    assert finished(window, book, started)["state"] == "done"
    file = window.get(f"/api/jobs/{started.json['id']}/file")
    assert file.headers["Content-Disposition"].endswith("book.zip")
    target = tmp_path / "fetched.zip"
    target.write_bytes(file.data)
    copy = open_database(str(tmp_path / "copy.zhangfang"))
    make_room(copy)
    migrate(copy)
    set_up(copy)
    again = caller_on(copy)
    assert (
        finished(again, copy, again.post("/api/imports", {"upload_id": upload(again, target), "post": True}))["state"]
        == "done"
    )
    report = "/api/reports/trial-balance"
    assert again.get(report).json == window.get(report).json
    copy.close()


def test_an_import_that_is_cancelled_too_late_is_told_as_done(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(book)
    window = caller_on(book)
    journal = tmp_path / "a.journal"
    journal.write_text("2026-06-01 买菜\n    支出:食品    5 CNY\n    资产:现金\n", "utf-8")
    upload_id = upload(window, journal)

    def cancelled_just_now(check_cancelled: Callable[[], None]) -> int:
        raise WorkCancelled("cancelled", message("已取消。"))

    monkeypatch.setattr(exchange_api, "continue_index", cancelled_just_now)
    job = finished(window, book, window.post("/api/imports", {"upload_id": upload_id}))
    assert (job["state"], job["error"]) == ("done", None)
    assert len(window.get("/api/vouchers").json["vouchers"]) == 1
