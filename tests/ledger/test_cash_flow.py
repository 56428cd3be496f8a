"""Every movement of cash carries its line of 会小企03表, whoever saves the voucher and however."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.contract.ledger import AccountChange, AccountInput, EntryInput, Reversal, VoucherInput
from app.contract.voucher_work import ProposalEntry, ProposalInput
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import MalformedInput, RuleBroken
from app.ledger.cash_flow_form import item_lines
from app.ledger.queries.accounts import list_accounts
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service import accounts, proposals, states, vouchers
from app.ledger.service.book import set_up_ledger
from app.ledger.service.bulk import ImportedEntry, ImportedVoucher, import_vouchers
from app.ledger.verify import verify_book
from app.storage.database import Book, execute, fetch_all, fetch_one
from tests.ledger.build import draft, line, posted

DAY = "2026-01-05"


def flows(voucher_id: int) -> list[int | None]:
    return [entry.cash_flow_line for entry in get_voucher(voucher_id).entries]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param(
            [line("1002", "113"), line("5001", credit="100"), line("22210107", credit="13")], [1, None, None], id="sale"
        ),
        pytest.param(
            [line("1405", "100"), line("22210101", "13"), line("1002", credit="113")],
            [None, None, 3],
            id="VAT rides with the purchase",
        ),
        pytest.param(
            [line("1601", "10"), line("22210101", "13"), line("1002", credit="23")],
            [None, None, 12],
            id="VAT rides with a fixed asset, whatever it amounts to",
        ),
        pytest.param(
            [
                line("221101", "100"),
                line("1002", credit="70"),
                line("222112", credit="10"),
                line("224101", credit="20"),
            ],
            [None, 4, None, None],
            id="payroll",
        ),
        pytest.param([line("222112", "10"), line("1002", credit="10")], [None, 4], id="withheld income tax is payroll"),
        pytest.param([line("222102", "10"), line("1002", credit="10")], [None, 5], id="VAT of last month"),
        pytest.param([line("22210103", "10"), line("1002", credit="10")], [None, 5], id="VAT of this month"),
        pytest.param([line("560301", "10"), line("1002", credit="10")], [None, 17], id="loan interest"),
        pytest.param([line("560304", "10"), line("1002", credit="10")], [None, 6], id="exchange loss"),
        pytest.param([line("1002", "10"), line("560302", credit="10")], [2, None], id="deposit interest"),
        pytest.param([line("1002", "10"), line("560302", "-10")], [2, None], id="deposit interest in red on its side"),
        pytest.param([line("1002", "10"), line("530105", credit="10")], [2, None], id="exchange gain"),
        pytest.param([line("1002", "10"), line("2001", credit="10")], [14, None], id="loan"),
        pytest.param([line("1002", "10"), line("1606", credit="10")], [10, None], id="disposal"),
        pytest.param([line("1606", "1"), line("1002", credit="1")], [None, 10], id="cost of disposal is netted"),
        pytest.param([line("1001", "10"), line("1002", credit="10")], [None, None], id="cash to cash"),
        pytest.param(
            [line("101203", "995"), line("560304", "5"), line("1002", credit="1000")],
            [6, None, 6],
            id="a transfer with a fee nets to the fee",
        ),
        pytest.param(
            [line("1002", "-113"), line("5001", credit="-100"), line("22210107", credit="-13")],
            [1, None, None],
            id="a red sale takes off where the blue one added",
        ),
        pytest.param(
            [line("560205", "-10"), line("1002", credit="-10")], [None, 6], id="a red expense takes off what was paid"
        ),
        pytest.param(
            [line("560205", "50"), line("560206", "60"), line("1601", "70"), line("1002", credit="180")],
            [None, None, None, 12],
            id="the largest counter-account decides",
        ),
        pytest.param(
            [line("560205", "60"), line("1601", "60"), line("1002", credit="120")],
            [None, None, 6],
            id="the first of two",
        ),
        pytest.param([line("190101", "10"), line("1001", credit="10")], [None, 6], id="nothing known, paid"),
        pytest.param([line("1001", "10"), line("190101", credit="10")], [2, None], id="nothing known, received"),
    ],
)
def test_the_line_is_proposed_from_the_counter_accounts(
    owner: Actor, entries: list[EntryInput], expected: list[int | None]
) -> None:
    saved = draft(owner, DAY, *entries)
    assert flows(saved.id) == expected
    assert [fault.code for fault in saved.faults if fault.code.startswith("cash_flow")] == []
    typed = [ProposalEntry(account_code=e.account_code, debit=e.debit, credit=e.credit) for e in entries]
    assert proposals.propose(owner, ProposalInput(entries=typed)).cash_flow_lines == expected


def test_an_account_of_ones_own_follows_the_account_above_it_whatever_its_code(owner: Actor) -> None:
    accounts.create_account(owner, AccountInput(code="9.1", name_zh="供应链贷款利息", parent_code="560301"))
    saved = draft(owner, DAY, line("9.1", "10"), line("1002", credit="10"))
    assert flows(saved.id) == [None, 17]


def test_what_somebody_typed_wins_and_must_be_an_item_line(owner: Actor) -> None:
    saved = draft(owner, DAY, line("560205", "10"), line("1002", credit="10", cash_flow_line=3))
    assert flows(saved.id) == [None, 3]
    total = line("1002", credit="10", cash_flow_line=7)
    with pytest.raises(MalformedInput) as caught:
        draft(owner, DAY, line("560205", "10"), total)
    assert list(caught.value.fields) == ["entries.1.cash_flow_line"]
    assert sorted(item_lines()) == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18]


def test_a_line_that_has_no_place_keeps_the_draft_a_draft(owner: Actor) -> None:
    within = draft(owner, DAY, line("1001", "10", cash_flow_line=2), line("1002", credit="10"))
    assert [fault.code for fault in within.faults] == ["cash_flow_within_cash"]
    beside = draft(owner, DAY, line("560205", "10", cash_flow_line=6), line("1002", credit="10"))
    assert [fault.code for fault in beside.faults] == ["cash_flow_not_cash"]
    with pytest.raises(RuleBroken, match="现金流量行次"):
        states.review_voucher(owner, beside.id)


def test_the_red_copy_keeps_the_originals_line(owner: Actor) -> None:
    blue = posted(owner, DAY, line("560205", "10"), line("1002", credit="10", cash_flow_line=3))
    red = states.reverse_voucher(owner, blue.id, Reversal(post=True))
    assert flows(red.id) == [None, 3]
    rows = fetch_all("SELECT cash_flow_line, SUM(debit), SUM(credit) FROM {cash_flow_balance} GROUP BY cash_flow_line")
    assert rows == [(3, 0, 0)]
    assert verify_book().findings == []


def test_a_draft_of_an_older_program_gets_its_line_when_it_is_reviewed(owner: Actor) -> None:
    saved = draft(owner, DAY, line("560205", "10"), line("1002", credit="10"))
    execute("UPDATE {entry} SET cash_flow_line = NULL WHERE voucher_id = ?", (saved.id,))
    execute("DELETE FROM {cash_flow_balance}")
    states.review_and_post(owner, saved.id)
    assert flows(saved.id) == [None, 6]
    assert fetch_all("SELECT layer, cash_flow_line, credit FROM {cash_flow_balance} WHERE credit <> 0") == [
        (0, 6, 1000)
    ]
    assert verify_book().findings == []


def test_imports_follow_the_same_rule_and_say_what_they_left_out(owner: Actor) -> None:
    def imported(where: str, *entries: ImportedEntry) -> ImportedVoucher:
        return ImportedVoucher(DAY, 202601, "记", None, "normal", 0, where, list(entries))

    done = import_vouchers(
        owner,
        [
            imported("1", ImportedEntry("付", "560205", 1, 5, 0), ImportedEntry("付", "1002", -1, 0, 5)),
            imported(
                "2",
                ImportedEntry("付", "560205", 1, 5, 0, cash_flow_line=6),
                ImportedEntry("付", "1002", -1, 0, 5, cash_flow_line=3),
            ),
            imported(
                "3", ImportedEntry("转", "1001", 1, 5, 0, cash_flow_line=2), ImportedEntry("转", "1002", -1, 0, 5)
            ),
        ],
        post=True,
    )
    assert [flows(done.first_id + place) for place in range(3)] == [[None, 6], [None, 3], [None, None]]
    assert done.dropped_flows == ["2", "3"]
    bad = imported(
        "x:4", ImportedEntry("付", "560205", 1, 5, 0), ImportedEntry("付", "1002", -1, 0, 5, cash_flow_line=22)
    )
    with pytest.raises(RuleBroken, match=r"x:4.*第 22 行"):
        import_vouchers(owner, [bad])


def test_an_account_in_use_stays_cash_or_not(owner: Actor) -> None:
    draft(owner, DAY, line("560205", "10"), line("1002", credit="10"))
    used, unused = (next(a for a in list_accounts().accounts if a.code == code) for code in ("1002", "1101"))
    with pytest.raises(RuleBroken, match="现金流量表"):
        accounts.change_account(owner, used.id, AccountChange(is_cash=False, version=used.version))
    leaf = next(a for a in list_accounts().accounts if a.code == "110103")
    assert accounts.change_account(owner, leaf.id, AccountChange(is_cash=True, version=leaf.version)).is_cash
    assert not unused.is_cash


def test_a_book_without_the_statement_keeps_what_is_typed(book: Book) -> None:
    with book.session():
        actor = ensure_owner("我")
        set_up_ledger(name="家", chart="household", start_period=202601)
        saved = draft(actor, DAY, line("5001", "10", cash_flow_line=99), line("1001", credit="10"))
        assert (flows(saved.id), saved.faults) == ([99, None], [])


CODES = ("1001", "1002", "101203", "5001", "560205", "22210101", "22210107", "1601", "221101", "2001", "1405")


@settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(CODES),
            st.sampled_from((1, -1)),
            st.integers(-500, 500).filter(bool),
            st.none() | st.sampled_from(sorted(item_lines())),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(CODES),
)
def test_the_statement_adds_up_to_what_cash_did(
    owner: Actor, rows: list[tuple[str, int, int, int | None]], last: str
) -> None:
    """Whatever is saved: in each layer, tagged lines add up to what the cash accounts moved."""
    entries = [
        line(
            code, *(("", str(amount)) if side < 0 else (str(amount), "")), cash_flow_line=flow if code < "11" else None
        )
        for code, side, amount, flow in rows
    ]
    rest = sum(side * amount for _, side, amount, _ in rows)
    if rest:
        entries.append(line(last, credit=str(rest)))
    saved = vouchers.save_voucher(owner, VoucherInput(date=DAY, entries=entries))
    if not saved.faults:
        states.review_and_post(owner, saved.id)
    for layer in (0, 1):
        cash = fetch_one(
            "SELECT COALESCE(SUM(b.debit - b.credit), 0) FROM {balance} b JOIN {account} a ON a.id = b.account_id"
            " WHERE a.is_cash = 1 AND b.layer = ?",
            (layer,),
        )
        flow = fetch_one("SELECT COALESCE(SUM(debit - credit), 0) FROM {cash_flow_balance} WHERE layer = ?", (layer,))
        assert cash == flow
