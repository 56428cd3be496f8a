"""Cards and rates as exports write them: plain texts, accounts by code, vouchers by month, word and number."""

from __future__ import annotations

from typing import NamedTuple

from app.kernel.money import format_amount, format_quantity
from app.kernel.period import format_period
from app.ledger.queries.assets.loading import CARD_COLUMNS, StoredCard
from app.ledger.queries.vouchers import aux_texts, base_digits
from app.storage.database import fetch_all

VoucherName = tuple[str, str, str]
"""Month, word and number; empty texts for none."""
NO_VOUCHER: VoucherName = ("", "", "")


class ContentTerm(NamedTuple):
    """What a card is charged by from a month on; the columns of `asset_terms.csv`."""

    code: str
    from_period: str
    original_value: str
    residual_value: str
    residual_rate: str
    life_months: int
    method: str
    expense_account: str
    expense_aux: str
    reason: str


class ContentCharge(NamedTuple):
    """What a voucher charged; the columns of `asset_charges.csv`."""

    code: str
    period: str
    amount: str
    voucher_period: str
    voucher_word: str
    voucher_number: str


def all_cards() -> list[dict[str, str]]:
    """Return every card as entered, under the columns of `assets.csv`. Call inside `read_snapshot`."""
    rows = fetch_all(f"SELECT {CARD_COLUMNS} FROM {{asset}} ORDER BY id")
    cards = [StoredCard._make(row) for row in rows]
    codes = _account_codes()
    digits = base_digits()
    sets = {set_id for card in cards for set_id in (card.user_set_id, card.asset_set_id, card.accumulated_set_id)}
    aux = aux_texts(sets)
    vouchers = _voucher_names({card.disposal_voucher_id for card in cards if card.disposal_voucher_id is not None})
    found: list[dict[str, str]] = []
    for card in cards:
        period, word, number = vouchers.get(card.disposal_voucher_id or 0, NO_VOUCHER)
        carrier = card.accumulated_account_id
        found.append(
            {
                "code": card.code,
                "name": card.name,
                "kind": card.kind,
                "category": card.category,
                "specification": card.specification,
                "location": card.location,
                "quantity": format_quantity(card.quantity),
                "unit": card.unit,
                "user_aux": aux[card.user_set_id],
                "acquired_on": card.acquired_on,
                "in_use_on": card.in_use_on,
                "asset_account": codes[card.asset_account_id],
                "asset_aux": aux[card.asset_set_id],
                "accumulated_account": "" if carrier is None else codes[carrier],
                "accumulated_aux": aux[card.accumulated_set_id],
                "opening_accumulated": format_amount(card.opening_accumulated, digits),
                "opening_months": str(card.opening_months),
                "note": card.note,
                "disposed_on": card.disposed_on or "",
                "disposal_reason": card.disposal_reason or "",
                "disposal_note": card.disposal_note,
                "disposal_proceeds": format_amount(card.disposal_proceeds, digits) if card.disposed_on else "",
                "voucher_period": period,
                "voucher_word": word,
                "voucher_number": number,
            }
        )
    return found


def all_terms() -> list[ContentTerm]:
    """Return every term of every card, by code and month."""
    rows = fetch_all(
        "SELECT a.code, t.from_period, t.original_value, t.residual_value, t.residual_rate, t.life_months, t.method,"
        " x.code, t.expense_set_id, t.reason FROM {asset_term} t JOIN {asset} a ON a.id = t.asset_id"
        " JOIN {account} x ON x.id = t.expense_account_id ORDER BY a.code, t.from_period"
    )
    digits, aux = base_digits(), aux_texts({int(row[8]) for row in rows})
    return [
        ContentTerm(
            row[0],
            format_period(row[1]) if row[1] else "",
            format_amount(row[2], digits),
            format_amount(row[3], digits),
            row[4],
            int(row[5]),
            row[6],
            row[7],
            aux[row[8]],
            row[9],
        )
        for row in rows
    ]


def all_charges() -> list[ContentCharge]:
    """Return what numbered vouchers charged and, for those reversed in red, what the red ones took back.

    csv-book does not say which voucher reverses which, so the red ones' part is written out.
    """
    standing = (
        "SELECT a.code, c.period, {sign}c.amount, v.period, v.word, v.number FROM {{asset_charge}} c"
        " JOIN {{asset}} a ON a.id = c.asset_id {join} WHERE v.state <> 'void' AND v.number IS NOT NULL"
    )
    own = standing.format(sign="", join="JOIN {voucher} v ON v.id = c.voucher_id")
    red = standing.format(sign="-", join="JOIN {voucher} v ON v.reversal_of = c.voucher_id")
    rows = [*fetch_all(own), *fetch_all(red)]
    digits = base_digits()
    return [
        ContentCharge(
            row[0], format_period(row[1]), format_amount(row[2], digits), format_period(row[3]), row[4], str(row[5])
        )
        for row in sorted(rows, key=lambda row: (row[0], row[1], row[3], row[4], row[5]))
    ]


def all_rates() -> list[tuple[str, str, str, str]]:
    """Return (date, currency, rate, source) of every rate, by currency and day."""
    rows = fetch_all(
        "SELECT r.date, c.code, r.rate, r.source FROM {exchange_rate} r JOIN {currency} c ON c.id = r.currency_id"
        " ORDER BY c.code, r.date"
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _account_codes() -> dict[int, str]:
    return {int(row[0]): str(row[1]) for row in fetch_all("SELECT id, code FROM {account}")}


def _voucher_names(ids: set[int]) -> dict[int, VoucherName]:
    wanted = sorted(ids)
    if not wanted:
        return {}
    rows = fetch_all(
        f"SELECT id, period, word, number FROM {{voucher}} WHERE id IN ({', '.join('?' * len(wanted))})"
        " AND number IS NOT NULL",
        wanted,
    )
    return {int(row[0]): (format_period(row[1]), str(row[2]), str(row[3])) for row in rows}
