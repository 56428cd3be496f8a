"""What must hold of documents: totals, numbers, sums of what was carried out, estimates, and their moves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from app.kernel.money import format_quantity
from app.kernel.period import format_period
from app.kernel.text import message
from app.ledger.integrity import Flaw
from app.orders.kinds import EFFECTS, KINDS
from app.orders.queries.lineage import COUNTED
from app.storage.database import fetch_all

CHECK = "documents"
MOST_OF_A_CHECK = 50
LIVING = "d.state IN ('open', 'done', 'closed') AND d.counter_of IS NULL"
RECEIPTS = frozenset({"delivery", "goods_receipt"})
INVOICES = frozenset({"sales_invoice", "purchase_invoice"})


def document_flaws() -> Iterator[Flaw]:
    """Yield everything about documents that does not add up. Call inside a snapshot."""
    yield from _totals()
    yield from _numbers()
    yield from _moves()
    yield from _sums()


def _totals() -> Iterator[Flaw]:
    """A document comes to what its lines come to, and gross is net and tax."""
    rows = fetch_all(
        "SELECT d.id, d.kind, d.number FROM {document} d LEFT JOIN {document_line} l ON l.document_id = d.id"
        " GROUP BY d.id, d.kind, d.number, d.net, d.tax, d.gross HAVING d.net <> COALESCE(SUM(l.net), 0)"
        " OR d.tax <> COALESCE(SUM(l.tax), 0) OR d.gross <> COALESCE(SUM(l.gross), 0) OR d.gross <> d.net + d.tax"
        " OR SUM(CASE WHEN l.gross <> l.net + l.tax THEN 1 ELSE 0 END) > 0 ORDER BY d.id LIMIT ?",
        (MOST_OF_A_CHECK,),
    )
    for document_id, kind, number in rows:
        yield Flaw(CHECK, _name(kind, number, document_id), message("合计与各行不符，或价税合计不等于金额加税额。"))


def _numbers() -> Iterator[Flaw]:
    """Per kind and month there are as many documents with a number as numbers were given."""
    found: Counter[tuple[str, int]] = Counter()
    for kind, month, documents in fetch_all(
        "SELECT kind, SUBSTR(number, 4, 6), COUNT(*) FROM {document} WHERE number IS NOT NULL"
        " GROUP BY kind, SUBSTR(number, 4, 6)"
    ):
        found[kind, int(month)] = int(documents)
    given = Counter(
        {
            (row[0], int(row[1])): int(row[2])
            for row in fetch_all("SELECT kind, period, last_number FROM {document_counter}")
            if row[0] in KINDS
        }
    )
    for kind, period in sorted(set(found) | set(given)):
        if found[kind, period] != given[kind, period]:
            yield Flaw(
                CHECK,
                str(message("{period} 的{kind}", period=format_period(period), kind=KINDS[kind].name)),
                message(
                    "给出了 {given} 个号，单据却有 {found} 张。",
                    given=given[kind, period],
                    found=found[kind, period],
                ),
            )


def _moves() -> Iterator[Flaw]:
    """A line's move has moved the line's item by the line's quantity."""
    into = [kind.code for kind in KINDS.values() if kind.stock > 0]
    sign = f"CASE WHEN d.kind IN ({', '.join('?' * len(into))}) THEN 1 ELSE -1 END"
    rows = fetch_all(
        "SELECT d.id, d.kind, d.number FROM {document_line} l JOIN {document} d ON d.id = l.document_id"
        " JOIN {stock_move} m ON m.id = l.move_id WHERE m.item_id <> l.item_id OR m.document_id <> d.id"
        f" OR m.document_kind <> d.kind OR m.quantity <> l.base_quantity * {sign} ORDER BY d.id LIMIT ?",
        [*into, MOST_OF_A_CHECK],
    )
    for document_id, kind, number in rows:
        yield Flaw(CHECK, _name(kind, number, document_id), message("出入库的商品或数量与单据行不符。"))


class _Line(NamedTuple):
    kind: str
    source: int | None
    base_quantity: int
    counts: tuple[int, ...]
    cost: int
    estimate: int
    taken: int
    document_id: int
    number: str


def _sums() -> Iterator[Flaw]:
    """What later documents carried out of a line is what their lines add up to, and so is its estimate."""
    lines = _living_lines()
    wanted, taken = _expected(lines)
    told = 0
    for line_id, line in lines.items():
        where = _name(line.kind, line.number, line.document_id)
        for effect, count in zip(EFFECTS, line.counts, strict=True):
            want = wanted[line_id, effect]
            if count != want:
                told += 1
                yield Flaw(
                    CHECK,
                    where,
                    message(
                        "后续单据办理的数量（{effect}）记着 {have}，按单据应是 {want}。",
                        effect=effect,
                        have=format_quantity(count),
                        want=format_quantity(want),
                    ),
                )
        if line.kind == "goods_receipt" and _is_estimated(lines, line) and line.estimate != line.cost - taken[line_id]:
            told += 1
            yield Flaw(CHECK, where, message("暂估余额与入库金额和冲回的暂估不符。"))
        if told >= MOST_OF_A_CHECK:
            return


def _living_lines() -> dict[int, _Line]:
    columns = ", ".join(f"l.{effect}" for effect in EFFECTS)
    rows = fetch_all(
        f"SELECT l.id, d.kind, l.source_line_id, l.base_quantity, {columns}, COALESCE(l.cost, 0), l.estimate, l.taken,"
        " d.id, d.number FROM {document_line} l JOIN {document} d ON d.id = l.document_id"
        f" WHERE {LIVING} ORDER BY l.id"
    )
    width = 4 + len(EFFECTS)
    return {int(row[0]): _Line._make([*row[1:4], tuple(row[4:width]), *row[width:]]) for row in rows}


def _expected(lines: dict[int, _Line]) -> tuple[defaultdict[tuple[int, str], int], defaultdict[int, int]]:
    """Return what each line's counts should be, and how much was taken out of the estimate of each receipt's line."""
    wanted: defaultdict[tuple[int, str], int] = defaultdict(int)
    taken: defaultdict[int, int] = defaultdict(int)
    for line_id, line in lines.items():
        effect = KINDS[line.kind].effect
        chain = _chain(lines, line)
        kinds = {lines[above].kind for above in chain}
        for above in chain:
            if effect in COUNTED.get(lines[above].kind, ()):
                wanted[above, effect] += line.base_quantity
        if line.kind in RECEIPTS and kinds & INVOICES:
            wanted[line_id, "invoiced"] = line.base_quantity
        if line.kind in INVOICES and kinds & RECEIPTS:
            wanted[line_id, "moved"] = line.base_quantity
        receipt = next((above for above in chain if lines[above].kind == "goods_receipt"), None)
        if receipt is not None and line.kind in {"purchase_invoice", "purchase_return"}:
            taken[receipt] += line.taken
    return wanted, taken


def _chain(lines: dict[int, _Line], line: _Line) -> list[int]:
    found: list[int] = []
    current = line.source
    while current is not None and current in lines:
        found.append(current)
        current = lines[current].source
    return found


def _is_estimated(lines: dict[int, _Line], line: _Line) -> bool:
    return not any(lines[above].kind == "purchase_invoice" for above in _chain(lines, line))


def _name(kind: str, number: str | None, document_id: int) -> str:
    return str(message("{kind} {number}", kind=KINDS[kind].name, number=number or document_id))
