"""A merged contact counts with its survivor in every report, and the doctor finds nothing wrong with it."""

from __future__ import annotations

from typing import Any

from app.contacts.service.contacts import change_contact, create_contact
from app.contacts.service.merging import merge_contact
from app.contract.contacts import ContactChange, ContactInput, ContactMerge
from app.contract.doctor import DoctorQuery
from app.identity.actor import Actor
from app.ledger.verify import verify_book
from app.reports.doctor.examination import diagnose
from tests.ledger.build import line, posted
from tests.reports.asking import ask


def merged_pair(owner: Actor) -> None:
    """One customer owed 100 under one name and had paid 40 in advance under the other."""
    kept, twin = (
        create_contact(owner, ContactInput(name=name, roles=["customer"], terms_days=10)) for name in ("甲公司", "甲厂")
    )
    posted(owner, "2026-01-05", line("1122", "100", aux="客户:甲公司"), line("3001", credit="100"))
    posted(owner, "2026-01-06", line("1001", "40"), line("1122", credit="40", aux="客户:甲厂"))
    merge_contact(owner, twin.id, ContactMerge(into_id=kept.id))
    change_contact(owner, kept.id, ContactChange(name="甲股份"))


def amounts(rows: list[dict[str, Any]], *keys: str) -> list[tuple[str, ...]]:
    return [tuple(str(row[key]) for key in keys) for row in rows]


def test_balances_ledgers_and_ages_are_the_survivors(owner: Actor) -> None:
    merged_pair(owner)
    rows, _ = ask(owner, "auxiliary-balance", "2026-01", "2026-01", aux="客户")
    assert amounts(rows, "aux", "period_debit", "period_credit", "closing_debit") == [
        ("客户:甲股份", "100.00", "40.00", "60.00")
    ]
    rows, _ = ask(owner, "auxiliary-ledger", "2026-01", "2026-01", account_code="1122", aux="客户:甲股份")
    assert {row["debit"] for row in rows} >= {"100.00"}
    assert {row["credit"] for row in rows} >= {"40.00"}
    rows, _ = ask(owner, "ageing", "2026-01", "2026-01")
    assert {row["aux"] for row in rows if "甲" in str(row.get("aux"))} == {"客户:甲股份"}
    rows, _ = ask(owner, "statement-of-account", "2026-01", "2026-01", aux="客户:甲股份")
    assert "60.00" in str(rows[-1])


def test_a_balance_sheet_splits_by_the_survivor(owner: Actor) -> None:
    merged_pair(owner)
    rows, _ = ask(owner, "balance-sheet", "2026-01", "2026-01")
    closing = {row["line"]: row["closing"] for row in rows}
    assert closing[4] == "60.00"  # 应收账款, and nothing among 预收账款
    assert closing[34] == "0.00"


def test_the_book_verifies(owner: Actor) -> None:
    merged_pair(owner)
    assert verify_book().findings == []
    assert [finding.check for finding in diagnose(owner, DoctorQuery()).findings if "甲" in finding.where] == []
