"""Documents for the printer, made without a book."""

from __future__ import annotations

import base64
import io
from typing import Any

from PIL import Image

from app.contract.document_printing import DocumentPrintSettings, PrintedTexts
from app.contract.orders import Document, DocumentLine
from app.reports.document_print.forms import Party, Words

PARTY = Party(
    "杭州钱塘贸易有限公司", "杭州市西湖区文三路 100 号", "0571-88888888", "91330100MA1A2B3C4D", "招行杭州分行 5719"
)


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 120)) -> str:
    """Return a small picture as base64."""
    written = io.BytesIO()
    Image.new("RGB", size, (20, 90, 160)).save(written, kind)
    return base64.b64encode(written.getvalue()).decode()


def words(**more: Any) -> Words:
    """Return what a book prints."""
    own = {"name": "湖州太湖茶具有限公司", "phone": "0572-1234567", "tax_number": "91330500MA2B3C4D5E", **more}
    return Words(DocumentPrintSettings(**own), "账簿名", True)


def texts(kind: str, **more: str) -> list[PrintedTexts]:
    """Return texts of one kind of document."""
    return [PrintedTexts(kind=kind, **more)]


def document_line(number: int, **more: Any) -> DocumentLine:
    """Return a line of a document."""
    values: dict[str, Any] = {
        "id": number,
        "line": number,
        "item_id": number,
        "item_code": f"A{number:03}",
        "description": f"保温杯 500ml 第{number}款",
        "quantity": "12.00000000",
        "unit": "个",
        "base_quantity": "12",
        "unit_price": "88.5",
        "discount_percent": "",
        "tax_rate": "13",
        "net": "939.82",
        "tax": "122.18",
        "gross": "1062.00",
        "own_amounts": False,
        "warehouse_id": 1,
        "warehouse": "主仓库",
        "lot": "",
        "expiry": "",
        "source_line_id": None,
        "source": "XS-202606-0001",
        **more,
    }
    return DocumentLine(**values)


def document(kind: str, lines: int = 2, **more: Any) -> Document:
    """Return a document whole."""
    values: dict[str, Any] = {
        "id": 1,
        "kind": kind,
        "number": "XP-202606-0003",
        "date": "2026-06-18",
        "state": "done",
        "contact_id": 3,
        "contact": PARTY.name,
        "reference": "PO-7781",
        "due_date": "2026-07-18",
        "net": "1879.64",
        "tax": "244.36",
        "gross": "2124.00",
        "note": "请送到后门。",
        "maker": "王会计",
        "counter_of": None,
        "cancelled_by": None,
        "version": 1,
        "warehouse_id": 1,
        "prices_include_tax": True,
        "discount": "",
        "lines": [document_line(number) for number in range(1, lines + 1)],
        "vouchers": [],
        "links": [],
        **more,
    }
    return Document(**values)
