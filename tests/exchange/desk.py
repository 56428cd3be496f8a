"""A book with its owner, and what the tests of exchange do with it through the services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.contract.book import ImportResult
from app.exchange.exporting import export_book
from app.exchange.importing import import_paths
from app.exchange.journal.commodities import NO_COMMODITY
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import UserError
from app.ledger.service.book import set_up_ledger
from app.ledger.verify import verify_book
from app.reports.catalogue import REPORTS
from app.reports.request import ReportRequest
from app.storage.book_settings import get_setting
from app.storage.database import Book, fetch_all

Balances = dict[tuple[str, str], Decimal]


@dataclass(frozen=True)
class Desk:
    """One book; every call runs in a session of it."""

    book: Book
    owner: Actor

    @classmethod
    def set_up(cls, book: Book, *, chart: str = "household", start: int = 200001, base: str = "CNY") -> Desk:
        """Give an empty, migrated book a ledger."""
        with book.session():
            owner = ensure_owner("掌柜")
            set_up_ledger(name="试账", chart=chart, start_period=start, base_currency=base)
        return cls(book, owner)

    def bring(self, *paths: Path, **options: Any) -> ImportResult:
        """Import paths."""
        with self.book.session():
            return import_paths(self.owner, paths, **options)

    def send(self, target: Path, format_name: str = "csv-book") -> Path:
        """Export the book."""
        with self.book.session():
            export_book(self.owner, target, format_name)
        return target

    def report(self, name: str, **wishes: Any) -> tuple[list[Mapping[str, Any]], dict[str, str]]:
        """Return a report's rows and totals."""
        with self.book.session():
            report = REPORTS[name].run(self.owner, ReportRequest(**wishes))
            return list(report.rows), report.totals

    def reports(self) -> dict[str, tuple[list[Mapping[str, Any]], dict[str, str]]]:
        """Return every report there is, posted and unposted; of one this book cannot have, why it was refused."""
        found: dict[str, tuple[list[Mapping[str, Any]], dict[str, str]]] = {}
        for name in REPORTS:
            for unposted in (False, True):
                try:
                    found[f"{name} {unposted}"] = self.report(name, include_unposted=unposted)
                except UserError as error:
                    found[f"{name} {unposted}"] = [], {"refused": error.code}
        assert sum("refused" in totals for _, totals in found.values()) < len(found) // 2
        return found

    def balances(self) -> Balances:
        """Return the closing balance of every leaf by source name and commodity as journals write it, posted only."""
        base = self.base
        found: Balances = {}
        with self.book.session():
            leaves = {row[0] for row in fetch_all("SELECT code FROM {account} WHERE is_leaf = 1")}
        for row in self.report("trial-balance")[0]:
            if not row["source_name"] or row["code"] not in leaves:
                continue
            for figures in row.get("currencies", ()):
                commodity = "" if figures["currency"] == NO_COMMODITY else figures["currency"]
                found[row["source_name"], commodity] = Decimal(figures["closing"])
            if "currencies" not in row:
                found[row["source_name"], base] = Decimal(row["closing_debit"]) - Decimal(row["closing_credit"])
        return found

    @property
    def base(self) -> str:
        """Return the code of the base currency."""
        with self.book.session():
            return str(get_setting("base_currency"))

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return the content of every table that a refused import must leave alone."""
        tables = (
            *("account", "account_auxiliary", "auxiliary_kind", "auxiliary", "auxiliary_set", "currency", "opening"),
            *("opening_cash_flow", "voucher", "entry", "balance", "cash_flow_balance", "number_counter", "chain_head"),
            *("fiscal_year", "audit_log"),
        )
        with self.book.session():
            return {table: sorted(fetch_all(f"SELECT * FROM {{{table}}}"), key=repr) for table in tables}

    def findings(self) -> list[str]:
        """Return what `verify` finds wrong."""
        with self.book.session():
            return [str(finding) for finding in verify_book().findings]

    def states(self) -> list[str]:
        """Return the state of every voucher, in order of id."""
        with self.book.session():
            return [row[0] for row in fetch_all("SELECT state FROM {voucher} ORDER BY id")]


def without_zeros(balances: Mapping[tuple[str, str], Decimal]) -> Balances:
    """Return the balances that are not zero."""
    return {key: amount for key, amount in balances.items() if amount}


def csv_book(folder: Path, vouchers: Iterable[str] | str = (), **files: str) -> Path:
    """Write a csv-book: `vouchers` as lines below the usual heading or as whole text, other files by name."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [] if isinstance(vouchers, str) else list(vouchers)
    if isinstance(vouchers, str):
        files["vouchers"] = vouchers
    elif lines:
        head = "date,word,number,line,summary,account_code,account_name,debit,credit,aux,quantity,cash_flow_line,kind"
        (folder / "vouchers.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder
