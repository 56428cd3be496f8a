"""Whatever people do to vouchers, in whatever order, every guarantee still holds."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from app.contract.ledger import EntryInput, Opening, OpeningRow, Reversal, VoucherInput
from app.contract.voucher_work import CorrectAmount, DifferenceInput, NumberOrder
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import UserError
from app.ledger.queries.periods import list_periods
from app.ledger.service import corrections, opening, periods, renumbering, signing, states, vouchers
from app.ledger.service.book import set_up_ledger
from app.ledger.verify import verify_book
from app.storage.creation import make_room
from app.storage.database import Book, fetch_all, open_database
from app.storage.migrate import migrate

ACCOUNTS = ("1001", "1002", "560205", "2001", "1012", "3103")  # 1012 has children: a fault
STEPS = ("review", "unreview", "sign", "unsign", "post", "both", "both", "void")
DATES = ("2026-01-03", "2026-01-31", "2026-02-10", "2026-03-15", "2027-01-01", "2025-12-31")
amounts = (
    st.integers(-500, 5000)
    .filter(bool)
    .map(lambda minor: f"{minor // 100 if minor >= 0 else -(-minor // 100)}.{abs(minor) % 100:02}")
)


@st.composite
def voucher_inputs(draw: st.DrawFn) -> VoucherInput:
    """A voucher that mostly balances."""
    amount = draw(amounts)
    entries = [
        EntryInput(summary="业务", account_code=draw(st.sampled_from(ACCOUNTS)), debit=amount),
        EntryInput(
            summary=draw(st.sampled_from(("业务", "业务", ""))),
            account_code=draw(st.sampled_from(ACCOUNTS)),
            credit=amount,
        ),
    ]
    if draw(st.booleans()):
        entries.append(
            EntryInput(
                summary="外币", account_code="1002", debit="7.10", currency="USD", foreign_amount="1", rate="7.1"
            )
        )
        entries.append(EntryInput(summary="外币", account_code="1001", credit="7.10", quantity="2.5"))
    return VoucherInput(
        date=draw(st.sampled_from(DATES)),
        word=draw(st.sampled_from(("记", "记", "转"))),
        entries=entries,
        kind=draw(st.sampled_from(("normal", "normal", "close_pl"))),
    )


class BookLife(RuleBasedStateMachine):
    """A book lived with at random."""

    template: Path | None = None
    ids = Bundle("ids")

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="zhangfang-life-"))
        path = self.folder / "life.zhangfang"
        cls = type(self)
        if cls.template is None:
            cls.template = Path(tempfile.mkdtemp(prefix="zhangfang-template-")) / "template.zhangfang"
            made = open_database(str(cls.template))
            make_room(made)
            migrate(made)
            with made.session():
                ensure_owner("王")
                set_up_ledger(name="甲", chart="small_enterprise_2013", start_period=202601)
            made.close()
        shutil.copy(cls.template, path)
        self.book: Book = open_database(str(path))
        self.session: Any = self.book.session()
        self.session.__enter__()
        self.actor: Actor = ensure_owner()
        self.posted_hashes: dict[int, tuple[object, ...]] = {}

    def teardown(self) -> None:
        if hasattr(self, "session"):
            assert verify_book().findings == []
            self.session.__exit__(None, None, None)
            self.book.close()
            shutil.rmtree(self.folder)

    def attempt(self, work: Any) -> Any:
        """A refusal is fine; anything else that goes wrong is a bug."""
        try:
            return work()
        except UserError:
            return None

    @rule(target=ids, typed=voucher_inputs())
    def save(self, typed: VoucherInput) -> Any:
        saved = self.attempt(lambda: vouchers.save_voucher(self.actor, typed))
        return saved.id if saved else multiple()

    @rule(voucher_id=ids, typed=voucher_inputs())
    def change(self, voucher_id: int, typed: VoucherInput) -> None:
        self.attempt(lambda: vouchers.save_voucher(self.actor, typed, voucher_id))

    @rule(voucher_id=consumes(ids))
    def delete(self, voucher_id: int) -> None:
        self.attempt(lambda: vouchers.delete_draft(self.actor, voucher_id))

    @rule(
        voucher_id=ids, step=st.sampled_from(("review", "unreview", "sign", "unsign", "post", "both", "both", "void"))
    )
    def advance(self, voucher_id: int, step: str) -> None:
        acts: dict[str, Callable[[Actor, int], object]] = {
            "review": states.review_voucher,
            "unreview": states.unreview_voucher,
            "post": states.post_voucher,
            "void": states.void_voucher,
            "sign": signing.sign_voucher,
            "unsign": signing.unsign_voucher,
            "both": states.review_and_post,
        }
        self.attempt(lambda: acts[step](self.actor, voucher_id))

    @rule(target=ids, voucher_id=ids, post=st.booleans())
    def reverse(self, voucher_id: int, post: bool) -> Any:
        red = self.attempt(lambda: states.reverse_voucher(self.actor, voucher_id, Reversal(post=post)))
        return red.id if red else multiple()

    @rule(period=st.sampled_from(("2026-01", "2026-02", "2026-03")))
    def number_by_date(self, period: str) -> None:
        wish = NumberOrder(period=period, word="记", by_date=True)
        self.attempt(lambda: renumbering.order_numbers(self.actor, wish))

    @rule(target=ids, voucher_id=ids, amount=amounts)
    def correct(self, voucher_id: int, amount: str) -> Any:
        both = [CorrectAmount(line=line, amount=amount) for line in (1, 2)]
        wish = DifferenceInput(date="2026-03-20", amounts=both)
        made = self.attempt(lambda: corrections.correct_amounts(self.actor, voucher_id, wish))
        return made.id if made else multiple()

    @rule(period=st.sampled_from((202601, 202602, 202603)), close=st.booleans())
    def close_or_reopen(self, period: int, close: bool) -> None:
        act = periods.close_period if close else periods.reopen_period
        self.attempt(lambda: act(self.actor, period))

    @rule(amount=st.integers(0, 100))
    def enter_opening(self, amount: int) -> None:
        rows = [
            OpeningRow(account_code="1001", year_begin_debit=f"{amount}.00"),
            OpeningRow(account_code="3001", year_begin_credit=f"{amount}.00"),
        ]
        self.attempt(lambda: opening.replace_opening(self.actor, Opening(rows=rows)))

    @precondition(lambda self: hasattr(self, "session"))
    @invariant()
    def posted_never_changes(self) -> None:
        now = {
            row[0]: row[1:] for row in fetch_all("SELECT id, number, hash, state FROM {voucher} WHERE hash IS NOT NULL")
        }
        for voucher_id, row in self.posted_hashes.items():
            assert now[voucher_id] == row
        self.posted_hashes = now

    @precondition(lambda self: hasattr(self, "session"))
    @invariant()
    def cash_flow_is_what_cash_did(self) -> None:
        cash = fetch_all(
            "SELECT b.layer, SUM(b.debit - b.credit) FROM {balance} b JOIN {account} a ON a.id = b.account_id"
            " WHERE a.is_cash = 1 GROUP BY b.layer"
        )
        flow = fetch_all("SELECT layer, SUM(debit - credit) FROM {cash_flow_balance} GROUP BY layer")
        assert {layer: net for layer, net in cash if net} == {layer: net for layer, net in flow if net}

    @precondition(lambda self: hasattr(self, "session"))
    @invariant()
    def numbers_have_no_gap(self) -> None:
        by_month: dict[tuple[int, str], list[int]] = {}
        for period, word, number in fetch_all("SELECT period, word, number FROM {voucher} WHERE number IS NOT NULL"):
            by_month.setdefault((period, word), []).append(number)
        for numbers in by_month.values():
            assert sorted(numbers) == list(range(1, len(numbers) + 1))
        assert list_periods().periods


BookLife.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestBookLife = BookLife.TestCase
