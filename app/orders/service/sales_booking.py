"""What sales documents book: deliveries their cost, invoices revenue and VAT; what comes back, the same in red."""

from __future__ import annotations

from app.inventory.service.posting import PostingLine
from app.orders.service.scene import Scene


def book_delivery(scene: Scene) -> list[PostingLine]:
    """Dr cost, Cr stock; nothing yet for items costed by the month's average."""
    return _cost_entries(scene, -1, {})


def book_sales_return(scene: Scene) -> list[PostingLine]:
    """The cost of what comes back, in red: that of the delivery it came with, else what stock is worth now."""
    back: dict[int, int | None] = {}
    for line in scene.goods():
        delivery = scene.lineage.nearest(line, "delivery")
        back[line.id] = None if delivery is None else delivery.move_id
    return _cost_entries(scene, 1, back)


def _cost_entries(scene: Scene, sign: int, back: dict[int, int | None]) -> list[PostingLine]:
    booked = scene.move(sign, back=back, amounts={})
    entries: list[PostingLine] = []
    for line, move in zip(scene.goods(), booked, strict=True):
        if move.amount is not None:
            amount = -sign * abs(move.amount)
            entries.append(scene.entry("debit", "cost", amount, line))
            entries.append(scene.stock_entry("credit", amount, line, sign=-sign))
    return entries


def book_sales_invoice(scene: Scene) -> list[PostingLine]:
    """Dr receivable, Cr revenue, Cr output VAT."""
    return _revenue_entries(scene, 1)


def book_sales_credit(scene: Scene) -> list[PostingLine]:
    """An invoice in red."""
    return _revenue_entries(scene, -1)


def _revenue_entries(scene: Scene, sign: int) -> list[PostingLine]:
    document = scene.document
    return [
        scene.entry("debit", "receivable", sign * document.gross),
        *(scene.entry("credit", "revenue", sign * line.net, line) for line in scene.lineage.lines),
        scene.entry("credit", "output_vat", sign * document.tax),
    ]
