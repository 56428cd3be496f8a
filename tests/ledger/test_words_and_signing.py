"""The words of a book, the cashier's signature, and corrections as 《会计基础工作规范》 art. 51(5) prescribes them."""

from __future__ import annotations

import pytest

from app.contract.ledger import BatchSelection, EntryInput, Reversal, VoucherInput
from app.contract.voucher_work import (
    CorrectAmount,
    DifferenceInput,
    ProposalEntry,
    ProposalInput,
    VoucherSettingsInput,
)
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput, PermissionDenied, RuleBroken
from app.ledger.queries.voucher_settings import get_voucher_settings
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service import corrections, periods, proposals, signing, states, vouchers
from app.ledger.service.bulk import ImportedEntry, ImportedVoucher, import_vouchers
from app.ledger.service.voucher_settings import change_voucher_settings
from app.ledger.verify import verify_book
from app.storage.book_settings import set_setting
from tests.ledger.build import draft, line, post_all, posted

DAY = "2026-01-05"
RECEIVED = (line("1001", "10"), line("530109", credit="10"))
BANKED = (line("1002", "10"), line("530109", credit="10"))
PAID = (line("560205", "10"), line("1002", credit="10"))
WITHDRAWN = (line("1001", "10"), line("1002", credit="10"))
MOVED = (line("560205", "1"), line("1405", credit="1"))
FIVE = ["现收", "现付", "银收", "银付", "转"]


def another(name: str, *permissions: str) -> Actor:
    return Actor(user_id=2, name=name, permissions=frozenset(permissions), is_owner=False)


def settle(owner: Actor, rule: str, words: list[str] | None = None, *, must_sign: bool = False) -> None:
    wish = VoucherSettingsInput.model_validate(
        {"word_rule": rule, "words": words or [], "cashier_must_sign": must_sign}
    )
    change_voucher_settings(owner, wish)


@pytest.mark.parametrize(
    ("rule", "words", "entries", "expected"),
    [
        ("记", None, RECEIVED, "记"),
        ("收付转", None, RECEIVED, "收"),
        ("收付转", None, PAID, "付"),
        ("收付转", None, (line("560205", "10"), line("1405", credit="10")), "转"),
        ("收付转", None, WITHDRAWN, "付"),
        ("custom", FIVE, RECEIVED, "现收"),
        ("custom", FIVE, BANKED, "银收"),
        ("custom", FIVE, PAID, "银付"),
        ("custom", FIVE, WITHDRAWN, "银付"),
        ("custom", FIVE, (line("1002", "10"), line("1001", credit="10")), "现付"),
        ("custom", ["凭"], PAID, "凭"),
    ],
)
def test_the_word_is_proposed_from_the_lines(
    owner: Actor, rule: str, words: list[str] | None, entries: tuple[EntryInput, ...], expected: str
) -> None:
    settle(owner, rule, words)
    saved = draft(owner, DAY, *entries, word="")
    assert (saved.word, saved.faults) == (expected, [])
    typed = [ProposalEntry(account_code=e.account_code, debit=e.debit, credit=e.credit) for e in entries]
    assert proposals.propose(owner, ProposalInput(entries=typed)).word == expected


@pytest.mark.parametrize(
    ("word", "entries"),
    [
        ("转", PAID),
        ("收", PAID),
        ("付", RECEIVED),
        ("收", WITHDRAWN),
        ("付", (line("560205", "1"), line("1405", credit="1"))),
    ],
)
def test_a_wrong_word_is_a_fault_and_one_the_book_has_not_is_refused(
    owner: Actor, word: str, entries: tuple[EntryInput, ...]
) -> None:
    settle(owner, "收付转")
    saved = draft(owner, DAY, *entries, word=word)
    assert [fault.code for fault in saved.faults] == ["word_wrong"]
    with pytest.raises(RuleBroken, match="字凭证"):
        states.review_voucher(owner, saved.id)
    with pytest.raises(MalformedInput) as caught:
        draft(owner, DAY, *PAID, word="记")
    assert list(caught.value.fields) == ["word"]


