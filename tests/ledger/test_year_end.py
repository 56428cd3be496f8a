"""The year's end, other standards, and books that begin in the middle, with figures worked out by hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from app.contract.ledger import AccountInput, Opening, OpeningRow, Reversal, VoucherInput
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import UserError
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service import accounts, opening, periods, states, vouchers
from app.ledger.service.book import set_up_ledger
from app.ledger.verify import verify_book
from app.storage.book_settings import set_setting
from app.storage.database import Book, fetch_all
from tests.ledger.build import line, posted
from tests.ledger.closing_desk import balance, booked, figure, propose, proposed, run, state_of

MakeBook = Callable[..., Actor]


@pytest.fixture
def make(book: Book) -> Iterator[MakeBook]:
    """Set up the book with a chart and a start month."""
    with book.session():

        def set_up(chart: str = "small_enterprise_2013", start: int = 202612, **more: str) -> Actor:
            actor = ensure_owner("王会计")
            set_up_ledger(name="甲", chart=chart, start_period=start, **more)
            return actor

        yield set_up


def begin(owner: Actor, *rows: OpeningRow) -> None:
    opening.replace_opening(owner, Opening(rows=list(rows)))


def debit(code: str, amount: str, **more: str) -> OpeningRow:
    return OpeningRow(account_code=code, year_begin_debit=amount, **more)


def credit(code: str, amount: str, **more: str) -> OpeningRow:
    return OpeningRow(account_code=code, year_begin_credit=amount, **more)


def earn(owner: Actor, date: str, amount: str) -> None:
    posted(owner, date, line("1002", amount), line("5001", credit=amount))


def spend(owner: Actor, date: str, amount: str) -> None:
    posted(owner, date, line("560204", amount), line("1002", credit=amount))


# --- the small enterprise ---


def test_a_december_whole_with_reserve_and_dividends(make: MakeBook) -> None:
    """Profit 50,000.00, old losses 10,000.00, capital 100,000.00: reserve 4,000.00; dividends 6,000.00."""
    owner = make()
    begin(owner, debit("1002", "90000.00"), debit("310415", "10000.00"), credit("3001", "100000.00"))
    earn(owner, "2026-12-05", "80000.00")
    spend(owner, "2026-12-06", "30000.00")
    assert state_of(owner, 202612, "year_end") == ("blocked", "请先结转损益，再做年末结转。")
    run(owner, 202612, "profit_and_loss")
    proposal = propose(owner, 202612, "year_end", {"dividends": "6000.00"})
    assert [voucher.kind for voucher in proposal.vouchers] == ["close_year", "normal", "close_year"]
    assert proposed(proposal) == [
        [("3103", "", "50000.00", ""), ("310415", "", "", "50000.00")],
        [
            ("310402", "", "4000.00", ""),
            ("310101", "", "", "4000.00"),
            ("310404", "", "6000.00", ""),
            ("2232", "", "", "6000.00"),
        ],
        [("310402", "", "", "4000.00"), ("310404", "", "", "6000.00"), ("310415", "", "10000.00", "")],
    ]
    assert (figure(proposal, "计提基数"), figure(proposal, "应提法定盈余公积")) == ("40,000.00", "4,000.00")
    assert run(owner, 202612, "year_end", {"dividends": "6000.00"}).state == "done"
    assert [balance(code) for code in ("3103", "310402", "310404", "310415", "310101", "2232")] == [
        *(0, 0, 0, -3000000, -400000, -600000)
    ]
    assert propose(owner, 202612, "year_end").vouchers == []
    assert periods.close_period(owner, 202612, carry=True).made == []
    assert verify_book().findings == []


def test_the_command_transfers_and_leaves_the_decisions(make: MakeBook) -> None:
    owner = make()
    begin(owner, debit("1002", "100000.00"), credit("3001", "100000.00"))
    earn(owner, "2026-12-05", "1000.00")
    done = periods.close_period(owner, 202612, carry=True)
    assert [(one.kind, one.amount) for one in done.made] == [("close_pl", "1000.00"), ("close_year", "1000.00")]
    assert booked(done.made[1].id) == [("3103", "", "1000.00", ""), ("310415", "", "", "1000.00")]
    assert done.notes == [
        "本年净利润 1,000.00，还没有提取法定盈余公积（应提 100.00）；提取与分配须作决议，请在期末结账里办理。"
    ]
    assert (balance("310101"), balance("310415")) == (0, -100000)


def test_a_loss_leaves_by_the_other_side_and_needs_no_reserve(make: MakeBook) -> None:
    owner = make()
    begin(owner, debit("1002", "1000.00"), credit("3001", "1000.00"))
    spend(owner, "2026-12-06", "300.00")
    done = periods.close_period(owner, 202612, carry=True)
    assert booked(done.made[1].id) == [("3103", "", "", "300.00"), ("310415", "", "300.00", "")]
    assert done.notes == []


def test_details_of_appropriation_are_closed_on_their_usual_sides(make: MakeBook) -> None:
    """提取 has a debit balance, 补亏 a credit one; appropriated by hand during the year."""
    owner = make()
    begin(owner, debit("1002", "1000.00"), credit("3001", "700.00"), credit("310101", "300.00"))
    posted(owner, "2026-12-01", line("310404", "50.00"), line("2232", credit="50.00"))
    posted(owner, "2026-12-02", line("310101", "20.00"), line("310405", credit="20.00"))
    done = periods.close_period(owner, 202612, carry=True)
    assert [booked(one.id) for one in done.made] == [
        [
            ("310405", "", "20.00", ""),
            ("310415", "", "", "20.00"),
            ("310404", "", "", "50.00"),
            ("310415", "", "50.00", ""),
        ]
    ]
    assert [balance(code) for code in ("310404", "310405", "310415")] == [0, 0, 3000]


@pytest.mark.parametrize(
    ("capital", "reserve", "wanted"),
    [("1000.00", "450.00", "50.00"), ("1000.00", "500.00", "0.00"), ("10000.00", "0.00", "100.00")],
)
def test_the_reserve_stops_at_half_the_capital(make: MakeBook, capital: str, reserve: str, wanted: str) -> None:
    owner = make()
    total = f"{int(capital.split('.', maxsplit=1)[0]) + int(reserve.split('.', maxsplit=1)[0])}.00"
    begin(owner, debit("1002", total), credit("3001", capital), credit("310101", reserve))
    earn(owner, "2026-12-05", "1000.00")
    run(owner, 202612, "profit_and_loss")
    assert figure(propose(owner, 202612, "year_end"), "应提法定盈余公积") == wanted


def test_losses_beyond_the_profit_leave_nothing_to_appropriate(make: MakeBook) -> None:
    owner = make()
    begin(owner, debit("1002", "1000.00"), debit("310415", "5000.00"), credit("3001", "6000.00"))
    earn(owner, "2026-12-05", "1000.00")
    run(owner, 202612, "profit_and_loss")
    proposal = propose(owner, 202612, "year_end")
    assert figure(proposal, "应提法定盈余公积") == "0.00"
    assert len(proposal.vouchers) == 1


def test_reopened_for_the_reserve_it_books_only_what_is_missing(make: MakeBook) -> None:
    owner = make()
    begin(owner, debit("1002", "100000.00"), credit("3001", "100000.00"))
    earn(owner, "2026-12-05", "1000.00")
    periods.close_period(owner, 202612, carry=True)
    periods.reopen_period(owner, 202612)
    earn(owner, "2026-12-31", "500.00")
    run(owner, 202612, "profit_and_loss")
    assert proposed(propose(owner, 202612, "year_end")) == [
        [("3103", "", "500.00", ""), ("310415", "", "", "500.00")],
        [("310402", "", "150.00", ""), ("310101", "", "", "150.00")],
        [("310402", "", "", "150.00"), ("310415", "", "150.00", "")],
    ]
    run(owner, 202612, "year_end")
    done = periods.close_period(owner, 202612, carry=True)
    assert (done.made, done.notes) == ([], [])
    assert (balance("310415"), balance("310101")) == (-135000, -15000)


def test_a_year_end_typed_by_hand_is_not_taken_back(make: MakeBook) -> None:
    """Profit and reserve were booked by hand: the step finds its work done, and computes on with the same profit."""
    owner = make()
    begin(owner, debit("1002", "100000.00"), credit("3001", "100000.00"))
    earn(owner, "2026-12-05", "1000.00")
    run(owner, 202612, "profit_and_loss")
    posted(owner, "2026-12-31", line("3103", "1000.00"), line("310415", credit="1000.00"))
    posted(owner, "2026-12-31", line("310402", "100.00"), line("310101", credit="100.00"))
    posted(owner, "2026-12-31", line("310415", "100.00"), line("310402", credit="100.00"))
    proposal = propose(owner, 202612, "year_end")
    assert (figure(proposal, "本年净利润"), figure(proposal, "本年已提")) == ("1,000.00", "100.00")
    assert proposal.vouchers == []


def test_a_distribution_that_was_taken_back_keeps_its_side(make: MakeBook) -> None:
    """利润分配表 reads the debit side of 310404; closing a red entry must not book anything there."""
    owner = make()
    posted(owner, "2026-12-02", line("310404", "-50.00"), line("2232", credit="-50.00"))
    done = periods.close_period(owner, 202612, carry=True)
    assert [booked(one.id) for one in done.made] == [[("310404", "", "", "-50.00"), ("310415", "", "-50.00", "")]]


def test_a_reversed_transfer_is_made_again(make: MakeBook) -> None:
    owner = make()
    earn(owner, "2026-12-05", "1000.00")
    made = periods.close_period(owner, 202612, carry=True).made
    periods.reopen_period(owner, 202612)
    states.reverse_voucher(owner, made[1].id, Reversal(post=True))
    again = periods.close_period(owner, 202612, carry=True).made
    assert [booked(one.id) for one in again] == [[("3103", "", "1000.00", ""), ("310415", "", "", "1000.00")]]
    assert figure(propose(owner, 202612, "year_end"), "本年净利润") == "1,000.00"


def test_january_begins_with_nothing_carried_twice(make: MakeBook) -> None:
    owner = make()
    earn(owner, "2026-12-05", "1000.00")
    earn(owner, "2027-01-05", "20.00")
    periods.close_period(owner, 202612, carry=True)
    made = periods.close_period(owner, 202701, carry=True).made
    assert [booked(one.id) for one in made] == [[("5001", "", "20.00", ""), ("3103", "", "", "20.00")]]
    assert (balance("3103", 202612), balance("3103"), balance("310415")) == (0, -2000, -100000)
    assert state_of(owner, 202701, "year_end") == ("nothing", "年末结转在 12 月进行。")


# --- begun in the middle of a year ---


def test_a_book_begun_in_june_closes_what_it_has_and_taxes_the_whole_year(make: MakeBook) -> None:
    """Before June: revenue 9,000.00, expense 4,000.00, both closed monthly; profit of 5,000.00 stands in 3103."""
    owner = make(start=202606)
    begin(
        owner,
        OpeningRow(account_code="1002", ytd_debit="9000.00", ytd_credit="4000.00"),
        OpeningRow(account_code="5001", ytd_debit="9000.00", ytd_credit="9000.00", ytd_pl_actual="9000.00"),
        OpeningRow(account_code="560204", ytd_debit="4000.00", ytd_credit="4000.00", ytd_pl_actual="4000.00"),
        OpeningRow(account_code="3103", ytd_debit="4000.00", ytd_credit="9000.00"),
    )
    earn(owner, "2026-06-05", "1000.00")
    tax = propose(owner, 202606, "income_tax")
    assert (figure(tax, "本年累计利润总额"), figure(tax, "本年累计应纳所得税")) == ("6,000.00", "1,500.00")
    made = periods.close_period(owner, 202606, carry=True).made
    assert [booked(one.id) for one in made] == [[("5001", "", "1000.00", ""), ("3103", "", "", "1000.00")]]
    assert balance("3103") == -600000


def test_a_book_begun_in_december_closes_the_year_before_it_too(make: MakeBook) -> None:
    owner = make(start=202612)
    begin(
        owner,
        OpeningRow(account_code="1002", year_begin_debit="100000.00", ytd_debit="7000.00"),
        credit("3001", "100000.00"),
        OpeningRow(account_code="3103", ytd_credit="7000.00"),
    )
    earn(owner, "2026-12-05", "1000.00")
    run(owner, 202612, "profit_and_loss")
    proposal = propose(owner, 202612, "year_end")
    assert figure(proposal, "本年净利润") == "8,000.00"
    assert proposed(proposal)[0] == [("3103", "", "8000.00", ""), ("310415", "", "", "8000.00")]
    assert proposed(proposal)[1][0] == ("310402", "", "800.00", "")


# --- other charts ---


def test_the_other_standard_has_its_own_accounts(make: MakeBook) -> None:
    """4103 to 4104 and 4101; 6901 never goes through the year's profit; exchange differences to 6603."""
    owner = make("asbe_2006_2019")
    posted(owner, "2026-12-05", line("1002", "1000.00"), line("6001", credit="1000.00"))
    posted(owner, "2026-12-06", line("6602", "300.00"), line("1002", credit="300.00"))
    posted(owner, "2026-12-07", line("6901", "50.00"), line("1002", credit="50.00"))
    posted(
        owner,
        "2026-12-08",
        line("1002", "700.00", currency="USD", foreign_amount="100", rate="7"),
        line("4001", credit="700.00"),
    )
    assert proposed(propose(owner, 202612, "revaluation", {"rate.USD": "7.2"})) == [
        [("1002", "", "20.00", ""), ("6603", "", "-20.00", "")]
    ]
    done = periods.close_period(owner, 202612, carry=True)
    assert [booked(one.id) for one in done.made] == [
        [
            ("6001", "", "1000.00", ""),
            ("4103", "", "", "1000.00"),
            ("4103", "", "300.00", ""),
            ("6602", "", "", "300.00"),
        ],
        [("4104", "", "50.00", ""), ("6901", "", "", "50.00")],
        [("4103", "", "700.00", ""), ("4104", "", "", "700.00")],
    ]
    assert (balance("4103"), balance("4104")) == (0, -65000)


