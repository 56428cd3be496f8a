"""Contacts over HTTP; the rules themselves are tested with their services."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest

from app.storage.database import Book
from tests.calling import Answer, Caller, caller_on, set_up


def contact(name: str = "甲公司", **more: Any) -> dict[str, Any]:
    return {"name": name, "roles": ["customer"], "request_id": str(uuid.uuid4()), **more}


def test_a_contact_is_added_found_changed_and_merged(window: Caller) -> None:
    body = contact(code="K1", phone="1")
    made = window.post("/api/contacts", body)
    assert (made.status, made.json["roles"]) == (201, ["customer"])
    assert window.post("/api/contacts", body).json == made.json
    path = f"/api/contacts/{made.json['id']}"
    assert window.get("/api/contacts?q=JGS&role=customer").json["contacts"] == [made.json]
    assert window.patch(path, {"phone": "2"}).code == "version_missing"
    changed = window.patch(path, {"phone": "2", "roles": ["supplier", "customer"], "version": made.json["version"]})
    assert (changed.json["phone"], changed.json["roles"]) == ("2", ["customer", "supplier"])
    assert window.patch(path, {"phone": "3", "version": made.json["version"]}).code == "stale_version"
    twin = window.post("/api/contacts", contact("甲公司（旧）")).json
    merge = {"into_id": made.json["id"], "version": twin["version"]}
    assert window.post(f"/api/contacts/{twin['id']}/merge", merge).json["id"] == made.json["id"]
    assert window.get(f"/api/contacts/{twin['id']}").json["merged_into"] == made.json["id"]
    assert [row["name"] for row in window.get("/api/contacts").json["contacts"]] == ["甲公司"]


def test_refusals_say_what_is_wrong_in_the_callers_language(window: Caller) -> None:
    window.post("/api/contacts", contact())
    again = window.post("/api/contacts", contact(), headers={"Accept-Language": "en"})
    assert (again.status, again.code) == (409, "contact_exists")
    assert again.json["error"].startswith("There is a contact “甲公司” already")
    wrong = window.post("/api/contacts", contact("乙", tax_number="1", email="x", terms_days=-1))
    assert (wrong.status, sorted(wrong.json["fields"])) == (400, ["email", "tax_number", "terms_days"])
    assert window.post("/api/contacts", contact("乙", roles=[])).json["fields"].keys() == {"roles"}
    assert window.post("/api/contacts", contact("乙", roles=["friend"])).status == 400
    assert window.get("/api/contacts/99999").code == "contact_unknown"
    assert window.get("/api/contacts?cursor=nonsense").code == "cursor_malformed"
    assert window.post("/api/contacts", contact("乙", group_id=99)).json["fields"].keys() == {"group_id"}


def test_a_list_is_read_page_by_page(local_window: Caller) -> None:
    for number in range(7):
        assert (
            local_window.post("/api/contacts", contact(f"公司{number}", roles=["customer", "supplier"])).status == 201
        )
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = local_window.get("/api/contacts", query_string={"limit": 2, "cursor": cursor, "q": "公司"}).json
        seen += [row["name"] for row in page["contacts"]]
        cursor = page["next"]
    assert seen == [f"公司{number}" for number in range(7)]


def test_groups_are_added_renamed_and_put_out_of_use(window: Caller) -> None:
    group = window.post("/api/contact-groups", {"name": "华东"}).json
    change = {"name": "东区", "active": False, "version": group["version"]}
    assert window.patch(f"/api/contact-groups/{group['id']}", change).json["name"] == "东区"
    assert window.post("/api/contact-groups", {"name": "东区"}).code == "contact_group_exists"
    assert window.get("/api/contact-groups").json["groups"][0]["active"] is False


@pytest.mark.usefixtures("patient_books")
def test_many_who_add_the_same_contact_at_once_make_one(book: Book) -> None:
    set_up(book)
    callers = [caller_on(book) for _ in range(6)]
    answers: list[Answer] = []
    start = threading.Barrier(len(callers))

    def add(caller: Caller) -> None:
        start.wait()
        answers.append(caller.post("/api/contacts", contact(roles=["supplier", "customer"])))

    threads = [threading.Thread(target=add, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [201, *[409] * 5]
    assert {answer.code for answer in answers if answer.status == 409} == {"contact_exists"}
    assert len(callers[0].get("/api/contacts").json["contacts"]) == 1
