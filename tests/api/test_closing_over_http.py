"""The period close over HTTP, on both databases: the way a window or another program goes through a month."""

from __future__ import annotations

import uuid
from typing import Any

from tests.calling import Caller


def entry(code: str, debit: str = "", credit: str = "") -> dict[str, str]:
    return {"account_code": code, "summary": "业务", "debit": debit, "credit": credit}


def post(window: Caller, date: str, *entries: dict[str, str]) -> None:
    saved = window.post("/api/vouchers", {"date": date, "entries": list(entries)})
    assert saved.status == 201
    for verb in ("review", "post"):
        assert window.post(f"/api/vouchers/{saved.json['id']}/{verb}", {"version": None}).status == 200


def steps(window: Caller, period: str) -> dict[str, Any]:
    return {step["key"]: step for step in window.get(f"/api/closing/{period}").json["steps"]}


def start(window: Caller) -> str:
    return str(window.get("/api/periods").json["start"])


def test_a_month_is_closed_step_by_step(window: Caller) -> None:
    period = start(window)
    post(window, f"{period}-05", entry("1002", "113.00"), entry("5001", "", "100.00"), entry("22210107", "", "13.00"))
    due = [key for key, step in steps(window, period).items() if step["state"] == "due"]
    assert due == ["vat", "surcharges", "income_tax", "profit_and_loss"]  # June ends a quarter
    for step in due:
        proposal = window.post(f"/api/closing/{period}/{step}/proposal", {"parameters": {}}).json
        assert proposal["vouchers"]
        body = {
            "vouchers": proposal["vouchers"],
            "parameters": {},
            "post": True,
            "fingerprint": proposal["fingerprint"],
            "request_id": str(uuid.uuid4()),
        }
        first = window.post(f"/api/closing/{period}/{step}", body)
        again = window.post(f"/api/closing/{period}/{step}", body)
        assert (first.status, first.json["state"]) == (201, "done")
        assert again.json == first.json  # the same request has the effect of once
        stale = window.post(f"/api/closing/{period}/{step}", {**body, "request_id": str(uuid.uuid4())})
        assert (stale.status, stale.code) == (409, "closing_changed")
    closed = window.post(f"/api/periods/{period}/close", {})
    assert (closed.status, closed.json["state"], closed.json["made"]) == (200, "closed", [])


def test_closing_carries_forward_when_asked_to(window: Caller) -> None:
    period = start(window)
    post(window, f"{period}-05", entry("1002", "100.00"), entry("5001", "", "100.00"))
    assert window.post(f"/api/periods/{period}/close", {}).code == "profit_not_carried"
    closed = window.post(f"/api/periods/{period}/close", {"carry_forward": True})
    assert [(one["kind"], one["state"], one["amount"]) for one in closed.json["made"]] == [
        ("close_pl", "posted", "100.00")
    ]


def test_what_is_wrong_is_said_and_not_a_crash(window: Caller) -> None:
    period = start(window)
    assert window.get("/api/closing/2026-13").status == 400
    assert window.get("/api/closing/1999-01").code == "period_before_start"
    assert window.post(f"/api/closing/{period}/lunch/proposal", {}).status == 404
    assert window.post(f"/api/closing/{period}/close", {"vouchers": []}).code == "closing_step_fixed"
    odd = window.post(f"/api/closing/{period}/surcharges/proposal", {"parameters": {"vat_base": "x"}})
    assert (odd.status, list(odd.json["fields"])) == (400, ["parameters.vat_base"])
    skipped = window.post(f"/api/closing/{period}/vat/skip", {"reason": "本月免税"})
    assert (skipped.json["state"], skipped.json["note"]) == ("skipped", "本月免税")
    assert window.post(f"/api/closing/{period}/vat/reset", {}).json["state"] == "nothing"


def test_parameters_are_read_and_replaced(window: Caller) -> None:
    now = window.get("/api/closing-parameters").json
    assert {rate["key"] for rate in now["rates"]} >= {"city_maintenance_city", "income_tax", "legal_reserve"}
    assert all(rate["source"] for rate in now["rates"])
    unversioned = window.put("/api/closing-parameters", {**now, "version": None})
    assert (unversioned.status, unversioned.code) == (400, "version_missing")
    changed = window.put("/api/closing-parameters", {**now, "city_location": "county"})
    assert (changed.status, changed.json["city_location"], changed.json["version"]) == (200, "county", 1)
    assert window.put("/api/closing-parameters", now).status == 409


def test_it_speaks_english(window: Caller) -> None:
    period = start(window)
    english = {"headers": {"Accept-Language": "en"}}
    titles = [step["title"] for step in window.get(f"/api/closing/{period}", **english).json["steps"]]
    assert titles[0] == "Checks before closing"
    assert all(title.isascii() for title in titles)
