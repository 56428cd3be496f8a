"""Reading a document as it was typed into the columns it is stored in, every fault with its field."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, TypeVar

from app.contacts.queries import Party, party_of
from app.contract.orders import DocumentInput, DocumentLineInput
from app.inventory.queries.facts import ItemFacts, base_quantity, item_facts
from app.inventory.queries.prices import price_for
from app.inventory.queries.warehouses import chosen_warehouse
from app.kernel.errors import UserError
from app.kernel.money import LARGEST_MINOR, QUANTITY_DIGITS, parse_amount
from app.kernel.period import parse_date
from app.kernel.text import Message, clean_number_text, clean_text, message
from app.ledger.queries.vouchers import base_digits
from app.orders.computing import SCALE, Amounts, LineFigures, compute, round_fraction, total
from app.orders.errors import fields_wrong
from app.orders.kinds import KINDS, Kind
from app.orders.queries.loading import StoredDocument, StoredLine, load_documents, load_lines_by_id
from app.orders.service.usual import usual_tax_rate

Result = TypeVar("Result")

LARGEST_PERCENT = 1000
PERCENT_DECIMALS = 6


@dataclass
class ReadLine:
    """A line as it will be stored, and what it is computed from."""

    columns: dict[str, Any]
    figures: LineFigures
    item: ItemFacts | None
    source: StoredLine | None


@dataclass
class ReadDocument:
    """A document as it will be stored: its columns, its lines, and the documents its lines carry out."""

    nature: Kind
    columns: dict[str, Any]
    lines: list[ReadLine]
    sources: dict[int, StoredDocument] = field(default_factory=dict)


def read_document(new: DocumentInput) -> ReadDocument:
    """Read a document. Raises `MalformedInput` with a sentence for each field that is wrong."""
    return _Reader(new).read()


class _Reader:
    def __init__(self, new: DocumentInput) -> None:
        self._new = new
        self._nature = KINDS[new.kind]
        self._wrong: dict[str, Message] = {}
        self._digits = base_digits()
        self._items = item_facts(line.item_id for line in new.lines if line.item_id is not None)
        ids = [line.source_line_id for line in new.lines if line.source_line_id is not None]
        self._source_lines = {line.id: line for line in load_lines_by_id(ids)}
        document_ids = [line.document_id for line in self._source_lines.values()]
        self._sources = {document.id: document for document in load_documents(document_ids)}
        self._party: Party | None = None
        self._date = ""
        self._warehouses: dict[int | None, int] = {}

    def read(self) -> ReadDocument:
        columns = self._head()
        lines = [self._line(index, line) for index, line in enumerate(self._new.lines)]
        self._refuse_wrong()
        self._fill_amounts(columns, lines)
        self._refuse_wrong()
        return ReadDocument(self._nature, columns, lines, self._sources)

    def _refuse_wrong(self) -> None:
        if self._wrong:
            raise fields_wrong(self._wrong)

    def _try(self, path: str, work: Callable[..., Result], *args: Any) -> Result | None:
        """Return what `work` reads; note its fault under the field and return `None`."""
        try:
            return work(*args)
        except UserError as fault:
            self._wrong[path] = fault.message
            return None

    def _head(self) -> dict[str, Any]:
        new = self._new
        date = self._try("date", parse_date, new.date)
        self._date = date.isoformat() if date else ""
        self._party = self._read_party()
        contact_id = None if self._party is None else self._party.id
        discount = self._money("discount", new.discount)
        if discount < 0:
            self._wrong["discount"] = message("整单折扣不能是负数。")
        warehouse_id = None if new.warehouse_id is None else self._warehouse("warehouse_id", new.warehouse_id)
        return {
            "kind": new.kind,
            "date": self._date,
            "contact_id": contact_id,
            "reference": clean_text(new.reference),
            "due_date": self._due_date(date),
            "warehouse_id": warehouse_id,
            "prices_include_tax": int(new.prices_include_tax),
            "deductible": int(new.deductible),
            "discount": discount,
            "note": clean_text(new.note),
        }

    def _read_party(self) -> Party | None:
        if self._new.contact_id is None:
            return None
        party = self._try("contact_id", party_of, self._new.contact_id)
        if party is not None and not party.active:
            self._wrong["contact_id"] = message("往来单位“{name}”已停用，请改选别的。", name=party.name)
        return party

    def _due_date(self, date: datetime.date | None) -> str:
        if self._new.due_date:
            due = self._try("due_date", parse_date, self._new.due_date)
            if due and date and due < date:
                self._wrong["due_date"] = message("到期日不能早于单据日期。")
            return due.isoformat() if due else ""
        if not self._nature.money or date is None or self._party is None or self._party.terms_days is None:
            return ""
        return (date + datetime.timedelta(days=self._party.terms_days)).isoformat()

    def _line(self, index: int, line: DocumentLineInput) -> ReadLine:
        path = f"lines.{index}"
        item = self._item(path, line)
        source = self._source(path, line)
        quantity = self._scaled(f"{path}.quantity", line.quantity)
        if quantity <= 0 and f"{path}.quantity" not in self._wrong:
            self._wrong[f"{path}.quantity"] = message("数量要大于零：退回和冲减用退货单、红字发票。")
        unit = clean_text(line.unit)
        base = quantity
        if item is not None:
            unit = unit or item.unit
            base = self._try(f"{path}.quantity", base_quantity, item, quantity, unit) or 0
        description = clean_text(line.description) or (item.name if item else "")
        if not description:
            self._wrong[f"{path}.description"] = message("没有选商品的行要写明摘要。")
        rate_text, rate = self._percent(f"{path}.tax_rate", line.tax_rate or self._usual_rate(item))
        discount_text, discount = self._percent(f"{path}.discount_percent", line.discount_percent)
        if discount > 100:
            self._wrong[f"{path}.discount_percent"] = message("折扣不能超过 100%。")
        own = self._own_amounts(path, line)
        price = self._price(path, line, item, unit, quantity, rate, own)
        columns = {
            "item_id": line.item_id,
            "description": description,
            "quantity": quantity,
            "unit": unit,
            "base_quantity": base,
            "unit_price": price,
            "discount_percent": discount_text if discount else "",
            "tax_rate": rate_text,
            "own_amounts": int(own is not None),
            "warehouse_id": self._line_warehouse(path, line, item),
            "lot": clean_text(line.lot),
            "expiry": self._expiry(path, line),
            "source_line_id": line.source_line_id,
        }
        return ReadLine(columns, LineFigures(quantity, price, discount, rate, own), item, source)

    def _item(self, path: str, line: DocumentLineInput) -> ItemFacts | None:
        if line.item_id is None:
            return None
        item = self._items.get(line.item_id)
        if item is None:
            self._wrong[f"{path}.item_id"] = message("没有编号为 {id} 的商品。", id=line.item_id)
        elif not item.active:
            self._wrong[f"{path}.item_id"] = message("{item}已停用，请改选别的。", item=item.shown)
        return item

    def _source(self, path: str, line: DocumentLineInput) -> StoredLine | None:
        if line.source_line_id is None:
            return None
        source = self._source_lines.get(line.source_line_id)
        where = f"{path}.source_line_id"
        if source is None:
            self._wrong[where] = message("所依据的单据行已不存在，请重新生成这张单据。")
            return None
        document = self._sources[source.document_id]
        if document.kind not in self._nature.sources:
            self._wrong[where] = message(
                "{kind}不能依据{source}生成。", kind=self._nature.name, source=document.nature.name
            )
        elif document.state == "draft" or document.counter_of is not None:
            self._wrong[where] = message("{source}还没有办理，不能依据它。", source=document.name)
        elif source.item_id != line.item_id:
            self._wrong[where] = message("商品与{source}上的不同，请重新生成这张单据。", source=document.name)
        return source

    def _line_warehouse(self, path: str, line: DocumentLineInput, item: ItemFacts | None) -> int | None:
        if item is None or item.kind == "service":
            return None
        chosen = line.warehouse_id if line.warehouse_id is not None else self._new.warehouse_id
        return self._warehouse(f"{path}.warehouse_id", chosen)

    def _warehouse(self, path: str, warehouse_id: int | None) -> int | None:
        if warehouse_id not in self._warehouses:
            warehouse = self._try(path, chosen_warehouse, warehouse_id)
            if warehouse is None:
                return None
            self._warehouses[warehouse_id] = int(warehouse.id)
        return self._warehouses[warehouse_id]

    def _expiry(self, path: str, line: DocumentLineInput) -> str:
        if not line.expiry:
            return ""
        expiry = self._try(f"{path}.expiry", parse_date, line.expiry)
        return expiry.isoformat() if expiry else ""

    def _usual_rate(self, item: ItemFacts | None) -> str:
        return item.tax_rate if item is not None and item.tax_rate else usual_tax_rate()

    def _price(
        self,
        path: str,
        line: DocumentLineInput,
        item: ItemFacts | None,
        unit: str,
        quantity: int,
        rate: Decimal,
        own: Amounts | None,
    ) -> int:
        if line.unit_price or item is None or own is not None or f"{path}.quantity" in self._wrong:
            return self._scaled(f"{path}.unit_price", line.unit_price)
        price_list = None if self._party is None else self._party.price_list_id
        found = price_for(item, price_list, unit, quantity, self._date, side=self._nature.side)
        if found.price is None:
            return 0
        return restated_price(found.price, rate, included=found.includes_tax, wanted=self._new.prices_include_tax)

    def _own_amounts(self, path: str, line: DocumentLineInput) -> Amounts | None:
        given = [name for name in ("net", "tax", "gross") if getattr(line, name)]
        if not given:
            return None
        if len(given) < 3:
            self._wrong[f"{path}.net"] = message("不含税金额、税额、价税合计要么都填，要么都不填。")
            return None
        own = Amounts(*(self._money(f"{path}.{name}", getattr(line, name)) for name in ("net", "tax", "gross")))
        if own.net + own.tax != own.gross:
            self._wrong[f"{path}.gross"] = message("不含税金额加税额应等于价税合计。")
        return own

    def _fill_amounts(self, columns: dict[str, Any], lines: list[ReadLine]) -> None:
        figures = [line.figures for line in lines]
        included = self._new.prices_include_tax
        try:
            amounts = compute(figures, includes_tax=included, discount=columns["discount"], digits=self._digits)
        except ValueError:
            self._wrong["discount"] = message("整单折扣比各行金额的合计还大。")
            return
        whole = total(amounts)
        if any(abs(value) > LARGEST_MINOR for sums in (*amounts, whole) for value in (sums.net, sums.tax, sums.gross)):
            self._wrong["lines"] = message("金额太大，账簿记不下。")
        for line, sums in zip(lines, amounts, strict=True):
            line.columns |= {"net": sums.net, "tax": sums.tax, "gross": sums.gross}
        columns |= {"net": whole.net, "tax": whole.tax, "gross": whole.gross}

    def _money(self, path: str, text: str) -> int:
        return self._amount(path, text, self._digits)

    def _scaled(self, path: str, text: str) -> int:
        return self._amount(path, text, QUANTITY_DIGITS)

    def _amount(self, path: str, text: str, digits: int) -> int:
        if not text.strip():
            return 0
        return self._try(path, parse_amount, text, digits) or 0

    def _percent(self, path: str, text: str) -> tuple[str, Decimal]:
        if not text.strip():
            return "", Decimal(0)
        try:
            value = Decimal(clean_number_text(text).removesuffix("%"))
        except InvalidOperation:
            value = Decimal(-1)
        exponent = value.as_tuple().exponent if value.is_finite() else -PERCENT_DECIMALS - 1
        if not value.is_finite() or not 0 <= value <= LARGEST_PERCENT or int(exponent) < -PERCENT_DECIMALS:
            self._wrong[path] = message("“{text}”不是百分数，请写成 13 的样子。", text=text[:20])
            return "", Decimal(0)
        plain = format(value, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain, value


def restated_price(price: int, tax_rate: Decimal, *, included: bool, wanted: bool) -> int:
    """Return a unit price × 10^8 with tax in it where it is `wanted`, without where it is not."""
    if included == wanted or not tax_rate:
        return price
    factor = SCALE + int(tax_rate.scaleb(QUANTITY_DIGITS - 2))
    top, bottom = (factor, SCALE) if wanted else (SCALE, factor)
    return round_fraction(Fraction(price * top, bottom))
