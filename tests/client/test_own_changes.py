"""A window knows its own changes by the numbers its answers carried."""

from __future__ import annotations

from app.client.own_changes import MOST_KEPT, OwnChanges
from app.contract.change_numbers import MOST_RANGES, number_ranges, read_ranges


def test_numbers_are_written_as_ranges_and_read_again() -> None:
    assert number_ranges([]) == ""
    assert number_ranges([7, 5, 6, 9, 9]) == "5-7,9"
    assert read_ranges("5-7,9") == [(5, 7), (9, 9)]
    assert read_ranges("x, 3-y,-4,12,") == [(12, 12)]
    many = number_ranges(range(0, 1000, 2))
    assert len(read_ranges(many)) == MOST_RANGES
    assert len(many) < 500


def test_own_changes_are_known_and_the_oldest_forgotten() -> None:
    own = OwnChanges()
    own.note(None)
    own.note("5-7,9")
    assert [number in own for number in (4, 5, 7, 8, 9)] == [False, True, True, False, True]
    for number in range(100, 100 + MOST_KEPT):
        own.note(str(number))
    assert 5 not in own
    assert 100 + MOST_KEPT - 1 in own
    own.forget()
    assert 100 + MOST_KEPT - 1 not in own


def test_a_change_under_way_is_known() -> None:
    own = OwnChanges()
    with own.writing(), own.writing():
        assert own.are_under_way
    assert not own.are_under_way