def test_the_other_standard_with_details(make: MakeBook) -> None:
    owner = make("asbe_2006_2019")
    for code, name in (("410401", "提取法定盈余公积"), ("410409", "未分配利润")):
        accounts.create_account(owner, AccountInput(code=code, name_zh=name, parent_code="4104"))
    posted(owner, "2026-12-05", line("1002", "1000.00"), line("6001", credit="1000.00"))
    posted(owner, "2026-12-05", line("1002", "1000.00"), line("4001", credit="1000.00"))
    run(owner, 202612, "profit_and_loss")
    assert proposed(propose(owner, 202612, "year_end")) == [
        [("4103", "", "1000.00", ""), ("410409", "", "", "1000.00")],
        [("410401", "", "100.00", ""), ("4101", "", "", "100.00")],
        # by the other side than the one it stands on, though the new detail took its parent's credit side
        [("410401", "", "", "100.00"), ("410409", "", "100.00", "")],
    ]
    run(owner, 202612, "year_end")
    assert propose(owner, 202612, "year_end").vouchers == []


def test_a_household_carries_income_and_expense_to_its_surplus(make: MakeBook) -> None:
    owner = make("household")
    posted(owner, "2026-12-05", line("100201", "9000.00"), line("4001", credit="9000.00"))
    posted(owner, "2026-12-06", line("5001", "2000.00"), line("100201", credit="2000.00"))
    done = periods.close_period(owner, 202612, carry=True)
    assert [booked(one.id) for one in done.made] == [
        [
            ("4001", "", "9000.00", ""),
            ("3101", "", "", "9000.00"),
            ("3101", "", "2000.00", ""),
            ("5001", "", "", "2000.00"),
        ],
        [("3101", "", "7000.00", ""), ("3102", "", "", "7000.00")],
    ]
    assert done.notes == []
    for step in ("vat", "surcharges", "income_tax", "cost", "depreciation", "amortisation", "revaluation"):
        assert state_of(owner, 202612, step)[0] == "nothing"


