"""A statement with its figures, as it goes over the wire and into files."""

from __future__ import annotations

from app.contract.statements import Statement, StatementColumn, StatementList, StatementRow
from app.identity.actor import Actor
from app.kernel.money import format_amount
from app.kernel.period import format_period
from app.reports.statements.accounts import CATEGORY_MARK
from app.reports.statements.checks import check_statement
from app.reports.statements.evaluation import ShownRow
from app.reports.statements.formula import accounts_of, parse_formula
from app.reports.statements.reading import Reading, StatementRequest, read_statement
from app.reports.statements.stored import head_of, read_definitions, statement_settings
from app.storage.book_settings import get_setting
from app.storage.database import read_snapshot


def list_statements(actor: Actor) -> StatementList:
    """Return the statements of the book's standard and its own. Needs `reports:statement:view`."""
    actor.require("reports:statement:view")
    with read_snapshot():
        settings = statement_settings()
        return StatementList(
            statements=[head_of(definition) for definition in read_definitions().values()],
            vat_presentation=settings.vat_presentation,
            settings_version=settings.version,
        )


def get_statement(actor: Actor, name: str, request: StatementRequest, *, checked: bool = True) -> Statement:
    """Return a statement, its checks with it unless they are not wanted.

    Needs `reports:statement:view`; raises `NotFound` for a statement the book does not have.
    """
    actor.require("reports:statement:view")
    with read_snapshot():
        return shown_statement(read_statement(name, request), checked=checked)


def shown_statement(reading: Reading, *, checked: bool = True) -> Statement:
    """Return what was read, worked out. Call inside the snapshot it was read in."""
    definition = reading.definition
    return Statement(
        name=definition.name,
        title_zh=definition.title_zh,
        title_en=definition.title_en or definition.title_zh,
        form=definition.form,
        organisation=str(get_setting("book_name", "")),
        unit=str(get_setting("base_currency", "")),
        layout=definition.layout,
        from_period=format_period(reading.first),
        to_period=format_period(reading.last),
        columns=[
            StatementColumn(key=column.key, title_zh=column.title_zh, title_en=column.title_en)
            for column in reading.columns
        ],
        rows=_rows(reading),
        checks=check_statement(reading) if checked else [],
        vat_reclass=reading.evaluation.vat_reclass,
    )


def _rows(reading: Reading) -> list[StatementRow]:
    evaluation = reading.evaluation
    name = reading.definition.name
    rows: list[StatementRow] = []
    for shown in evaluation.shown_rows(reading.definition):
        row = shown.row
        amounts: dict[str, str] = {}
        if row.kind != "header":
            values = [evaluation.shown_value(name, shown, column.basis) for column in reading.columns]
            if (row.hide_zero or shown.account is not None) and not any(values):
                continue
            amounts = {
                column.key: format_amount(value, evaluation.digits)
                for column, value in zip(reading.columns, values, strict=True)
            }
        name_zh, name_en = shown.names
        rows.append(
            StatementRow(
                position=len(rows) + 1,
                line=row.line,
                side=row.side,
                indent=row.indent,
                kind=row.kind,
                code=_code(shown),
                group=row.group,
                name_zh=name_zh,
                name_en=name_en or name_zh,
                amounts=amounts,
            )
        )
    return rows


def _code(shown: ShownRow) -> str:
    """Return the account a row is about: the one it lists, or the only one its formula names."""
    if shown.account is not None:
        return shown.account.code
    if not shown.row.formula:
        return ""
    named = accounts_of(parse_formula(shown.row.formula))
    only = next(iter(named)) if len(named) == 1 else ""
    return "" if only.startswith(CATEGORY_MARK) else only
