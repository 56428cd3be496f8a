"""Finding vouchers: by words of two characters, amount, account, contact, number; page after page."""

from __future__ import annotations

import pytest

from app.contract.ledger import Reversal, VoucherInput, VoucherQuery
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput, NotFound
from app.ledger import word_index
from app.ledger.queries.voucher_choices import voucher_choices
from app.ledger.queries.voucher_list import list_vouchers
from app.ledger.service import bulk, signing, states, vouchers
from app.ledger.service.bulk import ImportedEntry, ImportedVoucher, import_vouchers
from tests.ledger.build import draft, line, posted


def _imported(actor: Actor, count: int) -> None:
    words = ("支付货款", "办公用品 100%", "差旅费_北京", "Coffee 咖啡")
    batch = []
    for index in range(count):
        month = 1 + index * 12 // count
        summary = words[index % 4]
        amount = 1000 + index
        entries = [
            ImportedEntry(
                summary, "1122" if index % 3 == 0 else "1001", 1, amount, 0, "客户:甲" if index % 3 == 0 else ""
            ),
            ImportedEntry(summary, "560205", -1, 0, amount),
        ]
        batch.append(
            ImportedVoucher(f"2026-{month:02}-10", 202600 + month, "记", None, "normal", 0, str(index), entries)
        )
    import_vouchers(actor, batch, post=True)


def _found(**wanted: object) -> list[tuple[str, int | None]]:
    """Return (month, number) of all vouchers found, gathered page by page."""
    found: list[tuple[str, int | None]] = []
    cursor = ""
    while True:
        page = list_vouchers(VoucherQuery(limit=7, cursor=cursor, **wanted))
        found += [(head.period, head.number) for head in page.vouchers]
        if page.next is None:
            return found
        cursor = page.next


def test_words_are_found_with_and_without_the_index(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_index, "BLOCK", 16)
    _imported(owner, 60)
    wanted = ["货款", "咖啡", "coffee", "100%", "费_北", "差旅费", "北京", "款", "没有", "100_", "货 款"]
    before = {word: _found(q=word) for word in wanted}
    assert [len(before[word]) for word in wanted] == [15, 15, 15, 15, 15, 15, 15, 15, 0, 0, 0]
    assert word_index.continue_index() == 3
    draft(owner, "2026-03-01", line("1001", "1", summary="新的货款"), line("560205", credit="1"))
    after = {word: _found(q=word) for word in wanted}
    assert len(after.pop("货款")) == 16
    assert len(after.pop("款")) == 16
    assert all(before[word] == found for word, found in after.items())
    assert _found(q="货款", newest_first=True) == sorted(_found(q="货款"), reverse=True)


def test_common_words_are_found_by_reading_on(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_index, "BLOCK", 16)
    monkeypatch.setattr(word_index, "MOST_CANDIDATES", 5)
    _imported(owner, 60)
    word_index.continue_index()
    assert word_index.candidate_ids("货款") is None
    assert word_index.candidate_ids("支付货") is None
    assert len(_found(q="货款")) == 15


def test_filters_and_pages_agree(owner: Actor) -> None:
    _imported(owner, 60)
    every = _found()
    assert len(every) == 60
    assert every == sorted(every, key=lambda found: (found[0], found[1] or 0))
    assert len(_found(account_code="1122")) == 20
    assert len(_found(account_code="5602")) == 60
    assert len(_found(aux="客户:甲")) == len(_found(aux="客户:甲", account_code="1122")) == 20
    assert _found(aux="客户:甲", account_code="1001") == []
    assert _found(aux="客户:没有") == []
    assert len(_found(amount="10.05")) == 1
    assert len(_found(amount="10.05", account_code="1001")) == 1
    assert len(_found(number=1)) == 12
    assert _found(from_period="2026-03", to_period="2026-04", account_code="1122") == [
        found for found in _found(account_code="1122") if found[0] in ("2026-03", "2026-04")
    ]
    assert _found(from_date="2026-03-11", to_date="2026-03-31") == []
    assert _found(account_code="1122", newest_first=True) == list(reversed(_found(account_code="1122")))
    assert _found(state="draft") == []


def test_wrong_filters_are_refused(owner: Actor) -> None:
    assert owner.is_owner
    for wrong in (
        {"amount": "x"},
        {"from_period": "x"},
        {"cursor": "a:b"},
        {"cursor": "1:²:3:记"},
        {"cursor": "9" * 30},
    ):
        with pytest.raises(MalformedInput):
            list_vouchers(VoucherQuery(**wrong))
    with pytest.raises(NotFound):
        list_vouchers(VoucherQuery(account_code="9999"))


def test_imports_in_chunks_are_one(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 7)
    _imported(owner, 60)
    from app.ledger.verify import verify_book

    assert verify_book().findings == []


def test_every_field_of_a_voucher_can_be_searched_by(owner: Actor) -> None:
    dollars = line("1002", "72", currency="USD", foreign_amount="10", rate="7.2")
    usd = draft(owner, "2026-01-05", dollars, line("2001", credit="72"))
    paid = posted(owner, "2026-02-05", line("560205", "10"), line("1002", credit="10"))
    red = states.reverse_voucher(owner, paid.id, Reversal())
    moved = VoucherInput(date="2026-03-05", kind="transfer", entries=[line("560205", "8"), line("1405", credit="8")])
    closing = vouchers.save_voucher(owner, moved, origin="closing:cost")
    signing.sign_voucher(owner, usd.id)

    def found(**wanted: object) -> list[int]:
        return [head.id for head in list_vouchers(VoucherQuery.model_validate(wanted)).vouchers]

    everything = [usd.id, paid.id, red.id, closing.id]
    assert found(maker="王会计") == everything
    assert found(maker="不在") == []
    assert found(reviewer="王会计") == [paid.id]
    assert found(poster="王会计") == [paid.id]
    assert found(cashier="王会计") == [usd.id]
    assert found(kind="transfer") == [closing.id]
    assert found(origin="closing") == [closing.id]
    assert found(origin="reversal") == [red.id]
    assert found(origin="hand") == [usd.id, paid.id]
    assert found(origin="clos") == []
    assert found(currency="USD") == [usd.id]
    assert found(cash_flow_line=6) == [paid.id, red.id]
    assert found(cash_flow_line=14, currency="USD", maker="王会计") == [usd.id]
    assert found(amount_from="8", amount_to="10") == [paid.id, closing.id]
    assert found(amount_from="10.01") == [usd.id]
    assert found(amount_to="-1") == [red.id]
    assert found(amount_from="8", newest_first=True, limit=2) == [closing.id, paid.id]
    choices = voucher_choices()
    assert (choices.people, choices.words) == (["王会计"], ["记"])
    assert choices.origins == ["", "closing", "reversal"]


def test_ranges_with_many_hits_are_walked_through(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [draft(owner, "2026-01-05", line("1001", str(n)), line("560205", credit=str(n))).id for n in range(1, 9)]
    query = VoucherQuery(amount_from="3", amount_to="6", limit=2)
    pages = {}
    for limit in (2, 20_000):
        monkeypatch.setattr("app.ledger.queries.voucher_conditions.SHORT_LIST", limit)
        first = list_vouchers(query)
        second = list_vouchers(query.model_copy(update={"cursor": first.next}))
        pages[limit] = [head.id for page in (first, second) for head in page.vouchers]
    assert pages[2] == pages[20_000] == ids[2:6]