def test_words_of_imports_and_of_before_the_change_stay_possible(owner: Actor) -> None:
    before = draft(owner, DAY, *PAID)
    settle(owner, "收付转")
    kept = vouchers.save_voucher(owner, VoucherInput(date=DAY, word="记", entries=list(PAID)), before.id)
    assert (kept.word, kept.faults) == ("记", [])
    entries = [ImportedEntry("付", "560205", 1, 5, 0), ImportedEntry("付", "1002", -1, 0, 5)]
    done = import_vouchers(owner, [ImportedVoucher(DAY, 202601, "通", None, "normal", 0, "1", entries)])
    assert (done.faulty, post_all(owner)) == ([], 2)


def test_words_of_ones_own_are_checked(owner: Actor) -> None:
    for words in ([], ["甲", "甲"], [" "]):
        with pytest.raises(MalformedInput):
            settle(owner, "custom", words)
    settle(owner, "custom", FIVE)
    assert get_voucher_settings().words == FIVE
    with pytest.raises(PermissionDenied):
        settle(another("李", "ledger:voucher:view"), "记")


def test_a_cashier_signs_before_posting_and_a_change_takes_the_signature_off(owner: Actor) -> None:
    saved = draft(owner, DAY, *PAID)
    signed = signing.sign_voucher(owner, saved.id, saved.version)
    assert (signed.cashier, signed.version) == ("王会计", 2)
    with pytest.raises(RuleBroken, match="签过字"):
        signing.sign_voucher(owner, saved.id)
    changed = vouchers.save_voucher(owner, VoucherInput(date=DAY, entries=list(PAID), version=2), saved.id)
    assert changed.cashier is None
    signing.sign_voucher(owner, saved.id)
    states.review_and_post(owner, saved.id)
    assert get_voucher(saved.id).cashier == "王会计"
    with pytest.raises(RuleBroken, match="不能再签字"):
        signing.unsign_voucher(owner, saved.id)
    assert verify_book().findings == []


def test_only_what_moves_cash_is_signed_and_only_who_signed_takes_it_back(owner: Actor) -> None:
    other = draft(owner, DAY, line("560205", "1"), line("1405", credit="1"))
    with pytest.raises(RuleBroken, match="不用出纳签字"):
        signing.sign_voucher(owner, other.id)
    cash = draft(owner, DAY, *PAID)
    signing.sign_voucher(owner, cash.id)
    with pytest.raises(RuleBroken, match="别人签字"):
        signing.unsign_voucher(another("李", "ledger:voucher:sign"), cash.id)
    assert signing.unsign_voucher(owner, cash.id).cashier is None
    with pytest.raises(PermissionDenied):
        signing.sign_voucher(another("李"), cash.id)


def test_the_book_may_demand_the_signature(owner: Actor) -> None:
    settle(owner, "记", must_sign=True)
    cash, other = draft(owner, DAY, *PAID), draft(owner, DAY, line("560205", "1"), line("1405", credit="1"))
    for saved in (cash, other):
        states.review_voucher(owner, saved.id)
    result = states.post_batch(owner, BatchSelection())
    assert (result.done, [refusal.id for refusal in result.refused]) == (1, [cash.id])
    assert "签字" in result.refused[0].reason
    assert states.sign_batch(owner, BatchSelection(period="2026-01")).done == 1
    assert states.post_batch(owner, BatchSelection()).done == 1
    entries = [ImportedEntry("付", "560205", 1, 5, 0), ImportedEntry("付", "1002", -1, 0, 5)]
    voucher = ImportedVoucher(DAY, 202601, "入", None, "normal", 0, "1", entries)
    done = import_vouchers(owner, [voucher], post=True)
    assert get_voucher(done.first_id).cashier == "王会计"
    unsigned = another("李", "ledger:voucher:add", "ledger:voucher:review", "ledger:voucher:post")
    with pytest.raises(PermissionDenied):
        import_vouchers(unsigned, [voucher], post=True, renumber=True)
    assert verify_book().findings == []


