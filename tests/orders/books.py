"""Short ways to make contacts and finished invoices in tests of payments and trade reports."""

from __future__ import annotations

from app.contract.ledger import AuxiliaryInput
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.money import parse_amount
from app.ledger.service.sets import create_auxiliary
from app.storage.database import fetch_all, insert_returning_id
from tests.ledger.build import line, posted

_numbers = iter(range(1, 1_000_000))


def customer(actor: Actor, name: str = "甲公司") -> int:
    """Add a customer and return the contact's id."""
    return create_auxiliary(actor, AuxiliaryInput(kind="客户", name=name)).id


def supplier(actor: Actor, name: str = "乙公司") -> int:
    """Add a supplier and return the contact's id."""
    return create_auxiliary(actor, AuxiliaryInput(kind="供应商", name=name)).id


def invoice(
    actor: Actor,
    contact_id: int,
    amount: str,
    *,
    kind: str = "sales_invoice",
    date: str = "2026-01-05",
    due: str = "",
    number: str = "",
) -> int:
    """Write a finished invoice or credit with its voucher, as finishing it would, and return its id."""
    minor, now = parse_amount(amount, 2), utc_ms()
    values = {
        "kind": kind,
        "number": number or f"T-{next(_numbers):04d}",
        "date": date,
        "state": "done",
        "contact_id": contact_id,
        "due_date": due,
        "net": minor,
        "gross": minor,
        "created_by": actor.user_id,
        "created_at": now,
        "updated_at": now,
    }
    document_id = insert_returning_id(
        f"INSERT INTO {{document}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
    )
    name = fetch_all("SELECT name FROM {auxiliary} WHERE id = ?", (contact_id,))[0][0]
    shown = f"-{amount}" if kind.endswith("credit") else amount
    if kind.startswith("sales"):
        made = posted(actor, date, line("1122", shown, aux=f"客户:{name}"), line("5001", credit=shown))
    else:
        made = posted(actor, date, line("560206", shown), line("2202", credit=shown, aux=f"供应商:{name}"))
    insert_returning_id(
        "INSERT INTO {document_voucher} (voucher_id, document_kind, document_id, document_number, reverses)"
        " VALUES (?, ?, ?, ?, NULL)",
        (made.id, kind, document_id, values["number"]),
    )
    return document_id


def balance(code: str, aux: str = "") -> int:
    """Return what an account (with exactly these auxiliaries) stands at in both layers, debit positive."""
    rows = fetch_all(
        "SELECT COALESCE(SUM(b.opening + b.debit - b.credit), 0) FROM {balance} b JOIN {account} a"
        " ON a.id = b.account_id WHERE a.code = ?"
        + (
            " AND b.auxiliary_set_id IN (SELECT i.set_id FROM {auxiliary_set_item} i JOIN {auxiliary} x"
            " ON x.id = i.auxiliary_id WHERE x.name = ?)"
            if aux
            else ""
        ),
        (code, aux) if aux else (code,),
    )
    return int(rows[0][0])
