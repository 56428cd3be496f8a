"""Text as it is stored, messages in two languages, months."""

from __future__ import annotations

import datetime

import pytest

from app.kernel.errors import MalformedInput
from app.kernel.period import (
    first_day,
    format_period,
    last_day,
    next_period,
    parse_date,
    parse_period,
    periods_between,
    previous_period,
)
from app.kernel.text import clean_text, file_name_of, message, speaking


def test_text_is_composed_trimmed_and_free_of_control_characters() -> None:
    assert clean_text("  e\u0301lan \t") == "élan"
    assert clean_text("甲\x00公\u200b司\n二行") == "甲公司 二行"
    assert clean_text("𠮷野家") == "𠮷野家"


def test_messages_nest_and_speak_the_language_of_the_caller() -> None:
    inner = message("科目")
    outer = message("没有{what} {code}", what=inner, code="1001")
    english = {"没有{what} {code}": "no {what} {code}", "科目": "account"}
    assert str(outer) == "没有科目 1001"
    with speaking(english):
        assert str(outer) == "no account 1001"
    assert outer.render(english) == "no account 1001"
    assert str(message("50% {not a place}")) == "50% {not a place}"


def test_months() -> None:
    assert [parse_period(text) for text in ("2026-06", "202606", "２０２６-０６")] == [202606] * 3
    assert format_period(202606) == "2026-06"
    assert (next_period(202612), previous_period(202601)) == (202701, 202512)
    assert list(periods_between(202611, 202702)) == [202611, 202612, 202701, 202702]
    assert (first_day(202402), last_day(202402)) == (datetime.date(2024, 2, 1), datetime.date(2024, 2, 29))
    for bad in ("2026-13", "26-01", "2026", "abcd-ef", "0000-01", "9999-12"):
        with pytest.raises(MalformedInput):
            parse_period(bad)


def test_dates() -> None:
    assert [parse_date(t).isoformat() for t in ("2026-06-30", "2026/6/30", "20260630", "2026。6。30")] == [
        "2026-06-30"
    ] * 4
    for bad in ("2026-02-30", "30-06-2026", "2026-6", "", "²026-01-01"):
        with pytest.raises(MalformedInput):
            parse_date(bad)


@pytest.mark.parametrize(
    ("title", "name"),
    [("甲/乙公司", "甲_乙公司"), ("a\\b:c", "a_b_c"), (" 收入/成本. ", "收入_成本"), ("/", "_"), ("", "file")],
)
def test_a_title_becomes_the_name_of_one_file(title: str, name: str) -> None:
    assert file_name_of(title) == name
