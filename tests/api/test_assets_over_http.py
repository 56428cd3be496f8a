"""Asset cards and exchange rates over HTTP, and a month's close that charges the cards; on both databases."""

from __future__ import annotations

import uuid
from typing import Any

from app.storage.database import Book
from tests.calling import Caller, add_person, caller_on, give_owner_login


def card(**more: Any) -> dict[str, Any]:
    return {
        "code": "A1",
        "name": "车床",
        "acquired_on": "2026-01-10",
        "asset_account_code": "160102",
        "accumulated_account_code": "1602",
        "expense_account_code": "560202",
        "original_value": "12000",
        "residual_rate": "5",
        "life_months": 60,
        "request_id": str(uuid.uuid4()),
        **more,
    }


def test_a_card_is_added_once_changed_with_its_version_and_listed(window: Caller) -> None:
    body = card()
    first, second = window.post("/api/assets", body), window.post("/api/assets", body)
    assert (first.status, second.data) == (201, first.data)
    path = f"/api/assets/{first.json['id']}"
    assert window.post("/api/assets", card()).code == "asset_exists"
    assert window.call("PATCH", path, {"name": "铣床"}).code == "version_missing"
    changed = window.call("PATCH", path, {"name": "铣床", "version": first.json["version"]})
    assert changed.json["name"] == "铣床"
    assert window.call("PATCH", path, {"name": "刨床", "version": first.json["version"]}).status == 409
    listed = window.get("/api/assets?q=铣&kind=fixed&state=kept").json
    assert [found["code"] for found in listed["assets"]] == ["A1"]
    assert (listed["count"], listed["original_value"]) == (1, "12000.00")
    rows = window.get(f"{path}/schedule").json["rows"]
    assert len(rows) == 60
    assert (rows[0]["amount"], rows[-1]["carrying"]) == ("190.00", "600.00")
    wrong = window.post("/api/assets", card(code="A2", original_value="x", life_months=60))
    assert (wrong.status, set(wrong.json["fields"])) == (400, {"original_value"})
    assert window.get("/api/assets/99").status == 404


def test_closing_charges_the_cards_and_a_deleted_voucher_gives_it_back(window: Caller) -> None:
    start = window.get("/api/book").json["start"]
    made = window.post("/api/assets", card(acquired_on=f"{start}-01", kind="fixed")).json
    following = made["next_period"]
    proposal = window.post(f"/api/closing/{following}/depreciation/proposal", {}).json
    assert [entry["account_code"] for entry in proposal["vouchers"][0]["entries"]] == ["560202", "1602"]
    assert proposal["vouchers"][0]["entries"][0]["debit"] == "190.00"
    run = window.post(f"/api/closing/{following}/depreciation", {"vouchers": proposal["vouchers"]})
    assert run.status == 201
    path = f"/api/assets/{made['id']}"
    charged = window.get(path).json
    assert (charged["accumulated"], charged["last_charged"]) == ("190.00", following)
    agreed = window.get(f"/api/assets/agreement?period={following}").json
    assert {row["account_code"]: row["difference"] for row in agreed["rows"]}["1602"] == "0.00"
    assert agreed["agrees"] is False  # nobody booked the purchase
    voucher_id = run.json["vouchers"][0]["id"]
    assert window.delete(f"/api/vouchers/{voucher_id}").status == 204
    assert window.get(path).json["accumulated"] == "0.00"


def test_a_disposal_is_planned_carried_out_and_taken_back(window: Caller) -> None:
    start = window.get("/api/book").json["start"]
    made = window.post("/api/assets", card(acquired_on=f"{start}-01")).json
    path = f"/api/assets/{made['id']}"
    plan = window.get(f"{path}/disposal?date={start}-20&reason=sold&proceeds=13000&proceeds_account_code=1002").json
    assert (plan["carrying"], plan["gain"]) == ("12000.00", "1000.00")
    gone = window.post(f"{path}/dispose", {"date": f"{start}-20", "make_voucher": True, "version": made["version"]})
    assert (gone.status, gone.json["state"]) == (200, "disposed")
    assert window.post(f"{path}/undispose", {}).code == "disposal_voucher_stands"
    assert window.delete(f"/api/vouchers/{gone.json['disposal_voucher_id']}").status == 204
    assert window.post(f"{path}/undispose", {}).json["state"] == "in_use"
    assert window.delete(path).status == 204


def test_rates_are_saved_found_imported_and_deleted(window: Caller) -> None:
    rates = [{"currency": "USD", "date": "2026-06-15", "rate": "7.1586"}]
    assert window.put("/api/exchange-rates", {"rates": rates}).json == {"added": 1, "changed": 0, "same": 0}
    found = window.get("/api/exchange-rates?currency=USD&date=2026-06-30").json["rates"]
    assert [(rate["date"], rate["rate"]) for rate in found] == [("2026-06-15", "7.1586")]
    pasted = window.post("/api/exchange-rates/import", {"text": "2026-06-16,USD,7.16\n2026-06-17,USD,x\n"})
    assert pasted.status == 422
    assert "第 2 行" in pasted.json["error"]
    assert window.post("/api/exchange-rates/import", {"text": "2026-06-16,USD,7.16\n"}).json["added"] == 1
    assert len(window.get("/api/exchange-rates?period=2026-06").json["rates"]) == 2
    assert window.delete("/api/exchange-rates/USD/2026-06-16").status == 204
    assert window.delete("/api/exchange-rates/USD/2026-06-16").status == 404


def test_who_has_no_right_sees_and_changes_nothing(local_window: Caller, sqlite_book: Book) -> None:
    made = local_window.post("/api/assets", card()).json
    give_owner_login(local_window)
    owner = caller_on(sqlite_book, serve=True).log_in("boss", "owner-secret-1")
    add_person(owner, "stranger")
    stranger = caller_on(sqlite_book, serve=True).log_in("stranger", "stranger-secret")
    path = f"/api/assets/{made['id']}"
    for method, place, body in (
        ("GET", "/api/assets", None),
        ("GET", path, None),
        ("GET", f"{path}/schedule", None),
        ("GET", "/api/assets/agreement?period=2026-06", None),
        ("GET", "/api/exchange-rates", None),
        ("POST", "/api/assets", card(code="A2")),
        ("PATCH", path, {"name": "x", "version": 1}),
        ("DELETE", path, None),
        ("POST", f"{path}/dispose", {"date": "2026-06-30"}),
        ("PUT", "/api/exchange-rates", {"rates": []}),
        ("POST", "/api/exchange-rates/import", {"text": "x"}),
    ):
        assert stranger.call(method, place, body).status == 403, (method, place)
    assert owner.get(path).json["name"] == "车床"
