"""What a voucher may and may not do, on SQLite and MariaDB."""

from __future__ import annotations

import pytest

from app.contract.ledger import EntryInput, Reversal, VoucherInput, VoucherQuery
from app.identity.actor import Actor
from app.kernel.errors import Conflict, MalformedInput, PermissionDenied, RuleBroken
from app.ledger.queries.voucher_list import list_vouchers
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service import periods, states, vouchers
from app.ledger.verify import verify_book
from app.storage.database import execute, fetch_all, fetch_one
from tests.ledger.build import draft, line, posted


def balance(code: str, layer: int = 0) -> int:
    row = fetch_one(
        "SELECT COALESCE(SUM(b.debit - b.credit), 0) FROM {balance} b JOIN {account} a ON a.id = b.account_id"
        " WHERE a.code = ? AND b.layer = ?",
        (code, layer),
    )
    assert row is not None
    return int(row[0])


def test_a_voucher_goes_from_draft_to_the_ledger(owner: Actor) -> None:
    saved = draft(owner, "2026-01-05", line("1001", "100.50"), line("560205", credit="100.50"))
    assert (saved.word, saved.number, saved.state, saved.faults) == ("记", 1, "draft", [])
    assert saved.capital == "壹佰元伍角整"
    assert (balance("1001"), balance("1001", layer=1)) == (0, 10050)
    states.review_voucher(owner, saved.id)
    final = states.post_voucher(owner, saved.id)
    assert (final.state, final.maker, final.reviewer, final.poster) == ("posted", "王会计", "王会计", "王会计")
    assert (balance("1001"), balance("1001", layer=1)) == (10050, 0)
    assert verify_book().findings == []


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([line("1001", "5"), line("560205", credit="6")], "unbalanced"),
        ([line("1001", "5")], "too_few_lines"),
        ([line("1012", "5"), line("560205", credit="5")], "account_not_leaf"),
        ([line("1122", "5"), line("560205", credit="5")], "auxiliary_missing"),
        ([line("1001", "5", summary=""), line("560205", credit="5")], "summary_empty"),
    ],
)
def test_a_faulty_voucher_stays_a_draft_and_counts_nowhere(owner: Actor, entries: list[EntryInput], code: str) -> None:
    saved = draft(owner, "2026-01-05", *entries)
    assert code in [fault.code for fault in saved.faults]
    assert balance("560205", layer=1) == 0
    with pytest.raises(RuleBroken):
        states.review_voucher(owner, saved.id)
    assert verify_book().findings == []


def test_amounts_that_a_book_cannot_add_up_are_refused_in_a_sentence(owner: Actor) -> None:
    most = "90000000000000000.00"
    draft(owner, "2026-01-05", line("1001", most), line("560205", credit=most))
    with pytest.raises(RuleBroken) as caught:
        draft(owner, "2026-01-06", line("1001", most), line("560205", credit=most))
    assert caught.value.code == "amount_too_large"
    with pytest.raises(RuleBroken) as caught:  # already the voucher's own total
        draft(owner, "2026-01-07", line("1001", most), line("1001", most), line("560205", credit=most))
    assert caught.value.code == "amount_too_large"
    assert verify_book().findings == []


def test_unreadable_input_names_every_field_and_stores_nothing(owner: Actor) -> None:
    bad = VoucherInput(date="2026-13-01", entries=[line("9999", "abc"), line("1001", "1", "2")])
    with pytest.raises(MalformedInput) as caught:
        vouchers.save_voucher(owner, bad)
    assert set(caught.value.fields) == {"date", "entries.0.account_code", "entries.0.debit", "entries.1.credit"}
    assert fetch_all("SELECT id FROM {voucher}") == []


