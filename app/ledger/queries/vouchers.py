"""Reads of vouchers: one whole, and pages of heads."""

from __future__ import annotations

from typing import Any

from app.contract.ledger import Entry, Fault, Voucher
from app.kernel.money import QUANTITY_DIGITS, capital_amount, format_amount, format_quantity
from app.kernel.period import format_period
from app.ledger.errors import voucher_unknown
from app.ledger.faults import faults_from_json
from app.storage.book_settings import get_setting
from app.storage.database import Row, fetch_all

HEAD = (
    "SELECT v.id, v.period, v.date, v.word, v.number, v.state, v.kind, v.summary, v.debit_total, v.attachment_count,"
    " m.name, r.name, p.name, c.name, v.origin, v.reversal_of, v.correction_of, v.version, v.faults,"
    " (SELECT MIN(x.id) FROM {voucher} x WHERE x.reversal_of = v.id AND x.state <> 'void')"
    " FROM {voucher} v JOIN {user} m ON m.id = v.maker_id LEFT JOIN {user} r ON r.id = v.reviewer_id"
    " LEFT JOIN {user} p ON p.id = v.poster_id LEFT JOIN {user} c ON c.id = v.cashier_id"
)
_ENTRIES = (
    "SELECT e.line, e.summary, e.account_id, a.code, a.name_zh, e.side, e.debit, e.credit, e.auxiliary_set_id,"
    " c.code, c.minor_digits, e.foreign_amount, e.rate, e.quantity, e.unit_price, e.cash_flow_line, e.unvalued,"
    " a.is_cash"
    " FROM {entry} e JOIN {account} a ON a.id = e.account_id JOIN {currency} c ON c.id = e.currency_id"
    " WHERE e.voucher_id = ? ORDER BY e.line"
)


def base_digits() -> int:
    """Return the minor digits of the book's base currency."""
    return int(get_setting("base_digits", 2))


def aux_texts(set_ids: set[int]) -> dict[int, str]:
    """Return `客户:甲公司;部门:一车间` for each auxiliary set; merged items show their survivor."""
    wanted = sorted(set_ids - {0})
    texts: dict[int, list[str]] = {set_id: [] for set_id in wanted}
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        rows = fetch_all(
            "SELECT i.set_id, k.name, COALESCE(s.name, a.name) FROM {auxiliary_set_item} i"
            " JOIN {auxiliary_kind} k ON k.id = i.kind_id JOIN {auxiliary} a ON a.id = i.auxiliary_id"
            " LEFT JOIN {auxiliary} s ON s.id = a.merged_into"
            f" WHERE i.set_id IN ({', '.join('?' * len(chunk))}) ORDER BY i.set_id, i.kind_id",
            chunk,
        )
        for set_id, kind, name in rows:
            texts[set_id].append(f"{kind}:{name}")
    return {0: "", **{set_id: ";".join(parts) for set_id, parts in texts.items()}}


def head_values(row: Row, digits: int) -> dict[str, Any]:
    """Return a row of `HEAD` as the fields of `VoucherHead`."""
    return {
        "id": row[0],
        "period": format_period(row[1]),
        "date": row[2],
        "word": row[3],
        "number": row[4],
        "state": row[5],
        "kind": row[6],
        "summary": row[7],
        "debit_total": format_amount(row[8], digits),
        "attachment_count": row[9],
        "maker": row[10],
        "reviewer": row[11],
        "poster": row[12],
        "cashier": row[13],
        "origin": row[14],
        "reversal_of": row[15],
        "correction_of": row[16],
        "version": row[17],
        "has_faults": bool(row[18]),
        "reversed_by": row[19],
    }


def get_voucher(voucher_id: int) -> Voucher:
    """Return a voucher whole. Raises `NotFound`."""
    rows = fetch_all(f"{HEAD} WHERE v.id = ?", (voucher_id,))
    if not rows:
        raise voucher_unknown(voucher_id)
    digits = base_digits()
    entry_rows = fetch_all(_ENTRIES, (voucher_id,))
    texts = aux_texts({row[8] for row in entry_rows})
    faults = faults_from_json(rows[0][18])
    return Voucher(
        **head_values(rows[0], digits),
        credit_total=format_amount(sum(row[7] for row in entry_rows), digits),
        capital=capital_amount(rows[0][8]) if digits == 2 else "",
        faults=[Fault(code=fault.code, message=str(fault.message), line=fault.line) for fault in faults],
        entries=[_entry_view(row, digits, texts) for row in entry_rows],
    )


def _entry_view(row: Row, digits: int, texts: dict[int, str]) -> Entry:
    return Entry(
        line=row[0],
        summary=row[1],
        account_id=row[2],
        account_code=row[3],
        account_name=row[4],
        side="debit" if row[5] > 0 else "credit",
        debit=format_amount(row[6], digits),
        credit=format_amount(row[7], digits),
        aux=texts[row[8]],
        currency=row[9],
        foreign_amount=format_amount(row[11], row[10]) if row[11] else "",
        rate=row[12],
        quantity=format_quantity(row[13], QUANTITY_DIGITS) if row[13] else "",
        unit_price=format_quantity(row[14], QUANTITY_DIGITS) if row[14] else "",
        cash_flow_line=row[15],
        unvalued=bool(row[16]),
        is_cash=bool(row[17]),
    )
