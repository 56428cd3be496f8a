"""Making a book: its standard's chart of accounts, start month and base currency. One book, one standard, for ever."""

from __future__ import annotations

import csv
import json
from typing import Any

from app.contract.ledger import AuxiliaryUse
from app.kernel.errors import Conflict, MalformedInput
from app.kernel.period import FIRST_YEAR
from app.kernel.text import clean_text, message
from app.ledger.pinyin import pinyin_of
from app.ledger.service.currencies import digits_of, ensure_currency, is_iso_code
from app.ledger.service.sets import ensure_kind
from app.resources import resource_path
from app.storage.book_settings import get_setting, set_setting
from app.storage.database import execute_many, fetch_all, fetch_one, run_unit

CHARTS = ("small_enterprise_2013", "asbe_2006_2019", "household")
VAT_KINDS = ("general", "small")
KINDS = ("客户", "供应商", "职员", "部门", "项目")
"""Dimensions every book has from the start; others are made when first used."""
CASH_ROOTS = {
    "small_enterprise_2013": (),
    "asbe_2006_2019": ("1001", "1002", "1012"),
    "household": ("1001", "1002", "1003"),
}
"""First-level accounts that are cash where the chart's attributes do not say so (小企业会计准则 art. 82)."""
SMALL_TAXPAYER_DROPS = ("22210101", "22210110", "222102", "222108")
"""Bounds of the VAT details a small-scale taxpayer does not have: 22210101…22210110 and 222102…222108."""


def set_up_ledger(
    *, name: str, chart: str, start_period: int, base_currency: str = "CNY", vat: str = "general"
) -> None:
    """Give a migrated, empty book its name, start month, base currency and chart of accounts.

    Raises `MalformedInput` for an unknown chart, currency or VAT kind, `Conflict` when the book has a ledger already.
    """
    if chart not in CHARTS:
        known = "、".join(CHARTS)
        raise MalformedInput("chart_unknown", message("没有科目表“{chart}”，可选：{known}。", chart=chart, known=known))
    if vat not in VAT_KINDS:
        raise MalformedInput("vat_unknown", message("纳税人类型“{vat}”不对，应是 general 或 small。", vat=vat))
    base = clean_text(base_currency)
    if not is_iso_code(base):
        raise MalformedInput("currency_unknown", message("没有币种“{code}”，请写 USD 这样的三字代码。", code=base))
    if start_period // 100 < FIRST_YEAR:
        raise MalformedInput("period_malformed", message("起始月份不对。"))
    title = clean_text(name)
    if not title:
        raise MalformedInput("book_name", message("账套名称不能为空。"))

    def work() -> None:
        if fetch_one("SELECT id FROM {account} LIMIT 1"):
            raise Conflict("book_exists", message("这里已经有一本账了，没有改动它。"))
        base_id = ensure_currency(base)
        settings: dict[str, Any] = {
            "book_name": title,
            "chart": chart,
            "start_period": start_period,
            "base_currency": base,
            "base_currency_id": base_id,
            "base_digits": digits_of(base_id),
            "vat": vat,
            "review_by_other": "auto",
        }
        for key, value in settings.items():
            set_setting(key, value)
        for kind in KINDS:
            ensure_kind(kind)
        _load_chart(chart, vat)
        execute_many("INSERT INTO {fiscal_year} (year) VALUES (?)", [(start_period // 100,)])

    run_unit(work)


def _read_csv(name: str) -> list[dict[str, str]]:
    path = resource_path("charts", name)
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _dropped(code: str, vat: str) -> bool:
    """Tell whether a small-scale taxpayer's chart leaves this account out."""
    first, last, other_first, other_last = SMALL_TAXPAYER_DROPS
    return vat == "small" and (first <= code <= last or (len(code) == 6 and other_first <= code <= other_last))


def _load_chart(chart: str, vat: str) -> None:
    rows = [
        row
        for row in _read_csv(f"{chart}.csv")
        if not (chart == "small_enterprise_2013" and _dropped(row["code"], vat))
    ]
    attributes = {row["code"]: row for row in _read_csv(f"{chart}_attrs.csv")}
    parents = {row["parent"] for row in rows}
    ids: dict[str, int] = {}
    levels: dict[str, int] = {"": 0}
    records: list[tuple[Any, ...]] = []
    for number, row in enumerate(rows, start=1):
        code, parent = row["code"], row["parent"]
        ids[code], levels[code] = number, levels[parent] + 1
        extra = attributes.get(code, {})
        records.append(
            (
                number,
                code,
                ids.get(parent),
                row["name_zh"],
                row["name_en"],
                row["category"],
                "debit" if row["normal_side"] == "借" else "credit",
                levels[code],
                int(code not in parents),
                int(extra.get("is_cash") == "Y" or code.startswith(CASH_ROOTS[chart] or ("-",))),
                int(extra.get("quantity") == "Y"),
                json.dumps({k: v for k, v in extra.items() if v and k not in ("code", "note")}, ensure_ascii=False),
                *pinyin_of(row["name_zh"]),
            )
        )
    execute_many(
        "INSERT INTO {account} (id, code, parent_id, name_zh, name_en, category, normal_side, level, is_leaf, is_cash,"
        " has_quantity, attributes, pinyin_initials, pinyin_sort) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        records,
    )
    uses: list[tuple[int, int, int]] = []
    kinds: dict[str, int] = {}
    for code, extra in attributes.items():
        if code in ids and extra.get("aux"):
            name = AuxiliaryUse(kind=extra["aux"]).kind
            if name not in kinds:
                kinds[name] = ensure_kind(name)
            uses.append((ids[code], kinds[name], int(extra.get("aux_required") == "Y")))
    execute_many("INSERT INTO {account_auxiliary} (account_id, kind_id, demanded) VALUES (?, ?, ?)", uses)


def book_facts() -> dict[str, Any]:
    """Return the settings that say what the book is: name, chart, start, base currency, VAT kind, review switch."""
    keys = ("book_name", "chart", "start_period", "base_currency", "vat", "review_by_other")
    return {key: get_setting(key) for key in keys}


def has_ledger() -> bool:
    """Tell whether the current book has been set up."""
    return bool(fetch_all("SELECT 1 FROM {account} LIMIT 1"))
