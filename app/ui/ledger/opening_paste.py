"""Opening balances taken over from a spreadsheet: a block of figures at a cell, or a table with its headings; no Qt.

Tables come from other programs' ledgers: titles above the headings, headings of one or two floors in Chinese or
English, balances as two columns or as one with its direction, totals and parent accounts among the rows. Parents and
totals of an account with auxiliaries are not booked; they are kept to compare with.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.contract.ledger import Account
from app.kernel.errors import MalformedInput
from app.kernel.text import Message, clean_text, message
from app.ui.ledger.amounts import read_amount
from app.ui.ledger.opening_headings import Heading, Headings, find_headings, names_side
from app.ui.ledger.opening_line import OpeningColumn, OpeningLine, Part, plain_figure
from app.ui.ledger.opening_sheet import Control, OpeningSheet

TOTALS = ("合计", "总计", "小计", "total", "grandtotal")
BOUND = (
    OpeningColumn.YEAR_BEGIN_DEBIT,
    OpeningColumn.YTD_DEBIT,
    OpeningColumn.YTD_CREDIT,
    OpeningColumn.OPENING_DEBIT,
)


@dataclass
class PasteReport:
    """What came of it: how many rows (or cells) were taken, and what was not, in the reader's words."""

    taken: int = 0
    left_out: list[Message] = field(default_factory=list)
    first: int | None = None


def read_grid(text: str, delimiter: str = "\t") -> list[list[str]]:
    """Return the cells of what a spreadsheet puts on the clipboard, or of a CSV file's text."""
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    grid = [list(row) for row in csv.reader(lines, delimiter=delimiter)]
    while grid and not any(cell.strip() for cell in grid[-1]):
        grid.pop()
    return grid


def paste_block(
    sheet: OpeningSheet, grid: Sequence[Sequence[str]], rows: Sequence[int], columns: Sequence[OpeningColumn]
) -> PasteReport:
    """Put figures into the rows and columns that are shown, from the first of each on."""
    sheet.remember()
    report = PasteReport(first=rows[0] if rows else None)
    for row, cells in zip(rows, grid, strict=False):
        line = sheet.lines[row]
        for column, text in zip(columns, cells, strict=False):
            if line.may_type(column):
                if text.strip() or line.typed(column, sheet.digits):
                    sheet.put(line, column, text)
                    report.taken += 1
            elif text.strip() and column > OpeningColumn.NAME:
                report.left_out.append(message("{code}：“{text}”没有地方可填。", code=line.account.code, text=text))
    if len(grid) > len(rows):
        report.left_out.append(message("表的最后 {count} 行超出了科目，没有填入。", count=len(grid) - len(rows)))
    return report


def is_table(sheet: OpeningSheet, grid: Sequence[Sequence[str]]) -> bool:
    """Tell whether cells are a table with headings that name an account and an amount."""
    return find_headings(grid, _kinds(sheet)) is not None


def paste_table(sheet: OpeningSheet, grid: Sequence[Sequence[str]]) -> PasteReport:
    """Take a table with headings; rows of accounts that are not known are named and left out."""
    headings = find_headings(grid, _kinds(sheet))
    if headings is None:
        return PasteReport(left_out=[message("没有认出标题行：要有科目编码（或名称）和金额的列名。")])
    sheet.remember()
    return _Table(sheet, headings).take(grid[headings.first_row :])


def _kinds(sheet: OpeningSheet) -> set[str]:
    return {use.kind for account in sheet.accounts.accounts for use in account.auxiliaries}


