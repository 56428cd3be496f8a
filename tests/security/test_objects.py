"""Objects are checked, not only routes: what one person began is not another's, whatever number stands in the URL."""

from __future__ import annotations

import pytest

from app.http.decoding import RAW_TYPE
from app.storage.database import Book
from app.storage.jobs import wait_for_job
from tests.calling import OWNER_PASSWORD, Caller, add_person, add_role, caller_on, give_owner_login, set_up

RIGHTS = [
    *("contacts:contact:view", "contacts:contact:export", "contacts:contact:import", "exchange:file:import"),
    *(
        "ledger:attachment:add",
        "ledger:voucher:add",
        "ledger:voucher:view",
        "ledger:rate:edit",
        "inventory:item:import",
    ),
]
"""The same for both: only whose it is tells them apart."""


@pytest.fixture
def boss(sqlite_book: Book) -> Caller:
    """The owner of a book with two clerks who have the same rights."""
    set_up(sqlite_book)
    window = caller_on(sqlite_book)
    give_owner_login(window)
    role = add_role(window, "clerk", RIGHTS)
    add_person(window, "hers", [role])
    window = window.log_in("boss", OWNER_PASSWORD)
    add_person(window, "his", [role])
    return window


@pytest.fixture
def hers(sqlite_book: Book, boss: Caller) -> Caller:
    """One clerk, over the network."""
    return caller_on(sqlite_book, serve=True).log_in("hers", "hers-secret")


@pytest.fixture
def his(sqlite_book: Book, boss: Caller) -> Caller:
    """Another one."""
    return caller_on(sqlite_book, serve=True).log_in("his", "his-secret")


def begin_upload(caller: Caller, name: str = "her.csv") -> str:
    return str(caller.post("/api/uploads", {"name": name, "size": 4}).json["id"])


def send_part(caller: Caller, upload_id: str) -> int:
    return caller.put(f"/api/uploads/{upload_id}/0", data=b"a,b\n", headers={"Content-Type": RAW_TYPE}).status


def test_an_upload_is_its_senders_alone(hers: Caller, his: Caller, boss: Caller) -> None:
    upload_id = begin_upload(hers)
    for other in (his, boss):
        unknown = other.get("/api/uploads/0123456789abcdef0123456789abcdef")
        for answer in (other.get(f"/api/uploads/{upload_id}"), other.delete(f"/api/uploads/{upload_id}")):
            assert (answer.status, answer.data) == (unknown.status, unknown.data) == (404, unknown.data)
        assert send_part(other, upload_id) == 404
    assert send_part(hers, upload_id) == 200
    assert hers.get(f"/api/uploads/{upload_id}").json["complete"] is True


def test_an_upload_is_used_by_its_sender_alone(hers: Caller, his: Caller) -> None:
    upload_id = begin_upload(hers)
    assert send_part(hers, upload_id) == 200
    entry = [{"summary": "x", "account_code": "1002", "debit": "1"}]
    voucher = his.post("/api/vouchers", {"date": "2026-06-05", "word": "记", "entries": entry}).json["id"]
    taken = [
        his.post("/api/imports", {"upload_id": upload_id}),
        his.post("/api/contacts/import", {"upload_id": upload_id}),
        his.post("/api/items/import", {"upload_id": upload_id}),
        his.post("/api/exchange-rates/import", {"upload_id": upload_id}),
        his.post(f"/api/vouchers/{voucher}/attachments", {"upload_id": upload_id}),
    ]
    assert [(answer.status, answer.code) for answer in taken] == [(404, "upload_unknown")] * 5
    assert hers.get(f"/api/uploads/{upload_id}").status == 200


def test_a_job_and_its_file_are_for_whoever_started_it(sqlite_book: Book, hers: Caller, his: Caller) -> None:
    job = hers.post("/api/contacts/export", {}).json["id"]
    with sqlite_book.session():
        assert wait_for_job(job, 20).state == "done"
    unknown = his.get("/api/jobs/999999")
    for path in (f"/api/jobs/{job}", f"/api/jobs/{job}/file"):
        assert (his.get(path).status, his.get(path).code) == (404, unknown.code)
    assert his.delete(f"/api/jobs/{job}").status == 404
    upload_id = hers.get(f"/api/jobs/{job}").json["result"]["upload_id"]
    assert his.get(f"/api/uploads/{upload_id}").status == 404
    assert hers.get(f"/api/jobs/{job}/file").status == 200


def test_a_token_is_seen_and_revoked_by_its_owner_or_with_the_right(boss: Caller, hers: Caller, his: Caller) -> None:
    she = hers.get("/api/session").json["user"]["id"]
    made = boss.post("/api/tokens", {"user_id": she, "name": "hers"}).json["id"]
    assert his.get("/api/tokens").json["tokens"] == []
    assert [token["id"] for token in hers.get("/api/tokens").json["tokens"]] == [made]
    assert his.delete(f"/api/tokens/{made}").status == 403
    assert hers.delete(f"/api/tokens/{made}").status == 204


def test_sessions_and_people_are_not_looked_at_without_the_right(boss: Caller, hers: Caller, his: Caller) -> None:
    she = hers.get("/api/session").json["user"]["id"]
    session = next(one["id"] for one in boss.get("/api/sessions").json["sessions"] if one["user_id"] == she)
    assert his.get("/api/sessions").status == 403
    assert his.delete(f"/api/sessions/{session}").status == 403
    assert his.get(f"/api/users/{she}").status == his.get("/api/users/999999").status == 403
    assert hers.get(f"/api/users/{she}").status == 200


def test_a_repeated_request_id_does_not_show_anothers_answer(hers: Caller, his: Caller) -> None:
    wish = {"request_id": "6b1f4a5e-7c42-4d0e-9a35-0123456789ab"}
    first = hers.post("/api/contacts/export", wish)
    again = his.post("/api/contacts/export", wish)
    assert first.status == 202
    assert (again.status, again.code) == (409, "request_id_reused")
    assert hers.post("/api/contacts/export", wish).json["id"] == first.json["id"]
