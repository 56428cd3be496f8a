"""Exchange rates of days: kept, changed, deleted, found on a day, and imported whole or not at all."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path
from typing import Any, cast

import pytest
import xlsxwriter

from app.contract.rates import ExchangeRateImport, ExchangeRateInput, ExchangeRateOutcome, ExchangeRateQuery
from app.exchange.rates import import_rates
from app.identity.actor import Actor
from app.kernel.errors import Conflict, MalformedInput, NotFound, PermissionDenied, UserError
from app.ledger.queries.rates import list_rates, rate_on
from app.ledger.service.currencies import ensure_currency
from app.ledger.service.rates import delete_rate, save_rates
from app.storage.database import fetch_all
from app.storage.uploads import keep_file

NOBODY = Actor(99, "访客", frozenset({"ledger:rate:view"}), False)


def typed(currency: str, date: str, rate: str, source: str = "") -> ExchangeRateInput:
    return ExchangeRateInput(currency=currency, date=date, rate=rate, source=source)


def kept(**wish: str) -> list[tuple[str, str, str]]:
    return [(r.currency, r.date, r.rate) for r in list_rates(ExchangeRateQuery(**wish)).rates]


def imported(actor: Actor, path: Path) -> ExchangeRateOutcome:
    return import_rates(actor, ExchangeRateImport(upload_id=keep_file(path, actor.user_id).id))


def test_a_rate_is_kept_once_a_currency_and_day_and_in_one_form(owner: Actor) -> None:
    first = save_rates(
        owner, [typed("USD", "2026-06-30", "７．１２００", "中国人民银行"), typed("EUR", "2026/6/30", "8.05")]
    )
    assert (first.added, first.changed, first.same) == (2, 0, 0)
    again = save_rates(owner, [typed("USD", "20260630", "7.13"), typed("EUR", "2026-06-30", "8.050")])
    assert (again.added, again.changed, again.same) == (0, 1, 1)
    assert kept(period="2026-06") == [("EUR", "2026-06-30", "8.05"), ("USD", "2026-06-30", "7.13")]
    assert kept(period="2026-07") == []
    assert kept(currency="USD") == [("USD", "2026-06-30", "7.13")]
    rows = fetch_all("SELECT user_name, before_value FROM {audit_log} WHERE object_id = 'USD 2026-06-30'")
    assert [(row[0], '"7.12"' in row[1]) for row in rows] == [("王会计", True)]


def test_the_last_rate_up_to_a_month_old_counts_on_a_day(owner: Actor) -> None:
    save_rates(owner, [typed("USD", "2026-06-01", "7.1"), typed("USD", "2026-06-15", "7.2")])
    usd = ensure_currency("USD")
    assert rate_on(usd, "2026-05-31") is None
    assert rate_on(usd, "2026-06-01") == "7.1"
    assert rate_on(usd, "2026-06-14") == "7.1"
    assert rate_on(usd, "2026-06-30") == "7.2"
    assert rate_on(usd, "2026-07-16") == "7.2"
    assert rate_on(usd, "2026-07-17") is None
    assert rate_on(ensure_currency("EUR"), "2026-06-30") is None
    assert kept(date="2026-06-20") == [("USD", "2026-06-15", "7.2")]
    assert kept(date="2026-08-20") == []


def test_one_wrong_rate_keeps_all_out_and_is_named(owner: Actor) -> None:
    with pytest.raises(MalformedInput) as caught:
        save_rates(
            owner,
            [
                typed("USD", "2026-06-30", "7.1"),
                typed("CNY", "2026-06-30", "1"),
                typed("美金", "2026-06-30", "7.1"),
                typed("USD", "2026-06-31", "7.1"),
                typed("USD", "2026-06-29", "-7.1"),
                typed("USD", "2026-06-30", "7.2"),
            ],
        )
    assert set(caught.value.fields) == {
        "rates.1.currency",
        "rates.2.currency",
        "rates.3.date",
        "rates.4.rate",
        "rates.5.rate",
    }
    assert kept() == []


def test_a_rate_is_deleted_and_the_log_keeps_what_it_was(owner: Actor) -> None:
    save_rates(owner, [typed("USD", "2026-06-30", "7.1")])
    delete_rate(owner, "USD", "2026-06-30")
    assert kept() == []
    rows = fetch_all("SELECT before_value FROM {audit_log} WHERE object_type = 'exchange_rate' ORDER BY id DESC")
    assert '"7.1"' in rows[0][0]
    with pytest.raises(NotFound):
        delete_rate(owner, "USD", "2026-06-30")


def test_rates_need_their_right(owner: Actor) -> None:
    with pytest.raises(PermissionDenied):
        save_rates(NOBODY, [typed("USD", "2026-06-30", "7.1")])
    with pytest.raises(PermissionDenied):
        delete_rate(NOBODY, "USD", "2026-06-30")
    with pytest.raises(PermissionDenied):
        import_rates(NOBODY, ExchangeRateImport(text="2026-06-30,USD,7.1"))


@pytest.mark.parametrize(
    "text",
    [
        "date,currency,rate\n2026-06-29,USD,7.11\n2026-06-30,EUR,8.05\n",
        "2026-06-29\tUSD\t7.11\n2026-06-30\tEUR\t8.05",
        "\ufeff汇率;币种;日期\r\n7.1100;美元;2026年6月29日\r\n\r\n8.05;欧元;2026/06/30\r\n",
        "日期,币种,名称,汇率\n2026-06-29 00:00:00,usd,美元,7.11\n2026-06-30,eur,欧元,8.05",
    ],
)
def test_pasted_tables_of_several_kinds_are_understood(owner: Actor, text: str) -> None:
    outcome = import_rates(owner, ExchangeRateImport(text=text))
    assert outcome.added == 2
    assert kept() == [("EUR", "2026-06-30", "8.05"), ("USD", "2026-06-29", "7.11")]


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("date,currency,rate\n2026-06-29,USD,7.11\n2026-06-30,USD,七块\n", 3, "汇率"),
        ("2026-06-29,USD,7.11\n2026-06-31,USD,7.11\n", 2, "日期"),
        ("2026-06-29,USD,7.11\n2026-06-30,USD\n", 2, "汇率"),
        ("2026-06-29,USD,7.11\n2026-06-30,CNY,1\n", 2, "本位币"),
        ("date,rate\n2026-06-29,7.11\n", 1, "currency"),
        ('2026-06-29,USD,7.11\n"2026-06-30,USD,7.11\n', 2, "日期"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_imported(owner: Actor, text: str, line: int, word: str) -> None:
    with pytest.raises(UserError) as caught:
        import_rates(owner, ExchangeRateImport(text=text))
    assert f"第 {line} 行" in str(caught.value.message)
    assert word in str(caught.value.message)
    assert kept() == []


def test_nothing_to_import_is_said(owner: Actor) -> None:
    with pytest.raises(MalformedInput):
        import_rates(owner, ExchangeRateImport(text="日期,币种,汇率\n"))


def test_a_workbook_and_a_csv_file_in_gb18030_are_read(owner: Actor, tmp_path: Path) -> None:
    path = tmp_path / "rates.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["日期", "币种", "汇率"])
        sheet.write_datetime(1, 0, datetime.date(2026, 6, 29), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write(1, 1, "USD")
        sheet.write_number(1, 2, 7.1234)
        sheet.write_row(3, 0, ["2026-06-30", "USD", "7.13"])
    assert imported(owner, path).added == 2
    csv = tmp_path / "rates.csv"
    csv.write_bytes("日期,币种,汇率\n2026-06-30,港元,0.91\n".encode("gb18030"))
    assert imported(owner, csv).added == 1
    assert kept() == [
        ("HKD", "2026-06-30", "0.91"),
        ("USD", "2026-06-29", "7.1234"),
        ("USD", "2026-06-30", "7.13"),
    ]
    assert {r.source for r in list_rates(ExchangeRateQuery()).rates} == {"rates.xlsx", "rates.csv"}


def altered(path: Path, file: Path, old: bytes, new: bytes) -> Path:
    """Write a workbook in which every part has `new` where it had `old`."""
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(old, new))
    return path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<v>7.5</v>", b"<v>1E999999</v>"),
        (b'<row r="1"', b'<row r="one"'),
        (b'<c r="A1" t="s"><v>0</v>', '<c r="A1" t="s"><v>²</v>'.encode()),
    ],
)
def test_a_workbook_that_no_program_wrote_is_refused(owner: Actor, tmp_path: Path, old: bytes, new: bytes) -> None:
    with xlsxwriter.Workbook(tmp_path / "good.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["2026-06-30", "USD", 7.5])
        sheet.write_row(1, 0, ["2026-06-31", "USD", 7.5])
    path = altered(tmp_path / "rates.xlsx", tmp_path / "good.xlsx", old, new)
    with pytest.raises(UserError):
        imported(owner, path)
    assert kept() == []


def test_a_broken_workbook_is_refused_with_one_sentence(owner: Actor, tmp_path: Path) -> None:
    path = tmp_path / "rates.xlsx"
    path.write_bytes(b"PK\x03\x04 this is no zip")
    with pytest.raises(UserError) as caught:
        imported(owner, path)
    assert "rates.xlsx" in str(caught.value.message)


def stale(actor: Actor, *rates: ExchangeRateInput) -> Conflict:
    """Save rates, of which some were not made from what stands there."""
    with pytest.raises(Conflict) as caught:
        save_rates(actor, rates)
    assert caught.value.code == "stale_version"
    return caught.value


def test_a_rate_made_from_another_version_is_refused_with_both_and_nothing_is_kept(owner: Actor) -> None:
    save_rates(owner, [typed("USD", "2026-06-30", "7.1")])
    seen = list_rates(ExchangeRateQuery()).rates[0].version
    save_rates(owner, [typed("USD", "2026-06-30", "7.2").model_copy(update={"version": seen})])
    new = typed("HKD", "2026-06-30", "0.91").model_copy(update={"version": 0})
    mine = typed("USD", "2026-06-30", "7.3").model_copy(update={"version": seen})
    refusal = stale(owner, new, mine)
    assert "USD 2026-06-30" in str(refusal.message)
    assert {path: str(text) for path, text in refusal.fields.items()} == {"rates.1.rate": "王会计已改为 7.2。"}
    current = cast(dict[str, Any], refusal.details["current"])["rates"]
    assert [(one["rate"], one["version"]) for one in current] == [("7.2", refusal.details["version"])]
    assert refusal.details["changed_by"] == "王会计"
    assert kept() == [("USD", "2026-06-30", "7.2")]
    # both did the same; and whoever has seen it goes on top of it
    assert save_rates(owner, [typed("USD", "2026-06-30", "7.20").model_copy(update={"version": seen})]).same == 1
    save_rates(owner, [mine.model_copy(update={"version": refusal.details["version"]})])
    assert kept() == [("USD", "2026-06-30", "7.3")]


def test_a_rate_is_not_put_where_somebody_entered_or_deleted_one_meanwhile(owner: Actor) -> None:
    save_rates(owner, [typed("USD", "2026-06-30", "7.1")])
    seen = list_rates(ExchangeRateQuery()).rates[0].version
    new = typed("USD", "2026-06-30", "7.2").model_copy(update={"version": 0})
    assert "rates.0.rate" in stale(owner, new).fields
    with pytest.raises(Conflict) as caught:
        delete_rate(owner, "USD", "2026-06-30", seen - 1)
    assert cast(dict[str, Any], caught.value.details["current"])["rate"] == "7.1"
    delete_rate(owner, "USD", "2026-06-30", seen)
    gone = stale(owner, typed("USD", "2026-06-30", "7.3").model_copy(update={"version": seen}))
    assert str(gone.fields["rates.0.rate"]) == "王会计已删去这个汇率。"
    assert gone.details["current"] == {"rates": []}
    assert save_rates(owner, [new]).added == 1
