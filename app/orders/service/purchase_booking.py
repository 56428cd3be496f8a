"""What purchase documents book.

A receipt puts its goods into stock at the ordered price against 暂估应付; its invoice takes that estimate back in red
and books what it really came to, the difference going where the goods are by now. An invoice that comes before the
goods waits on the same account for them. What goes back, and what is credited, is the same in red.
"""

from __future__ import annotations

from app.inventory.queries.stock_moves import receipts_revalued_by
from app.inventory.service.posting import PostingLine
from app.kernel.errors import RuleBroken
from app.kernel.text import message
from app.orders.computing import share
from app.orders.queries.lineage import RESTS, still_to_invoice, still_to_move
from app.orders.queries.loading import LINE_COLUMNS, StoredLine, load_document
from app.orders.service.scene import Scene
from app.storage.database import fetch_all


class _Rests:
    """What is left of lines above while several lines of one document carry them out."""

    def __init__(self) -> None:
        self._left: dict[int, int] = {}

    def use(self, above: StoredLine, rest: int, quantity: int) -> int:
        """Return what was left before `quantity` is used up."""
        before = self._left.get(above.id, rest)
        self._left[above.id] = before - quantity
        return before


def book_receipt(scene: Scene) -> list[PostingLine]:
    """Dr stock, Cr accrued purchases: the invoice's value where it came first, else the estimate."""
    amounts: dict[int, int] = {}
    rests = _Rests()
    for line in scene.goods():
        invoice = scene.lineage.nearest(line, "purchase_invoice")
        if invoice is None:
            amounts[line.id] = scene.value(line)
            scene.keep_estimate(line, amounts[line.id])
        else:
            rest = rests.use(invoice, still_to_move(invoice), line.base_quantity)
            amounts[line.id] = scene.take_estimate(line, invoice, line.base_quantity, rest)
    scene.move(1, back={}, amounts=amounts)
    entries: list[PostingLine] = []
    for line in scene.goods():
        entries.append(scene.stock_entry("debit", amounts[line.id], line))
        entries.append(scene.entry("credit", "accrued_purchase", amounts[line.id], line))
    return entries


def book_purchase_invoice(scene: Scene) -> list[PostingLine]:
    """Take the estimate back, then Dr stock (or expense) and input VAT, Cr payable."""
    entries: list[PostingLine] = []
    rests = _Rests()
    for line in scene.lineage.lines:
        receipt = scene.lineage.nearest(line, "goods_receipt")
        value = scene.value(line)
        if not scene.is_goods(line):
            entries.append(scene.entry("debit", "purchase_expense", value, line))
        elif receipt is None:
            scene.keep_estimate(line, value)
            entries.append(scene.entry("debit", "accrued_purchase", value, line))
        else:
            rest = rests.use(receipt, still_to_invoice(receipt), line.base_quantity)
            estimate = scene.take_estimate(line, receipt, line.base_quantity, rest)
            number = scene.lineage.documents[receipt.document_id].number or ""
            red = str(message("冲回暂估 {number}", number=number))
            entries += [
                scene.entry("debit", "stock", -estimate, line, summary=red),
                scene.entry("credit", "accrued_purchase", -estimate, line, summary=red),
                scene.entry("debit", "stock", value, line),
            ]
            scene.revalue(receipt, value - estimate)
    vat = sum(scene.input_vat(line) for line in scene.lineage.lines)
    return [
        *entries,
        scene.entry("debit", "input_vat", vat),
        scene.entry("credit", "payable", scene.document.gross),
    ]


def book_purchase_return(scene: Scene) -> list[PostingLine]:
    """A receipt in red, at what it cost. What was not invoiced yet goes first; the rest waits for its credit."""
    receipts = {line.id: scene.lineage.nearest(line, "goods_receipt") for line in scene.goods()}
    back = {line_id: None if receipt is None else receipt.move_id for line_id, receipt in receipts.items()}
    booked = scene.move(-1, back=back, amounts={})
    entries: list[PostingLine] = []
    rests = _Rests()
    for line, move in zip(scene.goods(), booked, strict=True):
        receipt = receipts[line.id]
        amount, taken, uninvoiced = abs(move.amount or 0), 0, 0
        if receipt is not None:
            rest = rests.use(receipt, still_to_invoice(receipt), line.base_quantity)
            uninvoiced = min(line.base_quantity, max(rest, 0))
            taken = scene.take_estimate(line, receipt, uninvoiced, rest)
        waits = share(amount, line.base_quantity - uninvoiced, line.base_quantity)
        scene.keep_estimate(line, waits)
        entries += [
            scene.stock_entry("debit", -amount, line, sign=-1),
            scene.entry("credit", "accrued_purchase", -(taken + waits), line),
            scene.entry("debit", "cost", amount - taken - waits, line),
        ]
    return entries


