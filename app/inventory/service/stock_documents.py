"""Stock documents: kept as drafts, finished with their moves and vouchers in one unit, taken back by a counter.

States go one way: draft → done → cancelled. A finished document never changes; cancelling it books the exact opposite
under a number of its own.
"""

from __future__ import annotations

from typing import NamedTuple

from app.contract.stock import Cancellation, StockDocument, StockDocumentInput, StockDocumentKind
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.inventory.queries.facts import item_facts
from app.inventory.queries.stock_documents import get_stock_document
from app.inventory.service.finishing import finish_moves
from app.inventory.service.numbering import take_document_number
from app.inventory.service.posting import DocumentRef, reverse_vouchers
from app.inventory.service.stock import reverse_moves
from app.inventory.service.stock_lines import ReadDocument, ReadLine, read_document
from app.inventory.stock_kinds import STOCK_KINDS
from app.kernel.clock import utc_ms
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.period import first_day, parse_date, period_of
from app.kernel.text import Message, clean_text, message
from app.ledger.service.locks import period_is_open
from app.ledger.service.periods import first_open_period, latest_closed_period
from app.storage.database import execute, execute_many, fetch_all, fetch_one, insert_returning_id, lock_suffix, run_unit


class StoredDocument(NamedTuple):
    """The columns of `stock_document` that rules look at."""

    id: int
    kind: StockDocumentKind
    number: str | None
    date: str
    state: str
    warehouse_id: int
    to_warehouse_id: int | None
    account_id: int | None
    aux: str
    note: str
    counter_of: int | None
    version: int

    @property
    def shown(self) -> Message:
        """Return what people call it."""
        return message("{kind} {number}", kind=STOCK_KINDS[self.kind].name, number=self.number or message("（草稿）"))

    @property
    def ref(self) -> DocumentRef:
        """Return it as moves and vouchers name it."""
        return DocumentRef(self.kind, self.id, self.number or "")


def save_stock_document(actor: Actor, typed: StockDocumentInput, document_id: int | None = None) -> StockDocument:
    """Save a draft: a new one, or over the draft `document_id`.

    Raises `MalformedInput` with fields, `NotFound`, `Conflict` for a stale version, `RuleBroken` for a document that is
    no draft any more.
    """
    actor.require("inventory:document:add" if document_id is None else "inventory:document:edit")

    def work() -> StockDocument:
        read = read_document(typed)
        before = None if document_id is None else get_stock_document(document_id)
        if document_id is None:
            stored_id = _insert(actor, read, None)
        else:
            stored = _lock(document_id, typed.version)
            _require(stored, "draft", message("只有草稿可以修改；已完成的请取消它。"))
            stored_id = stored.id
            _update(stored_id, read)
        _write_lines(stored_id, read.lines)
        after = get_stock_document(stored_id)
        audit.record(
            actor,
            "inventory:document:add" if before is None else "inventory:document:edit",
            "stock_document",
            stored_id,
            before=None if before is None else before.model_dump(),
            after=after.model_dump(),
        )
        return after

    return run_unit(work)


def delete_stock_document(actor: Actor, document_id: int, version: int | None = None) -> None:
    """Delete a draft. Raises `NotFound`, `Conflict`, `RuleBroken` for one that was finished."""
    actor.require("inventory:document:edit")

    def work() -> None:
        stored = _lock(document_id, version)
        _require(stored, "draft", message("只有草稿可以删除；已完成的请取消它。"))
        before = get_stock_document(document_id)
        execute("DELETE FROM {stock_document_line} WHERE document_id = ?", (document_id,))
        execute("DELETE FROM {stock_document} WHERE id = ?", (document_id,))
        audit.record(actor, "inventory:document:remove", "stock_document", document_id, before=before.model_dump())

    run_unit(work)


def finish_stock_document(actor: Actor, document_id: int, version: int | None = None) -> StockDocument:
    """Finish a draft: it gets its number, its goods move, its voucher is made; all in one unit or nothing.

    Raises `RuleBroken` for a document that is no draft, has no lines, or whose month is closed, and as `book_moves` and
    `post_document`.
    """
    actor.require("inventory:document:finish")

    def work() -> StockDocument:
        stored = _lock(document_id, version)
        _require(stored, "draft", message("它已经完成或取消。"))
        lines = read_lines(document_id)
        if not lines:
            raise RuleBroken("document_empty", message("{document}没有明细，请先填写。", document=stored.shown))
        if stored.kind == "opening":
            _require_before_first_close()
        stored = stored._replace(number=_number(stored.kind, stored.date))
        finish_moves(actor, stored, lines)
        _set_state(stored.id, "done", stored.number)
        after = get_stock_document(document_id)
        audit.record(
            actor,
            "inventory:document:finish",
            "stock_document",
            document_id,
            before={"state": "draft"},
            after={"state": "done", "number": stored.number},
        )
        return after

    return run_unit(work)


