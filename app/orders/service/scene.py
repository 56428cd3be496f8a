"""What booking a document needs to know: its contact, its items, and the estimates of the lines it carries out."""

from __future__ import annotations

from collections.abc import Sequence

from app.contacts.queries import Party
from app.contacts.service.roles import ensure_role
from app.contract.contacts import ContactRole
from app.identity.actor import Actor
from app.inventory.purposes import Purpose
from app.inventory.queries.facts import item_facts
from app.inventory.queries.posting_accounts import PostingRules
from app.inventory.service.posting import DocumentRef, PostingLine, Side
from app.inventory.service.stock import BookedMove, Movement, book_moves, revalue_receipt
from app.orders.computing import share
from app.orders.kinds import SALES
from app.orders.queries.lineage import Lineage
from app.orders.queries.loading import StoredDocument, StoredLine
from app.orders.service.usual import deducts_input_vat
from app.storage.database import execute
from app.storage.row_changes import update_rows

_STOCK_OUT: tuple[Purpose, ...] = ("cost", "stock")
_SALE: tuple[Purpose, ...] = ("receivable", "revenue", "output_vat")
_STOCK_IN: tuple[Purpose, ...] = ("stock", "accrued_purchase", "cost")
_PURCHASE: tuple[Purpose, ...] = ("stock", "accrued_purchase", "input_vat", "payable")
_PURPOSES: dict[str, tuple[Purpose, ...]] = {
    "delivery": _STOCK_OUT,
    "sales_return": _STOCK_OUT,
    "sales_invoice": _SALE,
    "sales_credit": _SALE,
    "goods_receipt": _STOCK_IN,
    "purchase_return": _STOCK_IN,
    "purchase_invoice": _PURCHASE,
    "purchase_credit": _PURCHASE,
}
"""What a kind usually books, for looking the accounts up together."""


