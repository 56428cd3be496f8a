"""A small book with one of everything in it, made over HTTP: what walks and fuzzing find things in."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from tests.calling import Answer, Caller, add_person, add_role

PDF = b"%PDF-1.7 a receipt"
DAY, LATER = "2026-06-05", "2026-06-20"


class Filling:
    """The steps of filling a book; each takes what the ones before made."""

    def __init__(self, window: Caller) -> None:
        """Take the window of a book that has been set up."""
        self.window = window
        self.entries = [
            {"summary": "投入", "account_code": "1002", "debit": "100"},
            {"summary": "投入", "account_code": "3001", "credit": "100"},
        ]

    def all(self) -> None:
        """Fill everything."""
        self.people()
        self.opening()
        self.vouchers()
        self.trade()
        self.rest()

    def add(self, path: str, /, status: int = 201, **body: Any) -> Any:
        """Post and return what came back; the test fails where that is refused."""
        return self._checked(self.window.post(path, body), status)

    def put(self, path: str, **body: Any) -> Any:
        """Replace and return what came back."""
        return self._checked(self.window.put(path, body), 200)

    @staticmethod
    def _checked(answer: Answer, status: int) -> Any:
        assert answer.status == status, (answer.status, answer.json)
        return answer.json

    def people(self) -> None:
        """Two people without a login, a role, departments and tokens."""
        role = add_role(self.window, "出纳", ["ledger:voucher:view", "orders:payment:view"])
        top = self.add("/api/departments", name="总部")["id"]
        self.add("/api/departments", name="门店", parent_id=top)
        self.add("/api/users", name="张三", age=30, roles=[role])
        self.add("/users", name="李四", email="li@example.com")
        self.add("/api/tokens", name="脚本", scope=["ledger:voucher:view"])

    def opening(self) -> None:
        """Opening balances, an auxiliary kind and a rate."""
        rows = [
            {"account_code": "1002", "opening_debit": "5000"},
            {"account_code": "1405", "opening_debit": "1000", "quantity": "100"},
            {"account_code": "3001", "opening_credit": "6000"},
        ]
        self.put("/api/opening", rows=rows)
        self.add("/api/auxiliaries", kind="部门", name="一车间")
        self.put("/api/exchange-rates", rates=[{"currency": "USD", "date": DAY, "rate": "7.1"}])

    def vouchers(self) -> None:
        """A draft with a document, a posted one, a void one, one that is unfinished, a template."""
        kept, posted, void = (
            self.add("/api/vouchers", date=DAY, word="记", entries=self.entries)["id"] for _ in range(3)
        )
        self.add("/api/vouchers", date=DAY, word="记", entries=self.entries[:1])
        self.add("/api/vouchers/review", 200, ids=[posted])
        self.add("/api/vouchers/post", 200, ids=[posted])
        version = self.window.get(f"/api/vouchers/{void}").json["version"]
        self.add(f"/api/vouchers/{void}/void", 200, version=version)
        self.add(f"/api/vouchers/{kept}/attachments", upload_id=self.upload("收据.pdf", PDF))
        template = [{"summary": "房租", "account_code": "560205", "debit": "10"}]
        self.add("/api/voucher-templates", name="房租", entries=template, every_months=1, first_period="2026-06")

    def upload(self, name: str, content: bytes) -> str:
        """Send a file up and return its id."""
        body: dict[str, Any] = {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        upload_id: str = self.add("/api/uploads", **body)["id"]
        sent = self.window.put(
            f"/api/uploads/{upload_id}/0", data=content, headers={"Content-Type": "application/octet-stream"}
        )
        assert sent.status == 200, sent.json
        return upload_id

    def trade(self) -> None:
        """Contacts, items, stock and documents of both sides, with payments."""
        group = self.add("/api/contact-groups", name="零售")["id"]
        customer = self.add("/api/contacts", name="甲公司", roles=["customer"], group_id=group)["id"]
        supplier = self.add("/api/contacts", name="乙公司", roles=["supplier"])["id"]
        category = self.add("/api/item-categories", name="五金")["id"]
        item = self.add("/api/items", code="A1", name="螺丝", unit="个", category_id=category)["id"]
        self.add("/api/items", code="B1", name="月均", unit="个", costing="monthly")
        self.add("/api/items", code="S1", name="安装", unit="次", kind="service", tax_rate="6")
        other = self.add("/api/warehouses", name="门店")["id"]
        prices = self.add("/api/price-lists", name="批发")
        row = {"item_id": item, "price": "3"}
        self.put(f"/api/price-lists/{prices['id']}/prices", rows=[row], version=prices["version"])
        stock = [{"item_id": item, "quantity": "100", "amount": "1000"}]
        opened = self.add("/api/stock-documents", kind="opening", date="", lines=stock)
        self.add(f"/api/stock-documents/{opened['id']}/finish", 200)
        moved = [{"item_id": item, "quantity": "5"}]
        self.add("/api/stock-documents", kind="transfer", date=DAY, lines=moved, to_warehouse_id=other)
        sold = [{"item_id": item, "quantity": "2", "unit_price": "20"}]
        order = self.document("sales_order", customer, sold)
        wish = self.add("/api/documents/follower", 200, kind="delivery", source_ids=[order], date=LATER)
        delivery = self.add("/api/documents", **wish)["id"]
        self.add(f"/api/documents/{delivery}/finish", 200, with_follower=True)
        self.document("purchase_order", supplier, sold, finish=False)
        bill = self.document("purchase_invoice", supplier, sold)
        self.payment("collection", customer)
        paid = self.payment("payment", supplier, [{"document_id": bill, "amount": "5"}])
        assert paid

    def document(self, kind: str, contact: int, lines: list[dict[str, Any]], *, finish: bool = True) -> int:
        """Save a document, and finish it."""
        body: dict[str, Any] = {"kind": kind, "date": DAY, "contact_id": contact, "lines": lines}
        made: int = self.add("/api/documents", **body)["id"]
        if finish:
            self.add(f"/api/documents/{made}/finish", 200)
        return made

    def payment(self, kind: str, contact: int, shares: list[dict[str, Any]] | None = None) -> int:
        """Save a payment and finish it."""
        body: dict[str, Any] = {
            "kind": kind,
            "date": LATER,
            "contact_id": contact,
            "account_code": "1002",
            "amount": "30",
        }
        made: int = self.add("/api/payments", **body, allocations=shares or [])["id"]
        self.add(f"/api/payments/{made}/finish", 200)
        return made

    def rest(self) -> None:
        """A card of an asset, a moved line of the balance sheet, a job and a file that waits."""
        card: dict[str, Any] = {
            "name": "机床",
            "acquired_on": DAY,
            "asset_account_code": "160102",
            "expense_account_code": "560205",
        }
        self.add("/api/assets", **card, original_value="1200", life_months=60, accumulated_account_code="1602")
        moved: dict[str, Any] = {"period": "2026-06", "from_line": 1, "to_line": 2, "amount": "1", "reason": "重分类"}
        self.add("/api/reclassifications", **moved)
        self.add("/api/contacts/export", 202, request_id=str(uuid.uuid4()))
        self.upload("未用.pdf", PDF)


def fill(window: Caller) -> None:
    """Put one of everything into a book that has been set up."""
    Filling(window).all()


def clerk_of(window: Caller, name: str, rights: list[str]) -> None:
    """Add a person with exactly these rights, who logs in with `<name>-secret`."""
    add_person(window, name, [add_role(window, f"role of {name}", rights)])
