"""The costing core against a slow reference, without a book."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.inventory.service.costing.core import Pool, Source, Step, replay
from app.inventory.service.costing.monthly import Month, month_costs
from app.inventory.sharing import share

Flow = tuple[int, int]
flows = st.lists(
    st.one_of(
        st.tuples(st.integers(1, 50), st.integers(0, 100_000)),  # in: quantity, value
        st.tuples(st.integers(-50, -1), st.just(0)),
    ),
    max_size=25,
)


def rounded(value: Fraction) -> int:
    """Round halves away from zero, the slow way."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def possible(moves: list[Flow]) -> list[Flow]:
    """Leave out what would take more than there is."""
    kept: list[Flow] = []
    have = 0
    for quantity, value in moves:
        if have + quantity >= 0:
            kept.append((quantity, value))
            have += quantity
    return kept


def steps_of(moves: list[Flow]) -> list[Step]:
    return [
        Step(number, quantity, "given" if quantity > 0 else "issue", value)
        for number, (quantity, value) in enumerate(moves, start=1)
    ]


def moving_reference(moves: list[Flow]) -> list[int]:
    have, value = Fraction(0), Fraction(0)
    found: list[int] = []
    for quantity, amount in moves:
        cost = amount if quantity > 0 else -rounded(value * -quantity / have)
        found.append(cost)
        have, value = have + quantity, value + cost
    return found


def fifo_reference(moves: list[Flow]) -> list[int]:
    layers: list[list[int]] = []
    found: list[int] = []
    for quantity, amount in moves:
        if quantity > 0:
            layers.append([quantity, amount])
            found.append(amount)
            continue
        wanted, cost = -quantity, 0
        while wanted:
            first = layers[0]
            part = min(wanted, first[0])
            piece = rounded(Fraction(first[1] * part, first[0]))
            first[0], first[1], wanted, cost = first[0] - part, first[1] - piece, wanted - part, cost + piece
            if not first[0]:
                layers.pop(0)
        found.append(-cost)
    return found


@pytest.mark.parametrize("merges", [True, False])
@given(flows)
@settings(max_examples=60)
def test_issues_cost_what_the_slow_reference_says(merges: bool, drawn: list[Flow]) -> None:
    moves = possible(drawn)
    pool = Pool(merges)
    costed = replay(pool, steps_of(moves))
    reference = moving_reference(moves) if merges else fifo_reference(moves)
    assert [one.amount for one in costed] == reference
    assert not any(one.residue for one in costed)
    assert (pool.quantity, pool.value) == (sum(q for q, _ in moves), sum(reference))
    assert pool.quantity or not pool.value


@pytest.mark.parametrize("merges", [True, False])
@given(flows)
@settings(max_examples=60)
def test_below_zero_all_is_settled_in_the_end(merges: bool, drawn: list[Flow]) -> None:
    pool = Pool(merges)
    costed = replay(pool, steps_of(drawn))
    value = sum(one.amount + one.residue for one in costed)
    assert pool.value == value
    assert pool.quantity == sum(quantity for quantity, _ in drawn)
    assert pool.quantity * pool.value >= 0
    assert pool.quantity or not pool.value


@pytest.mark.parametrize("merges", [True, False])
@given(flows, st.data())
@settings(max_examples=60)
def test_taking_moves_back_in_reverse_leaves_nothing(merges: bool, drawn: list[Flow], data: st.DataObject) -> None:
    moves = possible(drawn)
    steps = steps_of(moves)
    back = [Step(1000 + step.move_id, -step.quantity, "return", 0, step.move_id) for step in reversed(steps)]
    pool = Pool(merges)
    costed = replay(pool, [*steps, *back])
    assert (pool.quantity, pool.value) == (0, 0)
    assert sum(one.amount for one in costed) == 0
    assert sum(one.residue for one in costed) == 0
    # in any order that never takes more than there is, the cost account ends where it began
    order = data.draw(st.permutations(back))
    pool = Pool(merges)
    costed = replay(pool, [*steps, *order])
    assert (pool.quantity, pool.value) == (0, 0)
    assert sum(one.amount for one in costed) + sum(one.residue for one in costed) == 0


@given(st.integers(1, 50), st.integers(0, 10_000), st.lists(st.integers(1, 20), max_size=10))
def test_parts_taken_back_add_up_to_the_whole(quantity: int, amount: int, parts: list[int]) -> None:
    source = Source(quantity, amount)
    taken = 0
    for part in parts:
        if source.taken + part <= quantity:
            taken += source.take(part)
    assert taken + source.take(quantity - source.taken) == amount


@given(st.integers(0, 40), st.integers(0, 100_000), flows)
@settings(max_examples=80)
def test_a_months_issues_share_what_there_was(quantity: int, value: int, moves: list[Flow]) -> None:
    value = value if quantity else 0
    there = quantity + sum(q for q, _ in moves if q > 0)
    gone = -sum(q for q, _ in moves if q < 0)
    if gone > there:
        return
    costed = month_costs(Month(quantity, value), steps_of(moves))
    whole = value + sum(v for q, v in moves if q > 0)
    left = whole + sum(one.amount + one.residue for one, (q, _) in zip(costed, moves, strict=True) if q < 0)
    assert not any(one.residue for one in costed)
    assert left == (0 if gone == there else whole - share(whole, gone, there))
    for one, (issued, _) in zip(costed, moves, strict=True):
        if issued < 0:
            assert abs(-one.amount - Fraction(whole * -issued, there)) <= 1


def test_what_comes_back_within_the_month_leaves_no_cent() -> None:
    steps = [
        Step(1, 3, "given", 10_000),
        Step(2, -1, "issue"),
        Step(3, 1, "return", 0, 2),
        Step(4, -3, "issue"),
    ]
    costed = {one.move_id: one for one in month_costs(Month(0, 0), steps)}
    assert costed[2].amount == -costed[3].amount
    assert costed[4].amount == -10_000
    assert not any(one.residue for one in costed.values())


def test_a_purchase_return_at_another_price_leaves_no_value_behind() -> None:
    steps = [
        Step(1, 10, "given", 100),
        Step(2, 10, "given", 200),
        Step(3, -10, "issue"),
        Step(4, -10, "return", 0, 2),
    ]
    pool = Pool(merges=True)
    costed = replay(pool, steps)
    assert [(one.amount, one.residue) for one in costed] == [(100, 0), (200, 0), (-150, 0), (-200, 50)]
    assert (pool.quantity, pool.value) == (0, 0)
    pool = Pool(merges=False)
    assert [one.residue for one in replay(pool, steps)] == [0, 0, 0, 0]


def test_half_a_cent_is_rounded_away_from_zero() -> None:
    assert [share(1, 1, 2), share(-1, 1, 2), share(1, -1, 2), share(3, 1, 2)] == [1, -1, -1, 2]


def test_a_return_taken_back_again_leaves_the_month_as_if_neither_had_been() -> None:
    plain = [Step(1, 7, "given", 1000), Step(2, -3, "issue"), Step(3, -2, "return", -286, 1)]
    further = [Step(4, 3, "return", 0, 2), Step(5, -3, "return", 0, 4), Step(6, 2, "return", 286, 3)]
    costed = {one.move_id: one for one in month_costs(Month(0, 0), [*plain, *further])}
    assert costed[4].amount == -costed[5].amount
    left = sum(one.amount + one.residue for one in costed.values())
    assert left == 1000 - share(1000, 3, 7)
    assert not any(one.residue for one in costed.values())
