"""How a card is charged month by month: schedules worked out by hand, and what holds for every card."""

from __future__ import annotations

import datetime

from hypothesis import given
from hypothesis import strategies as st

from app.ledger.asset_plan import (
    AssetKind,
    CardFacts,
    Method,
    PlannedMonth,
    Term,
    add_months,
    first_period,
    last_period,
    make_plan,
)

START = 202601


def facts(
    kind: AssetKind = "fixed",
    in_use: str = "2026-01-15",
    *,
    opening: int = 0,
    months: int = 0,
    disposed: str = "",
    start: int = START,
) -> CardFacts:
    gone = datetime.date.fromisoformat(disposed) if disposed else None
    return CardFacts(kind, datetime.date.fromisoformat(in_use), opening, months, gone, start)


def term(cost: int, residual: int, life: int, method: Method = "straight_line", start: int = 0) -> Term:
    return Term(start, cost, residual, life, method)


def amounts(plan: list[PlannedMonth]) -> list[int]:
    return [month.amount for month in plan]


def years(plan: list[PlannedMonth]) -> list[int]:
    return [sum(amounts(plan)[start : start + 12]) for start in range(0, len(plan), 12)]


def test_straight_line_rounds_half_up_and_the_last_month_takes_the_rest() -> None:
    # (10,000.00 − 500.00) ÷ 36 = 263.888… → 263.89; 35 × 263.89 = 9,236.15; 9,500.00 − 9,236.15 = 263.85
    plan = make_plan(facts(), [term(1_000_000, 50_000, 36)], {})
    assert (plan[0].period, plan[-1].period, len(plan)) == (202602, 202901, 36)
    assert amounts(plan) == [26_389] * 35 + [26_385]
    assert plan[-1].accumulated == 950_000
    assert plan[-1].carrying == 50_000


def test_half_a_fen_is_rounded_up() -> None:
    # 100.05 ÷ 6 = 16.675 → 16.68; 5 × 16.68 = 83.40; the rest is 16.65
    assert amounts(make_plan(facts(), [term(10_005, 0, 6)], {})) == [1_668] * 5 + [1_665]


def test_a_few_fen_over_many_months_end_early_rather_than_go_below_the_residual() -> None:
    assert amounts(make_plan(facts(), [term(105, 100, 10)], {})) == [1] * 5
    assert amounts(make_plan(facts(), [term(103, 100, 10)], {})) == [0] * 9 + [3]


def test_double_declining_balance_by_years_and_equal_amounts_in_the_last_two() -> None:
    # 100,000.00 over 5 years, residual 4,000.00: 40 % of 100,000 · 60,000 · 36,000; then (21,600 − 4,000) ÷ 2 twice
    plan = make_plan(facts(), [term(10_000_000, 400_000, 60, "double_declining")], {})
    assert years(plan) == [4_000_000, 2_400_000, 1_440_000, 880_000, 880_000]
    assert amounts(plan)[:12] == [333_333] * 11 + [333_337]
    assert amounts(plan)[36:48] == [73_333] * 11 + [73_337]


def test_double_declining_balance_stops_at_the_residual() -> None:
    # 10 years, residual 30 %: 20 % a year leaves 80, 64, 51.2, 40.96, 32.768; the sixth year takes 2.768 and no more
    plan = make_plan(facts(), [term(10_000_000, 3_000_000, 120, "double_declining")], {})
    assert years(plan)[:5] == [2_000_000, 1_600_000, 1_280_000, 1_024_000, 819_200]
    assert sum(years(plan)[5:]) == 276_800
    assert plan[-1].carrying == 3_000_000


def test_sum_of_years_digits() -> None:
    # (100,000.00 − 4,000.00) × 5/15, 4/15, 3/15, 2/15, 1/15
    plan = make_plan(facts(), [term(10_000_000, 400_000, 60, "sum_of_years")], {})
    assert years(plan) == [3_200_000, 2_560_000, 1_920_000, 1_280_000, 640_000]
    assert amounts(plan)[:12] == [266_667] * 11 + [266_663]


def test_months_charged_before_the_book_keep_their_place_in_the_year() -> None:
    # 18 months of the 60 above were charged elsewhere: 40,000 and half of 24,000; the second year goes on at 2,000
    plan = make_plan(
        facts(in_use="2024-06-20", opening=5_200_000, months=18, start=202601),
        [term(10_000_000, 400_000, 60, "double_declining")],
        {},
    )
    assert plan[0].period == 202601
    assert amounts(plan)[:6] == [200_000] * 6
    assert years(plan[6:])[0] == 1_440_000
    assert plan[-1].carrying == 400_000


def test_an_opening_that_is_off_is_put_right_in_the_last_month() -> None:
    plan = make_plan(facts(in_use="2024-12-10", opening=120_100, months=12), [term(360_000, 0, 36)], {})
    assert (plan[0].period, plan[-1].period) == (202601, 202712)
    assert amounts(plan) == [10_000] * 23 + [9_900]


def test_addition_none_and_disposal_charged_for_fixed_assets() -> None:
    plan = make_plan(facts(in_use="2026-01-31", disposed="2026-04-01"), [term(120_000, 0, 12)], {})
    assert [(month.period, month.amount) for month in plan] == [(202602, 10_000), (202603, 10_000), (202604, 10_000)]