def cancel_stock_document(actor: Actor, document_id: int, wish: Cancellation) -> StockDocument:
    """Take a finished document back by a counter-document and return the cancelled one.

    Dated as wished, else as the document while its month is open, else on the first open day. Raises `RuleBroken` when
    stock would fall below zero on some day, and for a document that is not finished or is a counter itself.
    """
    actor.require("inventory:document:cancel")

    def work() -> StockDocument:
        stored = _lock(document_id, wish.version)
        _require(stored, "done", message("只有已完成的单据可以取消。"))
        if stored.counter_of is not None:
            raise RuleBroken("document_is_counter", message("{document}是冲销单，不能再取消。", document=stored.shown))
        date = _counter_date(stored, wish.date)
        lines = [_opposite(stored.kind, line) for line in read_lines(document_id)]
        # before their lines are written: those hold the items' rows shared, and two of them could not go on
        item_facts({line.item_id for line in lines}, lock=True)
        read = ReadDocument(
            kind=stored.kind,
            date=date,
            warehouse_id=stored.warehouse_id,
            to_warehouse_id=stored.to_warehouse_id,
            account_id=stored.account_id,
            aux=stored.aux,
            note=clean_text(wish.reason),
            lines=lines,
        )
        counter_id = _insert(actor, read, stored.id)
        _write_lines(counter_id, lines)
        counter = DocumentRef(stored.kind, counter_id, _number(stored.kind, date))
        reverse_moves(actor, stored.ref, counter, date)
        reverse_vouchers(actor, stored.ref, counter, date)
        _set_state(counter_id, "done", counter.number)
        _set_state(stored.id, "cancelled", stored.number)
        audit.record(
            actor,
            "inventory:document:cancel",
            "stock_document",
            document_id,
            before={"state": "done"},
            after={"state": "cancelled", "counter": counter_id, "reason": clean_text(wish.reason)},
        )
        return get_stock_document(document_id)

    return run_unit(work)


def _opposite(kind: StockDocumentKind, line: ReadLine) -> ReadLine:
    """Return a line in red; of a count, what it had found too much or too little."""
    if kind == "count":
        difference = (line.book_quantity or 0) - line.base_quantity
        return line._replace(unit="", quantity=difference, base_quantity=difference, book_quantity=None, amount=None)
    return line._replace(
        quantity=-line.quantity,
        base_quantity=-line.base_quantity,
        amount=None if line.amount is None else -line.amount,
    )


def _counter_date(stored: StoredDocument, wished: str) -> str:
    if stored.kind == "opening":
        _require_before_first_close()
        return stored.date
    if wished.strip():
        return parse_date(wished).isoformat()
    if period_is_open(period_of(parse_date(stored.date))):
        return stored.date
    return first_day(first_open_period()).isoformat()


def _require_before_first_close() -> None:
    if latest_closed_period() is not None:
        raise RuleBroken("opening_frozen", message("第一个月已经结账，期初库存不能再改。"))


def _number(kind: StockDocumentKind, date: str) -> str:
    return take_document_number(kind, STOCK_KINDS[kind].prefix, date)


def _lock(document_id: int, version: int | None) -> StoredDocument:
    columns = ", ".join(StoredDocument._fields)
    row = fetch_one(f"SELECT {columns} FROM {{stock_document}} WHERE id = ?{lock_suffix()}", (document_id,))
    if row is None:
        raise NotFound("document_unknown", message("没有编号为 {id} 的单据，它可能已被删除。", id=document_id))
    stored = StoredDocument(*row)
    check_version(
        version,
        stored.version,
        "stock_document",
        document_id,
        lambda: get_stock_document(document_id),
        stored.shown,
    )
    return stored


def _require(stored: StoredDocument, state: str, needed: Message) -> None:
    if stored.state != state:
        raise RuleBroken("document_state", message("{document}：{needed}", document=stored.shown, needed=needed))


def _head(read: ReadDocument) -> dict[str, object]:
    return {
        "kind": read.kind,
        "date": read.date,
        "warehouse_id": read.warehouse_id,
        "to_warehouse_id": read.to_warehouse_id,
        "account_id": read.account_id,
        "aux": read.aux,
        "note": read.note,
        "updated_at": utc_ms(),
    }


def _insert(actor: Actor, read: ReadDocument, counter_of: int | None) -> int:
    values = {**_head(read), "maker_id": actor.user_id, "counter_of": counter_of, "created_at": utc_ms()}
    columns, places = ", ".join(values), ", ".join("?" * len(values))
    return insert_returning_id(f"INSERT INTO {{stock_document}} ({columns}) VALUES ({places})", [*values.values()])


def _update(document_id: int, read: ReadDocument) -> None:
    values = _head(read)
    sets = ", ".join(f"{column} = ?" for column in values)
    execute(
        f"UPDATE {{stock_document}} SET {sets}, version = version + 1 WHERE id = ?", [*values.values(), document_id]
    )


def _set_state(document_id: int, state: str, number: str | None) -> None:
    execute(
        "UPDATE {stock_document} SET state = ?, number = ?, updated_at = ?, version = version + 1 WHERE id = ?",
        (state, number, utc_ms(), document_id),
    )


def _write_lines(document_id: int, lines: list[ReadLine]) -> None:
    execute("DELETE FROM {stock_document_line} WHERE document_id = ?", (document_id,))
    columns = ("document_id", *ReadLine._fields)
    execute_many(
        f"INSERT INTO {{stock_document_line}} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        [(document_id, *line) for line in lines],
    )


def read_lines(document_id: int) -> list[ReadLine]:
    """Return the lines of a document as kept."""
    columns = ", ".join(ReadLine._fields)
    rows = fetch_all(
        f"SELECT {columns} FROM {{stock_document_line}} WHERE document_id = ? ORDER BY line", (document_id,)
    )
    return [ReadLine(*row) for row in rows]
