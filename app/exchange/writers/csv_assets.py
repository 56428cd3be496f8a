"""The files of a csv-book that hold asset cards and exchange rates; a book without them has no such files."""

from __future__ import annotations

from pathlib import Path

from app.exchange.csv_book import columns as names
from app.exchange.writers.csv_rows import write_rows
from app.kernel.cells import guarded
from app.ledger.queries.assets.content import all_cards, all_charges, all_rates, all_terms

_AMOUNTS = frozenset({"original_value", "residual_value", "amount", "opening_accumulated", "disposal_proceeds"})
"""Figures, which a spreadsheet may take for what they are; an amount taken back begins with a minus."""


def write_assets_and_rates(folder: Path) -> None:
    """Write the files that are not empty. Call inside `read_snapshot`."""
    if rates := all_rates():
        rows = ([guarded(cell) for cell in rate] for rate in rates)
        write_rows(folder, names.RATES_FILE, names.RATE_COLUMNS, rows)
    cards = all_cards()
    if not cards:
        return
    write_rows(folder, names.ASSETS_FILE, names.ASSET_COLUMNS, (_cells(names.ASSET_COLUMNS, card) for card in cards))
    terms = (_cells(names.ASSET_TERM_COLUMNS, term._asdict()) for term in all_terms())
    write_rows(folder, names.ASSET_TERMS_FILE, names.ASSET_TERM_COLUMNS, terms)
    if charges := all_charges():
        rows = (_cells(names.ASSET_CHARGE_COLUMNS, charge._asdict()) for charge in charges)
        write_rows(folder, names.ASSET_CHARGES_FILE, names.ASSET_CHARGE_COLUMNS, rows)


def _cells(columns: tuple[str, ...], row: dict[str, object] | dict[str, str]) -> list[str]:
    return [str(row[name]) if name in _AMOUNTS else guarded(str(row[name])) for name in columns]
