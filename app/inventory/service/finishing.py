"""What finishing a stock document does: the moves of each kind, and what they book."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from app.contract.stock import StockDocumentKind
from app.identity.actor import Actor
from app.inventory.purposes import Purpose
from app.inventory.queries.facts import ItemFacts, item_facts
from app.inventory.queries.posting_accounts import PostingRules
from app.inventory.queries.stock_levels import quantity_on
from app.inventory.service.lots import lot_of_move
from app.inventory.service.posting import DocumentRef, PostingLine, Side, post_document
from app.inventory.service.settings import govern
from app.inventory.service.stock import BookedMove, Movement, book_moves
from app.inventory.service.stock_lines import ReadLine
from app.inventory.stock_kinds import STOCK_KINDS
from app.kernel.errors import RuleBroken
from app.kernel.text import Message, message
from app.storage.database import execute, fetch_all, fetch_one


class Finishable(Protocol):
    """What finishing needs of a document."""

    @property
    def kind(self) -> StockDocumentKind:
        """Return its kind."""

    @property
    def date(self) -> str:
        """Return its day."""

    @property
    def warehouse_id(self) -> int:
        """Return where it happens."""

    @property
    def to_warehouse_id(self) -> int | None:
        """Return where a transfer goes."""

    @property
    def account_id(self) -> int | None:
        """Return the other side's account, where one was chosen."""

    @property
    def aux(self) -> str:
        """Return the other side's auxiliaries."""

    @property
    def ref(self) -> DocumentRef:
        """Return it as moves and vouchers name it."""


_PURPOSES: dict[StockDocumentKind, tuple[Purpose, ...]] = {
    "opening": ("stock",),
    "count": ("stock", "stock_gain_pending", "stock_loss_pending"),
    "assembly": ("stock",),
    "other_in": ("stock", "other_in"),
    "other_out": ("stock", "other_out"),
}
"""What a kind usually books, for looking the accounts up together."""


def finish_moves(actor: Actor, document: Finishable, lines: Sequence[ReadLine]) -> None:
    """Move the goods of a document and book them; part of the unit under way."""
    _FINISHERS[document.kind](_Finishing(actor, document, lines))


class _Finishing:
    """One document being finished."""

    def __init__(self, actor: Actor, document: Finishable, lines: Sequence[ReadLine]) -> None:
        self.actor = actor
        self.document = document
        self.lines = lines
        self.items: dict[int, ItemFacts] = item_facts({line.item_id for line in lines}, lock=True)
        self.rules = PostingRules(_PURPOSES.get(document.kind, ()))

    def book(self, movements: Sequence[Movement]) -> list[BookedMove]:
        return book_moves(self.actor, self.document.ref, self.document.date, movements, items=self.items)

    def movement(self, line: ReadLine, quantity: int, **more: object) -> Movement:
        values: dict[str, object] = {"lot": line.lot, "expiry": line.expiry, "line_id": line.line, **more}
        return Movement(line.item_id, self.document.warehouse_id, quantity, **values)  # type: ignore[arg-type]

    def contra(self, line: ReadLine, purpose: Purpose) -> str:
        """Return the account of the other side: the one chosen on the document, else that of the rule."""
        if self.document.account_id is not None:
            row = fetch_one("SELECT code FROM {account} WHERE id = ?", (self.document.account_id,))
            if row is not None:
                return str(row[0])
        return self.rules.account_for(purpose, category_id=self.items[line.item_id].category_id)

    def post(self, pairs: Sequence[tuple[ReadLine, Movement, BookedMove]], stock_side: Side) -> None:
        """Book goods against the accounts their moves name."""
        lines: list[PostingLine] = []
        other: Side = "credit" if stock_side == "debit" else "debit"
        for line, movement, booked in pairs:
            item, amount = self.items[line.item_id], abs(booked.amount or 0)
            lines.append(self.stock_line(item, stock_side, amount, abs(movement.quantity)))
            lines.append(PostingLine(other, amount, account_code=movement.contra_account, aux_text=movement.contra_aux))
        self.post_lines(lines)

    @staticmethod
    def stock_line(item: ItemFacts, side: Side, amount: int, quantity: int) -> PostingLine:
        return PostingLine(
            side, amount, purpose="stock", quantity=quantity, category_id=item.category_id, item_name=item.name
        )

    def post_lines(self, lines: Sequence[PostingLine]) -> None:
        document = self.document
        summary = message("{kind} {number}", kind=STOCK_KINDS[document.kind].name, number=document.ref.number)
        post_document(self.actor, document.ref, document.date, lines, summary=str(summary), rules=self.rules)


def _opening(work: _Finishing) -> None:
    """Bring opening stock in; it stands in the ledger's opening balance already, so no voucher is made."""
    for line in work.lines:
        if line.amount is None:
            raise _line_wrong(line, message("期初库存要填金额（没有价值的填 0）。"))
    work.book([work.movement(line, line.base_quantity, amount=line.amount) for line in work.lines])
    codes = {work.rules.account_for("stock", category_id=item.category_id) for item in work.items.values()}
    places = ", ".join("?" * len(codes))
    rows = fetch_all(f"SELECT id FROM {{account}} WHERE code IN ({places})", sorted(codes))
    govern(int(row[0]) for row in rows)


