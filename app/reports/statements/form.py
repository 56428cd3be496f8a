"""A statement laid out as its form: heads, cells and signatures, for print and for Excel alike."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from app.contract.statements import Statement, StatementColumn, StatementRow
from app.kernel.period import last_day, parse_period
from app.kernel.text import message, spoken_language

CellKind = Literal["name", "line", "amount"]


class Cell(NamedTuple):
    """A cell: what stands in it, how far it is set in, and whether it is a total or heading."""

    kind: CellKind
    text: str
    indent: int = 0
    strong: bool = False

    @property
    def amount(self) -> Decimal | None:
        """Return the number in an amount cell, if there is one."""
        return Decimal(self.text) if self.kind == "amount" and self.text else None


@dataclass(frozen=True, slots=True)
class Form:
    """A form ready to be drawn; `widths` are shares of its columns, `wide` says that it has two sides."""

    title: str
    number: str
    organisation: str
    date: str
    unit: str
    heads: list[str]
    widths: list[int]
    rows: list[list[Cell]]
    signatures: list[str]
    wide: bool


NAME_WIDTH, LINE_WIDTH, AMOUNT_WIDTH = 30, 5, 15


SIGNATURES = (message("单位负责人："), message("会计机构负责人："), message("制表人："))


def _is_plain(statement: Statement) -> bool:
    """Tell whether a statement is nobody's official form, as those of households: no line numbers, no signatures."""
    return statement.layout == "single" and not statement.form


def lay_out(statement: Statement) -> Form:
    """Return a statement as a form: the balance sheet on two sides, all others in one list."""
    chinese = spoken_language() == "zh"
    sides = statement.layout == "balance" and any(row.side == "liability" for row in statement.rows)
    if sides:
        heads, widths, rows = _two_sided(statement)
    else:
        heads, widths, rows = _one_sided(statement)
    unit = str(message("元")) if statement.unit == "CNY" else statement.unit
    return Form(
        title=statement.title_zh if chinese else statement.title_en,
        number=statement.form,
        organisation=str(message("编制单位：{name}", name=statement.organisation)),
        date=_date(statement),
        unit=str(message("单位：{unit}", unit=unit)),
        heads=heads,
        widths=widths,
        rows=rows,
        signatures=[] if _is_plain(statement) else [str(text) for text in SIGNATURES],
        wide=sides,
    )


def _date(statement: Statement) -> str:
    first, last = parse_period(statement.from_period), parse_period(statement.to_period)
    if statement.layout == "balance" or (statement.layout == "single" and any(row.side for row in statement.rows)):
        day = last_day(last)
        return str(message("{year}年{month}月{day}日", year=day.year, month=f"{day.month:02}", day=f"{day.day:02}"))
    if statement.layout == "year":
        return str(message("{year}年度", year=last // 100))
    if first == last:
        return str(message("{year}年{month}月", year=last // 100, month=f"{last % 100:02}"))
    return str(message("{first} 至 {last}", first=statement.from_period, last=statement.to_period))


def _two_sided(statement: Statement) -> tuple[list[str], list[int], list[list[Cell]]]:
    amounts = [_title(column) for column in statement.columns]
    left = [row for row in statement.rows if row.side != "liability"]
    right = [row for row in statement.rows if row.side == "liability"]
    height = max(len(left), len(right))
    heads = [
        *(str(message("资产")), str(message("行次")), *amounts),
        *(str(message("负债和所有者权益（或股东权益）")), str(message("行次")), *amounts),
    ]
    widths = [NAME_WIDTH, LINE_WIDTH, *[AMOUNT_WIDTH] * len(amounts)] * 2
    headings = [place for place, row in enumerate(right) if row.kind == "header"]
    pairs = zip(
        _levelled(left, height, len(left) - 1),
        _levelled(right, height, headings[-1] if headings else len(right) - 1),
        strict=True,
    )
    return heads, widths, [[*_cells(one, statement.columns), *_cells(other, statement.columns)] for one, other in pairs]


def _levelled(rows: list[StatementRow], height: int, at: int) -> list[StatementRow | None]:
    """Return a side with space in it, so that both grand totals stand in the last row."""
    return [*rows[: max(at, 0)], *[None] * (height - len(rows)), *rows[max(at, 0) :]]


def _one_sided(statement: Statement) -> tuple[list[str], list[int], list[list[Cell]]]:
    numbered = not _is_plain(statement)
    heads = [str(message("项目")), *([str(message("行次"))] if numbered else []), *map(_title, statement.columns)]
    widths = [46, *([LINE_WIDTH] if numbered else []), *[AMOUNT_WIDTH] * len(statement.columns)]
    rows = []
    for row in statement.rows:
        cells = _cells(row, statement.columns)
        rows.append(cells if numbered else [cells[0], *cells[2:]])
    return heads, widths, rows


def _title(column: StatementColumn) -> str:
    return column.title_zh if spoken_language() == "zh" else column.title_en


def _cells(row: StatementRow | None, columns: list[StatementColumn]) -> list[Cell]:
    if row is None:
        return [Cell("name", ""), Cell("line", ""), *[Cell("amount", "") for _ in columns]]
    strong = row.kind in {"header", "total"}
    name = row.name_zh if spoken_language() == "zh" else row.name_en
    return [
        Cell("name", name, row.indent, strong),
        Cell("line", "" if row.line is None else str(row.line)),
        *[Cell("amount", row.amounts.get(column.key, ""), strong=strong) for column in columns],
    ]
