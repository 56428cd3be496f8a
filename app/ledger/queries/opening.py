"""Reads of opening balances."""

from __future__ import annotations

from app.contract.ledger import CashFlowOpening, Opening, OpeningRow
from app.kernel.money import QUANTITY_DIGITS, format_amount, format_quantity
from app.ledger.queries.vouchers import aux_texts, base_digits
from app.storage.book_settings import get_setting
from app.storage.database import Row, fetch_all, fetch_one

VERSION_SETTING = "opening_version"
"""Counts how often the opening balances were replaced."""

_SELECT = (
    "SELECT a.code, a.name_zh, o.auxiliary_set_id, c.code, c.minor_digits, c.id, o.year_begin_debit,"
    " o.year_begin_credit, o.ytd_debit, o.ytd_credit, o.year_begin_foreign, o.opening_foreign, o.year_begin_quantity,"
    " o.ytd_debit_quantity, o.ytd_credit_quantity, o.ytd_pl_actual, a.normal_side"
    " FROM {opening} o JOIN {account} a ON a.id = o.account_id JOIN {currency} c ON c.id = o.currency_id"
    " ORDER BY a.code, o.currency_id, o.auxiliary_set_id"
)


def get_opening() -> Opening:
    """Return all opening balances and elapsed months' cash flow, as they were entered or derived."""
    digits = base_digits()
    base_id = get_setting("base_currency_id")
    rows = fetch_all(_SELECT)
    texts = aux_texts({row[2] for row in rows})
    flows = fetch_all("SELECT cash_flow_line, ytd_amount FROM {opening_cash_flow} ORDER BY cash_flow_line")
    return Opening(
        rows=[_view(row, digits, base_id, texts) for row in rows],
        cash_flow=[CashFlowOpening(cash_flow_line=row[0], ytd_amount=format_amount(row[1], digits)) for row in flows],
        frozen=fetch_one("SELECT 1 FROM {period} WHERE period > 0 AND state = 'closed' LIMIT 1") is not None,
        version=get_setting(VERSION_SETTING, 1),
    )


def _view(row: Row, digits: int, base_id: int, texts: dict[int, str]) -> OpeningRow:
    def money(minor: int) -> str:
        return format_amount(minor, digits) if minor else ""

    def pieces(scaled: int) -> str:
        return format_quantity(scaled, QUANTITY_DIGITS) if scaled else ""

    foreign = row[5] != base_id
    opening = row[6] - row[7] + row[8] - row[9]
    credit_side = bool(row[7]) or (not row[6] and row[16] == "credit")
    return OpeningRow(
        account_code=row[0],
        account_name=row[1],
        aux=texts[row[2]],
        quantity=pieces(row[12] + row[13] - row[14]),
        year_begin_debit=money(row[6]),
        year_begin_credit=money(row[7]),
        ytd_debit=money(row[8]),
        ytd_credit=money(row[9]),
        opening_debit="" if credit_side else money(opening),
        opening_credit=money(-opening) if credit_side else "",
        ytd_pl_actual=money(row[15]),
        currency=row[3] if foreign else "",
        opening_foreign=format_amount(row[11], row[4]) if foreign and row[11] else "",
        year_begin_foreign=format_amount(row[10], row[4]) if foreign and row[10] else "",
        year_begin_quantity=pieces(row[12]),
        ytd_debit_quantity=pieces(row[13]),
        ytd_credit_quantity=pieces(row[14]),
    )
