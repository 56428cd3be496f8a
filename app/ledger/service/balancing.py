"""Balances: the sums of entries, kept in the same transaction as the entries (guarantee 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.kernel.period import year_of
from app.ledger.models import LAYER_POSTED
from app.ledger.service.lines import Line
from app.ledger.service.locks import lock_years, share_years
from app.storage.database import execute, execute_many, fetch_all, unit_memory, upsert_add

Key = tuple[int, int, int]
"""account id, currency id, auxiliary set id"""
Sums = list[int]
"""debit, credit, foreign debit, foreign credit, quantity debit, quantity credit, close debit, close credit"""

KEYS = ("period", "layer", "account_id", "currency_id", "auxiliary_set_id")
TURNOVERS = (
    "debit",
    "credit",
    "foreign_debit",
    "foreign_credit",
    "quantity_debit",
    "quantity_credit",
    "close_debit",
    "close_credit",
)
OPENINGS = ("opening", "opening_foreign", "opening_quantity")
CASH_KEYS = ("period", "layer", "cash_flow_line")
CASH_SUMS = ("debit", "credit")
_YEARS = "fiscal years"


class Deltas:
    """What a set of entries of one month and layer adds to the balances."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.balances: dict[Key, Sums] = {}
        self.cash_flows: dict[int, list[int]] = {}

    def add(self, lines: Iterable[Line], *, closes_profit: bool, sign: int = 1) -> None:
        """Add (or with sign -1 take away) entries; `closes_profit` marks those of `close_pl` vouchers."""
        balances = self.balances
        for line in lines:
            key = (line.account_id, line.currency_id, line.auxiliary_set_id)
            sums = balances.get(key)
            if sums is None:
                sums = balances[key] = [0, 0, 0, 0, 0, 0, 0, 0]
            offset = 0 if line.side > 0 else 1
            amount = (line.debit + line.credit) * sign
            sums[offset] += amount
            sums[2 + offset] += line.foreign_amount * sign
            sums[4 + offset] += line.quantity * sign
            if closes_profit:
                sums[6 + offset] += amount
            flow = line.cash_flow_line
            if flow is not None:
                self.cash_flows.setdefault(flow, [0, 0])[offset] += amount


def apply_deltas(changes: Mapping[tuple[int, int], Deltas]) -> None:
    """Write the deltas of (period, layer) keys, and carry them into the openings of later years that have rows."""
    if not changes:
        return
    years = ensure_years({year_of(period) for period, _ in changes})
    turnovers: list[tuple[int, ...]] = []
    openings: dict[tuple[int, ...], list[int]] = {}
    flows: list[tuple[int, ...]] = []
    for (period, layer), deltas in changes.items():
        later = [year for year in years if year > year_of(period)]
        for key, sums in deltas.balances.items():
            if any(sums) or layer == LAYER_POSTED:
                # Reports take a posted month row as "something was posted here", even if red and blue make nothing.
                turnovers.append((period, layer, *key, *sums))
            net = (sums[0] - sums[1], sums[2] - sums[3], sums[4] - sums[5])
            if later and any(net):
                for year in later:
                    opening = openings.setdefault((year * 100, layer, *key), [0, 0, 0])
                    for index in range(3):
                        opening[index] += net[index]
        flows.extend((period, layer, line, *sums) for line, sums in deltas.cash_flows.items() if any(sums))
    if turnovers:
        execute_many(upsert_add("balance", KEYS, TURNOVERS), sorted(turnovers))
    if openings:
        rows = sorted((*key, *sums) for key, sums in openings.items())
        execute_many(upsert_add("balance", KEYS, OPENINGS), rows)
    if flows:
        execute_many(upsert_add("cash_flow_balance", CASH_KEYS, CASH_SUMS), sorted(flows))


def ensure_years(wanted: Iterable[int]) -> list[int]:
    """Give each year its opening rows and return all years that have them, in order.

    A new year opens with the closing of the last year before it; years in which nothing happened have no rows.
    """
    share_years()
    memory = unit_memory()
    if _YEARS not in memory:  # nobody adds one while we hold the list
        memory[_YEARS] = _known_years()
    known: list[int] = memory[_YEARS]
    missing = sorted(set(wanted) - set(known))
    if not missing:
        return known
    lock_years()
    known = _known_years()
    for year in missing:
        if year in known:
            continue
        before = [known_year for known_year in known if known_year < year]
        execute("INSERT INTO {fiscal_year} (year) VALUES (?)", (year,))
        if before:
            _roll_forward(before[-1], year)
        known = sorted([*known, year])
    memory[_YEARS] = known
    return known


def _known_years() -> list[int]:
    return [int(row[0]) for row in fetch_all("SELECT year FROM {fiscal_year} ORDER BY year")]


def _roll_forward(source: int, target: int) -> None:
    execute(
        "INSERT INTO {balance} (period, layer, account_id, currency_id, auxiliary_set_id,"
        " opening, opening_foreign, opening_quantity)"
        " SELECT ?, layer, account_id, currency_id, auxiliary_set_id, SUM(opening + debit - credit),"
        " SUM(opening_foreign + foreign_debit - foreign_credit),"
        " SUM(opening_quantity + quantity_debit - quantity_credit)"
        " FROM {balance} WHERE period BETWEEN ? AND ?"
        " GROUP BY layer, account_id, currency_id, auxiliary_set_id",
        (target * 100, source * 100, source * 100 + 12),
    )