def _transfer(work: _Finishing) -> None:
    target = work.document.to_warehouse_id or 0
    movements: list[Movement] = []
    for line in work.lines:
        out = work.movement(line, -line.base_quantity, is_transfer=True)
        come = Movement(line.item_id, target, line.base_quantity, lot=line.lot, line_id=line.line, is_transfer=True)
        movements += [out, come]
    work.book(movements)


def _count(work: _Finishing) -> None:
    """Bring the book to what was counted: gains at what the stock is worth, shortages at its cost."""
    document = work.document
    gains: list[tuple[ReadLine, Movement]] = []
    losses: list[tuple[ReadLine, Movement]] = []
    seen: set[tuple[int, int]] = set()
    for line in work.lines:
        lot_id = lot_of_move(work.items[line.item_id], line.lot, line.expiry, comes_in=True)
        if (line.item_id, lot_id) in seen:
            raise _line_wrong(line, message("同一商品（批次）在一张盘点单里只能有一行。"))
        seen.add((line.item_id, lot_id))
        have = quantity_on(line.item_id, document.warehouse_id, lot_id, document.date)
        execute(
            "UPDATE {stock_document_line} SET book_quantity = ? WHERE document_id = ? AND line = ?",
            (have, document.ref.id, line.line),
        )
        difference = line.base_quantity - have
        if difference > 0:
            contra = work.contra(line, "stock_gain_pending")
            more = {"amount": line.amount, "contra_account": contra, "contra_aux": document.aux}
            gains.append((line, work.movement(line, difference, **more)))
        elif difference < 0:
            contra = work.contra(line, "stock_loss_pending")
            losses.append((line, work.movement(line, difference, contra_account=contra, contra_aux=document.aux)))
    _book_both(work, gains, losses)


def _book_both(
    work: _Finishing, gains: Sequence[tuple[ReadLine, Movement]], losses: Sequence[tuple[ReadLine, Movement]]
) -> None:
    movements = [movement for _, movement in (*gains, *losses)]
    if not movements:
        return
    booked = work.book(movements)
    lines: list[PostingLine] = []
    for (line, movement), outcome in zip((*gains, *losses), booked, strict=True):
        item, amount, quantity = work.items[line.item_id], abs(outcome.amount or 0), abs(movement.quantity)
        sides: tuple[Side, Side] = ("debit", "credit") if movement.quantity > 0 else ("credit", "debit")
        lines.append(work.stock_line(item, sides[0], amount, quantity))
        lines.append(PostingLine(sides[1], amount, account_code=movement.contra_account, aux_text=movement.contra_aux))
    work.post_lines(lines)


def _assembly(work: _Finishing) -> None:
    """Take the parts out and bring the product in at what they cost."""
    product = next(line for line in work.lines if line.base_quantity > 0)
    parts = [line for line in work.lines if line.base_quantity < 0]
    if not parts:
        raise _line_wrong(product, message("组装单没有配件。"))
    if any(part.item_id == product.item_id for part in parts):
        raise _line_wrong(product, message("产品不能又是自己的配件。"))
    for line in work.lines:
        if work.items[line.item_id].costing == "monthly":
            raise _line_wrong(line, message("全月一次加权的商品要到月末才有成本，不能组装；请用其他出库和其他入库。"))
    booked = work.book([work.movement(line, line.base_quantity, into_product=True) for line in parts])
    cost = sum(-(one.amount or 0) for one in booked)
    work.book([work.movement(product, product.base_quantity, amount=cost)])
    lines = [work.stock_line(work.items[product.item_id], "debit", cost, product.base_quantity)]
    for part, one in zip(parts, booked, strict=True):
        item = work.items[part.item_id]
        lines.append(work.stock_line(item, "credit", -(one.amount or 0), -part.base_quantity))
    work.post_lines(lines)


def _other_in(work: _Finishing) -> None:
    movements = [
        work.movement(
            line,
            line.base_quantity,
            amount=line.amount,
            contra_account=work.contra(line, "other_in"),
            contra_aux=work.document.aux,
        )
        for line in work.lines
    ]
    booked = work.book(movements)
    work.post(list(zip(work.lines, movements, booked, strict=True)), "debit")


def _other_out(work: _Finishing) -> None:
    movements = [
        work.movement(
            line,
            -line.base_quantity,
            contra_account=work.contra(line, "other_out"),
            contra_aux=work.document.aux,
        )
        for line in work.lines
    ]
    booked = work.book(movements)
    work.post(list(zip(work.lines, movements, booked, strict=True)), "credit")


_FINISHERS: dict[StockDocumentKind, Callable[[_Finishing], None]] = {
    "opening": _opening,
    "transfer": _transfer,
    "count": _count,
    "assembly": _assembly,
    "other_in": _other_in,
    "other_out": _other_out,
}


def _line_wrong(line: ReadLine, reason: Message) -> RuleBroken:
    return RuleBroken(
        "stock_line_wrong",
        message("第 {line} 行：{reason}", line=line.line, reason=reason),
        fields={f"lines.{line.line - 1}": reason},
    )