def test_an_asset_disposed_of_in_the_month_it_came_is_never_charged() -> None:
    assert make_plan(facts(in_use="2026-01-02", disposed="2026-01-30"), [term(120_000, 0, 12)], {}) == []


def test_intangibles_from_the_month_of_use_and_not_in_the_month_of_disposal() -> None:
    plan = make_plan(facts("intangible", "2026-01-31", disposed="2026-04-30"), [term(120_000, 0, 12)], {})
    assert [(month.period, month.amount) for month in plan] == [(202601, 10_000), (202602, 10_000), (202603, 10_000)]


def test_deferred_expenses_and_biological_assets_from_the_month_after() -> None:
    assert first_period(facts("deferred", "2026-12-01")) == 202701
    assert first_period(facts("biological", "2026-12-31")) == 202701
    assert last_period(facts("deferred", disposed="2026-05-03")) == 202605


def test_a_change_of_life_is_prospective() -> None:
    # 12,000.00 over 60 months is 200.00; after 10 months the life becomes 50: (12,000 − 2,000) ÷ 40 = 250.00
    terms = [term(1_200_000, 0, 60), term(1_200_000, 0, 50, start=202612)]
    plan = make_plan(facts(), terms, {})
    assert amounts(plan) == [20_000] * 10 + [25_000] * 40


def test_a_change_of_method_and_value_starts_from_what_is_left() -> None:
    # after 12 of 60 months 48,000.00 are left; 12,000.00 are added; 60,000.00 over 48 months by the sum of the years
    terms = [term(6_000_000, 0, 60), term(7_200_000, 0, 60, "sum_of_years", start=202702)]
    plan = make_plan(facts(), terms, {})
    assert years(plan) == [1_200_000, 2_400_000, 1_800_000, 1_200_000, 600_000]


def test_another_expense_account_alone_changes_no_amount() -> None:
    moved = Term(202604, 1_000_000, 50_000, 36, "straight_line", expense_account_id=7)
    plan = make_plan(facts(), [term(1_000_000, 50_000, 36), moved], {})
    assert amounts(plan) == [26_389] * 35 + [26_385]
    assert [month.term.expense_account_id for month in plan[:3]] == [0, 0, 7]


def test_what_was_charged_counts_as_it_is() -> None:
    plan = make_plan(facts(), [term(120_000, 0, 12)], {202602: 10_000, 202603: 12_500})
    assert amounts(plan) == [10_000, 12_500] + [10_000] * 9 + [7_500]


def test_closed_months_without_a_charge_are_made_good_in_the_next() -> None:
    plan = make_plan(facts(), [term(120_000, 0, 12)], {202602: 10_000}, closed_until=202604)
    assert [(month.wanted, month.amount, month.made_good) for month in plan[:5]] == [
        (10_000, 10_000, 0),
        (10_000, 0, 0),
        (20_000, 0, 10_000),
        (30_000, 30_000, 20_000),
        (10_000, 10_000, 0),
    ]
    assert sum(amounts(plan)) == 120_000


METHODS: st.SearchStrategy[Method] = st.sampled_from(["straight_line", "double_declining", "sum_of_years"])


@st.composite
def terms_of(draw: st.DrawFn) -> list[Term]:
    cost = draw(st.integers(1, 10**12))
    life = draw(st.integers(1, 240))
    terms = [term(cost, draw(st.integers(0, cost)), life, draw(METHODS))]
    for _ in range(draw(st.integers(0, 2))):
        start = add_months(START, draw(st.integers(1, 120)))
        if start > terms[-1].from_period:
            cost = draw(st.integers(1, 10**12))
            terms.append(term(cost, draw(st.integers(0, cost)), draw(st.integers(1, 300)), draw(METHODS), start))
    return terms


@given(terms=terms_of(), months=st.integers(0, 60), data=st.data())
def test_no_month_is_negative_and_all_of_them_are_what_may_be_charged(
    terms: list[Term], months: int, data: st.DataObject
) -> None:
    first = terms[0]
    opening = data.draw(st.integers(0, first.original_value - first.residual_value))
    hand = data.draw(st.dictionaries(st.integers(1, 20).map(lambda n: add_months(START, n)), st.integers(1, 10**9)))
    closed = data.draw(st.sampled_from([0, 202603, 202612]))
    plan = make_plan(facts(opening=opening, months=months), terms, hand, closed_until=closed)
    assert all(month.amount >= 0 and month.wanted >= 0 for month in plan)
    if not plan:  # hand-made charges before it begins have taken all there was
        assert hand or opening == first.original_value - first.residual_value or len(terms) > 1
        return
    end = plan[-1]
    holds = [found for found in terms if found.from_period <= add_months(end.period, 1)][-1]  # when the plan ended
    limit = holds.original_value - holds.residual_value
    if len(terms) == 1 and not hand:
        assert end.accumulated == limit
    else:  # hand-made charges and smaller values may have gone beyond it; nothing is added to that
        assert end.accumulated >= limit
        assert end.accumulated == limit or end.charged or end.amount == 0 or len(terms) > 1


@given(terms=terms_of())
def test_a_plan_up_to_a_month_is_the_beginning_of_the_whole(terms: list[Term]) -> None:
    whole = make_plan(facts(), terms, {})
    part = make_plan(facts(), terms, {}, until=202706)
    assert amounts(part) == amounts(whole)[: len(part)]
