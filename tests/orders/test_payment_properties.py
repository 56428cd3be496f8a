"""Whatever is paid, settled and taken back: sums agree, ages are the ledger's, and taking all back leaves nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.contract.doctor import DoctorQuery
from app.contract.orders import SettlementInput
from app.contract.stock import Cancellation
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import UserError
from app.kernel.money import format_amount
from app.ledger.service.book import set_up_ledger
from app.orders.service.payment_finishing import cancel_payment
from app.orders.service.settlements import cancel_settlement, create_settlement
from app.reports.doctor.examination import diagnose
from app.storage.creation import make_room
from app.storage.database import fetch_all, open_database
from app.storage.migrate import migrate
from tests.orders.books import balance, customer, invoice, supplier
from tests.orders.test_payments import paid, parts

CODES = ("1122", "2203", "2202", "1123", "1002", "560305")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with a contact of each side, two invoices and a credit each."""
    path = tmp_path_factory.mktemp("payments") / "book.zhangfang"
    book = open_database(str(path))
    make_room(book)
    migrate(book)
    with book.session():
        owner = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        for contact, side in ((customer(owner), "sales"), (supplier(owner), "purchase")):
            for amount, kind in (("100", "invoice"), ("80", "invoice"), ("30", "credit")):
                invoice(owner, contact, amount, kind=f"{side}_{kind}")
    book.close()
    return path


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sales", "purchase"]),
        st.sampled_from(["pay", "pay", "use advance", "use credit", "cancel"]),
        st.integers(1, 9000),
        st.integers(0, 9000),
        st.integers(0, 5),
    ),
    max_size=9,
)


class Trade:
    """Does steps; those that the program refuses change nothing."""

    def __init__(self, owner: Actor) -> None:
        self.owner = owner
        self.done: list[tuple[str, int]] = []
        self.invoices = {
            side: [row[0] for row in fetch_all("SELECT id FROM {document} WHERE kind = ?", (f"{side}_invoice",))]
            for side in ("sales", "purchase")
        }

    def step(self, side: str, what: str, amount: int, part: int, place: int) -> None:
        """Do one step."""
        bill = self.invoices[side][place % 2]
        contact = fetch_all("SELECT contact_id FROM {document} WHERE id = ?", (bill,))[0][0]
        try:
            if what == "pay":
                kind = "collection" if side == "sales" else "payment"
                discount = part // 10 if place == 5 else 0
                wish = [(bill, format_amount(part, 2))] if part else []
                made = paid(
                    self.owner,
                    contact,
                    format_amount(amount, 2),
                    *wish,
                    kind=kind,
                    date=f"2026-0{2 + place % 3}-11",
                    discount=format_amount(discount, 2),
                )
                self.done.append(("payment", made.id))
            elif what == "cancel":
                if self.done:
                    self.take_back(self.done.pop(place % len(self.done)), f"2026-0{5 + place % 2}-01")
            else:
                self.settle(side, what, contact, bill, format_amount(amount, 2))
        except UserError:
            pass

    def settle(self, side: str, what: str, contact: int, bill: int, amount: str) -> None:
        """Settle an invoice with the oldest payment, or with the credit."""
        if what == "use credit":
            row = fetch_all("SELECT id FROM {document} WHERE kind = ?", (f"{side}_credit",))
            more: dict[str, Any] = {"credits": parts((row[0][0], amount))}
        else:
            payments = [number for kind, number in self.done if kind == "payment"]
            more = {"payments": parts((payments[0] if payments else 0, amount))}
        wish = SettlementInput.model_validate(
            {
                "date": "2026-04-20",
                "contact_id": contact,
                "side": side,
                "invoices": parts((bill, amount)),
                **more,
            }
        )
        self.done.append(("settlement", create_settlement(self.owner, wish).id))

    def take_back(self, what: tuple[str, int], date: str) -> None:
        """Cancel a payment or a settlement; what cannot be yet stays."""
        act = cancel_payment if what[0] == "payment" else cancel_settlement
        try:
            act(self.owner, what[1], Cancellation(date=date))
        except UserError:
            self.done.append(what)
            raise


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_sums_agree_and_taking_all_back_leaves_nothing(
    template: Path, tmp_path: Path, steps: list[tuple[str, str, int, int, int]]
) -> None:
    book = open_database(str(shutil.copyfile(template, tmp_path / "book.zhangfang")))
    with book.session():
        trade = Trade(ensure_owner("王会计"))
        before = [balance(code) for code in CODES]
        for step in steps:
            trade.step(*step)
        checks = ("ageing", "open_documents", "settled_sum")
        for period in ("", "2026-03", "2026-06"):
            found = diagnose(trade.owner, DoctorQuery(period=period)).findings
            assert [one.message for one in found if one.check in checks] == []
        over = fetch_all("SELECT id FROM {document} WHERE settled NOT BETWEEN 0 AND gross")
        assert over == []
        for what in sorted(trade.done, key=lambda one: (one[0] == "payment", -one[1])):
            trade.take_back(what, "2026-07-01")
        assert [balance(code) for code in CODES] == before
        assert fetch_all("SELECT SUM(settled) FROM {document}")[0][0] == 0
    book.close()
