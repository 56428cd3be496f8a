"""Reads of asset cards: one whole, pages of them, and their plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.contract.assets import (
    Asset,
    AssetHead,
    AssetMonth,
    AssetPage,
    AssetQuery,
    AssetSchedule,
    AssetState,
    AssetTerm,
)
from app.kernel.money import format_amount, format_quantity
from app.kernel.period import format_period
from app.kernel.text import clean_text
from app.ledger.asset_plan import PlannedMonth
from app.ledger.queries.assets.explaining import card_warnings, explain
from app.ledger.queries.assets.loading import LoadedCard, StoredTerm, load_card, load_cards
from app.ledger.queries.vouchers import aux_texts, base_digits
from app.storage.database import fetch_all, read_snapshot
from app.storage.matching import contains


class _Names:
    """Codes and names of the accounts and auxiliary sets that cards name, read at once."""

    def __init__(self, cards: Iterable[LoadedCard]) -> None:
        accounts: set[int] = set()
        sets: set[int] = set()
        for loaded in cards:
            card = loaded.card
            accounts.update({card.asset_account_id, card.accumulated_account_id or card.asset_account_id})
            accounts.update(stored.term.expense_account_id for stored in loaded.terms)
            sets.update({card.user_set_id, card.asset_set_id, card.accumulated_set_id})
            sets.update(stored.term.expense_set_id for stored in loaded.terms)
        self.aux = aux_texts(sets)
        self.accounts: Mapping[int, tuple[str, str]] = _account_names(accounts)
        self.digits = base_digits()

    def money(self, minor: int) -> str:
        return format_amount(minor, self.digits)


def _account_names(ids: set[int]) -> dict[int, tuple[str, str]]:
    wanted = sorted(ids)
    names: dict[int, tuple[str, str]] = {}
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        places = ", ".join("?" * len(chunk))
        rows = fetch_all(f"SELECT id, code, name_zh FROM {{account}} WHERE id IN ({places})", chunk)
        names.update({int(row[0]): (row[1], row[2]) for row in rows})
    return names


def get_asset(asset_id: int) -> Asset:
    """Return a card whole. Raises `NotFound`."""
    return asset_view(load_card(asset_id))


def asset_view(loaded: LoadedCard) -> Asset:
    """Return a loaded card as it goes over the wire."""
    names = _Names([loaded])
    terms = [_term_view(stored, names) for stored in loaded.terms]
    warnings = [str(text) for text in card_warnings(loaded, names.digits)]
    return Asset(**_head_values(loaded, names), terms=terms, warnings=warnings)


def _term_view(stored: StoredTerm, names: _Names) -> AssetTerm:
    term = stored.term
    code, name = names.accounts[term.expense_account_id]
    return AssetTerm(
        from_period=format_period(term.from_period) if term.from_period else "",
        original_value=names.money(term.original_value),
        residual_value=names.money(term.residual_value),
        residual_rate=stored.residual_rate,
        life_months=term.life_months,
        method=term.method,
        expense_account_code=code,
        expense_account_name=name,
        expense_aux=names.aux[term.expense_set_id],
        reason=stored.reason,
        changed_by=stored.changed_by,
        changed_at=stored.changed_at,
    )


def next_month(plan: Sequence[PlannedMonth], loaded: LoadedCard) -> PlannedMonth | None:
    """Return the first month of a plan that is still to be charged."""
    open_months = (month for month in plan if not month.charged and month.period > loaded.closed_until and month.wanted)
    return next(open_months, None)


def state_of(loaded: LoadedCard) -> AssetState:
    """Return where a card stands: by what is charged and what may be, so that no plan is needed."""
    if loaded.card.disposed_on is not None:
        return "disposed"
    term = loaded.terms[-1].term
    charged = loaded.card.opening_accumulated + sum(loaded.charged.values())
    return "in_use" if term.original_value - term.residual_value > charged else "charged_in_full"


def term_of(loaded: LoadedCard, coming: PlannedMonth | None) -> StoredTerm:
    """Return the terms that hold for the next month to be charged, the last ones where nothing is left."""
    if coming is None:
        return loaded.terms[-1]
    return next(stored for stored in loaded.terms if stored.term is coming.term)


def _head_values(loaded: LoadedCard, names: _Names) -> dict[str, Any]:
    card = loaded.card
    plan = loaded.plan()
    coming = next_month(plan, loaded)
    stored = term_of(loaded, coming)
    term = stored.term
    accumulated = card.opening_accumulated + sum(loaded.charged.values())
    charged_months = [period for period, amount in loaded.charged.items() if amount]
    last = max(charged_months, default=0)
    months = max((month.months for month in plan if month.period <= last), default=card.opening_months)
    asset_account = names.accounts[card.asset_account_id]
    carrier = ("", "") if card.accumulated_account_id is None else names.accounts[card.accumulated_account_id]
    expense = names.accounts[term.expense_account_id]
    return {
        "id": card.id,
        "code": card.code,
        "name": card.name,
        "kind": card.kind,
        "category": card.category,
        "specification": card.specification,
        "location": card.location,
        "quantity": format_quantity(card.quantity),
        "unit": card.unit,
        "user_aux": names.aux[card.user_set_id],
        "acquired_on": card.acquired_on,
        "in_use_on": card.in_use_on,
        "asset_account_code": asset_account[0],
        "asset_account_name": asset_account[1],
        "asset_aux": names.aux[card.asset_set_id],
        "accumulated_account_code": carrier[0],
        "accumulated_account_name": carrier[1],
        "accumulated_aux": names.aux[card.accumulated_set_id],
        "expense_account_code": expense[0],
        "expense_account_name": expense[1],
        "expense_aux": names.aux[term.expense_set_id],
        "original_value": names.money(term.original_value),
        "residual_value": names.money(term.residual_value),
        "residual_rate": stored.residual_rate,
        "life_months": term.life_months,
        "method": term.method,
        "opening_accumulated": names.money(card.opening_accumulated),
        "opening_months": card.opening_months,
        "accumulated": names.money(accumulated),
        "carrying": names.money(term.original_value - accumulated),
        "months_charged": months,
        "last_charged": format_period(last) if last else "",
        "next_period": format_period(coming.period) if coming else "",
        "next_amount": names.money(coming.wanted) if coming else names.money(0),
        "state": state_of(loaded),
        "disposed_on": card.disposed_on or "",
        "disposal_reason": card.disposal_reason,
        "disposal_note": card.disposal_note,
        "disposal_proceeds": names.money(card.disposal_proceeds),
        "disposal_voucher_id": card.disposal_voucher_id,
        "note": card.note,
        "version": card.version,
    }


_SEARCHED = ("code", "name", "category", "specification", "location", "note")


def list_assets(query: AssetQuery) -> AssetPage:
    """Return one page of the cards that match, by code, with the sums of all that match."""
    conditions, params = ["1 = 1"], list[object]()
    if query.kind:
        conditions.append("kind = ?")
        params.append(query.kind)
    if query.state:
        conditions.append(f"disposed_on IS {'NOT ' if query.state == 'disposed' else ''}NULL")
    if query.q:
        word = contains(clean_text(query.q))
        conditions.append("(" + " OR ".join(f"{column} LIKE ? ESCAPE '!'" for column in _SEARCHED) + ")")
        params.extend([word] * len(_SEARCHED))
    with read_snapshot():
        found = load_cards(" AND ".join(conditions), params)
        if query.state in {"in_use", "charged_in_full"}:
            found = [loaded for loaded in found if state_of(loaded) == query.state]
        rest = [loaded for loaded in found if loaded.card.code > query.cursor]
        shown = rest[: query.limit]
        names = _Names(shown)
    values = [_head_values(loaded, names) for loaded in shown]
    original = sum(loaded.terms[-1].term.original_value for loaded in found)
    accumulated = sum(loaded.card.opening_accumulated + sum(loaded.charged.values()) for loaded in found)
    return AssetPage(
        assets=[AssetHead(**row) for row in values],
        next=shown[-1].card.code if len(rest) > len(shown) else None,
        count=len(found),
        original_value=names.money(original),
        accumulated=names.money(accumulated),
        carrying=names.money(original - accumulated),
    )


def get_schedule(asset_id: int) -> AssetSchedule:
    """Return the whole plan of a card. Raises `NotFound`."""
    return schedule_view(load_card(asset_id))


def schedule_view(loaded: LoadedCard) -> AssetSchedule:
    """Return a loaded card's plan as it goes over the wire."""
    digits = base_digits()
    plan = loaded.plan()
    last = plan[-1].term if plan else loaded.terms[-1].term
    return AssetSchedule(
        rows=[
            AssetMonth(
                period=format_period(month.period),
                amount=format_amount(month.amount, digits),
                is_charged=bool(month.charged),
                made_good=format_amount(month.made_good if month.amount else 0, digits),
                accumulated=format_amount(month.accumulated, digits),
                carrying=format_amount(month.carrying, digits),
                explanation=str(explain(month, digits)),
            )
            for month in plan
        ],
        original_value=format_amount(last.original_value, digits),
        residual_value=format_amount(last.residual_value, digits),
        opening_accumulated=format_amount(loaded.card.opening_accumulated, digits),
        warnings=[str(text) for text in card_warnings(loaded, digits)],
    )