def test_commodities_without_a_value_are_carried_too(make: MakeBook) -> None:
    """An unvalued posting on income leaves no base amount, only pieces; they go to the surplus in their commodity."""
    owner = make("household")
    from app.ledger.service.bulk import ImportedEntry, ImportedVoucher, import_vouchers

    entries = [
        ImportedEntry("送的积分", "1101", 1, 0, 0, currency="POINT", foreign_amount=500),
        ImportedEntry("送的积分", "4005", -1, 0, 0, currency="POINT", foreign_amount=500),
    ]
    gift = ImportedVoucher("2026-12-05", 202612, "记", None, "normal", 0, "1", entries)
    accounts.create_account(owner, AccountInput(code="1199", name_zh="积分", category="资产", normal_side="debit"))
    entries[0] = entries[0]._replace(account_code="1199")
    import_vouchers(owner, [gift], post=True)
    done = periods.close_period(owner, 202612, carry=True)
    assert len(done.made) == 2
    rows = fetch_all(
        "SELECT a.code, SUM(b.foreign_debit - b.foreign_credit) FROM {balance} b JOIN {account} a"
        " ON a.id = b.account_id WHERE a.code IN ('4005', '3101', '3102') GROUP BY a.code ORDER BY a.code"
    )
    assert [(row[0], int(row[1])) for row in rows] == [("3101", 0), ("3102", -500), ("4005", 0)]
    assert verify_book().findings == []


