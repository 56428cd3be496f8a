"""The chart of accounts as reports need it: a tree in the order of the books, and what names stand in rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from app.kernel.errors import MalformedInput, NotFound
from app.kernel.text import clean_text, message
from app.ledger.errors import account_unknown
from app.reports.request import marks
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all


class ReportAccount(NamedTuple):
    """What reports show and need of an account."""

    id: int
    code: str
    parent_id: int | None
    name_zh: str
    source_name: str | None
    level: int
    normal_side: str
    is_leaf: bool
    has_quantity: bool
    is_cash: bool
    unit: str


class Chart:
    """All accounts, parents before their children, siblings by code."""

    def __init__(self, accounts: Iterable[ReportAccount]) -> None:
        """Order the accounts as a tree, whatever their codes look like."""
        children: dict[int | None, list[ReportAccount]] = {}
        for account in accounts:
            children.setdefault(account.parent_id, []).append(account)
        self.children = {parent: sorted(group, key=lambda a: a.code) for parent, group in children.items()}
        self.accounts = list(self._below(None))
        self.by_id = {account.id: account for account in self.accounts}

    def _below(self, parent_id: int | None) -> Iterator[ReportAccount]:
        for account in self.children.get(parent_id, ()):
            yield account
            yield from self._below(account.id)

    def selected(self, code: str) -> list[ReportAccount]:
        """Return the account of a code and all below it; all accounts for an empty code. Raises `NotFound`."""
        if not code:
            return self.accounts
        wanted = clean_text(code)
        for account in self.accounts:
            if account.code == wanted:
                return [account, *self._below(account.id)]
        raise account_unknown(code)

    def is_money(self, account: ReportAccount) -> bool:
        """Tell whether an account is cash or bank, itself or by one above it."""
        above: ReportAccount | None = account
        while above is not None and not above.is_cash:
            above = self.by_id.get(above.parent_id) if above.parent_id is not None else None
        return above is not None


def read_chart() -> Chart:
    """Read the chart in one query."""
    rows = fetch_all(
        "SELECT id, code, parent_id, name_zh, source_name, level, normal_side, is_leaf, has_quantity, is_cash, unit"
        " FROM {account}"
    )
    return Chart(ReportAccount._make([*row[:7], *map(bool, row[7:10]), row[10]]) for row in rows)


class Currencies(NamedTuple):
    """Codes and minor digits by currency id, and which one the book is kept in."""

    codes: dict[int, str]
    digits: dict[int, int]
    base_id: int

    @property
    def base_digits(self) -> int:
        """Return the minor digits of all base amounts."""
        return self.digits[self.base_id]


def read_currencies() -> Currencies:
    """Read the book's currencies."""
    base = str(get_setting("base_currency"))
    rows = fetch_all("SELECT id, code, minor_digits FROM {currency}")
    codes = {int(row[0]): str(row[1]) for row in rows}
    base_id = next(currency_id for currency_id, code in codes.items() if code == base)
    return Currencies(codes, {int(row[0]): int(row[2]) for row in rows}, base_id)


class AuxiliaryFilter(NamedTuple):
    """A condition on `auxiliary_set_id`, to be put after a `WHERE …` that stands already."""

    sql: str
    params: tuple[int, ...]


NO_FILTER = AuxiliaryFilter("", ())


def read_filter(wanted: str) -> AuxiliaryFilter:
    """Read `客户:甲公司;部门:一车间` as a condition; all parts must hold, a kind alone stands for each of its items.

    Items merged into the one asked for count as it. Raises `MalformedInput` for an empty part, `NotFound` for one the
    book does not have.
    """
    if not wanted:
        return NO_FILTER
    sql, params = "", list[int]()
    for part in wanted.replace("；", ";").split(";"):
        kind, _, name = (clean_text(piece) for piece in part.replace("：", ":").partition(":"))
        if not kind:
            raise MalformedInput("aux_malformed", message("“{text}”不是辅助核算，请写成 客户:甲公司。", text=wanted))
        kind_row = fetch_all("SELECT id FROM {auxiliary_kind} WHERE name = ?", (kind,))
        items = _items_called(int(kind_row[0][0]), name) if kind_row and name else []
        if not kind_row or (name and not items):
            raise NotFound("auxiliary_unknown", message("账簿里没有辅助核算“{text}”。", text=part.strip()))
        column, values = ("auxiliary_id", items) if name else ("kind_id", [int(kind_row[0][0])])
        sql += (
            f" AND auxiliary_set_id IN (SELECT set_id FROM {{auxiliary_set_item}} WHERE {column} IN ({marks(values)}))"
        )
        params.extend(values)
    return AuxiliaryFilter(sql, tuple(params))


def _items_called(kind_id: int, name: str) -> list[int]:
    """Return the items of a kind that go by a name now."""
    rows = fetch_all("SELECT id, name, merged_into FROM {auxiliary} WHERE kind_id = ?", (kind_id,))
    if all(row[2] is None for row in rows):
        return [int(row[0]) for row in rows if row[1] == name]
    names = _survivors([(int(row[0]), str(row[1]), row[2]) for row in rows])
    return [item_id for item_id, shown in names.items() if shown == name]


def named_kind(wanted: str) -> str:
    """Return the kind of `客户:甲公司` or of `客户`; nothing where several parts are asked for, or none."""
    parts = wanted.replace("；", ";").replace("：", ":").split(";")
    return clean_text(parts[0].partition(":")[0]) if len(parts) == 1 else ""


def read_set_texts(set_ids: Iterable[int] | None = None, kind: str = "") -> dict[int, str]:
    """Return how sets are written (`客户:甲公司;部门:一车间`), some or all; merged items under their survivor.

    With a `kind`, only its item of each set is written, and sets that have none are left out.
    """
    chosen = None if set_ids is None else sorted({set_id for set_id in set_ids if set_id})
    if chosen == []:
        return {0: ""}
    params: list[int | str] = [*(chosen or ())]
    condition = " WHERE 1 = 1" if chosen is None else f" WHERE i.set_id IN ({marks(chosen)})"
    if kind:
        condition += " AND k.name = ?"
        params.append(kind)
    rows = fetch_all(
        "SELECT i.set_id, k.name, a.name, a.merged_into FROM {auxiliary_set_item} i"
        f" JOIN {{auxiliary}} a ON a.id = i.auxiliary_id JOIN {{auxiliary_kind}} k ON k.id = i.kind_id{condition}"
        " ORDER BY i.set_id, i.kind_id",
        params,
    )
    survivors: dict[int, str] = {}
    if any(row[3] is not None for row in rows):
        everything = fetch_all("SELECT id, name, merged_into FROM {auxiliary}")
        survivors = _survivors([(int(row[0]), str(row[1]), row[2]) for row in everything])
    texts = {0: ""}
    for set_id, kind_name, name, merged_into in rows:
        item = f"{kind_name}:{name if merged_into is None else survivors[merged_into]}"
        texts[set_id] = f"{texts[set_id]};{item}" if set_id in texts else item
    return texts


def _survivors(rows: list[tuple[int, str, int | None]]) -> dict[int, str]:
    """Return the name each item goes by now: its own, or that of the last item it was merged into."""
    by_id = {row[0]: row for row in rows}

    def name_of(item_id: int) -> str:
        seen = {item_id}
        while (target := by_id[item_id][2]) is not None and target not in seen:
            item_id = target
            seen.add(item_id)
        return by_id[item_id][1]

    return {item_id: name_of(item_id) for item_id in by_id}