class _Table:
    def __init__(self, sheet: OpeningSheet, headings: Headings) -> None:
        self.sheet = sheet
        self.headings = headings
        self.report = PasteReport()
        self.touched: set[int] = set()
        self.by_code: dict[str, list[OpeningLine]] = {}
        self.by_key: dict[tuple[str, str, str], OpeningLine] = {}
        self.spares: dict[str, list[OpeningLine]] = {}
        for line in sheet.lines:
            self.by_code.setdefault(line.account.code, []).append(line)
            self.by_key.setdefault((line.account.code, line.aux, line.currency), line)
            if line.empty:
                self.spares.setdefault(line.account.code, []).append(line)
        self.names: dict[str, list[Account]] = {}
        for account in sheet.accounts.accounts:
            for name in {account.name_zh, account.name_en, sheet.accounts.full_name(account.code)}:
                self.names.setdefault(_squeezed(name), []).append(account)

    def take(self, rows: Sequence[Sequence[str]]) -> PasteReport:
        known: list[tuple[Account, str, Sequence[str]]] = []
        for cells in rows:
            account = self._account(cells)
            if account is not None:
                known.append((account, self._aux(account, cells), cells))
        with_aux = {account.code for account, aux, _ in known if aux}
        for account, aux, cells in known:
            is_total = not account.is_leaf or (not aux and account.code in with_aux)
            if is_total:
                self._keep_control(account, cells)
            elif any(self._text(cells, heading) for heading in self.headings.amounts):
                self._fill(account, aux, cells)
        self._name_unknown(rows)
        self.sheet.lines = self._ordered()
        self.report.first = next((row for row, line in enumerate(self.sheet.lines) if id(line) in self.touched), None)
        return self.report

    def _name_unknown(self, rows: Sequence[Sequence[str]]) -> None:
        """Name columns with figures that mean nothing here: a book that starts within the year lacks its turnovers.

        With the turnovers of the year found, the month's beside them are not wanted.
        """
        turnovers = {OpeningColumn.YTD_DEBIT, OpeningColumn.YTD_CREDIT}
        if not self.sheet.mid_year or turnovers <= {heading.column for heading in self.headings.amounts}:
            return
        for place, heading in self.headings.unknown:
            if names_side(heading) and any(place < len(cells) and cells[place].strip() for cells in rows):
                self.report.left_out.append(message("没有认出“{heading}”这一列，里面的数没有填入。", heading=heading))

    def _text(self, cells: Sequence[str], heading: Heading) -> str:
        return plain_figure(clean_text(cells[heading.place])) if heading.place < len(cells) else ""

    def _account(self, cells: Sequence[str]) -> Account | None:
        code = self._cell(cells, self.headings.code)
        name = self._cell(cells, self.headings.name)
        if _squeezed(code).startswith(TOTALS) or (not code and _squeezed(name).startswith(TOTALS)):
            return None
        plain = "".join(c for c in code if c.isalnum())
        found = self.sheet.accounts.get(code) or self.sheet.accounts.get(plain)
        if found is None and not code and name:
            named = self.names.get(_squeezed(name), [])
            leaves = [account for account in named if account.is_leaf]
            found = leaves[0] if len(leaves) == 1 else named[0] if len(named) == 1 else None
        if found is None and (code or name):
            self.report.left_out.append(message("账里没有科目“{code}”。", code=f"{code} {name}".strip()))
        return found

    @staticmethod
    def _cell(cells: Sequence[str], place: int | None) -> str:
        return clean_text(cells[place]).lstrip("'") if place is not None and place < len(cells) else ""

    def _aux(self, account: Account, cells: Sequence[str]) -> str:
        kinds = [use.kind for use in account.auxiliaries]
        parts = [self._cell(cells, self.headings.aux)] if self.headings.aux is not None else []
        for kind, place in self.headings.kinds.items():
            text = self._cell(cells, place)
            if text and kind in kinds:
                parts.append(text if ":" in text.replace("：", ":") else f"{kind}:{text}")
        return ";".join(part for part in parts if part)

    def _line(self, account: Account, aux: str, currency: str) -> OpeningLine:
        """Return the row this one is for: the same auxiliary and currency, an empty one, or a new one after them."""
        probe = OpeningLine(account, currency=currency)
        self.sheet.put(probe, OpeningColumn.AUXILIARY, aux)
        key = (account.code, probe.aux, currency)
        found = self.by_key.get(key)
        if found is not None and id(found) not in self.touched:
            if found.empty:
                self.spares[account.code] = [line for line in self.spares.get(account.code, []) if line is not found]
            return found
        lines = self.by_code.setdefault(account.code, [])
        spares = self.spares.get(account.code)
        if spares:
            spare = spares.pop()
            lines[next(place for place, line in enumerate(lines) if line is spare)] = probe
        else:
            lines.append(probe)
        self.by_key[key] = probe
        return probe

    def _ordered(self) -> list[OpeningLine]:
        """Return all rows in the order of the chart."""
        return [line for code in sorted(self.by_code) for line in self.by_code[code]]

    def _fill(self, account: Account, aux: str, cells: Sequence[str]) -> None:
        currency = self._cell(cells, self.headings.currency).upper()
        if currency in ("", "人民币", "CNY", "RMB"):
            currency = account.currency or ""
        line = self._line(account, aux, currency)
        self.touched.add(id(line))
        told = {heading.part for heading in self.headings.amounts if self._text(cells, heading)}
        for heading in self.headings.amounts:
            text = self._text(cells, heading)
            part = heading.part
            if part in (Part.BEGIN, Part.OPENING) and not text:
                if part not in told:  # nothing said: it follows from the others
                    line.given.discard(part)
                    line.amounts.update(dict.fromkeys(part.value, 0))
                continue  # else the other column of the pair says it
            if heading.column is not None:
                self._put(line, heading.column, text)
            elif text:
                self._put_balance(line, heading, text, cells)
            if part in (Part.DEBIT, Part.CREDIT):
                line.given.add(part)  # an empty cell of a table's column says nil
        line.settle()
        self.report.taken += 1

    def _put(self, line: OpeningLine, column: OpeningColumn, text: str) -> None:
        if not text and not line.typed(column, self.sheet.digits):
            return
        if line.may_type(column) or not text.strip("0."):
            self.sheet.put(line, column, text)
        else:
            self.report.left_out.append(message("{code}：“{text}”没有地方可填。", code=line.account.code, text=text))

    def _put_balance(self, line: OpeningLine, heading: Heading, text: str, cells: Sequence[str]) -> None:
        """Put a balance that stands in one column: on the side its direction says, else on the normal side."""
        part = heading.part
        if part is None:
            return
        side = _side(self._cell(cells, heading.direction)) or line.account.normal_side
        self.sheet.put(line, part.value[0 if side == "debit" else 1], text)

    def _keep_control(self, account: Account, cells: Sequence[str]) -> None:
        sums: dict[OpeningColumn, int] = {}
        for heading in self.headings.amounts:
            text, part = self._text(cells, heading), heading.part
            if not text or part is None:
                continue
            try:
                amount = read_amount(text, self.sheet.digits)
            except MalformedInput as refusal:
                self.report.left_out.append(refusal.message)
                continue
            if part in (Part.BEGIN, Part.OPENING):
                side = _side(self._cell(cells, heading.direction)) or account.normal_side
                on_credit = heading.column == part.value[1] if heading.column is not None else side == "credit"
                amount = -amount if on_credit else amount
            sums[part.value[0]] = sums.get(part.value[0], 0) + amount
        kept = [control for control in self.sheet.controls if control.code != account.code]
        new = [Control(account.code, column, sums[column]) for column in BOUND if column in sums]
        self.sheet.controls = [*kept, *new]


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def _side(text: str) -> str:
    squeezed = _squeezed(text)
    if squeezed.startswith(("借", "d")):
        return "debit"
    return "credit" if squeezed.startswith(("贷", "c")) else ""