def test_numbers_close_up_when_a_draft_leaves(owner: Actor) -> None:
    ids = [draft(owner, "2026-01-05", line("1001", "1"), line("560205", credit="1")).id for _ in range(4)]
    vouchers.delete_draft(owner, ids[1])
    assert [get_voucher(i).number for i in (ids[0], ids[2], ids[3])] == [1, 2, 3]
    moved = VoucherInput(date="2026-02-01", entries=[line("1001", "1"), line("560205", credit="1")])
    assert vouchers.save_voucher(owner, moved, ids[0]).number == 1
    assert [get_voucher(i).number for i in (ids[2], ids[3])] == [1, 2]
    assert verify_book().findings == []


def test_a_draft_before_a_posted_number_can_only_be_voided(owner: Actor) -> None:
    first = draft(owner, "2026-01-05", line("1001", "1"), line("560205", credit="1"))
    posted(owner, "2026-01-06", line("1001", "2"), line("560205", credit="2"))
    with pytest.raises(RuleBroken, match="只能作废"):
        vouchers.delete_draft(owner, first.id)
    void = states.void_voucher(owner, first.id)
    assert (void.state, void.number) == ("void", 1)
    assert balance("1001") == 200
    assert balance("1001", layer=1) == 0
    assert verify_book().findings == []


def test_posted_is_for_ever_and_reversed_in_red(owner: Actor) -> None:
    done = posted(owner, "2026-01-05", line("1001", "80"), line("560205", credit="80"))
    same = VoucherInput(date="2026-01-05", entries=[line("1001", "1"), line("560205", credit="1")])
    for attempt in (
        lambda: vouchers.save_voucher(owner, same, done.id),
        lambda: vouchers.delete_draft(owner, done.id),
        lambda: states.void_voucher(owner, done.id),
        lambda: states.unreview_voucher(owner, done.id),
        lambda: states.post_voucher(owner, done.id),
    ):
        with pytest.raises(RuleBroken):
            attempt()
    red = states.reverse_voucher(owner, done.id, Reversal(post=True))
    assert [(e.side, e.debit, e.credit) for e in red.entries] == [
        ("debit", "-80.00", "0.00"),
        ("credit", "0.00", "-80.00"),
    ]
    assert red.entries[0].summary == "注销1月5日记字1号凭证"
    assert (red.reversal_of, get_voucher(done.id).reversed_by) == (done.id, red.id)
    assert balance("1001") == 0
    with pytest.raises(Conflict):
        states.reverse_voucher(owner, done.id, Reversal())
    blue = VoucherInput(
        date="2026-01-05", entries=[line("1001", "60"), line("560205", credit="60")], correction_of=done.id
    )
    assert vouchers.save_voucher(owner, blue).correction_of == done.id
    assert verify_book().findings == []


def test_a_stale_edit_is_refused_with_who_changed_it(owner: Actor) -> None:
    saved = draft(owner, "2026-01-05", line("1001", "1"), line("560205", credit="1"))
    change = VoucherInput(date="2026-01-06", entries=[line("1001", "2"), line("560205", credit="2")], version=1)
    vouchers.save_voucher(owner, change, saved.id)
    with pytest.raises(Conflict, match="王会计") as caught:
        vouchers.save_voucher(owner, change, saved.id)
    current = caught.value.details["current"]
    assert isinstance(current, dict)
    assert current["version"] == 2


def test_months_close_in_order_and_take_nothing_more(owner: Actor) -> None:
    waiting = draft(owner, "2026-01-31", line("1001", "5"), line("3001", credit="5"))
    assert waiting.id
    with pytest.raises(RuleBroken, match="没记账"):
        periods.close_period(owner, 202601)
    states.review_and_post(owner, waiting.id)
    with pytest.raises(RuleBroken, match="顺序"):
        periods.close_period(owner, 202602)
    assert periods.close_period(owner, 202601).state == "closed"
    late = draft(owner, "2026-01-31", line("1001", "5"), line("560205", credit="5"))
    assert (late.number, [fault.code for fault in late.faults]) == (None, ["period_not_open"])
    red = states.reverse_voucher(owner, waiting.id, Reversal())
    assert red.date == "2026-02-01"
    with pytest.raises(RuleBroken):
        periods.close_period(owner, 202601)
    assert periods.reopen_period(owner, 202601).state == "open"
    assert verify_book().findings == []


