"""Has a document computed while it is typed: prices of items, then amounts and concerns, after the last key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import ValidationError
from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from app.client.api import ApiClient
from app.contract.inventory import Item, Price, PriceQuery
from app.contract.orders import DocumentInput, DocumentPreview
from app.kernel.errors import EnvironmentFault, MalformedInput, NotFound, PermissionDenied, ZhangfangError
from app.kernel.money import QUANTITY_DIGITS, format_quantity, parse_amount, round_half_up
from app.ui.tasks import Query
from app.ui.trade.document_line import Line
from app.ui.trade.document_lookups import read_items
from app.ui.trade.document_sheet import DocumentSheet

PAUSE_MS = 350


@dataclass(frozen=True)
class AskedPrice:
    """A price the server was asked for: the row, and the item and unit it then held."""

    row: int
    item_id: int
    unit: str
    query: PriceQuery


class DocumentComputing(QObject):
    """Asks the server; `computed` and `priced` tell that the sheet has the answers."""

    computed = pyqtSignal()
    """Amounts, totals and concerns are those of what is typed."""
    priced = pyqtSignal()
    """Prices were filled in."""
    refused = pyqtSignal(object)
    """The `ZhangfangError` why nothing can be computed of what is typed so far."""

    def __init__(self, sheet: Callable[[], DocumentSheet], parent: QObject) -> None:
        super().__init__(parent)
        self._sheet = sheet
        self._price_lists: dict[int, int | None] = {}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.ask)

    def typed(self) -> None:
        """Something was typed: compute it soon."""
        if self._sheet().editable:
            self._pause.start()

    def stop(self) -> None:
        """Another document is shown: nothing of the one before is waited for."""
        self._pause.stop()

    def ask(self) -> None:
        """Compute what is typed now."""
        self._pause.stop()
        sheet = self._sheet()
        if not sheet.editable or not sheet.used or sheet.unread_cells():
            return
        try:
            wish = sheet.to_input()
        except ValidationError:
            return  # saving says it
        content = sheet.content()
        Query(lambda api: preview_with_items(api, wish, sheet.item_ids_unknown())).slot("preview").on_done(
            lambda found: self._arrived(sheet, content, *found)
        ).on_error(self._refused).run(self)

    def _arrived(
        self, sheet: DocumentSheet, content: tuple[object, ...], preview: DocumentPreview, items: Sequence[Item]
    ) -> None:
        sheet.know_items(items)
        if sheet is self._sheet() and sheet.content() == content:
            sheet.take_preview(preview)
            self.computed.emit()

    def _refused(self, error: ZhangfangError) -> None:
        if isinstance(error, EnvironmentFault | PermissionDenied):
            return  # saving says it, and may be tried again
        self.refused.emit(error)

    # --- prices ------------------------------------------------------------------------------------------------------

    def ask_prices(self, rows: Sequence[int] | None = None) -> None:
        """Ask for the prices of these rows, or of all, where nobody typed one."""
        sheet = self._sheet()
        wanted = [
            AskedPrice(row, line.item_id, line.unit, price_query(sheet, line))
            for row, line in enumerate(sheet.lines)
            if line.item_id is not None and not line.price_typed and (rows is None or row in rows)
        ]
        if not wanted or not sheet.editable:
            return
        partner_id = sheet.partner.id if sheet.partner is not None else None
        known = dict(self._price_lists)

        def work(api: ApiClient) -> tuple[int | None, list[Price]]:
            if sheet.side == "purchase":
                return None, []
            price_list = price_list_of(api, partner_id, known)
            queries = [one.query.model_copy(update={"price_list_id": price_list}) for one in wanted]
            return price_list, [api.find_price(query) for query in queries]

        def arrived(found: tuple[int | None, list[Price]]) -> None:
            price_list, prices = found
            if partner_id is not None:
                self._price_lists[partner_id] = price_list
            if sheet is self._sheet():
                take_prices(sheet, wanted, prices)
                self.priced.emit()

        Query(work).slot("prices").on_done(arrived).on_error(lambda _error: None).run(self)


def preview_with_items(
    api: ApiClient, wish: DocumentInput, unknown: Sequence[int]
) -> tuple[DocumentPreview, Sequence[Item]]:
    """Have a document computed, and learn the items of which only the id is known."""
    try:
        items: Sequence[Item] = read_items(api, unknown)
    except PermissionDenied:
        items = ()
    return api.preview_document(wish), items


def price_query(sheet: DocumentSheet, line: Line) -> PriceQuery:
    """Return the question for a line's price."""
    return PriceQuery(item_id=line.item_id or 0, unit=line.unit, quantity=line.quantity or "1", date=sheet.date)


def price_list_of(api: ApiClient, contact_id: int | None, known: dict[int, int | None]) -> int | None:
    """Return the price list of a contact, asked for once."""
    if contact_id is None:
        return None
    if contact_id in known:
        return known[contact_id]
    try:
        return api.get_contact(contact_id).price_list_id
    except (NotFound, PermissionDenied):
        return None


def take_prices(sheet: DocumentSheet, asked: Sequence[AskedPrice], prices: Sequence[Price]) -> None:
    """Put prices into rows that still hold what they were asked for; for purchases, the item's own."""
    for place, one in enumerate(asked):
        line = sheet.lines[one.row] if one.row < len(sheet.lines) else Line()
        if (line.item_id, line.unit) != (one.item_id, one.unit) or line.price_typed:
            continue
        if sheet.side == "purchase":
            line.unit_price = purchase_price(line)
        else:
            price = prices[place]
            line.unit_price = as_wanted(
                price.price, line.tax_rate, has_tax=price.includes_tax, wants_tax=sheet.prices_include_tax
            )
        line.forget_amounts()


def purchase_price(line: Line) -> str:
    """Return the item's own purchase price for the unit of a line."""
    if line.item is None or not line.item.purchase_price:
        return line.unit_price
    factor = next((factor for unit, factor in line.units() if unit == line.unit), "1")
    price = Decimal(line.item.purchase_price) * Decimal(factor)
    return format_quantity(round_half_up(price.scaleb(QUANTITY_DIGITS)))


def as_wanted(price: str, tax_rate: str, *, has_tax: bool, wants_tax: bool) -> str:
    """Return a price with or without tax as the document has its prices; unchanged where no rate is known."""
    try:
        scaled = parse_amount(price, QUANTITY_DIGITS) if price else 0
        rate = Decimal(tax_rate or "0") / 100
    except (MalformedInput, ArithmeticError):
        return price
    if not scaled or has_tax == wants_tax or not tax_rate:
        return format_quantity(scaled) if scaled else ""
    exact = Decimal(scaled) / (1 + rate) if has_tax else Decimal(scaled) * (1 + rate)
    # six decimals: what is left of the others disappears in the amount
    return format_quantity(round_half_up(exact.scaleb(-2)) * 100)
