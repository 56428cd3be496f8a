"""The month worked out by hand (books/month), its closing vouchers left to the check list instead of typed.

Every step must come to the voucher the bookkeeper wrote, and the statements to the same literal figures.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from app.client.api import ApiClient
from app.contract.closing import CloseWish, StepKey, StepProposal, StepRun
from app.contract.ledger import EntryInput, VoucherInput
from tests.scenarios.worked import BOOKS, WorkedBook

MONTH = BOOKS / "month"
JUNE = "2026-06"
BY_STEPS = {"62", "63", "64", "65", "66", "67", "68", "70"}
"""Vouchers of the month that steps make; 记-68 holds stamp tax too, which a person types."""


def test_the_steps_come_to_what_the_bookkeeper_wrote(unmade: WorkedBook, tmp_path: Path) -> None:
    unmade.do("new", "--chart", "small_enterprise_2013", "--start", JUNE, "--name", "青禾制品")
    unmade.do("import", without_closing(tmp_path), "--post", "--renumber")
    with unmade.client() as api:
        post_stamp_tax(api)
        parameters = api.closing_parameters()
        api.change_closing_parameters(parameters.model_copy(update={"small_low_profit": True}))
        plan = api.closing_plan(JUNE)
        assert [step.key for step in plan.steps if step.state in ("due", "blocked")] == [
            *("revaluation", "cost", "vat", "surcharges", "income_tax", "profit_and_loss", "close")
        ]

        assert booked(go(api, "revaluation", {"rate.USD": "7.15"})) == [
            ("100202", "", "309.90", ""),
            ("1122", "客户:Pacific", "40.00", ""),
            ("220201", "供应商:海联船务", "", "25.00"),
            ("530105", "", "", "349.90"),
            ("560303", "", "25.00", ""),
        ]
        assert booked(go(api, "cost", cost_parameters(api))) == [
            ("400101", "", "14602.29", ""),
            ("410101", "", "", "5800.00"),
            ("410102", "", "", "3000.00"),
            ("410103", "", "", "4002.29"),
            ("410104", "", "", "1800.00"),
            ("1405", "产品:甲产品", "86400.00", ""),
            ("400101", "", "", "86400.00"),
            ("5401", "产品:乙商品", "31974.11", ""),
            ("1405", "产品:乙商品", "", "31974.11"),
            ("5401", "产品:甲产品", "109651.64", ""),
            ("1405", "产品:甲产品", "", "109651.64"),
        ]
        assert booked(go(api, "vat")) == [("22210104", "", "5917.97", ""), ("222102", "", "", "5917.97")]
        assert booked(go(api, "surcharges")) == [
            ("540302", "", "414.26", ""),
            ("222113", "", "", "414.26"),
            ("540309", "", "177.54", ""),
            ("222114", "", "", "177.54"),
            ("540310", "", "118.36", ""),
            ("222115", "", "", "118.36"),
        ]
        assert booked(go(api, "income_tax")) == [("5801", "", "3714.03", ""), ("222111", "", "", "3714.03")]

    unmade.check(MONTH, JUNE)
    with unmade.client() as api:
        made = api.close_period(JUNE, CloseWish(carry_forward=True)).made
        assert [(one.kind, one.state) for one in made] == [("close_pl", "posted")]
        assert {step.state for step in api.closing_plan(JUNE).steps} == {"done", "nothing"}
    unmade.check(MONTH, JUNE)
    unmade.do("verify")


def without_closing(tmp_path: Path) -> Path:
    """Return a copy of the book without the vouchers the steps are to make."""
    folder = tmp_path / "month"
    shutil.copytree(MONTH, folder, ignore=shutil.ignore_patterns("expected_*", "README.md"))
    with (folder / "vouchers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / "vouchers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row for row in rows if row["number"] not in BY_STEPS)
    return folder


def post_stamp_tax(api: ApiClient) -> None:
    entries = [
        EntryInput(summary="计提印花税", account_code="540308", debit="210.00"),
        EntryInput(summary="计提印花税", account_code="222122", credit="210.00"),
    ]
    saved = api.add_voucher(VoucherInput(date="2026-06-30", entries=entries))
    api.review_voucher(saved.id)
    api.post_voucher(saved.id)


def cost_parameters(api: ApiClient) -> dict[str, str]:
    """Return what a person types: 600 pieces finished for 86,400.00, and how many of each article were sold."""
    inputs = api.propose_step(JUNE, "cost").inputs
    typed: dict[str, str] = {}
    for one in inputs:
        if one.key.startswith("finished."):
            typed[one.key] = "86400.00"
        elif one.key.startswith("finished_quantity."):
            typed[one.key] = "600"
        elif one.key.startswith("finished_aux."):
            assert "产品:甲产品" in one.choices
            typed[one.key] = "产品:甲产品"
        elif one.key.startswith("sold.") and "甲产品" in one.label:
            typed[one.key] = "750"
        elif one.key.startswith("sold.") and "乙商品" in one.label:
            typed[one.key] = "200"
    return typed


def go(api: ApiClient, step: StepKey, typed: dict[str, str] | None = None) -> StepProposal:
    """Propose a step, save it as proposed, posted, and see that nothing is left of it."""
    proposal = api.propose_step(JUNE, step, typed)
    run = StepRun(vouchers=proposal.vouchers, parameters=typed or {}, post=True, fingerprint=proposal.fingerprint)
    done = api.run_step(JUNE, step, run)
    assert done.state == "done"
    assert {voucher.state for voucher in done.vouchers} == {"posted"}
    assert api.propose_step(JUNE, step).vouchers == []
    return proposal


def booked(proposal: StepProposal) -> list[tuple[str, str, str, str]]:
    return [
        (entry.account_code, entry.aux, entry.debit, entry.credit)
        for voucher in proposal.vouchers
        for entry in voucher.entries
    ]
