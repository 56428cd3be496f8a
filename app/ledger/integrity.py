"""What must hold in a book beside vouchers and balances: months, account tree, auxiliary sets, references."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from app.kernel.period import format_period, next_period
from app.kernel.text import Message, message
from app.storage.book_settings import get_setting
from app.storage.database import current_book, fetch_all, fetch_one


class Flaw(NamedTuple):
    """One thing that does not hold: which check, where, and what is wrong."""

    check: str
    where: str
    text: Message


def month_flaws() -> Iterator[Flaw]:
    """Yield closed months out of order or with unposted vouchers, months that are none, a lost sentinel.

    Closing goes in order (guarantee 8), so the closed months are the first ones of the book, without a hole.
    """
    start = _start_period()
    if not _is_month(start):
        yield Flaw("period", "start_period", message("账簿的启用月份不见了或不对。"))
        return
    due = start
    for period, state in fetch_all("SELECT period, state FROM {period} WHERE period <> 0 ORDER BY period"):
        if not _is_month(period) or period < start:
            yield Flaw("period", str(period), message("会计期间 {period} 不是账簿的月份。", period=period))
        elif state == "closed":
            if period != due:
                yield Flaw(
                    "period", format_period(period), message("已结账，它之前的 {due} 却没有。", due=format_period(due))
                )
            due = next_period(period)
            if _has_unposted(period):
                yield Flaw("period", format_period(period), message("已结账的月份里有没记账的凭证。"))
    if fetch_one("SELECT 1 FROM {period} WHERE period = 0") is None:
        yield Flaw("period", "0", message("年度的锁行不见了。"))


def _start_period() -> int:
    try:
        return int(get_setting("start_period", 0))
    except (TypeError, ValueError):  # altered to what is no JSON, or no number
        return 0


def _is_month(period: int) -> bool:
    return 1000 <= period // 100 <= 9999 and 1 <= period % 100 <= 12


def _has_unposted(period: int) -> bool:
    sql = "SELECT COUNT(*) FROM {voucher} WHERE period = ? AND number IS NOT NULL AND state IN ('draft', 'reviewed')"
    row = fetch_one(sql, (period,))
    return bool(row and row[0])


def account_flaws() -> Iterator[Flaw]:
    """Yield accounts whose leaf flag or level disagrees with the tree."""
    rows = fetch_all("SELECT id, code, parent_id, level, is_leaf FROM {account} ORDER BY code")
    levels = {row[0]: row[3] for row in rows}
    parents = {row[2] for row in rows}
    for account_id, code, parent_id, level, is_leaf in rows:
        if bool(is_leaf) == (account_id in parents):
            yield Flaw("account", str(code), message("末级标志与下级科目不符。"))
        if level != (1 if parent_id is None else levels.get(parent_id, level - 1) + 1):
            yield Flaw("account", str(code), message("级次与上级科目不符。"))


def auxiliary_set_flaws() -> Iterator[Flaw]:
    """Yield auxiliary sets whose items are not those of their signature, which the vouchers' hashes cover."""
    items: dict[int, list[tuple[int, int]]] = {}
    for set_id, kind_id, item_id in fetch_all("SELECT set_id, kind_id, auxiliary_id FROM {auxiliary_set_item}"):
        items.setdefault(set_id, []).append((kind_id, item_id))
    kinds = {row[0]: row[1] for row in fetch_all("SELECT id, kind_id FROM {auxiliary}")}
    for set_id, signature in fetch_all("SELECT id, signature FROM {auxiliary_set} ORDER BY id"):
        pairs = sorted(items.get(set_id, []))
        if ";".join(f"{kind}:{item}" for kind, item in pairs) != signature:
            yield Flaw("auxiliary", f"auxiliary_set {set_id}", message("辅助核算组合的项目与它的标识不符。"))
        for kind_id, item_id in pairs:
            if kinds.get(item_id, kind_id) != kind_id:
                yield Flaw("auxiliary", f"auxiliary {item_id}", message("辅助核算项目不在它的类别里。"))


def opening_flaws() -> Iterator[Flaw]:
    """Yield sums of the opening balances whose sides differ."""
    sums = fetch_all(
        "SELECT year_begin_debit - year_begin_credit, ytd_debit - ytd_credit FROM {opening}"
    )  # added here: the database's own sum would overflow on an altered amount
    for name, off in (
        (message("年初余额"), sum(row[0] for row in sums)),
        (message("本年累计"), sum(row[1] for row in sums)),
    ):
        if off:
            yield Flaw(
                "opening", "opening", message("{name}借贷不平，差 {amount}（最小单位）。", name=name, amount=off)
            )


def reference_flaws() -> Iterator[Flaw]:
    """Yield rows whose reference is missing, and damage SQLite itself finds."""
    if not current_book().is_sqlite:
        yield from _orphans(_MYSQL_REFERENCES)
        return
    without_rowid: set[tuple[str, str, str, str]] = set()
    for table, rowid, parent, number in fetch_all("PRAGMA foreign_key_check"):
        if rowid is not None:
            yield Flaw("foreign_key", f"{table} {rowid}", message("引用的 {parent} 行不存在。", parent=parent))
            continue
        for key in fetch_all(f"PRAGMA foreign_key_list({table})"):
            if key[0] == number:
                without_rowid.add((table, key[3], parent, key[4] or "id"))
    yield from _orphans(sorted(without_rowid))
    for (text,) in fetch_all("PRAGMA quick_check(20)"):
        if text != "ok":
            yield Flaw("database", "SQLite", message("数据库文件有损坏：{text}", text=text))


# InnoDB checks references at writing, but a load with checks off does not.
_MYSQL_REFERENCES = [
    ("entry", "voucher_id", "voucher", "id"),
    ("entry", "account_id", "account", "id"),
    ("entry", "auxiliary_set_id", "auxiliary_set", "id"),
    ("entry", "currency_id", "currency", "id"),
    ("voucher", "maker_id", "user", "id"),
    ("voucher", "reviewer_id", "user", "id"),
    ("voucher", "poster_id", "user", "id"),
    ("voucher", "reversal_of", "voucher", "id"),
    ("voucher", "correction_of", "voucher", "id"),
    ("voucher", "cashier_id", "user", "id"),
    ("attachment", "voucher_id", "voucher", "id"),
    ("attachment", "added_by", "user", "id"),
    ("recurring_voucher", "template_id", "voucher_template", "id"),
    ("recurring_voucher", "voucher_id", "voucher", "id"),
    ("balance", "account_id", "account", "id"),
    ("balance", "currency_id", "currency", "id"),
    ("balance", "auxiliary_set_id", "auxiliary_set", "id"),
    ("opening", "account_id", "account", "id"),
    ("opening", "currency_id", "currency", "id"),
    ("opening", "auxiliary_set_id", "auxiliary_set", "id"),
    ("auxiliary_set_item", "set_id", "auxiliary_set", "id"),
    ("auxiliary_set_item", "auxiliary_id", "auxiliary", "id"),
    ("account", "parent_id", "account", "id"),
]


def _orphans(references: list[tuple[str, str, str, str]]) -> Iterator[Flaw]:
    for table, column, parent, key in references:
        rows = fetch_all(
            f"SELECT DISTINCT c.{column} FROM {{{table}}} c LEFT JOIN {{{parent}}} p ON p.{key} = c.{column}"
            f" WHERE c.{column} IS NOT NULL AND p.{key} IS NULL ORDER BY c.{column} LIMIT 20"
        )
        for (value,) in rows:
            text = message("引用的 {parent} 行不存在。", parent=parent)
            yield Flaw("foreign_key", f"{table}.{column} = {value}", text)
