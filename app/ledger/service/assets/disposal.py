"""A card leaves the book: when, why, and the voucher proposed for it.

小企业会计准则 art. 34, 37, 41 and its table of accounts: a fixed asset goes through 1606 固定资产清理, the others
straight to the gain or loss; a shortage goes to 1901 until it is decided on. A deferred expense that is given up is
charged at once.
Under 企业会计准则 a sale goes to 6115, anything else to 6301 or 6711.
"""

from __future__ import annotations

import datetime
from typing import NamedTuple

from app.contract.assets import Asset, AssetDisposal, AssetDisposalPlan, AssetDisposalQuery, DisposalReason
from app.contract.ledger import EntryInput, VoucherInput
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.errors import RuleBroken, UserError
from app.kernel.money import format_amount, group_thousands, parse_amount
from app.kernel.period import format_period, parse_date, period_of
from app.kernel.text import Message, clean_text, message
from app.ledger.errors import account_unknown, fields_wrong, period_closed
from app.ledger.queries.assets.cards import get_asset
from app.ledger.queries.assets.loading import LoadedCard, load_card
from app.ledger.queries.vouchers import aux_texts, base_digits
from app.ledger.service.assets.cards import card_name, lock_card
from app.ledger.service.locks import period_is_open
from app.ledger.service.vouchers import save_voucher
from app.storage.book_settings import get_setting
from app.storage.database import execute, fetch_all, fetch_one, run_unit

CLEARING, SHORTAGE = ("1606",), ("190102", "1901")
"""固定资产清理 and 待处理(非流动)财产损溢: the same codes in both standards, the best one first."""
RESULTS = {
    "small_enterprise_2013": {"gain": "530101", "loss": "571102"},
    "asbe_2006_2019": {"gain": "6301", "loss": "6711", "sold_gain": "6115", "sold_loss": "6115"},
}
"""Where gains and losses of disposals go, by the book's chart."""


class _Figures(NamedTuple):
    original: int
    accumulated: int
    still_to_charge: int
    proceeds: int

    @property
    def carrying(self) -> int:
        return self.original - self.accumulated

    @property
    def gain(self) -> int:
        return self.proceeds - self.carrying


def plan_disposal(actor: Actor, asset_id: int, query: AssetDisposalQuery) -> AssetDisposalPlan:
    """Return what a disposal would come to and the voucher proposed for it; nothing is kept.

    The month's last charge counts as charged, for it stands in a voucher of its own. Raises `NotFound`,
    `MalformedInput` with fields, `RuleBroken` for a card that was disposed of.
    """
    actor.require("ledger:asset:view")
    loaded = load_card(asset_id)
    _require_kept(loaded)
    wish = AssetDisposal(
        date=query.date,
        reason=query.reason,
        proceeds=query.proceeds,
        proceeds_account_code=query.proceeds_account_code,
    )
    gone, figures = _figures(loaded, wish)
    digits = base_digits()
    note: Message | str = ""
    voucher = None
    try:
        voucher = _voucher(loaded, gone, wish, figures)
    except UserError as error:
        note = error.message
    if voucher is not None and figures.still_to_charge:
        note = message(
            "其中 {amount} 还没有计提：请先做 {period} 的计提凭证。",
            amount=group_thousands(format_amount(figures.still_to_charge, digits)),
            period=format_period(period_of(gone)),
        )
    return AssetDisposalPlan(
        original_value=format_amount(figures.original, digits),
        accumulated=format_amount(figures.accumulated, digits),
        still_to_charge=format_amount(figures.still_to_charge, digits),
        carrying=format_amount(figures.carrying, digits),
        gain=format_amount(figures.gain, digits),
        voucher=voucher,
        note=str(note),
    )


def dispose_asset(actor: Actor, asset_id: int, wish: AssetDisposal) -> Asset:
    """Take a card out of use on a date, in an open month; with `make_voucher` its voucher is saved as a draft.

    Raises `NotFound`, `Conflict` for a stale version, `MalformedInput` with fields, `RuleBroken` for a card that has
    been disposed of, a closed month, or months charged after the date.
    """
    actor.require("ledger:asset:dispose")

    def work() -> Asset:
        loaded = lock_card(asset_id, wish.version)
        _require_kept(loaded)
        gone, figures = _figures(loaded, wish)
        if not period_is_open(period_of(gone)):
            raise period_closed(format_period(period_of(gone)))
        voucher_id = None
        if wish.make_voucher:
            voucher_id = save_voucher(actor, _voucher(loaded, gone, wish, figures)).id
        execute(
            "UPDATE {asset} SET disposed_on = ?, disposal_reason = ?, disposal_note = ?, disposal_proceeds = ?,"
            " disposal_voucher_id = ?, updated_at = ?, version = version + 1 WHERE id = ?",
            (
                gone.isoformat(),
                wish.reason,
                clean_text(wish.note),
                figures.proceeds,
                voucher_id,
                utc_ms(),
                asset_id,
            ),
        )
        return _logged(actor, loaded, "ledger:asset:dispose")

    return run_unit(work)


