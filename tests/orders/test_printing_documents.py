"""Documents as they come out of the printer: the pages over HTTP, the PDF, and what may not be printed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.calling import Caller
from tests.orders.desk import Desk
from tests.reports.papers import picture

PRINTS = "/api/document-prints"


def pages(caller: Caller, ids: list[int], **more: str) -> list[list[str]]:
    """Return the texts of the pages, in the order of drawing."""
    query = "&".join(f"{name}={value}" for name, value in {"ids": ",".join(map(str, ids)), **more}.items())
    answer = caller.get(f"{PRINTS}?{query}")
    assert answer.status == 200, answer.json
    return [[text["text"] for text in page["texts"]] for page in answer.json["pages"]]


def invoiced(desk: Desk) -> dict[str, Any]:
    """Buy and sell."""
    desk.finished("goods_receipt", desk.line("100", "5"), date="2026-06-02")
    order = desk.finished("sales_order", desk.line("10", "11.3"))
    delivery = desk.follow("delivery", order["id"])
    return desk.follow("sales_invoice", delivery["id"])


def test_documents_are_printed_with_the_contact_as_it_is_known(local_desk: Desk) -> None:
    desk = local_desk
    path = f"/api/contacts/{desk.customer}"
    version = desk.window.get(path).json["version"]
    known = {
        "address": "文三路 1 号",
        "phone": "0571-1",
        "bank_name": "招行",
        "bank_account": "6214",
        "version": version,
    }
    assert desk.window.call("PATCH", path, known).status == 200
    wished = {"phone": "0572-9", "logo": picture(), "texts": [{"kind": "sales_invoice", "terms": "款到发货"}]}
    assert desk.window.call("PATCH", "/api/document-print-settings", wished).status == 200
    invoice = invoiced(desk)
    (page,) = pages(desk.window, [invoice["id"]])
    for text in ("客户：甲公司", "地址：文三路 1 号", "银行：招行 6214", "电话：0572-9", "款到发货", "螺丝", "113.00"):
        assert text in page, text
    answer = desk.window.get(f"{PRINTS}?ids={invoice['id']}")
    assert list(answer.json["pictures"]) == ["logo"]
    assert answer.json["documents"] == 1


def test_many_documents_come_in_parts_and_each_begins_a_page(local_desk: Desk) -> None:
    desk = local_desk
    ids = [desk.draft("quotation", desk.line("1", "10")).json["id"] for _number in range(3)]
    first = desk.window.get(f"{PRINTS}?ids={','.join(map(str, ids))}&limit=2").json
    assert (len(first["pages"]), first["next"], first["documents"]) == (2, "2", 3)
    rest = desk.window.get(f"{PRINTS}?ids={','.join(map(str, ids))}&limit=2&cursor=2").json
    assert (len(rest["pages"]), rest["next"]) == (1, None)
    job = desk.window.post(PRINTS, {"wanted": {"ids": ",".join(map(str, ids)), "paper": "a5"}})
    assert job.status == 202


def test_receipts_and_statements_of_account(local_desk: Desk) -> None:
    desk = local_desk
    invoice = invoiced(desk)
    part = {"document_id": invoice["id"], "amount": "100"}
    body = {"kind": "collection", "date": "2026-06-20", "contact_id": desk.customer, "account_code": "1002"}
    payment = desk.window.post("/api/payments", {**body, "amount": "120", "allocations": [part]}).json
    assert desk.window.post(f"/api/payments/{payment['id']}/finish", {}).status == 200
    (receipt,) = pages(desk.window, [payment["id"]], source="payment")
    for text in ("收款收据", "大写：壹佰贰拾元整", invoice["number"], "100.00", "预收款", "20.00"):
        assert text in receipt, text
    days = {"from_date": "2026-06-01", "to_date": "2026-06-30"}
    (statement,) = pages(desk.window, [desk.customer], source="statement", **days)
    for text in ("对账单", "期间：2026-06-01 至 2026-06-30", "113.00", "期末余额（贷）", "7.00", "对方确认（盖章）："):
        assert text in statement, text


def test_stock_documents_with_and_without_their_value(local_desk: Desk) -> None:
    desk = local_desk
    desk.finished("goods_receipt", desk.line("100", "5"), date="2026-06-02")
    body = {"kind": "count", "date": "2026-06-30", "lines": [{"item_id": desk.item, "quantity": "97"}]}
    count = desk.window.post("/api/stock-documents", body).json
    assert desk.window.post(f"/api/stock-documents/{count['id']}/finish", {}).status == 200
    (sheet,) = pages(desk.window, [count["id"]], source="stock")
    for text in ("盘点单", "账面数量", "100", "实盘数量", "97", "监盘：", "主仓库"):
        assert any(text in one for one in sheet), text
    assert "金额" not in pages(desk.window, [count["id"]], source="stock", with_prices="false")[0]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("ids=", 422),
        ("ids=1;2", 400),
        ("ids=999", 404),
        ("ids=1&cursor=x", 400),
        ("ids=1&paper=a3", 400),
        ("ids=1&source=statement", 400),
        ("ids=1&source=statement&from_date=2026-06-31&to_date=2026-07-01", 400),
    ],
)
def test_what_cannot_be_printed_is_said(local_desk: Desk, query: str, status: int) -> None:
    answer = local_desk.window.get(f"{PRINTS}?{query}")
    assert answer.status == status, answer.json
    assert answer.json["error"]