def test_the_cashier_does_not_review_where_the_book_keeps_people_apart(owner: Actor) -> None:
    set_setting("review_by_other", "on")
    saved = draft(owner, DAY, *PAID)
    signing.sign_voucher(owner, saved.id)
    with pytest.raises(RuleBroken):
        states.review_voucher(owner, saved.id)


def test_amounts_alone_are_corrected_by_a_voucher_of_the_differences(owner: Actor) -> None:
    wrong = posted(owner, DAY, line("560205", "100"), line("1002", credit="100"))
    right = [CorrectAmount(line=1, amount="90"), CorrectAmount(line=2, amount="90")]
    made = corrections.correct_amounts(owner, wrong.id, DifferenceInput(date="2026-01-20", amounts=right))
    assert [(e.debit, e.credit, e.cash_flow_line, e.summary) for e in made.entries] == [
        ("-10.00", "0.00", None, "订正1月5日记字1号凭证"),
        ("0.00", "-10.00", 6, "订正1月5日记字1号凭证"),
    ]
    assert (made.correction_of, made.faults) == (wrong.id, [])
    states.review_and_post(owner, made.id)
    assert verify_book().findings == []
    same = DifferenceInput(date="2026-01-20", amounts=[CorrectAmount(line=1, amount="100")])
    with pytest.raises(RuleBroken, match="没有差额"):
        corrections.correct_amounts(owner, wrong.id, same)
    bad = DifferenceInput(date="2026-01-20", amounts=[CorrectAmount(line=9, amount="1")])
    with pytest.raises(MalformedInput) as caught:
        corrections.correct_amounts(owner, wrong.id, bad)
    assert list(caught.value.fields) == ["amounts.0.amount"]


def test_a_difference_between_cash_accounts_only_carries_no_cash_flow(owner: Actor) -> None:
    fee = (line("101203", "995"), line("560304", "5"), line("1002", credit="1000"))
    wrong = posted(owner, DAY, *fee)
    assert [entry.cash_flow_line for entry in get_voucher(wrong.id).entries] == [6, None, 6]
    right = [CorrectAmount(line=1, amount="895"), CorrectAmount(line=3, amount="900")]
    made = corrections.correct_amounts(owner, wrong.id, DifferenceInput(date="2026-01-20", amounts=right))
    assert [entry.cash_flow_line for entry in made.entries] == [None, None]
    states.review_and_post(owner, made.id)
    assert verify_book().findings == []


def test_errors_of_an_earlier_year_are_corrected_in_blue_only(owner: Actor) -> None:
    wrong = posted(owner, "2026-12-05", line("1405", "100"), line("1002", credit="100"))
    with pytest.raises(RuleBroken, match="以前年度"):
        states.reverse_voucher(owner, wrong.id, Reversal(date="2027-01-05"))
    less = DifferenceInput(date="2027-01-05", amounts=[CorrectAmount(line=1, amount="90")])
    with pytest.raises(RuleBroken, match="以前年度"):
        corrections.correct_amounts(owner, wrong.id, less)
    blue = VoucherInput(date="2027-01-05", entries=list(PAID), correction_of=wrong.id)
    assert vouchers.save_voucher(owner, blue).correction_of == wrong.id
    estimate = states.reverse_voucher(owner, wrong.id, Reversal(date="2027-01-01", estimate=True))
    assert estimate.summary == "注销2026年12月5日记字1号凭证"


def test_the_red_one_is_dated_in_the_next_open_month_of_its_year(owner: Actor) -> None:
    wrong = posted(owner, DAY, line("1405", "100"), line("1002", credit="100"))
    periods.close_period(owner, 202601)
    red = states.reverse_voucher(owner, wrong.id, Reversal())
    assert (red.date, red.summary, red.reversal_of) == ("2026-02-01", "注销1月5日记字1号凭证", wrong.id)
