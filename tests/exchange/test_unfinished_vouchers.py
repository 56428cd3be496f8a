"""Drafts that were only begun, void vouchers with faults and rows without content survive export and import."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.contract.ledger import EntryInput, VoucherInput
from app.exchange.errors import FileRefused
from app.ledger.service.states import review_and_post, void_voucher
from app.ledger.service.vouchers import save_voucher
from app.storage.database import fetch_all
from tests.exchange.conftest import MakeDesk
from tests.exchange.desk import Desk, csv_book

GOOD = ("2026-03-01,记,1,1,买菜,5001,食品饮食,86.50,,,,,normal", "2026-03-01,记,1,2,买菜,1001,现金,,86.50,,,,normal")


def save(desk: Desk, *entries: EntryInput, void: bool = False, post: bool = False) -> None:
    with desk.book.session():
        saved = save_voucher(desk.owner, VoucherInput(date="2026-03-05", word="记", entries=list(entries)))
        if void:
            void_voucher(desk.owner, saved.id)
        if post:
            review_and_post(desk.owner, saved.id)


def vouchers(desk: Desk) -> list[tuple[object, ...]]:
    with desk.book.session():
        return fetch_all(
            "SELECT v.word, v.number, v.state, v.date, COUNT(e.line) FROM {voucher} v"
            " LEFT JOIN {entry} e ON e.voucher_id = v.id GROUP BY v.id ORDER BY v.number"
        )


def reports(desk: Desk) -> object:
    """Every report without the vouchers' ids, which another book gives anew."""
    return {
        name: ([{key: cell for key, cell in row.items() if key != "voucher_id"} for row in rows], totals)
        for name, (rows, totals) in desk.reports().items()
    }


def test_begun_drafts_and_faulty_void_vouchers_come_back_with_their_numbers(
    desk: Desk, make_desk: MakeDesk, tmp_path: Path
) -> None:
    cash = EntryInput(account_code="1001", debit="5", summary="收")
    save(desk)
    save(desk, cash, void=True)
    save(desk, void=True)
    save(desk, EntryInput(account_code="5001", debit="7"))
    save(desk, cash, EntryInput(account_code="4001", credit="5", summary="收"), post=True)
    other = make_desk(start=202603)
    result = other.bring(desk.send(tmp_path / "out"), post=True)
    assert (result.vouchers, result.posted) == (5, 1)
    assert vouchers(other) == vouchers(desk)
    assert [row[2] for row in vouchers(desk)] == ["draft", "void", "void", "draft", "posted"]
    assert reports(other) == reports(desk)
    assert other.findings() == []


def test_rows_without_content_at_the_end_are_no_vouchers(desk: Desk, tmp_path: Path) -> None:
    empty = "," * GOOD[0].count(",")
    assert desk.bring(csv_book(tmp_path / "book", [*GOOD, empty, empty])).vouchers == 1


@pytest.mark.parametrize(
    "lines",
    [
        [GOOD[0].replace("5001", ""), GOOD[1]],
        [GOOD[0].replace("5001", "").replace("86.50", ""), GOOD[1]],
        ["2026-03-01,记,1,,,,,,,,,,normal"],
    ],
)
def test_a_row_without_an_account_is_refused(lines: list[str], desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"vouchers\.csv.*2.*没有科目"):
        desk.bring(csv_book(tmp_path / "book", lines))
    assert vouchers(desk) == []
