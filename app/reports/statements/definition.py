"""What a statement is made of, and the definitions that come with the program (data in resources/charts)."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from app.contract.statements import Layout, Origin, RowKind, Side
from app.kernel.errors import NotFound
from app.kernel.text import message
from app.resources import resource_path
from app.storage.book_settings import get_setting


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a form. `exact` says that account codes mean just what they say; built-in ones also go by name."""

    line: int | None
    side: Side
    indent: int
    kind: RowKind
    name_zh: str
    name_en: str
    formula: str
    formula_vat_reclass: str = ""
    group: str = ""
    hide_zero: bool = False
    certainty: str = ""
    note: str = ""
    exact: bool = False

    def formula_for(self, vat_reclass: bool) -> str:
        """Return the formula of the book's presentation of VAT."""
        return (vat_reclass and self.formula_vat_reclass) or self.formula

    @property
    def counts(self) -> bool:
        """Tell whether totals may add the row: memo lines and headings never are."""
        return self.kind not in {"of_which", "header"}


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold between lines, in the formula language; no columns: in each."""

    left: str
    relation: Literal["=", ">="]
    right: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """A statement's form: title, columns, rows, checks."""

    name: str
    title_zh: str
    title_en: str
    form: str
    layout: Layout
    rows: tuple[Row, ...]
    checks: tuple[Check, ...] = ()
    origin: Origin = "builtin"
    version: int = 0

    def row(self, line: int) -> Row | None:
        """Return the row of a line."""
        return next((row for row in self.rows if row.line == line), None)


@dataclass(frozen=True, slots=True)
class _Form:
    name: str
    title_zh: str
    title_en: str
    form: str
    layout: Layout
    file: str


_FORMS: Mapping[str, tuple[_Form, ...]] = {
    "small_enterprise_2013": (
        _Form(
            "balance-sheet", "资产负债表", "Balance sheet", "会小企01表", "balance", "small_enterprise_balance_sheet"
        ),
        _Form(
            "income-statement",
            "利润表",
            "Income statement",
            "会小企02表",
            "period",
            "small_enterprise_income_statement",
        ),
        _Form("cash-flow", "现金流量表", "Cash flow statement", "会小企03表", "period", "small_enterprise_cash_flow"),
        _Form(
            "profit-appropriation",
            "利润分配表",
            "Profit appropriation",
            "会小企01表附表3",
            "year",
            "small_enterprise_profit_appropriation",
        ),
    ),
    "asbe_2006_2019": (
        _Form("balance-sheet", "资产负债表", "Balance sheet", "会企01表", "balance", "asbe_balance_sheet"),
        _Form("income-statement", "利润表", "Income statement", "会企02表", "period", "asbe_income_statement"),
    ),
    "household": (
        _Form("net-worth", "净资产表", "Net worth", "", "single", "household_net_worth"),
        _Form("income-expense", "收支表", "Income and expenses", "", "single", "household_income_expense"),
    ),
}
"""The forms of each chart: 财会〔2011〕17号; 财会〔2019〕6号 (general layout); households have no standard."""

BUILTIN_NAMES = tuple(dict.fromkeys(form.name for forms in _FORMS.values() for form in forms))


def builtin_definitions(chart: str) -> Mapping[str, Definition]:
    """Return the built-in definitions of a chart by name, in the order of the forms."""
    return _builtin(chart)


@cache
def _builtin(chart: str) -> Mapping[str, Definition]:
    checks: dict[str, list[Check]] = {}
    for row in _read_csv("statement_checks.csv"):
        if row["chart"] == chart:
            columns = tuple(filter(None, row["columns"].split(";")))
            relation = cast(Literal["=", ">="], row["relation"])
            checks.setdefault(row["statement"], []).append(Check(row["left"], relation, row["right"], columns))
    return {
        form.name: Definition(
            form.name,
            form.title_zh,
            form.title_en,
            form.form,
            form.layout,
            tuple(_row(row) for row in _read_csv(f"{form.file}.csv")),
            tuple(checks.get(form.name, ())),
        )
        for form in _FORMS.get(chart, ())
    }


def _row(row: Mapping[str, str]) -> Row:
    return Row(
        line=int(row["line"]) if row["line"] else None,
        side=cast(Side, row.get("side", "")),
        indent=int(row.get("indent") or 0),
        kind=cast(RowKind, row["kind"]),
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        formula=row["formula"],
        formula_vat_reclass=row.get("formula_vat_reclass", ""),
        group=row.get("group", ""),
        hide_zero=row.get("hide_zero") == "Y",
        certainty=row["certainty"],
        note=row["note"],
    )


def _read_csv(name: str) -> list[dict[str, str]]:
    with resource_path("charts", name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def book_chart() -> str:
    """Return the chart the current book was made with."""
    return str(get_setting("chart", ""))


def mark_exact(definition: Definition, builtin: Definition | None) -> Definition:
    """Return the definition with `exact` on each row whose formulas are not those of the program."""
    kept = {(row.line, row.formula, row.formula_vat_reclass) for row in builtin.rows} if builtin else set()
    rows = tuple(
        dataclasses.replace(row, exact=(row.line, row.formula, row.formula_vat_reclass) not in kept)
        for row in definition.rows
    )
    return dataclasses.replace(definition, rows=rows)


def statement_unknown(name: str, names: Mapping[str, Definition]) -> NotFound:
    """The book has no statement of this name."""
    if name in BUILTIN_NAMES:
        return NotFound(
            "statement_not_of_chart",
            message("这本账的会计制度没有报表“{name}”，有的是：{names}。", name=name, names="、".join(names)),
        )
    return NotFound(
        "statement_unknown", message("没有报表“{name}”，有的是：{names}。", name=name, names="、".join(names))
    )
