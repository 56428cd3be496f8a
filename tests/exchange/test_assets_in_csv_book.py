"""Asset cards and exchange rates go out with the book and come back equal; other programs need not know them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.contract.assets import AssetChange, AssetDisposal, AssetInput
from app.contract.ledger import AccountChange, AuxiliaryInput, BatchSelection, Reversal, VoucherInput
from app.contract.rates import ExchangeRateInput
from app.exchange.errors import FileRefused
from app.ledger.queries.accounts import account_id_of
from app.ledger.queries.assets import agreement
from app.ledger.queries.assets.content import all_cards, all_charges, all_rates, all_terms
from app.ledger.service.accounts import change_account
from app.ledger.service.assets.cards import change_asset, create_asset
from app.ledger.service.assets.disposal import dispose_asset
from app.ledger.service.assets.due import charges_due, record_charges
from app.ledger.service.rates import save_rates
from app.ledger.service.sets import create_auxiliary
from app.ledger.service.states import post_batch, reverse_voucher, review_and_post
from app.ledger.service.vouchers import save_voucher
from app.storage.database import run_unit
from tests.exchange.conftest import MakeDesk
from tests.exchange.desk import Desk
from tests.ledger.build import line


def fill(desk: Desk) -> None:
    """Rates, three cards, charges of which one is reversed, a change and a disposal with its voucher."""
    owner = desk.owner
    with desk.book.session():
        save_rates(owner, [ExchangeRateInput(currency="USD", date="2026-02-27", rate="7.1", source="=中间价")])
        create_auxiliary(owner, AuxiliaryInput(kind="部门", name="一车间"))
        cards = [
            create_asset(
                owner,
                AssetInput(
                    code=code,
                    name=f"设备{code}",
                    acquired_on="2026-01-10",
                    asset_account_code="160102",
                    accumulated_account_code="1602",
                    expense_account_code="410102",
                    expense_aux="部门:一车间",
                    user_aux="部门:一车间",
                    original_value="12000",
                    residual_rate=rate,
                    life_months=60,
                ),
            )
            for code, rate in (("A1", "5"), ("A2", ""), ("-A3", "0"))
        ]
        charged: list[int] = []
        for period in (202602, 202603):

            def work(period: int = period) -> int:
                due = charges_due(period, "depreciation")
                total = sum(row.amount_minor for row in due)
                amount = f"{total // 100}.{total % 100:02d}"
                entries = [line("410102", amount, aux="部门:一车间"), line("1602", credit=amount)]
                date = f"{period // 100}-{period % 100:02d}-28"
                saved = save_voucher(owner, VoucherInput(date=date, kind="transfer", entries=entries))
                record_charges(owner, period, saved.id, due)
                return saved.id

            charged.append(run_unit(work))
            review_and_post(owner, charged[-1])
        reverse_voucher(owner, charged[1], Reversal(date="2026-04-01", post=True))
        change_asset(owner, cards[0].id, AssetChange(life_months=48, from_period="2026-05", reason="大修"))
        wish = AssetDisposal(date="2026-04-20", reason="sold", proceeds="100", proceeds_account_code="1002")
        dispose_asset(owner, cards[1].id, wish.model_copy(update={"make_voucher": True}))
        post_batch(owner, BatchSelection(), review=True)


def content(desk: Desk) -> list[object]:
    with desk.book.session():
        found = {month: agreement(month) for month in (202602, 202603, 202604)}
        balances = [[(row.account_code, row.ledger_minor, row.cards_minor) for row in found[month]] for month in found]
        return [all_cards(), all_terms(), all_charges(), all_rates(), balances]


def due(desk: Desk) -> list[tuple[str, int]]:
    with desk.book.session():
        return [(row.asset_code, row.amount_minor) for row in charges_due(202605, "depreciation")]


@pytest.mark.parametrize("name", ["book", "book.zip"])
def test_export_then_import_gives_equal_cards_and_rates(make_desk: MakeDesk, tmp_path: Path, name: str) -> None:
    first = make_desk("small_enterprise_2013", 202601)
    fill(first)
    target = first.send(tmp_path / name)
    second = make_desk("small_enterprise_2013", 202601)
    second.bring(target, post=True)
    assert content(second) == content(first)
    assert due(second) == due(first)
    third = make_desk("small_enterprise_2013", 202601)
    third.bring(second.send(tmp_path / "again"), post=True)
    assert content(third) == content(first)
    for report in ("asset-register", "depreciation", "trial-balance"):
        assert second.report(report) == first.report(report)


def test_a_book_without_cards_has_no_such_files(make_desk: MakeDesk, tmp_path: Path) -> None:
    made = make_desk("small_enterprise_2013", 202601).send(tmp_path / "book")
    assert not {"assets.csv", "asset_terms.csv", "asset_charges.csv", "exchange_rates.csv"} & {
        path.name for path in made.iterdir()
    }


def test_an_account_that_may_not_be_used_any_more_comes_with_its_card(make_desk: MakeDesk, tmp_path: Path) -> None:
    first = make_desk("small_enterprise_2013", 202601)
    with first.book.session():
        new = AssetInput(
            name="软件",
            kind="intangible",
            acquired_on="2026-01-10",
            asset_account_code="1701",
            accumulated_account_code="1702",
            expense_account_code="560218",
            original_value="100",
            life_months=10,
        )
        create_asset(first.owner, new)
        change_account(first.owner, account_id_of("560218"), AccountChange(active=False))
    second = make_desk("small_enterprise_2013", 202601)
    second.bring(first.send(tmp_path / "book"))
    assert content(second) == content(first)


@pytest.mark.parametrize(
    ("file", "column", "text", "word"),
    [
        ("assets.csv", "kind", "house", "fixed"),
        ("assets.csv", "asset_account", "9999", "9999"),
        ("asset_terms.csv", "life_months", "x", "x"),
        ("asset_charges.csv", "voucher_number", "77", "77"),
        ("exchange_rates.csv", "rate", "七", "七"),
    ],
)
def test_a_bad_cell_keeps_the_whole_book_out(
    make_desk: MakeDesk, tmp_path: Path, file: str, column: str, text: str, word: str
) -> None:
    first = make_desk("small_enterprise_2013", 202601)
    fill(first)
    folder = first.send(tmp_path / "book")
    with (folder / file).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[0][column] = text
    with (folder / file).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    second = make_desk("small_enterprise_2013", 202601)
    with pytest.raises(FileRefused) as caught:
        second.bring(folder, post=True)
    assert word in str(caught.value.message)
    with second.book.session():
        assert (all_cards(), all_rates()) == ([], [])


def test_cards_are_not_brought_twice_nor_with_new_numbers(make_desk: MakeDesk, tmp_path: Path) -> None:
    first = make_desk("small_enterprise_2013", 202601)
    fill(first)
    folder = first.send(tmp_path / "book")
    second = make_desk("small_enterprise_2013", 202601)
    result = second.bring(folder, post=True, renumber=True)
    assert any("卡片" in text for text in result.warnings)
    with second.book.session():
        assert all_cards() == []
        assert len(all_rates()) == 1


def test_a_file_of_rates_alone_is_known_by_its_header(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk("small_enterprise_2013", 202601)
    path = tmp_path / "中间价.csv"
    path.write_text("date,currency,rate\n2026-02-27,USD,7.1\n", encoding="utf-8")
    desk.bring(path)
    with desk.book.session():
        assert all_rates() == [("2026-02-27", "USD", "7.1", "")]
