"""Any book that can be made goes out as csv-book and comes back equal, whatever its texts and amounts."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.identity.service.opening import ensure_owner
from app.kernel.text import clean_text
from app.ledger.service.bulk import ImportedEntry, ImportedVoucher, import_vouchers
from app.storage.creation import make_room
from app.storage.database import open_database
from app.storage.migrate import migrate
from tests.exchange.desk import Desk

TEXT = (
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co", "Zl", "Zp")), min_size=1, max_size=40)
    .map(clean_text)
    .filter(bool)
)
NAME = TEXT.map(lambda text: clean_text(text.translate({ord(c): "x" for c in ":;：；"}))).filter(bool)
ACCOUNTS = ("1001", "100201", "100301", "5001", "5002", "4001")
AMOUNT = st.integers(-(10**12), 10**12).filter(bool)


@st.composite
def plain_voucher(draw: st.DrawFn) -> tuple[str, str, list[ImportedEntry]]:
    """A balanced voucher in the base currency, some lines red, some with cash-flow lines."""
    entries = [
        ImportedEntry(draw(TEXT), draw(st.sampled_from(ACCOUNTS)), 1, amount, 0, cash_flow_line=flow)
        for amount, flow in draw(st.lists(st.tuples(AMOUNT, st.none() | st.integers(1, 22)), min_size=1, max_size=4))
    ]
    total = sum(entry.debit for entry in entries)
    if total:
        entries.append(ImportedEntry(draw(TEXT), draw(st.sampled_from(ACCOUNTS)), -1, 0, total))
    else:
        entries.append(ImportedEntry(draw(TEXT), "1001", 1, 5, 0))
        entries.append(ImportedEntry(draw(TEXT), "5001", -1, 0, 5))
    return draw(st.sampled_from(("normal", "transfer", "close_pl"))), "", entries


@st.composite
def foreign_voucher(draw: st.DrawFn) -> tuple[str, str, list[ImportedEntry]]:
    """A voucher in another currency: valued with a rate, or unvalued and balanced in its commodity."""
    amount, base = draw(AMOUNT), draw(AMOUNT)
    code = draw(st.sampled_from(("USD", "JPY", "苹果", "$")))
    if draw(st.booleans()):
        entries = [
            ImportedEntry(draw(TEXT), "100201", 1, base, 0, "", code, amount, "7.1"),
            ImportedEntry(draw(TEXT), "1001", -1, 0, base),
        ]
    else:
        entries = [
            ImportedEntry(draw(TEXT), "100201", 1, 0, 0, "", code, amount),
            ImportedEntry(draw(TEXT), "100301", -1, 0, 0, "", code, amount),
        ]
    return "normal", "", entries


@st.composite
def auxiliary_voucher(draw: st.DrawFn) -> tuple[str, str, list[ImportedEntry]]:
    """A voucher with auxiliary items and quantities."""
    amount, quantity = draw(AMOUNT), draw(st.integers(-(10**12), 10**12))
    aux = f"往来:{draw(NAME)}"
    return (
        "normal",
        aux,
        [
            ImportedEntry(draw(TEXT), "1201", 1, amount, 0, aux, quantity=quantity, unit_price=abs(quantity)),
            ImportedEntry(draw(TEXT), "1001", -1, 0, amount),
        ],
    )


VOUCHERS = st.lists(
    st.tuples(
        st.sampled_from(("2026-03-01", "2026-03-31", "2026-12-31", "2027-01-01")),
        st.sampled_from(("记", "转", "=收")),
        st.booleans(),
        st.one_of(plain_voucher(), foreign_voucher(), auxiliary_voucher()),
    ),
    min_size=1,
    max_size=6,
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A household's book to copy: making one takes longer than all the rest."""
    path = tmp_path_factory.mktemp("template") / "book.zhangfang"
    book = open_database(str(path))
    make_room(book)
    migrate(book)
    desk = Desk.set_up(book, start=202603)
    accounts = path.parent / "accounts.csv"
    accounts.write_text("code,name_zh,aux_type\n1201,借出款,往来\n", encoding="utf-8")
    desk.bring(accounts)
    book.close()
    return path


def copied(template: Path, target: Path) -> Desk:
    """Return a desk at a copy of the template."""
    book = open_database(str(shutil.copy(template, target)))
    with book.session():
        return Desk(book, ensure_owner())


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(vouchers=VOUCHERS)
def test_out_and_in_is_equal(
    vouchers: list[tuple[str, str, bool, tuple[str, str, list[ImportedEntry]]]], template: Path
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        first, second = (copied(template, folder / name) for name in ("first.zhangfang", "second.zhangfang"))
        try:
            with first.book.session():
                import_vouchers(
                    first.owner,
                    [
                        ImportedVoucher(
                            date, int(date[:4] + date[5:7]), word, None, kind, 0, str(number), entries, void=is_void
                        )
                        for number, (date, word, is_void, (kind, _, entries)) in enumerate(vouchers)
                    ],
                    post=True,
                )
            out = first.send(folder / "out.zip")
            result = second.bring(out, post=True)
            assert (result.skipped, result.warnings) == ([], [])
            assert second.reports() == first.reports()
            assert second.findings() == []
            again = second.send(folder / "again")
            once = first.send(folder / "once")
            for file in again.iterdir():
                assert file.read_bytes() == (once / file.name).read_bytes(), file.name
        finally:
            first.book.close()
            second.book.close()
