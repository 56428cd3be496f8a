"""The formula language: what can be read is read as it was meant, what cannot is refused with the place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import MalformedInput
from app.reports.statements.formula import (
    FUNCTIONS,
    Call,
    LineReference,
    Number,
    accounts_of,
    foreign_lines_of,
    lines_of,
    parse_formula,
)

codes = st.text("0123456789", min_size=1, max_size=8) | st.sampled_from(["@资产", "Assets:Cash", "1001-01"])
calls = st.one_of(
    st.tuples(
        st.sampled_from([name for name, known in FUNCTIONS.items() if known.arguments == "accounts"]),
        st.lists(codes, min_size=1, max_size=4).map(tuple),
    ),
    st.tuples(
        st.sampled_from([name for name, known in FUNCTIONS.items() if known.arguments == "line"]),
        st.integers(1, 9999).map(lambda number: (str(number),)),
    ),
    st.tuples(st.sampled_from([name for name, known in FUNCTIONS.items() if known.arguments == "none"]), st.just(())),
).map(lambda made: Call(*made))
operands = (
    calls | st.integers(1, 9999).map(LineReference) | st.decimals(0, 10**9, places=2).map(lambda d: Number(str(d)))
)
formulas = st.lists(st.tuples(st.sampled_from([1, -1]), operands), min_size=1, max_size=8)


def written(operand: object, wide: bool) -> str:
    if isinstance(operand, Number):
        return operand.text
    if isinstance(operand, LineReference):
        return f"R{operand.line}"
    assert isinstance(operand, Call)
    inside = ("；" if wide else ";").join(operand.arguments)
    return f"{operand.function}（{inside}）" if wide else f"{operand.function}({inside})"


@given(formulas, st.booleans())
def test_a_written_formula_is_read_as_it_was_meant(terms: list[tuple[int, object]], wide: bool) -> None:
    signs = {1: " ＋ " if wide else "+", -1: "－" if wide else " - "}
    text = "".join(signs[sign] + written(operand, wide) for sign, operand in terms)
    read = parse_formula(text)
    assert [(term.sign, term.operand) for term in read] == terms


@given(st.text("R0123456789DRCP()+-; ;@资产.", max_size=30))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    try:
        terms = parse_formula(text)
    except MalformedInput:
        return
    assert bool(terms) == bool(text.strip())
    assert all(term.text in text for term in terms)


def test_what_a_formula_needs() -> None:
    formula = parse_formula("DR(1001;1002)-R19+IS(32)+BS_OPEN(51)+CF(3)+12.5")
    assert accounts_of(formula) == {"1001", "1002"}
    assert lines_of(formula) == {19}
    assert foreign_lines_of(formula) == {("income-statement", 32), ("balance-sheet", 51)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("R1 R2", "formula_malformed"),
        ("R1++R2", "formula_malformed"),
        ("R1+", "formula_malformed"),
        ("DR(1001", "formula_malformed"),
        ("SUM(1001)", "formula_function"),
        ("DR()", "formula_arguments"),
        ("DR(1001;)", "formula_arguments"),
        ("CF(x)", "formula_arguments"),
        ("IS(1;2)", "formula_arguments"),
        ("UNCLOSED(1001)", "formula_arguments"),
        ("+".join(["R1"] * 201), "formula_long"),
    ],
)
def test_a_formula_that_cannot_be_read_is_refused(text: str, code: str) -> None:
    with pytest.raises(MalformedInput) as refused:
        parse_formula(text)
    assert refused.value.code == code


def test_an_empty_formula_is_nothing() -> None:
    assert parse_formula("  ") == ()
