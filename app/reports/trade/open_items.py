"""What a balance of receivables or payables is made of: open items, worked out from the ledger's own entries.

A balance is made up of the latest movements that built it (先进先出), after what is known to be settled (核销) has been
taken out of each. So the items of an account and contact always add up to its ledger balance, whether documents know
of them or not.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.kernel.period import first_day, last_day, previous_period
from app.ledger.queries.balances import last_year_with_rows
from app.reports.chart import NO_FILTER, AuxiliaryFilter, Chart, read_set_texts
from app.reports.request import LAYER_UNPOSTED, marks
from app.reports.trade.open_accounts import contact_of, open_accounts, sides
from app.reports.trade.settled import Settled
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all

Key = tuple[int, str]
"""account id, contact (`客户:甲公司`, empty where nobody is named)"""
MANY_SETS = 500


class OpenItem(NamedTuple):
    """What is still open of one movement. `amount` is in minor units, debit positive; dates are ISO text.

    `voucher_id` is the voucher that made it, `None` for what was open when the book began.
    """

    account_id: int
    contact: str
    date: str
    due: str
    amount: int
    voucher_id: int | None
    document: str


class _Movement(NamedTuple):
    date: str
    voucher_id: int
    amount: int
    reversal_of: int | None


@dataclass(slots=True)
class _Search:
    """How much of a balance is still to be explained by earlier movements, and what was passed over as settled."""

    left: int
    settled: list[tuple[_Movement, int]] = field(default_factory=list)
    reversed: dict[int, int] = field(default_factory=dict)


def _read_balances(
    last: int, layers: Sequence[int], accounts: Sequence[int], auxiliaries: AuxiliaryFilter
) -> tuple[dict[int, str], dict[Key, int]]:
    """Return the contact of each auxiliary set ever used, and the balances at a month's end that are not nil."""
    year = last_year_with_rows(last // 100)
    if year is None or not accounts:
        return {}, {}
    end = last if year == last // 100 else year * 100 + 12
    rows = fetch_all(
        "SELECT account_id, auxiliary_set_id, SUM(opening + debit - credit) FROM {balance}"
        f" WHERE layer IN ({marks(layers)}) AND period BETWEEN ? AND ? AND account_id IN ({marks(accounts)})"
        f"{auxiliaries.sql} GROUP BY account_id, auxiliary_set_id",
        [*layers, year * 100, end, *accounts, *auxiliaries.params],
    )
    contacts: dict[int, str] = {}
    _learn(contacts, {row[1] for row in rows})
    sums: dict[Key, int] = {}
    for account_id, set_id, amount in rows:
        key = (int(account_id), contacts[set_id])
        sums[key] = sums.get(key, 0) + int(amount)
    return contacts, {key: amount for key, amount in sums.items() if amount}


def read_open_items(
    last: int,
    layers: Sequence[int],
    chart: Chart,
    *,
    accounts: Sequence[int] | None = None,
    auxiliaries: AuxiliaryFilter = NO_FILTER,
) -> list[OpenItem]:
    """Return what is open at the end of a month, by account and contact, the oldest first. Call inside a snapshot."""
    leaves = open_accounts(chart)
    kept = [account.id for account in leaves]
    chosen = kept if accounts is None else [account_id for account_id in accounts if account_id in kept]
    contacts, balances = _read_balances(last, layers, chosen, auxiliaries)
    known = Settled(last_day(last).isoformat(), sides(leaves))
    searches = {key: _Search(amount) for key, amount in balances.items()}
    found: dict[Key, list[OpenItem]] = {key: [] for key in balances}
    start, period = int(get_setting("start_period")), last
    waiting = set(searches)
    while period >= start and waiting:
        moved = _movements(period, layers, chosen, waiting, contacts, auxiliaries)
        known.learn(movement.voucher_id for movements in moved.values() for movement in movements)
        for key, movements in moved.items():
            _take(key, movements, searches[key], known, found[key])
            if not searches[key].left:
                waiting.discard(key)
        period = previous_period(period)
    opened = (first_day(start) - datetime.timedelta(days=1)).isoformat()
    unexplained = {account_id for account_id, _ in waiting}
    openings = _openings(start, layers, unexplained, contacts, auxiliaries)
    for key, search in searches.items():
        _finish(key, search, known, found[key], opened, openings.get(key, 0))
    return [item for key in sorted(found, key=_in_order(chart)) for item in reversed(found[key])]


def _in_order(chart: Chart) -> Callable[[Key], tuple[int, str]]:
    places = {account.id: place for place, account in enumerate(chart.accounts)}
    return lambda key: (places[key[0]], key[1])


def _learn(contacts: dict[int, str], set_ids: Iterable[int]) -> None:
    """Add the contacts of sets that are not known yet; of many, all sets are read."""
    wanted = {set_id for set_id in set_ids if set_id not in contacts}
    if wanted:
        texts = read_set_texts(wanted if len(wanted) <= MANY_SETS else None)
        contacts |= {set_id: contact_of(text) for set_id, text in texts.items()}


def _movements(
    period: int,
    layers: Sequence[int],
    accounts: Sequence[int],
    keys: set[Key],
    contacts: dict[int, str],
    auxiliaries: AuxiliaryFilter,
) -> dict[Key, list[_Movement]]:
    """Return what each voucher of a month moved of some balances, the latest first."""
    unposted = " OR (v.state IN ('draft', 'reviewed') AND v.faults = '')" if LAYER_UNPOSTED in layers else ""
    rows = fetch_all(
        "SELECT v.date, e.voucher_id, e.account_id, e.auxiliary_set_id, e.debit - e.credit, v.reversal_of"
        # CROSS keeps SQLite from looking through all posted vouchers for the few entries of a month
        " FROM {entry} e CROSS JOIN {voucher} v ON v.id = e.voucher_id"
        f" WHERE e.period = ? AND e.account_id IN ({marks(accounts)}) AND (v.state = 'posted'{unposted})"
        f"{auxiliaries.sql.replace('auxiliary_set_id IN', 'e.auxiliary_set_id IN')}",
        [period, *accounts, *auxiliaries.params],
    )
    _learn(contacts, (row[3] for row in rows))
    rows.sort(key=lambda row: row[:2], reverse=True)
    found: dict[Key, list[_Movement]] = {}
    for date, voucher_id, account_id, set_id, amount, reversal_of in rows:
        key = (account_id, contacts[set_id])
        if key not in keys:
            continue
        moved = found.setdefault(key, [])
        if moved and moved[-1].voucher_id == voucher_id:
            moved[-1] = moved[-1]._replace(amount=moved[-1].amount + amount)
        else:
            moved.append(_Movement(date, voucher_id, amount, reversal_of))
    return found


def _take(key: Key, movements: Iterable[_Movement], search: _Search, known: Settled, found: list[OpenItem]) -> None:
    """Explain a balance by movements, the latest first, leaving out what of each is settled or was reversed.

    A reversal and what it reversed explain nothing, on whichever side they stand.
    """
    for moved in movements:
        if not search.left:
            return
        original = moved.reversal_of or known.taken_back_by(moved.voucher_id)
        if original is not None:
            search.reversed[original] = search.reversed.get(original, 0) + abs(moved.amount)
            continue
        if moved.amount * search.left <= 0:
            continue
        size, wanted = abs(moved.amount), abs(search.left)
        gone = min(size, known.of(moved.voucher_id, key[0], size) + search.reversed.get(moved.voucher_id, 0))
        taken = min(size - gone, wanted)
        if gone:
            search.settled.append((moved, gone))
        if taken:
            found.append(_item(key, moved, taken if search.left > 0 else -taken, known))
            search.left -= taken if search.left > 0 else -taken


def _finish(key: Key, search: _Search, known: Settled, found: list[OpenItem], opened: str, opening: int) -> None:
    """Explain what is left by the opening, then by movements thought settled: the ledger knows of less payment."""
    if search.left and opening * search.left > 0:
        taken = min(abs(search.left), abs(opening)) * (1 if search.left > 0 else -1)
        due = known.due_by_terms(key[1], opened)
        found.append(OpenItem(*key, opened, due, taken, None, ""))
        search.left -= taken
    for moved, gone in search.settled:
        if not search.left:
            break
        taken = min(abs(search.left), gone) * (1 if search.left > 0 else -1)
        found.append(_item(key, moved, taken, known))
        search.left -= taken
    found.sort(key=lambda item: (item.date, item.voucher_id or 0), reverse=True)


def _item(key: Key, moved: _Movement, amount: int, known: Settled) -> OpenItem:
    date, due = known.dates(moved.voucher_id, key[1], moved.date)
    return OpenItem(*key, date, due, amount, moved.voucher_id, known.number(moved.voucher_id))


def _openings(
    start: int,
    layers: Sequence[int],
    accounts: set[int],
    contacts: dict[int, str],
    auxiliaries: AuxiliaryFilter,
) -> Mapping[Key, int]:
    """Return what was open when the book began, by account and contact."""
    if not accounts:
        return {}
    chosen = sorted(accounts)
    rows = fetch_all(
        "SELECT account_id, auxiliary_set_id, SUM(opening + debit - credit) FROM {balance}"
        f" WHERE layer IN ({marks(layers)}) AND period = ? AND account_id IN ({marks(chosen)}){auxiliaries.sql}"
        " GROUP BY account_id, auxiliary_set_id",
        [*layers, start // 100 * 100, *chosen, *auxiliaries.params],
    )
    _learn(contacts, {row[1] for row in rows})
    sums: dict[Key, int] = {}
    for account_id, set_id, amount in rows:
        key = (int(account_id), contacts[set_id])
        sums[key] = sums.get(key, 0) + int(amount)
    return sums
