"""Books of traders for the benchmarks: filled straight into the tables, with what the services would have left."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

from app.contract.inventory import Costing, ItemInput, WarehouseInput
from app.identity.actor import Actor
from app.inventory.service.costing.core import Pool
from app.inventory.service.costing.rows import PoolKey, PoolState, save_pool
from app.inventory.service.items import create_item
from app.inventory.service.warehouses import create_warehouse
from app.ledger.pinyin import pinyin_of
from app.ledger.service.sets import ensure_kind
from app.storage.database import execute_many, fetch_all, run_unit
from benchmarks.synthetic import FIRST_YEAR, YEARS

SCALE = 10**8
WAREHOUSES = 5
REVALUED_EVERY = 50
"""Every so many moves one was recosted."""
PLACES = ("上海", "北京", "广州", "深圳", "杭州", "南京", "苏州", "成都", "武汉", "重庆", "西安", "长沙")
SYLLABLES = "华兴隆泰和盛发顺利安康宁瑞祥丰裕恒信达通源鑫金银铜海江河山林春夏秋东南西北光明星辰"
TRADES = ("贸易", "电子科技", "机械制造", "食品", "纺织", "建材", "物流", "医药")
GOODS = ("螺栓", "螺母", "垫圈", "轴承", "电缆", "开关", "水管", "阀门", "油漆", "胶水", "纸箱", "手套", "灯泡", "插座")
_MOVE_COLUMNS = (
    *("id", "item_id", "warehouse_id", "period", "date", "document_kind", "document_id", "document_number"),
    *("line_id", "quantity", "amount", "recosted", "rule", "costing", "created_by", "created_at"),
)
_REVALUATION_COLUMNS = ("recost_id", "move_id", "item_id", "warehouse_id", "period", "date", "amount")
_CHUNK = 20_000


def fill_in_chunks(table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    """Insert rows into a table of the current book."""
    sql = f"INSERT INTO {{{table}}} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    while chunk := list(islice(rows, _CHUNK)):
        execute_many(sql, chunk)


class _Stock:
    """Moves being made, and what stands beside them: quantities by place, flows by month, what the items are worth."""

    def __init__(self, owner: Actor, costing: Costing, items: Sequence[int], warehouses: Sequence[int]) -> None:
        self.owner = owner
        self.costing = costing
        self.warehouses = warehouses
        self.pools = {item_id: Pool(costing == "moving") for item_id in items}
        self.values = dict.fromkeys(items, 0)
        self.last: dict[int, str] = {}
        self.quantities: dict[tuple[int, int], int] = {}
        self.flows: dict[tuple[int, int, int], list[int]] = {}
        self.revaluations: list[tuple[Any, ...]] = []

    def moves(self, count: int, days: int, revalued_every: int) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of moves in the order of their days: receipts of hundreds, issues of a few."""
        choice = random.Random(count)
        items = list(self.pools)
        first = datetime.date(FIRST_YEAR, 1, 2)
        for number in range(1, count + 1):
            day = first + datetime.timedelta(days=number * days // (count + 1))
            period, date = day.year * 100 + day.month, day.isoformat()
            item_id, place = choice.choice(items), choice.choice(self.warehouses)
            pool = self.pools[item_id]
            there = self.quantities.get((item_id, place), 0)
            wanted = choice.randint(1, 20) * SCALE
            if there < wanted:
                quantity = choice.randint(50, 300) * SCALE
                amount = quantity // SCALE * choice.randint(900, 1100)
                pool.receive(number, quantity, amount)
                rule = "given"
            else:
                quantity, amount, rule = -wanted, -pool.issue(wanted), "issue"
            recosted = choice.randint(-99, 99) if number % revalued_every == 0 else 0
            if recosted:
                self.revaluations.append((1, number, item_id, place, period, date, recosted))
            self._count(item_id, place, period, date, quantity, amount + recosted)
            kind = "goods_receipt" if rule == "given" else "delivery"
            yield (
                *(number, item_id, place, period, date, kind, number, f"X-{number}", 1, quantity, amount, recosted),
                *(rule, self.costing, self.owner.user_id, 0),
            )

    def _count(self, item_id: int, place: int, period: int, date: str, quantity: int, value: int) -> None:
        self.quantities[item_id, place] = self.quantities.get((item_id, place), 0) + quantity
        self.values[item_id] += value
        self.last[item_id] = date
        flow = self.flows.setdefault((period, item_id, place), [0, 0, 0, 0])
        side = 0 if quantity > 0 else 2
        flow[side] += abs(quantity)
        flow[side + 1] += value if quantity > 0 else -value

    def fill(self, count: int, days: int, *, revalued_every: int) -> None:
        """Write everything."""
        fill_in_chunks("stock_move", _MOVE_COLUMNS, self.moves(count, days, revalued_every))
        if self.revaluations:
            columns = ("id", "document_kind", "document_id", "document_number", "date", "created_by", "created_at")
            row = (1, "goods_receipt", 1, "X-1", f"{FIRST_YEAR}-01-02", self.owner.user_id, 0)
            fill_in_chunks("stock_recost", columns, iter([row]))
            fill_in_chunks("stock_revaluation", _REVALUATION_COLUMNS, iter(self.revaluations))
        rows = ((*place, quantity) for place, quantity in sorted(self.quantities.items()))
        fill_in_chunks("stock_quantity", ("item_id", "warehouse_id", "quantity"), rows)
        fill_in_chunks(
            "stock_month",
            ("period", "item_id", "warehouse_id", "in_quantity", "in_amount", "out_quantity", "out_amount"),
            ((*key, *flow) for key, flow in sorted(self.flows.items())),
        )
        for item_id, pool in self.pools.items():
            state = PoolState(pool, self.values[item_id], self.last.get(item_id, ""), None, None)
            save_pool(PoolKey(item_id, 0), state)


def fill_moves(owner: Actor, items: int, count: int) -> None:
    """Fill the current book with items in five warehouses and so many moves of five years."""

    def work() -> None:
        for number in range(2, WAREHOUSES + 1):
            create_warehouse(owner, WarehouseInput(name=f"{number}号仓库"))
        _fill_items(owner, items)
        warehouses = [int(row[0]) for row in fetch_all("SELECT id FROM {warehouse} ORDER BY id")]
        ids = [int(row[0]) for row in fetch_all("SELECT id FROM {item} ORDER BY id")]
        stock = _Stock(owner, "moving", ids, warehouses)
        stock.fill(count, YEARS * 365, revalued_every=REVALUED_EVERY)

    run_unit(work)


def fill_one_item(owner: Actor, costing: Costing, count: int) -> int:
    """Fill the current book with one item that moved so often in a year; return its id."""

    def work() -> int:
        item = create_item(owner, ItemInput(code="A", name="螺栓", unit="个", costing=costing))
        _Stock(owner, costing, [item.id], [1]).fill(count, 360, revalued_every=count + 1)
        return item.id

    return run_unit(work)


def fill_names(owner: Actor, count: int) -> None:
    """Fill the current book with so many contacts, some of two roles, and so many items."""

    def work() -> None:
        _fill_contacts(count)
        _fill_items(owner, count)

    run_unit(work)


def _fill_items(owner: Actor, count: int) -> None:
    choice = random.Random(count)
    rows: list[tuple[Any, ...]] = []
    words: list[tuple[Any, ...]] = []
    for number in range(1, count + 1):
        parts = (choice.choice(PLACES), *_syllables(choice), choice.choice(GOODS), str(number))
        name = "".join(parts)
        code, initials, shape = (
            f"P{number:06d}",
            _pinyin(*parts)[0],
            f"M{choice.randint(3, 40)}×{choice.randint(5, 99)}",
        )
        rows.append((number, code, name, shape, "个", initials, owner.user_id, 0, 0))
        found_by = f"{code}\n{name}\n{initials}\n{shape}".lower().encode()
        words.append((code, number, 1, "goods", found_by))
    columns = ("id", "code", "name", "specification", "unit", "pinyin", "created_by", "created_at", "updated_at")
    fill_in_chunks("item", columns, iter(rows))
    fill_in_chunks("item_search", ("code", "item_id", "active", "kind", "words"), iter(words))


def _fill_contacts(count: int) -> None:
    """Three of five are customers, the rest suppliers; half have details, and every tenth is both."""
    customers, suppliers = ensure_kind("客户"), ensure_kind("供应商")
    choice = random.Random(count)
    taken = fetch_all("SELECT COALESCE(MAX(id), 0) FROM {auxiliary}")[0][0]
    items: list[tuple[Any, ...]] = []
    details: list[tuple[Any, ...]] = []
    roles: list[tuple[Any, ...]] = []

    def add(kind_id: int, parts: Sequence[str], code: str) -> int:
        item_id = int(taken) + len(items) + 1
        items.append((item_id, kind_id, "".join(parts), code, *_pinyin(*parts)))
        return item_id

    for number in range(count):
        parts = (choice.choice(PLACES), *_syllables(choice), choice.choice(TRADES), str(number), "有限公司")
        is_customer = number % 5 < 3
        contact_id = add(customers if is_customer else suppliers, parts, f"C{number:06d}")
        if number % 2:
            details.append((contact_id, f"9131{number:014d}", f"{number}号", 30))
        if number % 10 == 0:
            other_id = add(suppliers, parts, f"C{number:06d}")
            roles += [(contact_id, contact_id, "customer"), (other_id, contact_id, "supplier")]
    columns = ("id", "kind_id", "name", "code", "pinyin_initials", "pinyin_sort")
    fill_in_chunks("auxiliary", columns, iter(items))
    fill_in_chunks("contact", ("id", "tax_number", "address", "terms_days"), iter(details))
    fill_in_chunks("contact_role", ("auxiliary_id", "contact_id", "role"), iter(roles))


@cache
def _spelt(part: str) -> tuple[str, str]:
    return pinyin_of(part)


def _pinyin(*parts: str) -> tuple[str, str]:
    """Return initials and spelling of a name by its parts, each looked up once."""
    initials, spellings = zip(*map(_spelt, parts), strict=True)
    return "".join(initials), " ".join(spellings)


def _syllables(choice: random.Random) -> list[str]:
    return choice.sample(SYLLABLES, 3)


Fill = Callable[[Actor], object]
