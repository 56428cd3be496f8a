"""Reads of vouchers: one whole, and pages of heads."""

from __future__ import annotations

from typing import Any

from app.contract.ledger import Entry, Fault, Voucher, VoucherHead, VoucherPage, VoucherQuery
from app.kernel.errors import MalformedInput
from app.kernel.money import QUANTITY_DIGITS, capital_amount, format_amount, format_quantity, parse_amount
from app.kernel.period import format_period, parse_date, parse_period
from app.kernel.text import clean_text, message
from app.ledger.errors import voucher_unknown
from app.ledger.service.rules import faults_from_json
from app.storage.book_settings import get_setting
from app.storage.database import Row, fetch_all

_HEAD = (
    "SELECT v.id, v.period, v.date, v.word, v.number, v.state, v.kind, v.summary, v.debit_total, v.attachment_count,"
    " m.name, r.name, p.name, c.name, v.origin, v.reversal_of, v.correction_of, v.version, v.faults,"
    " (SELECT MIN(x.id) FROM {voucher} x WHERE x.reversal_of = v.id AND x.state <> 'void')"
    " FROM {voucher} v JOIN {user} m ON m.id = v.maker_id LEFT JOIN {user} r ON r.id = v.reviewer_id"
    " LEFT JOIN {user} p ON p.id = v.poster_id LEFT JOIN {user} c ON c.id = v.cashier_id"
)
_ENTRIES = (
    "SELECT e.line, e.summary, e.account_id, a.code, a.name_zh, e.side, e.debit, e.credit, e.auxiliary_set_id,"
    " c.code, c.minor_digits, e.foreign_amount, e.rate, e.quantity, e.unit_price, e.cash_flow_line, e.unvalued"
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


def _head_values(row: Row, digits: int) -> dict[str, Any]:
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
    rows = fetch_all(f"{_HEAD} WHERE v.id = ?", (voucher_id,))
    if not rows:
        raise voucher_unknown(voucher_id)
    digits = base_digits()
    entry_rows = fetch_all(_ENTRIES, (voucher_id,))
    texts = aux_texts({row[8] for row in entry_rows})
    faults = faults_from_json(rows[0][18])
    return Voucher(
        **_head_values(rows[0], digits),
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
    )


def list_vouchers(query: VoucherQuery) -> VoucherPage:
    """Return one page of voucher heads in month, word and number order; drafts without a number come last of all."""
    conditions, params = _conditions(query)
    direction, compare = ("DESC", "<") if query.newest_first else ("ASC", ">")
    if query.cursor:
        condition, values = _after(query.cursor, compare)
        conditions.append(condition)
        params.extend(values)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    order = f"v.period {direction}, v.word {direction}, v.number {direction}, v.id {direction}"
    rows = fetch_all(f"{_HEAD}{where} ORDER BY {order} LIMIT ?", [*params, query.limit + 1])
    digits = base_digits()
    shown = rows[: query.limit]
    following = None
    if len(rows) > query.limit:
        last = shown[-1]
        following = f"{last[1]}:{'' if last[4] is None else last[4]}:{last[0]}:{last[3]}"
    return VoucherPage(vouchers=[VoucherHead(**_head_values(row, digits)) for row in shown], next=following)


def _after(cursor: str, compare: str) -> tuple[str, list[object]]:
    """Return the condition for rows after the cursor `period:number:id:word`. NULL numbers sort first ascending."""
    parts = cursor.split(":", 3)
    if len(parts) != 4 or not (parts[0].isdigit() and parts[2].isdigit() and (parts[1].isdigit() or not parts[1])):
        raise MalformedInput("cursor_malformed", message("翻页标记无效，请从第一页看起。"))
    period, number, voucher_id, word = int(parts[0]), int(parts[1] or 0), int(parts[2]), parts[3]
    condition = (
        f"(v.period {compare} ? OR (v.period = ? AND (v.word {compare} ? OR (v.word = ? AND"
        f" (COALESCE(v.number, 0) {compare} ? OR (COALESCE(v.number, 0) = ? AND v.id {compare} ?))))))"
    )
    bound = ">=" if compare == ">" else "<="
    # The plain bound on the month lets the index skip what came before.
    return f"v.period {bound} ? AND {condition}", [period, period, period, word, word, number, number, voucher_id]


_BY_AMOUNT = (
    "(v.debit_total = ? OR EXISTS"
    " (SELECT 1 FROM {entry} e WHERE e.voucher_id = v.id AND (e.debit = ? OR e.credit = ?)))"
)
_BY_ACCOUNT = "v.id IN (SELECT e.voucher_id FROM {entry} e JOIN {account} a ON a.id = e.account_id WHERE a.code = ?)"
_BY_AUXILIARY = (
    "v.id IN (SELECT e.voucher_id FROM {entry} e JOIN {auxiliary_set_item} i ON i.set_id = e.auxiliary_set_id"
    " JOIN {auxiliary} a ON a.id = i.auxiliary_id JOIN {auxiliary_kind} k ON k.id = i.kind_id"
    " WHERE k.name = ? AND a.name = ?)"
)
_BY_WORDS = "EXISTS (SELECT 1 FROM {entry} e WHERE e.voucher_id = v.id AND e.summary LIKE ?)"


def _conditions(query: VoucherQuery) -> tuple[list[str], list[object]]:
    wanted: list[tuple[str, tuple[object, ...]]] = [*_span_conditions(query)]
    if query.state:
        wanted.append(("v.state = ?", (query.state,)))
    if query.word:
        wanted.append(("v.word = ?", (clean_text(query.word),)))
    if query.number is not None:
        wanted.append(("v.number = ?", (query.number,)))
    if query.amount.strip():
        minor = parse_amount(query.amount, base_digits())
        wanted.append((_BY_AMOUNT, (minor, minor, minor)))
    if query.account_code:
        wanted.append((_BY_ACCOUNT, (clean_text(query.account_code),)))
    if query.aux:
        kind, _, name = query.aux.partition(":")
        wanted.append((_BY_AUXILIARY, (clean_text(kind), clean_text(name))))
    if query.q:
        wanted.append((_BY_WORDS, (f"%{clean_text(query.q)}%",)))
    return [condition for condition, _ in wanted], [value for _, values in wanted for value in values]


def _span_conditions(query: VoucherQuery) -> list[tuple[str, tuple[object, ...]]]:
    wanted: list[tuple[str, tuple[object, ...]]] = []
    if query.from_period:
        wanted.append(("v.period >= ?", (parse_period(query.from_period),)))
    if query.to_period:
        wanted.append(("v.period <= ?", (parse_period(query.to_period),)))
    if query.from_date:
        wanted.append(("v.date >= ?", (parse_date(query.from_date).isoformat(),)))
    if query.to_date:
        wanted.append(("v.date <= ?", (parse_date(query.to_date).isoformat(),)))
    return wanted
