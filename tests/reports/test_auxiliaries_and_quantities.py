"""Balances by auxiliary, and quantities beside amounts."""

from __future__ import annotations

from app.contract.ledger import AccountChange, AuxiliaryInput, AuxiliaryUse, Opening, OpeningRow
from app.identity.actor import Actor
from app.ledger.queries.accounts import account_id_of
from app.ledger.service import opening
from app.ledger.service.accounts import change_account
from app.ledger.service.sets import create_auxiliary
from app.storage.database import execute
from tests.ledger.build import draft, line, posted
from tests.reports.asking import ask, columns

AMOUNTS = ("opening_debit", "opening_credit", "period_debit", "period_credit", "closing_debit", "closing_credit")


def add_customers(firm: Actor, *names: str) -> list[int]:
    return [create_auxiliary(firm, AuxiliaryInput(kind="客户", name=name)).id for name in names]


def test_each_account_and_customer_has_a_row(firm: Actor) -> None:
    add_customers(firm, "甲公司", "乙公司", "丙公司")
    rows = [
        OpeningRow(account_code="1122", aux="客户:甲公司", year_begin_debit="40", opening_debit="40"),
        OpeningRow(account_code="3001", year_begin_credit="40", opening_credit="40"),
    ]
    opening.replace_opening(firm, Opening(rows=rows))
    posted(firm, "2026-01-05", line("1122", "10", aux="客户:乙公司"), line("3001", credit="10"))
    posted(firm, "2026-02-05", line("1001", "15"), line("1122", credit="15", aux="客户:甲公司"))
    draft(firm, "2026-02-06", line("1122", "3", aux="客户:丙公司"), line("3001", credit="3"))
    shown, totals = ask(firm, "auxiliary-balance", "2026-02", "2026-02")
    assert columns(shown, "account_code", "aux", *AMOUNTS) == [
        ("1122", "客户:乙公司", "10.00", "0.00", "0.00", "0.00", "10.00", "0.00"),
        ("1122", "客户:甲公司", "40.00", "0.00", "0.00", "15.00", "25.00", "0.00"),
    ]
    assert totals["closing_debit"] == "35.00"
    everyone, _ = ask(firm, "auxiliary-balance", "2026-02", "2026-02", include_unposted=True)
    assert [row["aux"] for row in everyone] == ["客户:丙公司", "客户:乙公司", "客户:甲公司"]
    one, _ = ask(firm, "auxiliary-balance", aux="客户：甲公司")
    assert [row["aux"] for row in one] == ["客户:甲公司"]
    assert len(ask(firm, "auxiliary-balance", aux="客户")[0]) == 2


def test_merged_customers_count_as_the_one_they_became(firm: Actor) -> None:
    kept, gone, long_gone = add_customers(firm, "甲公司", "甲公司（旧）", "甲公司（更旧）")
    for name in ("甲公司", "甲公司（旧）", "甲公司（更旧）"):
        posted(firm, "2026-01-05", line("1122", "10", aux=f"客户:{name}"), line("3001", credit="10"))
    execute("UPDATE {auxiliary} SET merged_into = ? WHERE id = ?", (kept, gone))
    execute("UPDATE {auxiliary} SET merged_into = ? WHERE id = ?", (gone, long_gone))
    rows, _ = ask(firm, "auxiliary-balance")
    assert columns(rows, "aux", "closing_debit") == [("客户:甲公司", "30.00")]
    ledger, _ = ask(firm, "subsidiary-ledger", aux="客户:甲公司")
    assert [row["balance"] for row in ledger if row["kind"] == "entry"] == ["10.00", "20.00", "30.00"]


def test_several_dimensions_make_one_row(firm: Actor) -> None:
    uses = [AuxiliaryUse(kind="部门", demanded=False), AuxiliaryUse(kind="项目", demanded=False)]
    change_account(firm, account_id_of("560205"), AccountChange(auxiliaries=uses))
    for kind, name in (("部门", "一车间"), ("项目", "新楼")):
        create_auxiliary(firm, AuxiliaryInput(kind=kind, name=name))
    posted(firm, "2026-01-05", line("560205", "10", aux="项目:新楼;部门:一车间"), line("1001", credit="10"))
    posted(firm, "2026-01-06", line("560205", "4", aux="部门:一车间"), line("1001", credit="4"))
    posted(firm, "2026-01-07", line("560205", "1"), line("1001", credit="1"))
    rows, _ = ask(firm, "auxiliary-balance")
    assert columns(rows, "aux", "closing_debit") == [("部门:一车间", "4.00"), ("部门:一车间;项目:新楼", "10.00")]
    both, _ = ask(firm, "auxiliary-balance", aux="部门:一车间;项目")
    assert [row["aux"] for row in both] == ["部门:一车间;项目:新楼"]


def test_quantities_come_in_and_go_out_on_the_normal_side(firm: Actor) -> None:
    change_account(firm, account_id_of("1403"), AccountChange(has_quantity=True, auxiliaries=[]))
    change_account(firm, account_id_of("2001"), AccountChange(has_quantity=True))
    rows = [
        OpeningRow(account_code="1403", year_begin_debit="100", opening_debit="100", quantity="10"),
        OpeningRow(account_code="3001", year_begin_credit="100", opening_credit="100"),
    ]
    opening.replace_opening(firm, Opening(rows=rows))
    posted(firm, "2026-01-05", line("1403", "33", quantity="3", unit_price="11"), line("1001", credit="33"))
    posted(firm, "2026-02-05", line("560205", "51.15"), line("1403", credit="51.15", quantity="5"))
    posted(firm, "2026-02-06", line("1403", "-11", quantity="-1"), line("1001", credit="-11"))
    posted(firm, "2026-02-07", line("1001", "6"), line("2001", credit="6", quantity="0.5"))
    shown, totals = ask(firm, "quantity", "2026-02", "2026-02")
    assert [tuple(row.values()) for row in shown] == [
        ("1403", "原材料", "13", "133.00", "-1", "-11.00", "5", "51.15", "7", "70.85"),
        ("2001", "短期借款", "0", "0.00", "0.5", "6.00", "0", "0.00", "0.5", "6.00"),
    ]
    assert totals == {
        "opening_amount": "133.00",
        "in_amount": "-5.00",
        "out_amount": "51.15",
        "closing_amount": "76.85",
    }