def undo_disposal(actor: Actor, asset_id: int, version: int | None = None) -> Asset:
    """Take a disposal back. Raises `RuleBroken` while its voucher stands, or when its month is closed."""
    actor.require("ledger:asset:dispose")

    def work() -> Asset:
        loaded = lock_card(asset_id, version)
        card = loaded.card
        if card.disposed_on is None:
            raise RuleBroken("asset_kept", message("{asset} 没有处置。", asset=card_name(loaded)))
        month = period_of(datetime.date.fromisoformat(card.disposed_on))
        if not period_is_open(month):
            raise period_closed(format_period(month))
        standing = fetch_one(
            "SELECT v.id FROM {voucher} v WHERE v.id = ? AND v.state <> 'void' AND NOT EXISTS"
            " (SELECT 1 FROM {voucher} r WHERE r.reversal_of = v.id AND r.state <> 'void')",
            (card.disposal_voucher_id or 0,),
        )
        if standing:
            raise RuleBroken(
                "disposal_voucher_stands",
                message("{asset} 的处置凭证还在：请先删除、作废或冲销它。", asset=card_name(loaded)),
            )
        execute(
            "UPDATE {asset} SET disposed_on = NULL, disposal_reason = NULL, disposal_note = '', disposal_proceeds = 0,"
            " disposal_voucher_id = NULL, updated_at = ?, version = version + 1 WHERE id = ?",
            (utc_ms(), asset_id),
        )
        return _logged(actor, loaded, "ledger:asset:undispose")

    return run_unit(work)


def _logged(actor: Actor, before: LoadedCard, action: str) -> Asset:
    after = get_asset(before.card.id)
    audit.record(
        actor,
        action,
        "asset",
        after.id,
        before={"disposed_on": before.card.disposed_on, "version": before.card.version},
        after=after.model_dump(),
    )
    return after


def _require_kept(loaded: LoadedCard) -> None:
    if loaded.card.disposed_on is not None:
        raise RuleBroken("asset_disposed", message("{asset} 已经处置过了。", asset=card_name(loaded)))


def _figures(loaded: LoadedCard, wish: AssetDisposal) -> tuple[datetime.date, _Figures]:
    """Read the wish against the card: value and charges up to the last month that is charged."""
    wrong: dict[str, Message] = {}
    gone, proceeds = None, 0
    try:
        gone = parse_date(wish.date)
    except UserError as error:
        wrong["date"] = error.message
    try:
        proceeds = parse_amount(wish.proceeds, base_digits()) if wish.proceeds.strip() else 0
    except UserError as error:
        wrong["proceeds"] = error.message
    if proceeds < 0:
        wrong["proceeds"] = message("处置收入不能小于零。")
    card = loaded.card
    charged = max((period for period, amount in loaded.charged.items() if amount), default=0)
    if gone is not None:
        if gone.isoformat() < card.acquired_on:
            wrong["date"] = message("处置日期早于取得日期 {date}。", date=card.acquired_on)
        elif period_of(gone) < charged:
            wrong["date"] = message("{period} 已经计提，处置日期不能更早。", period=format_period(charged))
        elif period_of(gone) == charged and card.kind == "intangible":
            wrong["date"] = message(
                "无形资产处置当月不摊销，而 {period} 已经摊销：请先删除或冲销那张凭证。", period=format_period(charged)
            )
    if proceeds and wish.reason == "shortage":
        wrong["proceeds"] = message("盘亏没有处置收入。")
    if wrong or gone is None:
        raise fields_wrong(wrong)
    leaving = LoadedCard(card._replace(disposed_on=gone.isoformat()), *loaded[1:])
    accumulated = card.opening_accumulated + sum(loaded.charged.values())
    still = sum(month.amount for month in leaving.plan(period_of(gone)) if not month.charged)
    value = loaded.terms[-1].term.original_value
    for stored in reversed(loaded.terms):
        value = stored.term.original_value
        if stored.term.from_period <= period_of(gone):
            break
    return gone, _Figures(value, accumulated + still, still, proceeds)