def test_closing_waits_until_profit_and_loss_is_carried_forward(owner: Actor) -> None:
    posted(owner, "2026-01-05", line("1001", "80"), line("5001", credit="80"))
    with pytest.raises(RuleBroken, match="5001") as caught:
        periods.close_period(owner, 202601)
    assert caught.value.details["list"] == ["5001 主营业务收入 -80.00"]


def test_rights_are_required(owner: Actor) -> None:
    stranger = Actor(owner.user_id, "路人", frozenset({"ledger:voucher:add"}))
    saved = draft(stranger, "2026-01-05", line("1001", "1"), line("560205", credit="1"))
    for attempt in (states.review_voucher, states.post_voucher, states.void_voucher, vouchers.delete_draft):
        with pytest.raises(PermissionDenied):
            attempt(stranger, saved.id)
    with pytest.raises(PermissionDenied):
        periods.close_period(stranger, 202601)


def test_the_list_is_paged_in_number_order(owner: Actor) -> None:
    for day in range(1, 8):
        draft(owner, f"2026-01-{day:02}", line("1001", str(day)), line("560205", credit=str(day)))
    seen: list[int | None] = []
    cursor = ""
    while True:
        page = list_vouchers(VoucherQuery(limit=3, cursor=cursor))
        seen += [voucher.number for voucher in page.vouchers]
        if page.next is None:
            break
        cursor = page.next
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    assert [v.number for v in list_vouchers(VoucherQuery(amount="5")).vouchers] == [5]
    assert [v.number for v in list_vouchers(VoucherQuery(newest_first=True, limit=2)).vouchers] == [7, 6]


def test_later_years_open_with_what_earlier_years_close(owner: Actor) -> None:
    posted(owner, "2028-03-05", line("1001", "7"), line("560205", credit="7"))
    posted(owner, "2026-12-05", line("1001", "80"), line("560205", credit="80"))
    posted(owner, "2027-01-05", line("1001", "20"), line("560205", credit="20"))
    rows = fetch_all(
        "SELECT b.period, b.opening FROM {balance} b JOIN {account} a ON a.id = b.account_id"
        " WHERE a.code = '1001' AND b.layer = 0 AND b.opening <> 0 ORDER BY b.period"
    )
    assert rows == [(202700, 8000), (202800, 10000)]
    assert verify_book().findings == []


@pytest.mark.parametrize(
    ("sql", "check"),
    [
        ("UPDATE {entry} SET summary = 'X' WHERE voucher_id = 2 AND line = 1", "hash"),
        ("UPDATE {entry} SET debit = debit + 1 WHERE voucher_id = 2 AND line = 1", "sides"),
        ("UPDATE {voucher} SET date = '2026-01-07' WHERE id = 2", "hash"),
        ("UPDATE {voucher} SET posted_at = posted_at + 1 WHERE id = 2", "hash"),
        ("DELETE FROM {entry} WHERE voucher_id = 3 AND line = 2", "hash"),
        ("UPDATE {balance} SET debit = debit + 1 WHERE debit > 0", "balance"),
        ("UPDATE {number_counter} SET last_number = 9", "number"),
        ("UPDATE {chain_head} SET count = count + 1", "chain"),
    ],
)
def test_verify_names_what_was_altered(owner: Actor, sql: str, check: str) -> None:
    for day in (5, 6, 7):
        posted(owner, f"2026-01-0{day}", line("1001", "80"), line("560205", credit="80"))
    assert verify_book().findings == []
    execute(sql)
    assert check in {finding.check for finding in verify_book().findings}


def test_verify_names_a_voucher_deleted_at_the_end(owner: Actor) -> None:
    for day in (5, 6, 7):
        posted(owner, f"2026-01-0{day}", line("1001", "80"), line("560205", credit="80"))
    execute("DELETE FROM {entry} WHERE voucher_id = 3")
    execute("DELETE FROM {voucher} WHERE id = 3")
    checks = {finding.check for finding in verify_book().findings}
    assert {"chain", "balance", "number"} <= checks
