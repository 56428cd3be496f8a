"""Two versions of the opening balances: what people read of each account, to be laid side by side."""

from __future__ import annotations

from app.ui.language import tr
from app.ui.ledger.account_index import account_name
from app.ui.ledger.amounts import display_amount
from app.ui.ledger.opening_desk import GROUPS
from app.ui.ledger.opening_line import AMOUNTS, TEXTS, OpeningColumn
from app.ui.ledger.opening_model import opening_title
from app.ui.ledger.opening_sheet import OpeningSheet
from app.ui.ledger.words import is_english


def opening_texts(sheet: OpeningSheet) -> dict[str, str]:
    """Return what each row that is used holds, by what people call it; then the cash flow, line by line."""
    english = is_english()
    titles = {column: _title(column) for column in (*AMOUNTS, *TEXTS)}
    texts: dict[str, str] = {}
    for row in sheet.used():
        line = sheet.lines[row]
        name = " ".join(filter(None, (line.account.code, account_name(line.account, english=english))))
        name = " · ".join(filter(None, (name, line.aux, line.currency)))
        cells = {column: sheet.shown(row, column, lambda _account: "") for column in titles}
        shown = " · ".join(f"{titles[column]} {text}" for column, text in cells.items() if text)
        texts[name] = "\n".join(filter(None, (texts.get(name, ""), shown)))
    for number, amount in sorted(sheet.cash.amounts.items()):
        if amount:
            texts[tr("现金流量第 {line} 行", line=number)] = display_amount(amount, sheet.digits)
    return texts


def _title(column: OpeningColumn) -> str:
    group = next((group.title() for group in GROUPS if group.first <= column <= group.last), "")
    return f"{group} {opening_title(column)}".strip()
