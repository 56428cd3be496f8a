"""Recosting many moves: by a job that survives, and what it leaves for others meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.contract.inventory import Item
from app.contract.ledger import Reversal
from app.contract.stock import StockSettingsInput
from app.identity.service.opening import ensure_owner
from app.inventory.integrity import stock_flaws
from app.inventory.service.costing import recosting
from app.inventory.service.costing.pending import pending_pools, recost_pending, resume_recosting
from app.inventory.service.settings import change_stock_settings
from app.kernel.errors import RuleBroken
from app.kernel.text import Message
from app.ledger.errors import account_unknown
from app.ledger.service.book import set_up_ledger
from app.ledger.service.closing.steps import plan
from app.ledger.service.periods import close_period
from app.ledger.service.states import post_voucher, reverse_voucher, void_voucher
from app.ledger.service.vouchers import delete_draft
from app.storage.database import Book, fetch_all
from app.storage.jobs import wait_for_job
from app.storage.progress import WorkCancelled
from app.web.composition import join_slices
from tests.inventory.warehouse import SCALE, Desk, in_ledger, in_stock, line


@pytest.fixture
def desk(sqlite_book: Book, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A book in a file where more than two later moves are left to the job."""
    join_slices()
    monkeypatch.setattr(recosting, "MOST_INLINE", 2)
    with sqlite_book.session():
        actor = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        yield Desk(actor)


def busy_item(desk: Desk) -> Item:
    """An item with four issues after its receipt, of which a late receipt costs each one more."""
    item = desk.item("A")
    desk.done("other_in", "2026-01-02", line(item, "10", "100"))
    for day in range(3, 7):
        desk.done("other_out", f"2026-01-0{day}", line(item, "1"), account_code="560204")
    return item


def test_many_later_moves_are_left_to_a_job(desk: Desk) -> None:
    item = busy_item(desk)
    desk.done("other_in", "2026-01-02", line(item, "10", "300"))
    (job_id,) = fetch_all("SELECT MAX(id) FROM {job}")[0]
    assert wait_for_job(job_id, 60).state == "done"
    assert pending_pools() == []
    assert in_ledger("560204") == 8000
    assert in_stock() == (16 * SCALE, 32000)
    assert in_ledger() == 32000
    assert list(stock_flaws()) == []


def test_what_the_job_left_is_taken_up_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    item = busy_item(desk)
    monkeypatch.setattr("app.inventory.service.stock.start_recosting", lambda _actor: 0)
    desk.done("other_in", "2026-01-02", line(item, "10", "300"))
    assert len(pending_pools()) == 1
    # both ledgers agree all the while, and quantities are right
    assert in_ledger() == in_stock()[1]
    assert list(stock_flaws()) == []
    desk.done("other_out", "2026-01-07", line(item, "6"))
    desk.done("other_out", "2026-01-02", line(item, "1"))
    assert in_ledger() == in_stock()[1]
    with pytest.raises(RuleBroken, match="重新计算成本"):
        close_period(desk.actor, 202601)
    assert "stock_recosting" in {check.code for check in plan(desk.actor, 202601).checks}

    def stop(_done: int, _total: int, _text: Message) -> None:
        raise WorkCancelled("cancelled", account_unknown("").message)

    with pytest.raises(WorkCancelled):
        recost_pending(stop)
    job_id = resume_recosting()
    assert job_id is not None
    assert wait_for_job(job_id, 60).state == "done"
    assert resume_recosting() is None
    assert in_stock() == (9 * SCALE, 18000)
    assert in_ledger() == 18000
    assert in_ledger("560204") == 8000
    assert list(stock_flaws()) == []


def test_closing_with_carry_forward_does_what_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    item = busy_item(desk)
    monkeypatch.setattr("app.inventory.service.stock.start_recosting", lambda _actor: 0)
    desk.done("other_in", "2026-01-02", line(item, "10", "300"))
    close_period(desk.actor, 202601, carry=True)
    assert pending_pools() == []
    assert in_ledger() == in_stock()[1] == 32000


def test_a_voucher_of_a_document_changes_with_it_only(desk: Desk) -> None:
    owner = desk.actor
    item = desk.item("B")
    bought = desk.done("other_in", "2026-01-02", line(item, "1", "10"))
    with pytest.raises(RuleBroken, match="由单据生成"):
        reverse_voucher(owner, bought.vouchers[0].voucher_id, Reversal())
    change_stock_settings(owner, StockSettingsInput(post_vouchers=False))
    more = desk.done("other_in", "2026-01-03", line(item, "1", "10"))
    assert more.vouchers[0].state == "draft"
    for change in (void_voucher, delete_draft):
        with pytest.raises(RuleBroken, match="由单据生成"):
            change(owner, more.vouchers[0].voucher_id)
    with pytest.raises(RuleBroken, match="请先审核"):
        post_voucher(owner, more.vouchers[0].voucher_id)
    gone = desk.cancel(more)
    assert gone.vouchers[0].state == "void"
    assert in_ledger() == in_stock()[1] == 1000
    # a draft of an earlier month keeps what it meant there; its red copy stands in the month of the counter
    third = desk.done("other_in", "2026-01-04", line(item, "1", "10"))
    desk.cancel(third, "2026-02-02")
    assert in_ledger() == in_stock()[1] == 1000
    assert list(stock_flaws()) == []
