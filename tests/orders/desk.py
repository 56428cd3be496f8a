"""Short ways to trade in tests, over HTTP."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from tests.calling import Answer, Caller


@dataclass
class Desk:
    """A firm's window with a customer, a supplier and two items to trade in."""

    window: Caller
    customer: int
    supplier: int
    item: int
    service: int

    def draft(self, kind: str, *lines: dict[str, Any], date: str = "2026-06-10", **more: Any) -> Answer:
        """Save a draft; `contact_id` is the side's own where it is not given."""
        sales = kind in {"quotation", "delivery"} or kind.startswith("sales")
        body = {
            "kind": kind,
            "date": date,
            "contact_id": self.customer if sales else self.supplier,
            "lines": list(lines),
            "request_id": str(uuid.uuid4()),
        }
        return self.window.post("/api/documents", body | more)

    def finished(self, kind: str, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Save a draft and finish it."""
        draft = self.draft(kind, *lines, **more)
        assert draft.status == 201, draft.json
        return self.finish(draft.json["id"])

    def finish(self, document_id: int, **wish: Any) -> dict[str, Any]:
        """Finish a draft."""
        answer = self.window.post(f"/api/documents/{document_id}/finish", wish)
        assert answer.status == 200, answer.json
        found: dict[str, Any] = answer.json
        return found

    def follower(self, kind: str, *source_ids: int, date: str = "2026-06-15") -> dict[str, Any]:
        """Return the draft that carries out documents, not saved yet."""
        answer = self.window.post(
            "/api/documents/follower", {"kind": kind, "source_ids": list(source_ids), "date": date}
        )
        assert answer.status == 200, answer.json
        found: dict[str, Any] = answer.json
        return found

    def follow(self, kind: str, *source_ids: int, date: str = "2026-06-15", quantity: str = "") -> dict[str, Any]:
        """Make and finish the document that carries out documents, with `quantity` only so much of each line."""
        body = self.follower(kind, *source_ids, date=date)
        if quantity:
            body["lines"] = [line | {"quantity": quantity} for line in body["lines"]]
        answer = self.window.post("/api/documents", body)
        assert answer.status == 201, answer.json
        return self.finish(answer.json["id"])

    def get(self, document_id: int) -> dict[str, Any]:
        """Return a document as it is now."""
        answer = self.window.get(f"/api/documents/{document_id}")
        assert answer.status == 200, answer.json
        found: dict[str, Any] = answer.json
        return found

    def cancel(self, document_id: int, **wish: Any) -> Answer:
        """Take a document back."""
        return self.window.post(f"/api/documents/{document_id}/cancel", wish)

    def line(self, quantity: str, price: str, **more: Any) -> dict[str, Any]:
        """Return a line of the goods."""
        return {"item_id": self.item, "quantity": quantity, "unit_price": price} | more

    def balances(self) -> dict[tuple[str, str], str]:
        """Return the closing balances of all accounts that have one, debit positive, with the month's turnovers."""
        rows = self.window.get("/api/reports/trial-balance?from=2026-06&to=2026-06&include_unposted=true").json["rows"]
        return {
            (row["code"], side): row[f"closing_{side}"]
            for row in rows
            for side in ("debit", "credit")
            if row[f"closing_{side}"] not in {"", "0.00"}
        }
