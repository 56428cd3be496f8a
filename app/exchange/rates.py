"""Exchange rates from a table: pasted text, a CSV or an XLSX file, all or nothing, each bad line named."""

from __future__ import annotations

import datetime
import re

from app.contract.rates import ExchangeRateImport, ExchangeRateInput, ExchangeRateOutcome
from app.exchange.errors import refused
from app.exchange.sheet_rows import Rows, rows_of_file, rows_of_text
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput, UserError
from app.kernel.text import message
from app.ledger.queries.accounts import list_currencies
from app.ledger.service.currencies import ISO_NAMES
from app.ledger.service.rates import save_rates
from app.storage import uploads

COLUMNS = ("date", "currency", "rate", "source")
_HEADS = {
    "date": ("date", "日期", "day"),
    "currency": ("currency", "币种", "币别", "外币", "货币"),
    "rate": ("rate", "汇率", "exchange_rate", "中间价"),
    "source": ("source", "来源"),
}
_FIELD = re.compile(r"rates\.(\d+)\.")
_SERIAL_DAY = re.compile(r"\d{4,5}(\.0+)?\Z")
_SERIAL_START = datetime.date(1899, 12, 30)
"""Day 0 of a spreadsheet's days, as it counts from March 1900 on."""
PASTED = "paste"
MOST_ROWS = 20_000


def import_rates(actor: Actor, body: ExchangeRateImport) -> ExchangeRateOutcome:
    """Import what was pasted or uploaded. Raises `FileRefused` naming the line, `MalformedInput` for nothing at all."""
    actor.require("ledger:rate:edit")
    if body.upload_id:
        with uploads.assembled(body.upload_id, actor.user_id) as path:
            outcome = _import(actor, path.name, rows_of_file(path))
        uploads.forget_upload(body.upload_id, actor.user_id)
        return outcome
    return _import(actor, PASTED, rows_of_text(body.text))


def _import(actor: Actor, file: str, rows: Rows) -> ExchangeRateOutcome:
    name = message("粘贴的内容") if file == PASTED else file
    lines: list[int] = []
    typed: list[ExchangeRateInput] = []
    positions: dict[str, int] | None = None
    codes = _codes()
    for line, cells in rows:
        if positions is None:
            positions, is_head = _positions(cells, str(name))
            if is_head:
                continue
        values = {key: cells[at] if at < len(cells) else "" for key, at in positions.items()}
        for key in ("date", "currency", "rate"):
            if not values.get(key):
                raise refused(str(name), line, message("这一行要有日期、币种和汇率。"))
        values["date"] = _day(values["date"])
        values["currency"] = codes.get(values["currency"], values["currency"].upper())
        if len(values["currency"]) > 24 or len(values["date"]) > 12 or len(values["rate"]) > 60:
            raise refused(str(name), line, message("这一行不是“日期、币种、汇率”。"))
        typed.append(
            ExchangeRateInput(
                currency=values["currency"],
                date=values["date"],
                rate=values["rate"],
                source=values.get("source", "")[:60],
            )
        )
        lines.append(line)
        if len(typed) > MOST_ROWS:
            raise refused(str(name), line, message("一次最多导入 {count} 行汇率。", count=MOST_ROWS))
    if not typed:
        raise MalformedInput("rates_missing", message("没有找到汇率：每行要有日期、币种和汇率。"))
    try:
        return save_rates(actor, typed, source="" if file == PASTED else file[:60])
    except UserError as error:
        for path, reason in error.fields.items():
            if found := _FIELD.match(path):
                raise refused(str(name), lines[int(found[1])], reason) from error
        raise


def _codes() -> dict[str, str]:
    """Return the code of each currency that people may write by its Chinese name."""
    names = {names[0]: code for code, names in ISO_NAMES.items()}
    return names | {view.name_zh: view.code for view in list_currencies().currencies if view.name_zh}


def _positions(first: list[str], file: str) -> tuple[dict[str, int], bool]:
    """Return where each column stands, and whether the first row is a heading; without one the order is fixed."""
    lowered = [cell.lower() for cell in first]
    found = {
        key: next(at for at, cell in enumerate(lowered) if cell in heads)
        for key, heads in _HEADS.items()
        if any(cell in heads for cell in lowered)
    }
    if not found:
        return {key: at for at, key in enumerate(COLUMNS)}, False
    for key in COLUMNS[:3]:
        if key not in found:
            raise refused(file, 1, message("缺少列“{column}”。", column=key))
    return found, True


def _day(text: str) -> str:
    """Return a date's text; a spreadsheet keeps a day as the number of days since the end of 1899."""
    if _SERIAL_DAY.match(text):
        return (_SERIAL_START + datetime.timedelta(days=int(text.partition(".")[0]))).isoformat()
    found = re.match(r"(\d{4})年(\d{1,2})月(\d{1,2})日", text)
    if found:
        return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}"
    return text.split(" ", 1)[0].split("T", 1)[0]
