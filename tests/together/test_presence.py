"""Who is there: seen by others at once, named by the server, gone when it says so or says nothing for half a minute."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from app.contract.together import EditedObject, PresenceInput
from app.identity.actor import Actor
from app.identity.service import presence
from app.kernel.errors import Conflict
from app.storage.database import Book, execute, fetch_one, run_unit
from tests.calling import Caller, add_person, add_role, caller_on, give_owner_login, set_up

VOUCHER = {"kind": "voucher", "id": 12, "label": "记-12"}
WANG = Actor(1, "王", frozenset({"ledger:voucher:view"}))
LI = Actor(2, "李", frozenset({"ledger:voucher:view"}))


def desk() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def people(sqlite_book: Book) -> tuple[Caller, Caller]:
    """Two people who are logged in: the owner, and one who may see contacts only."""
    set_up(sqlite_book)
    window = caller_on(sqlite_book)
    give_owner_login(window)
    boss = window.log_in("boss", "owner-secret-1")
    add_person(boss, "li", [add_role(boss, "业务员", ["contacts:contact:view"])])
    return boss, window.log_in("li", "li-secret")


def present(caller: Caller, own: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.get(f"/api/changes?desk={own}").json["present"]
    return found


def test_people_see_each_other_and_themselves_not(people: tuple[Caller, Caller]) -> None:
    boss, li = people
    mine, his = desk(), desk()
    assert boss.put("/api/presence", {"desk": mine, "editing": [VOUCHER]}).status == 204
    assert li.put("/api/presence", {"desk": his}).status == 204
    assert [person["user_name"] for person in present(boss, mine)] == ["li"]
    (seen,) = present(li, his)
    assert (seen["user_name"], seen["desk"]) == ("掌柜", mine)
    assert seen["editing"] == []  # he may not view vouchers
    assert boss.put("/api/presence", {"desk": his}).code == "desk_taken"
    assert boss.post("/api/presence/leave", {"desk": his}).status == 204
    assert len(present(boss, mine)) == 1  # nobody leaves for another
    assert li.post("/api/presence/leave", {"desk": his}).status == 204
    assert present(boss, mine) == []
    assert [person["desk"] for person in present(boss)] == [mine]
    log = boss.get("/api/audit?limit=5").json["entries"]
    assert all("presence" not in row["object_type"] for row in log)


WRONG_BODIES: list[dict[str, Any]] = [
    {"desk": "x" * 36},
    {"desk": "x"},
    {"desk": "0" * 36, "editing": [VOUCHER | {"label": "y" * 61}]},
    {"desk": "0" * 36, "editing": [VOUCHER] * 21},
    {"desk": "0" * 36, "user_name": "老板"},
]


def test_what_cannot_be_is_refused(people: tuple[Caller, Caller]) -> None:
    for body in WRONG_BODIES:
        assert people[0].put("/api/presence", body).status == 400, body


def test_rows_lapse_are_taken_over_and_swept(book: Book) -> None:
    shared = desk()
    with book.session():
        presence.be_present(
            WANG, PresenceInput(desk=shared, editing=[EditedObject(kind="voucher", id=1, label="记\n1")])
        )
        presence.be_present(
            WANG, PresenceInput(desk=shared, editing=[EditedObject(kind="voucher", id=1, label="记\n1")])
        )
        (seen,) = presence.list_present(LI)
        assert (seen.user_name, seen.editing[0].label) == ("王", "记 1")
        with pytest.raises(Conflict):
            presence.be_present(LI, PresenceInput(desk=shared))
        move_back(presence.LAPSE_MS + 1)
        assert presence.list_present(LI) == []
        presence.be_present(LI, PresenceInput(desk=shared))
        assert [person.user_name for person in presence.list_present(WANG)] == ["李"]
        move_back(presence.SWEPT_AFTER_MS + 1)
        presence.be_present(WANG, PresenceInput(desk=desk()))
        assert fetch_one("SELECT COUNT(*) FROM {presence}") == (1,)


def move_back(by_ms: int) -> None:
    run_unit(lambda: execute("UPDATE {presence} SET seen_at = seen_at - ?", (by_ms,)))