class Scene:
    """A document being booked, its items locked in ascending order."""

    def __init__(self, actor: Actor, lineage: Lineage, number: str, party: Party) -> None:
        """Look up what the lines need; `number` is the one just given, `party` the contact."""
        document = lineage.document
        self.actor = actor
        self.lineage = lineage
        self.document = document
        self.number = number
        self.ref = DocumentRef(document.kind, document.id, number)
        self.party = party
        role: ContactRole = "customer" if document.nature.side == SALES else "supplier"
        self.aux = ensure_role(party.id, role, actor, party=party)
        self.contact = party.name
        self.group = party.group_id
        self.items = item_facts([line.item_id for line in lineage.lines if line.item_id is not None], lock=True)
        self.rules = PostingRules(_PURPOSES[document.kind])
        self.estimates = {line.id: line.estimate for line in lineage.above.values()}

    def counter(self, counter: StoredDocument) -> Scene:
        """Return the scene of the counter-document of this one."""
        lineage = Lineage(counter, self.lineage.lines, self.lineage.above, self.lineage.documents)
        return Scene(self.actor, lineage, counter.number or "", self.party)

    def is_goods(self, line: StoredLine) -> bool:
        """Tell whether a line moves stock: neither a text nor a service."""
        item = self.items.get(line.item_id or 0)
        return item is not None and item.kind == "goods"

    def goods(self) -> list[StoredLine]:
        """Return the lines that move stock."""
        return [line for line in self.lineage.lines if self.is_goods(line)]

    def category(self, line: StoredLine) -> int | None:
        """Return the category of a line's item."""
        item = self.items.get(line.item_id or 0)
        return None if item is None else item.category_id

    def value(self, line: StoredLine) -> int:
        """Return what a purchase is worth: with its tax where that cannot be deducted."""
        return line.net if self._deducts() else line.gross

    def input_vat(self, line: StoredLine) -> int:
        """Return the input VAT of a line that can be deducted."""
        return line.tax if self._deducts() else 0

    def _deducts(self) -> bool:
        return bool(self.document.deductible) and deducts_input_vat()

    def account(self, purpose: Purpose, line: StoredLine) -> str:
        """Return the account of a purpose for a line."""
        return self.rules.account_for(purpose, category_id=self.category(line), contact_group_id=self.group)

    def entry(
        self, side: Side, purpose: Purpose, amount: int, line: StoredLine | None = None, *, summary: str = ""
    ) -> PostingLine:
        """Return one line of the voucher; stock counts the quantity of its line, with the sign of the amount."""
        item = None if line is None else self.items.get(line.item_id or 0)
        return PostingLine(
            side=side,
            amount_minor=amount,
            purpose=purpose,
            aux_text=self.aux,
            category_id=None if line is None else self.category(line),
            contact_group_id=self.group,
            summary=summary,
            item_name="" if item is None else item.name,
        )

    def stock_entry(self, side: Side, amount: int, line: StoredLine, *, sign: int = 1) -> PostingLine:
        """Return a line of the voucher that moves an item's stock, with its quantity."""
        item = self.items[line.item_id or 0]
        return PostingLine(
            side=side,
            amount_minor=amount,
            purpose="stock",
            quantity=sign * line.base_quantity,
            category_id=item.category_id,
            contact_group_id=self.group,
            item_name=item.name,
        )

    def move(self, sign: int, *, back: dict[int, int | None], amounts: dict[int, int]) -> list[BookedMove]:
        """Move the goods of the document: `back` holds moves taken back, `amounts` the worth of what comes in.

        Keeps each line's move and cost, and returns the moves in the order of the lines.
        """
        lines = self.goods()
        movements = [
            Movement(
                item_id=line.item_id or 0,
                warehouse_id=line.warehouse_id or 0,
                quantity=sign * line.base_quantity,
                amount=amounts.get(line.id),
                lot=line.lot,
                expiry=line.expiry,
                returns_move_id=back.get(line.id),
                line_id=line.id,
                contra_account=self.account("cost", line),
                contra_aux=self.aux,
            )
            for line in lines
        ]
        booked = book_moves(self.actor, self.ref, self.document.date, movements, items=self.items)
        keep_moves(lines, booked, sign)
        return booked

    def take_estimate(self, line: StoredLine, above: StoredLine, quantity: int, rest: int) -> int:
        """Take a quantity's share out of the estimate of a line above, of which `rest` stood; the last takes all."""
        taken = share(self.estimates[above.id], min(quantity, rest), rest) if rest > 0 else 0
        self._take(line, above, taken)
        return taken

    def take_amount(self, line: StoredLine, above: StoredLine, amount: int) -> int:
        """Take as much of an amount out of the estimate of a line above as it has; return what was taken."""
        taken = max(0, min(amount, self.estimates[above.id]))
        self._take(line, above, taken)
        return taken

    def _take(self, line: StoredLine, above: StoredLine, taken: int) -> None:
        self.estimates[above.id] -= taken
        execute("UPDATE {document_line} SET estimate = estimate - ? WHERE id = ?", (taken, above.id))
        execute("UPDATE {document_line} SET taken = ? WHERE id = ?", (taken, line.id))

    def restore_estimate(self, above: StoredLine, taken: int) -> None:
        """Give back what a line took of the estimate of a line above."""
        execute("UPDATE {document_line} SET estimate = estimate + ? WHERE id = ?", (taken, above.id))

    def keep_estimate(self, line: StoredLine, amount: int) -> None:
        """Note what a line now has in the account of estimates."""
        execute("UPDATE {document_line} SET estimate = ? WHERE id = ?", (amount, line.id))

    def revalue(self, receipt: StoredLine, delta: int) -> None:
        """Let a receipt come to another value; what of it went out already is booked on to where it went.

        The voucher of the document books the whole difference on stock.
        """
        if delta and receipt.move_id is not None:
            revalue_receipt(self.actor, receipt.move_id, delta, self.document.date, self.ref)


def keep_moves(lines: Sequence[StoredLine], moves: Sequence[BookedMove], direction: int) -> None:
    """Note the moves of lines and what they cost, which counts in the direction of their kind of document.

    The cost of a month's average is not known yet.
    """
    kept = {
        line.id: (move.move_id, None if move.amount is None else direction * move.amount)
        for line, move in zip(lines, moves, strict=True)
    }
    update_rows("document_line", ("move_id", "cost"), kept)