class _Entries:
    """The entries of a proposal, written one after another; those of nothing are left out."""

    def __init__(self, summary: str) -> None:
        self._summary = summary
        self.entries: list[EntryInput] = []
        self._digits = base_digits()

    def debit(self, code: str, amount: int, aux: str = "") -> None:
        self._add(code, aux, debit=amount)

    def credit(self, code: str, amount: int, aux: str = "") -> None:
        self._add(code, aux, credit=amount)

    def _add(self, code: str, aux: str, *, debit: int = 0, credit: int = 0) -> None:
        if not debit and not credit:
            return
        self.entries.append(
            EntryInput(
                summary=self._summary,
                account_code=code,
                aux=aux,
                debit=format_amount(debit, self._digits) if debit else "",
                credit=format_amount(credit, self._digits) if credit else "",
            )
        )


def _voucher(loaded: LoadedCard, gone: datetime.date, wish: AssetDisposal, figures: _Figures) -> VoucherInput:
    """Return the voucher of a disposal. Raises `RuleBroken` where the book lacks an account for it."""
    card = loaded.card
    if figures.proceeds and not wish.proceeds_account_code.strip():
        sentence = message("有处置收入，请选收款的科目。")
        raise RuleBroken("proceeds_account_missing", sentence, fields={"proceeds_account_code": sentence})
    codes = _codes({card.asset_account_id, card.carrier[0], loaded.terms[-1].term.expense_account_id})
    aux = aux_texts({card.asset_set_id, card.accumulated_set_id, loaded.terms[-1].term.expense_set_id})
    summary = f"{_REASONS[wish.reason]}{card.name}（{card.code}）"[:200]
    entries = _Entries(summary)
    if card.accumulated_account_id is not None:
        entries.debit(codes[card.accumulated_account_id], figures.accumulated, aux[card.accumulated_set_id])
        left, asset_credit = figures.carrying, figures.original
    else:
        left = asset_credit = figures.carrying
    asset = (codes[card.asset_account_id], asset_credit, aux[card.asset_set_id])
    if card.kind == "deferred" and not figures.proceeds:
        term = loaded.terms[-1].term
        entries.debit(codes[term.expense_account_id], left, aux[term.expense_set_id])
        entries.credit(*asset)
    elif wish.reason == "shortage":
        entries.debit(_leaf(*SHORTAGE), left)
        entries.credit(*asset)
    elif card.kind == "fixed":
        _through_clearing(entries, asset, left, wish, figures)
    else:
        entries.debit(wish.proceeds_account_code, figures.proceeds)
        if figures.gain < 0:
            entries.debit(_result("loss", wish.reason), -figures.gain)
        entries.credit(*asset)
        if figures.gain > 0:
            entries.credit(_result("gain", wish.reason), figures.gain)
    if not entries.entries:
        raise RuleBroken("disposal_empty", message("账面上没有余额，不需要凭证。"))
    return VoucherInput(date=gone.isoformat(), entries=entries.entries)


_REASONS: dict[DisposalReason, str] = {
    "sold": "出售",
    "scrapped": "报废",
    "shortage": "盘亏",
    "other": "处置",
}
"""How the summary of a disposal's voucher begins: summaries stand in the book's own language."""


def _through_clearing(
    entries: _Entries, asset: tuple[str, int, str], left: int, wish: AssetDisposal, figures: _Figures
) -> None:
    """Write a fixed asset off over 1606, its proceeds into it, and what stays there to the gain or loss."""
    clearing = _leaf(*CLEARING)
    entries.debit(clearing, left)
    entries.credit(*asset)
    entries.debit(wish.proceeds_account_code, figures.proceeds)
    entries.credit(clearing, figures.proceeds)
    if figures.gain > 0:
        entries.debit(clearing, figures.gain)
        entries.credit(_result("gain", wish.reason), figures.gain)
    elif figures.gain < 0:
        entries.debit(_result("loss", wish.reason), -figures.gain)
        entries.credit(clearing, -figures.gain)


def _result(side: str, reason: DisposalReason) -> str:
    codes = RESULTS.get(str(get_setting("chart")))
    if codes is None:
        raise RuleBroken("disposal_accounts", message("这本账的科目表没有处置损益的科目，请自己填制凭证。"))
    return _leaf(codes.get(f"sold_{side}" if reason == "sold" else side, codes[side]))


def _leaf(*codes: str) -> str:
    """Return the first of these accounts that is a leaf, or has one below it. Raises `RuleBroken` when none has."""
    for code in codes:
        row = fetch_one(
            "SELECT code FROM {account} WHERE (code = ? OR code LIKE ?) AND is_leaf = 1 AND active = 1"
            " ORDER BY code LIMIT 1",
            (code, f"{code}%"),
        )
        if row is not None:
            return str(row[0])
    raise RuleBroken("disposal_accounts", account_unknown(codes[0]).message)


def _codes(ids: set[int]) -> dict[int, str]:
    places = ", ".join("?" * len(ids))
    rows = fetch_all(f"SELECT id, code FROM {{account}} WHERE id IN ({places})", sorted(ids))
    return {int(row[0]): str(row[1]) for row in rows}