def book_purchase_credit(scene: Scene) -> list[PostingLine]:
    """An invoice in red: of goods that went back, or of a lower price for those that stay."""
    entries: list[PostingLine] = []
    rests = _Rests()
    for line in scene.lineage.lines:
        source, value = scene.lineage.source_of(line), scene.value(line)
        if source is None or not scene.is_goods(line):
            entries.append(scene.entry("debit", "purchase_expense", -value, line))
            continue
        if scene.lineage.kind_of(source) == "purchase_return":
            rest = rests.use(source, RESTS["credited"](source), line.base_quantity)
            taken = scene.take_estimate(line, source, line.base_quantity, rest)
            entries.append(scene.entry("debit", "accrued_purchase", -taken, line))
            entries.append(scene.entry("debit", "cost", taken - value, line))
            continue
        taken = scene.take_amount(line, source, value)
        receipt = _receipt_of(scene, source)
        if receipt is None:
            entries.append(scene.entry("debit", "accrued_purchase", -taken, line))
            entries.append(scene.entry("debit", "cost", taken - value, line))
        else:
            entries.append(scene.entry("debit", "accrued_purchase", -taken, line))
            entries.append(scene.entry("debit", "stock", taken - value, line))
            scene.revalue(receipt, taken - value)
    vat = sum(scene.input_vat(line) for line in scene.lineage.lines)
    return [
        *entries,
        scene.entry("debit", "input_vat", -vat),
        scene.entry("credit", "payable", -scene.document.gross),
    ]


def _receipt_of(scene: Scene, invoice: StoredLine) -> StoredLine | None:
    """Return the receipt whose goods an invoice's line is for: before it, or after it; `None` where none came."""
    before = scene.lineage.nearest(invoice, "goods_receipt")
    if before is not None:
        return before
    rows = fetch_all(
        f"SELECT {LINE_COLUMNS} FROM {{document_line}} l JOIN {{document}} d ON d.id = l.document_id"
        " WHERE l.source_line_id = ? AND d.kind = 'goods_receipt' AND d.state = 'done' ORDER BY l.id DESC LIMIT 1",
        (invoice.id,),
    )
    return StoredLine(*rows[0]) if rows else None


def give_back_estimates(scene: Scene, counter: Scene) -> list[PostingLine]:
    """Give back what the lines of a cancelled document took of estimates, and bring receipts to their value before.

    Returns what the counter-document books beside the red copy: a credit's change of a receipt that was itself taken
    back meanwhile went on to the cost then, and comes back from there.
    """
    entries: list[PostingLine] = []
    changed = receipts_revalued_by(scene.ref.kind, scene.ref.id) if scene.document.kind == "purchase_credit" else set()
    for line in scene.lineage.lines:
        source = _estimate_source(scene, line)
        if source is None:
            continue
        counter.restore_estimate(source, line.taken)
        change = scene.value(line) - line.taken
        if scene.document.kind == "purchase_invoice":
            counter.revalue(source, -change)
        elif scene.document.kind == "purchase_credit" and scene.lineage.kind_of(source) == "purchase_invoice":
            receipt, stands = _changed_receipt(scene, source, changed)
            if receipt is None and line.taken and still_to_move(source) <= 0:
                raise _received_since(scene, source)
            if receipt is not None and stands:
                counter.revalue(receipt, change)
            elif receipt is not None:
                entries.append(counter.entry("debit", "stock", -change, line))
                entries.append(counter.entry("debit", "cost", change, line))
    return entries


def _received_since(scene: Scene, invoice: StoredLine) -> RuleBroken:
    """What a credit took before the goods came was missing in their receipt: only without it, it can come back."""
    receipt = _receipt_of(scene, invoice)
    document = None if receipt is None else load_document(receipt.document_id)
    return RuleBroken(
        "credit_received",
        message(
            "{where}之后货已全部入库，入库的金额里没有它。请先撤销{receipt}，再撤销它。",
            where=scene.document.name,
            receipt=message("入库单") if document is None else document.name,
        ),
    )


def _changed_receipt(scene: Scene, invoice: StoredLine, changed: set[int]) -> tuple[StoredLine | None, bool]:
    """Return the receipt of an invoice's line that a credit changed, if it did, and whether it still stands."""
    before = scene.lineage.nearest(invoice, "goods_receipt")
    if before is not None:
        return (before if before.move_id in changed else None), True
    rows = fetch_all(
        f"SELECT {LINE_COLUMNS} FROM {{document_line}} l JOIN {{document}} d ON d.id = l.document_id"
        " WHERE l.source_line_id = ? AND d.kind = 'goods_receipt' AND d.state IN ('done', 'cancelled')"
        " AND d.counter_of IS NULL ORDER BY l.id DESC",
        (invoice.id,),
    )
    for row in rows:
        line = StoredLine(*row)
        if line.move_id in changed:
            state = fetch_all("SELECT state FROM {document} WHERE id = ?", (line.document_id,))[0][0]
            return line, state == "done"
    return None, False


def _estimate_source(scene: Scene, line: StoredLine) -> StoredLine | None:
    if not scene.is_goods(line):
        return None
    match scene.document.kind:
        case "goods_receipt":
            return scene.lineage.nearest(line, "purchase_invoice")
        case "purchase_invoice" | "purchase_return":
            return scene.lineage.nearest(line, "goods_receipt")
        case _:
            return scene.lineage.source_of(line)
