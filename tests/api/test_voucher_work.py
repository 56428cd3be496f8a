"""What helps with vouchers, over HTTP: files go up and come back, long work is a job, nothing is made twice."""

from __future__ import annotations

import hashlib
import threading
import uuid
from typing import Any

import pytest

from tests.calling import Caller

PDF = b"%PDF-1.7 " + bytes(range(256)) * 20_000


def entries(amount: str = "10") -> list[dict[str, Any]]:
    return [
        {"summary": "买纸", "account_code": "560201", "debit": amount},
        {"summary": "买纸", "account_code": "1002", "credit": amount},
    ]


def add(caller: Caller, date: str = "2026-06-05") -> dict[str, Any]:
    answer = caller.post("/api/vouchers", {"date": date, "entries": entries()})
    assert answer.status == 201, answer.json
    voucher: dict[str, Any] = answer.json
    return voucher


def upload(caller: Caller, name: str, content: bytes) -> str:
    begun = caller.post(
        "/api/uploads", {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    )
    assert begun.status == 201, begun.json
    for number, start in enumerate(range(0, len(content), 4 << 20)):
        sent = caller.call(
            "PUT",
            f"/api/uploads/{begun.json['id']}/{number}",
            data=content[start : start + (4 << 20)],
            content_type="application/octet-stream",
        )
        assert sent.status == 200, sent.json
    return str(begun.json["id"])


def finished(caller: Caller, job: dict[str, Any]) -> dict[str, Any]:
    pause = threading.Event()
    for _ in range(1200):
        job = caller.get(f"/api/jobs/{job['id']}").json
        if job["state"] not in ("waiting", "running"):
            return job
        pause.wait(0.05)
    pytest.fail("the job did not end")


def test_a_document_goes_up_and_comes_back_byte_for_byte(local_window: Caller) -> None:
    voucher = add(local_window)
    wish = {"upload_id": upload(local_window, "发票.pdf", PDF), "request_id": str(uuid.uuid4())}
    first = local_window.post(f"/api/vouchers/{voucher['id']}/attachments", wish)
    again = local_window.post(f"/api/vouchers/{voucher['id']}/attachments", wish)
    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json
    kept = first.json["attachments"][0]
    assert (kept["name"], kept["media_type"], kept["size"]) == ("发票.pdf", "application/pdf", len(PDF))
    assert first.json["attachment_count"] == 1
    file = local_window.get(f"/api/attachments/{kept['id']}/file")
    assert file.data == PDF
    assert file.headers["Content-Type"] == "application/octet-stream"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Content-Disposition"].startswith("attachment;")
    assert local_window.delete(f"/api/attachments/{kept['id']}").json["attachments"] == []
    assert local_window.get(f"/api/attachments/{kept['id']}/file").status == 404


def test_a_program_is_refused_with_its_reason(local_window: Caller) -> None:
    voucher = add(local_window)
    wish = {"upload_id": upload(local_window, "发票.pdf", b"MZ\x90")}
    answer = local_window.post(f"/api/vouchers/{voucher['id']}/attachments", wish)
    assert (answer.status, answer.code) == (400, "attachment_program")


def test_many_are_signed_reviewed_and_posted_in_the_background(local_window: Caller) -> None:
    ids = [add(local_window)["id"] for _ in range(3)]
    local_window.post("/api/vouchers", {"date": "2026-06-06", "entries": entries()[:1]})
    done = {}
    for act in ("sign", "review", "post"):
        started = local_window.post(
            "/api/vouchers/batches", {"act": act, "from_period": "2026-06", "to_period": "2026-06"}
        )
        assert started.status == 202, started.json
        job = finished(local_window, started.json)
        assert job["state"] == "done", job
        done[act] = (job["result"]["done"], len(job["result"]["refused"]))
    assert done == {"sign": (3, 0), "review": (3, 1), "post": (3, 0)}
    assert {local_window.get(f"/api/vouchers/{voucher_id}").json["state"] for voucher_id in ids} == {"posted"}
    nothing = local_window.post("/api/vouchers/batches", {"act": "review", "ids": []})
    assert finished(local_window, nothing.json)["result"]["done"] == 0


def test_settings_proposals_and_lines_speak_the_same_words(local_window: Caller) -> None:
    assert len(local_window.get("/api/cash-flow-lines").json["lines"]) == 16
    changed = local_window.put("/api/voucher-settings", {"word_rule": "收付转"})
    assert changed.json == local_window.get("/api/voucher-settings").json
    assert changed.json["words"] == ["收", "付", "转"]
    proposed = local_window.post(
        "/api/vouchers/proposal", {"entries": [{k: v for k, v in e.items() if k != "summary"} for e in entries()]}
    )
    assert proposed.json == {"word": "付", "cash_flow_lines": [None, 6]}
    half_typed = {"entries": [{"account_code": "没有"}, {"account_code": "1002", "credit": "一百"}, {}]}
    assert local_window.post("/api/vouchers/proposal", half_typed).json["cash_flow_lines"] == [None, None, None]
    assert add(local_window)["word"] == "付"


def test_a_repeated_request_makes_what_is_due_once(local_window: Caller) -> None:
    template = {"name": "房租", "entries": entries(), "every_months": 1, "first_period": "2026-06"}
    assert local_window.post("/api/voucher-templates", template).status == 201
    wish = {"period": "2026-06", "request_id": str(uuid.uuid4())}
    assert local_window.post("/api/recurring-vouchers", wish).json["done"] == 1
    assert local_window.post("/api/recurring-vouchers", wish).json["done"] == 1
    assert local_window.post("/api/recurring-vouchers", {"period": "2026-06"}).json["done"] == 0
    assert len(local_window.get("/api/vouchers").json["vouchers"]) == 1
    due = local_window.get("/api/recurring-vouchers?period=2026-06").json["due"]
    assert [(row["name"], row["date"], row["voucher"]) for row in due] == [("房租", "2026-06-01", "记-1")]


def test_numbers_are_listed_and_ordered(local_window: Caller) -> None:
    late, early = add(local_window, "2026-06-20"), add(local_window, "2026-06-10")
    runs = local_window.get("/api/voucher-numbers?from_period=2026-06").json["runs"]
    assert [(run["word"], run["last"], run["missing"], run["unposted"]) for run in runs] == [("记", 2, [], 2)]
    moved = local_window.post("/api/voucher-numbers", {"period": "2026-06", "word": "记", "by_date": True})
    assert moved.json == {"moved": 2}
    numbers = [local_window.get(f"/api/vouchers/{voucher['id']}").json["number"] for voucher in (early, late)]
    assert numbers == [1, 2]