# --- two at once ---


@pytest.mark.usefixtures("patient_books")
def test_two_who_close_at_once_make_one_carry_forward(make: MakeBook, book: Book) -> None:
    owner = make()
    earn(owner, "2026-12-05", "1000.00")
    set_setting("review_by_other", "off")
    refusals: list[str] = []
    gate = threading.Barrier(2)

    def close() -> None:
        with book.session():
            gate.wait()
            try:
                periods.close_period(owner, 202612, carry=True)
            except UserError as error:
                refusals.append(error.code)

    threads = [threading.Thread(target=close) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refusals == ["period_is_closed"]
    rows = fetch_all("SELECT id FROM {voucher} WHERE kind <> 'normal' ORDER BY id")
    assert [get_voucher(int(row[0])).kind for row in rows] == ["close_pl", "close_year"]
    assert verify_book().findings == []


def test_a_year_end_typed_by_hand_is_left_as_it_is(make: MakeBook) -> None:
    """Reserve and transfers without the mark of a step, as an imported book has them."""
    owner = make()
    begin(owner, debit("1002", "100000.00"), credit("3001", "100000.00"))
    earn(owner, "2026-12-05", "1000.00")
    run(owner, 202612, "profit_and_loss")
    posted(owner, "2026-12-31", line("310402", "120.00"), line("310101", credit="120.00"))
    typed = VoucherInput(
        date="2026-12-31",
        kind="close_year",
        entries=[
            line("3103", "1000.00"),
            line("310402", credit="120.00"),
            line("310415", credit="880.00"),
        ],
    )
    states.review_and_post(owner, vouchers.save_voucher(owner, typed).id)
    proposal = propose(owner, 202612, "year_end")
    assert (proposal.vouchers, figure(proposal, "本年净利润")) == ([], "1,000.00")


def test_a_december_closed_without_the_transfer_says_so(make: MakeBook) -> None:
    owner = make()
    earn(owner, "2026-12-05", "1000.00")
    run(owner, 202612, "profit_and_loss")
    assert periods.close_period(owner, 202612).notes == ["3103 本年利润 还有余额 1,000.00，年末应转入未分配利润。"]


def test_profit_goes_to_the_undistributed_profit_that_is_in_use(make: MakeBook) -> None:
    """A book of its own numbers keeps them; the chart's unused account of the same name is left alone."""
    owner = make()
    accounts.create_account(owner, AccountInput(code="3104006", name_zh="未分配利润", parent_code="3104"))
    begin(owner, debit("1002", "100"), credit("3104006", "100"))
    posted(owner, "2026-12-05", line("1002", "40"), line("5001", credit="40"))
    periods.close_period(owner, 202612, carry=True)
    assert (balance("3104006", 202612), balance("310415", 202612)) == (-14000, 0)
