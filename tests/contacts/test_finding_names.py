"""The names kept in memory are those of the book at every moment, whoever changes them."""

from __future__ import annotations

import time
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.contract.ledger import AuxiliaryInput
from app.identity.actor import Actor
from app.ledger.pinyin import pinyin_of
from app.ledger.queries import auxiliary_names
from app.ledger.queries.auxiliary_names import (
    STRETCH,
    TRUSTED_S,
    ItemKey,
    find_items,
    names_changed,
    read_names_ahead,
)
from app.ledger.service.auxiliary_items import change_item, ensure_item, merge_item
from app.ledger.service.sets import create_auxiliary
from app.storage.database import Book, execute, execute_many, fetch_all, fetch_one, open_database, run_unit


def names(word: str = "", *kinds: str, **more: object) -> list[str]:
    """Return the names found, in order."""
    kind_ids = [row[0] for row in fetch_all("SELECT id, name FROM {auxiliary_kind}") if row[1] in kinds]
    options: dict[str, object] = {"limit": 100, **more}
    keys = find_items(kind_ids=kind_ids if kinds else None, word=word, **options)  # type: ignore[arg-type]
    known: dict[int, str] = dict(fetch_all("SELECT id, name FROM {auxiliary}"))
    return [known[key.id] for key in keys]


def add(owner: Actor, *items: str) -> list[int]:
    return [create_auxiliary(owner, AuxiliaryInput(kind="客户", name=name)).id for name in items]


def test_every_change_is_seen_at_the_next_question(owner: Actor) -> None:
    first, second = add(owner, "北京甲", "上海乙")
    assert names() == ["北京甲", "上海乙"]
    run_unit(lambda: change_item(owner, first, name="广州甲", code="G1"))
    assert (names("北京"), names("广"), names("g1"), names("gzj")) == ([], ["广州甲"], ["广州甲"], ["广州甲"])
    (third,) = add(owner, "广州丙")
    assert names("广州") == ["广州丙", "广州甲"]
    run_unit(lambda: merge_item(owner, third, first))
    assert names("广州") == ["广州甲"]
    run_unit(lambda: change_item(owner, second, active=False))
    assert (names(), names(active_only=True)) == (["广州甲", "上海乙"], ["广州甲"])
    assert names(only={second}) == ["上海乙"]
    run_unit(lambda: execute("DELETE FROM {auxiliary} WHERE id = ?", (second,)))
    names_changed()
    assert names() == ["广州甲"]


def test_what_another_process_changes_is_seen_within_a_second(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    (first,) = add(owner, "甲")
    assert names() == ["甲"]
    now_s = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now_s[0])
    names_changed()
    assert names() == ["甲"]
    run_unit(lambda: execute("UPDATE {auxiliary} SET name = '乙', version = version + 1 WHERE id = ?", (first,)))
    now_s[0] += TRUSTED_S + 0.1
    assert find_items(word="甲", limit=5) == []
    assert names("乙") == ["乙"]


def test_those_out_of_use_are_left_out_of_every_dimension(owner: Actor) -> None:
    (idle,) = add(owner, "甲")
    create_auxiliary(owner, AuxiliaryInput(kind="供应商", name="乙"))
    run_unit(lambda: change_item(owner, idle, active=False))
    assert (names(active_only=True), names("", "客户", "供应商", active_only=True)) == (["乙"], ["乙"])
    assert names() == ["甲", "乙"]


def test_what_is_not_committed_stays_its_own(owner: Actor) -> None:
    add(owner, "甲")
    assert names() == ["甲"]

    class Stop(Exception):
        pass

    def work() -> None:
        ensure_item(owner, "客户", "乙")
        assert names() == ["甲", "乙"]
        raise Stop

    with pytest.raises(Stop):
        run_unit(work)
    assert names() == ["甲"]


def test_changes_in_a_large_book_are_read_in_stretches(owner: Actor) -> None:
    (first,) = add(owner, "甲")
    kind_id = fetch_all("SELECT kind_id FROM {auxiliary} WHERE id = ?", (first,))[0][0]
    rows = [(kind_id, f"批量{n:05d}", "", f"pl{n:05d}", f"pi liang {n:05d}") for n in range(12 << STRETCH)]

    def work() -> None:
        execute_many(
            "INSERT INTO {auxiliary} (kind_id, name, code, pinyin_initials, pinyin_sort) VALUES (?, ?, ?, ?, ?)", rows
        )

    assert names() == ["甲"]
    run_unit(work)
    names_changed()
    assert names("0307") == [f"批量{n:05d}" for n in (307, 3070, 3071)]
    last = int(fetch_all("SELECT MAX(id) FROM {auxiliary}")[0][0])
    run_unit(lambda: execute("UPDATE {auxiliary} SET active = 0 WHERE id = ?", (last,)))
    names_changed()
    assert names("0307", active_only=True) == [f"批量{n:05d}" for n in (307, 3070)]
    run_unit(lambda: change_item(owner, last, name="甲二"))
    assert names("甲") == ["甲", "甲二"]
    key = find_items(word="甲", limit=1)[0]
    assert find_items(word="甲", after=key, limit=5) == [ItemKey(pinyin_of("甲二")[1], last)]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(
        st.tuples(st.sampled_from("客供"), st.text("甲乙ab%_!'\\", min_size=1, max_size=4)), min_size=1, max_size=6
    ),
    st.text("甲乙aB%", max_size=2),
)
def test_it_finds_what_a_plain_search_finds(owner: Actor, items: list[tuple[str, str]], word: str) -> None:
    for kind, name in items:
        ensure_item(owner, {"客": "客户", "供": "供应商"}[kind], name, code=name[:2])
    rows = fetch_all("SELECT id, pinyin_sort, name, code, pinyin_initials FROM {auxiliary}")
    low = word.strip().casefold()
    expected = sorted(
        (spelling, item_id)
        for item_id, spelling, name, code, initials in rows
        if low in name.casefold() or code.casefold().startswith(low) or initials.startswith(low)
    )
    assert [tuple(key) for key in find_items(word=word, limit=1000)] == expected
    assert fetch_one("SELECT COUNT(*) FROM {auxiliary} WHERE merged_into IS NOT NULL") == (0,)


def test_names_are_read_before_anybody_asks(book: Book, owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auxiliary_names, "AHEAD_AFTER_S", 0)
    monkeypatch.setattr(auxiliary_names, "_AHEAD_ROWS", 2)
    add(owner, "北京甲", "上海乙", "广州丙")
    with closing(open_database(book.address)) as same_book:
        thread = read_names_ahead(same_book)
        thread.join(60)
        assert not thread.is_alive()
        with same_book.session():
            monkeypatch.setattr(auxiliary_names, "fetch_all", None)  # nothing but the sums is asked for
            found = [key.spelling for key in find_items(word="甲", limit=5)]
    assert found == ["bei jing jia"]


def test_closing_a_book_ends_the_reading_ahead(book: Book, owner: Actor) -> None:
    with closing(open_database(book.address)) as same_book:
        thread = read_names_ahead(same_book)
    assert not thread.is_alive()
