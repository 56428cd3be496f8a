"""Cards that come from another book whole: with their later terms, what vouchers charged, and how they left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.contract.assets import AssetInput, DisposalReason
from app.identity.actor import Actor
from app.kernel.errors import Conflict, RuleBroken
from app.kernel.money import parse_amount
from app.kernel.period import parse_date, parse_period
from app.kernel.text import clean_text, message
from app.ledger.queries.vouchers import base_digits
from app.ledger.service.assets.cards import create_asset, insert_term
from app.ledger.service.assets.reading import CardReader
from app.storage.database import execute, fetch_one, upsert_add


class VoucherPlace(NamedTuple):
    """A voucher by what people call it: month, word, number."""

    period: str
    word: str
    number: int


class ImportedCharge(NamedTuple):
    """What a voucher charged for a month; a red one takes back."""

    period: str
    amount: str
    voucher: VoucherPlace


class ImportedTerm(NamedTuple):
    """Terms that hold from a month on: the card as it would be typed with them."""

    from_period: str
    card: AssetInput
    reason: str


@dataclass(slots=True)
class ImportedCard:
    """A card on its way in; `terms` are those after the first."""

    card: AssetInput
    terms: list[ImportedTerm] = field(default_factory=list)
    charges: list[ImportedCharge] = field(default_factory=list)
    disposed_on: str = ""
    disposal_reason: DisposalReason | None = None
    disposal_note: str = ""
    disposal_proceeds: str = ""
    disposal_voucher: VoucherPlace | None = None


def import_card(actor: Actor, new: ImportedCard) -> bool:
    """Bring a card in, in the importer's unit; return whether it came: one whose number is taken does not.

    Accounts that vouchers may not use any more are taken as they are. Raises `MalformedInput` and, for a voucher the
    book does not have, `RuleBroken`.
    """
    actor.require("ledger:asset:add")
    code = clean_text(new.card.code)
    if code and fetch_one("SELECT id FROM {asset} WHERE code = ?", (code,)):
        return False
    try:
        asset_id = create_asset(actor, new.card, imported=True).id
    except Conflict:
        return False
    for term in new.terms:
        read = CardReader(imported=True).read(term.card)
        later = read.term._replace(from_period=parse_period(term.from_period))
        insert_term(actor, asset_id, later, read.residual_rate, clean_text(term.reason)[:200])
    _import_charges(asset_id, new.charges)
    if new.disposed_on:
        _import_disposal(asset_id, new)
    return True


def _import_charges(asset_id: int, charges: Sequence[ImportedCharge]) -> None:
    digits = base_digits()
    statement = upsert_add("asset_charge", ["asset_id", "period", "voucher_id"], ["amount"])
    for charge in charges:
        amount = parse_amount(charge.amount, digits)
        execute(statement, (asset_id, parse_period(charge.period), _voucher_id(charge.voucher), amount))


def _import_disposal(asset_id: int, new: ImportedCard) -> None:
    proceeds = parse_amount(new.disposal_proceeds, base_digits()) if new.disposal_proceeds.strip() else 0
    execute(
        "UPDATE {asset} SET disposed_on = ?, disposal_reason = ?, disposal_note = ?, disposal_proceeds = ?,"
        " disposal_voucher_id = ? WHERE id = ?",
        (
            parse_date(new.disposed_on).isoformat(),
            new.disposal_reason or "other",
            clean_text(new.disposal_note)[:200],
            proceeds,
            None if new.disposal_voucher is None else _voucher_id(new.disposal_voucher),
            asset_id,
        ),
    )


def _voucher_id(place: VoucherPlace) -> int:
    row = fetch_one(
        "SELECT id FROM {voucher} WHERE period = ? AND word = ? AND number = ?",
        (parse_period(place.period), place.word, place.number),
    )
    if row is None:
        raise RuleBroken(
            "voucher_unknown",
            message("账簿里没有 {period} {word}字第 {number} 号凭证。", **place._asdict()),
        )
    return int(row[0])
