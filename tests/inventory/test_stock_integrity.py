"""What verification finds in stock: nothing where the program booked it all, and every row that was altered."""

from __future__ import annotations

import pytest

from app.contract.stock import MonthCostingInput
from app.identity.actor import Actor
from app.inventory.integrity import stock_flaws
from app.inventory.service.month_costing import cost_month
from app.reports.doctor.proof import prove_book
from app.storage.database import execute, run_unit
from tests.inventory.warehouse import Desk, line


@pytest.fixture
def desk(owner: Actor) -> Desk:
    """A warehouse where some of everything happened."""
    desk = Desk(owner)
    moving, lots, monthly = desk.item("A"), desk.item("L", "lot"), desk.item("M", "monthly")
    shop = desk.warehouse("门店")
    desk.done("other_in", "2026-01-05", line(moving, "10", "100"), line(monthly, "4", "50"))
    desk.done("other_in", "2026-01-05", line(lots, "2", "30", "甲"))
    desk.done("transfer", "2026-01-06", line(moving, "3"), to_warehouse_id=shop)
    desk.done("other_out", "2026-01-20", line(moving, "5"), line(lots, "1", lot="甲"), line(monthly, "1"))
    desk.done("other_in", "2026-01-10", line(moving, "10", "200"))
    desk.cancel(desk.done("other_out", "2026-02-01", line(moving, "1")))
    cost_month(owner, MonthCostingInput(period="2026-01"))
    return desk


def test_what_the_program_booked_holds(desk: Desk) -> None:
    assert list(stock_flaws()) == []
    assert prove_book().findings == []
    assert desk.actor.is_owner


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE {stock_quantity} SET quantity = quantity + 1 WHERE item_id = 1 AND warehouse_id = 1", "现存数量"),
        ("UPDATE {stock_month} SET out_amount = out_amount + 1 WHERE item_id = 1 AND warehouse_id = 1", "月度收发数"),
        ("UPDATE {item_cost} SET value = value - 1 WHERE item_id = 1", "库存金额"),
        ("UPDATE {stock_move} SET recosted = recosted + 1 WHERE id = 1", "成本调整的合计"),
        ("UPDATE {stock_revaluation} SET warehouse_id = 99", "记在了别的商品或仓库上"),
        ("DELETE FROM {document_voucher} WHERE voucher_id = 1", "却没有对应的单据"),
        ("UPDATE {stock_move} SET document_id = 999 WHERE document_kind = 'transfer'", "没有出入库记录"),
    ],
)
def test_what_was_altered_is_found(desk: Desk, statement: str, expected: str) -> None:
    assert desk.actor.is_owner
    run_unit(lambda: execute(statement))
    assert any(expected in str(flaw.text) for flaw in stock_flaws())
    assert any(expected in finding.message for finding in prove_book().findings)
