"""全月一次加权, and what stock has to say when a month is closed."""

from __future__ import annotations

import pytest

from app.contract.closing import StepRun
from app.contract.stock import MonthCostingInput, MoveQuery
from app.identity.actor import Actor
from app.inventory.queries.agreement import agreement
from app.inventory.queries.stock_moves import list_moves
from app.inventory.service.month_costing import cost_month
from app.kernel.errors import RuleBroken
from app.ledger.service.closing.running import run_step
from app.ledger.service.closing.steps import plan, propose
from app.ledger.service.periods import close_period
from app.ledger.verify import verify_book
from app.web.composition import join_slices
from tests.inventory.warehouse import SCALE, Desk, in_ledger, in_stock, line


@pytest.fixture
def desk(owner: Actor) -> Desk:
    """Somebody whose program knows that stock takes part in closing."""
    join_slices()
    return Desk(owner)


def test_issues_wait_for_the_months_average(desk: Desk) -> None:
    item = desk.item("M", "monthly")
    desk.done("other_in", "2026-01-05", line(item, "10", "100"))
    out = desk.done("other_out", "2026-01-10", line(item, "7"), account_code="560204")
    assert (out.vouchers, out.lines[0].amount) == ([], "")
    assert list_moves(MoveQuery(item_id=item.id))[0].moves[1].out_amount == ""
    desk.done("other_in", "2026-01-20", line(item, "5", "80"))
    with pytest.raises(RuleBroken, match=r"还没有结转出库成本：M M货.*carry-forward"):
        close_period(desk.actor, 202601)
    costed = cost_month(desk.actor, MonthCostingInput(period="2026-01"))
    assert (costed.items, costed.amount, len(costed.vouchers)) == (1, "84.00", 1)
    assert in_ledger("560204") == 8400
    assert in_ledger() == in_stock()[1] == 9600
    assert cost_month(desk.actor, MonthCostingInput(period="2026-01")).items == 0
    late = desk.done("other_in", "2026-01-25", line(item, "5", "20"))
    assert cost_month(desk.actor, MonthCostingInput(period="2026-01")).amount == "-14.00"
    assert in_ledger("560204") == 7000
    desk.cancel(late)
    cost_month(desk.actor, MonthCostingInput(period="2026-01"))
    assert in_ledger("560204") == 8400
    assert [row.difference for row in agreement(202601)] == [0]
    assert verify_book().findings == []


def test_nothing_is_left_of_quantity_zero(desk: Desk) -> None:
    item = desk.item("M", "monthly")
    desk.done("other_in", "2026-01-05", line(item, "3", "100"))
    for day in (6, 7, 8):
        desk.done("other_out", f"2026-01-{day:02}", line(item, "1"))
    cost_month(desk.actor, MonthCostingInput(period="2026-01"))
    moves = list_moves(MoveQuery(item_id=item.id))[0].moves
    assert moves[-1].balance_quantity == "0"
    assert in_stock() == (0, 0)
    assert in_ledger() == 0


def test_carrying_forward_costs_the_month_first(desk: Desk) -> None:
    item = desk.item("M", "monthly")
    desk.done("other_in", "2026-01-05", line(item, "4", "100"))
    taken_back = desk.done("other_out", "2026-01-06", line(item, "1"))
    desk.cancel(taken_back)
    desk.done("other_out", "2026-01-07", line(item, "1"))
    desk.done("other_out", "2026-02-07", line(item, "1"))
    with pytest.raises(RuleBroken, match="2026-01 的出库成本还没有结转"):
        cost_month(desk.actor, MonthCostingInput(period="2026-02"))
    closed = close_period(desk.actor, 202601, carry=True)
    assert closed.made[0].amount == "25.00"
    close_period(desk.actor, 202602, carry=True)
    assert in_stock() == (2 * SCALE, 5000)
    assert in_ledger() == 5000


def test_the_wizard_has_a_step_for_it(desk: Desk) -> None:
    assert "stock_cost" not in {step.key for step in plan(desk.actor, 202601).steps}
    item = desk.item("M", "monthly")
    desk.done("other_in", "2026-01-05", line(item, "4", "100"))
    desk.done("other_out", "2026-01-06", line(item, "1"))
    steps = {step.key: step for step in plan(desk.actor, 202601).steps}
    assert steps["stock_cost"].state == "due"
    assert steps["close"].state == "blocked"
    proposal = propose(desk.actor, 202601, "stock_cost", {})
    assert [row.value for row in proposal.rows] == ["25.00", "25.00"]
    assert [entry.account_code for entry in proposal.vouchers[0].entries] == ["560299", "1405"]
    run = StepRun(fingerprint=proposal.fingerprint, vouchers=proposal.vouchers, post=True)
    done = run_step(desk.actor, 202601, "stock_cost", run)
    assert done.state == "done"
    assert [voucher.amount for voucher in done.vouchers] == ["25.00"]
    # the ledger's own step leaves alone what stock keeps
    assert propose(desk.actor, 202601, "cost", {}).inputs == []


def test_what_somebody_typed_on_an_account_of_stock_shows_before_closing(desk: Desk) -> None:
    from tests.ledger.build import line as entry
    from tests.ledger.build import posted

    item = desk.item("A")
    desk.done("other_in", "2026-01-05", line(item, "4", "100"))
    posted(desk.actor, "2026-01-08", entry("560204", "30"), entry("1405", credit="30"))
    checks = [check for check in plan(desk.actor, 202601).checks if check.code == "stock_ledger"]
    assert [(check.severity, check.account_code) for check in checks] == [("warning", "1405")]


def test_value_without_goods_waits_for_the_month_to_be_costed_again(desk: Desk) -> None:
    item = desk.item("M", "monthly")
    first = desk.done("other_in", "2026-01-05", line(item, "4", "100"))
    desk.done("other_in", "2026-01-05", line(item, "4", "300"))
    desk.done("other_out", "2026-01-10", line(item, "8"))
    cost_month(desk.actor, MonthCostingInput(period="2026-01"))
    desk.done("other_in", "2026-01-05", line(item, "4", "500"))
    desk.cancel(first)
    assert in_stock(item) == (0, 40000)
    assert verify_book().findings == []
    cost_month(desk.actor, MonthCostingInput(period="2026-01"))
    assert in_stock(item) == (0, 0)
    assert verify_book().findings == []
