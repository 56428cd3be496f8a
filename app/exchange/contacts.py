"""Contacts as a table: a CSV or XLSX file in, checked row by row, and out, with a template to fill in."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from app.contacts.queries.contacts import all_contacts
from app.contacts.queries.texts import COLUMNS, contact_texts
from app.contacts.service.importing import ContactRow, import_contacts
from app.contract.contacts import Contact, ContactExport, ContactImport, ContactImportOutcome
from app.exchange.errors import refused
from app.exchange.sheet_rows import Rows, rows_of_file
from app.exchange.writers.sheet import Cell, Column, SheetWriter
from app.identity.actor import Actor
from app.kernel.cells import guarded, unguarded
from app.kernel.text import Message, message
from app.storage import uploads
from app.storage.progress import Progress, no_progress

Render = Callable[[Message], str]
MOST_ROWS = 100_000

HEADINGS: Mapping[str, Message] = {
    "name": message("名称"),
    "code": message("编码"),
    "roles": message("身份"),
    "group": message("分组"),
    "tax_number": message("税号"),
    "address": message("地址"),
    "phone": message("电话"),
    "email": message("电子邮箱"),
    "bank_name": message("开户银行"),
    "bank_account": message("银行账号"),
    "terms_days": message("账期（天）"),
    "credit_limit": message("信用额度"),
    "note": message("备注"),
    "active": message("在用"),
}
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "name": ("单位名称", "往来单位", "客户名称", "供应商名称", "姓名", "客户", "供应商"),
    "code": ("编号", "代码", "客户编码", "供应商编码"),
    "roles": ("类型", "类别", "role", "kind"),
    "group": ("组", "地区"),
    "tax_number": ("纳税人识别号", "统一社会信用代码", "税务登记号"),
    "address": ("单位地址", "联系地址"),
    "phone": ("联系电话", "手机", "电话号码"),
    "email": ("邮箱", "email", "邮件"),
    "bank_name": ("开户行",),
    "bank_account": ("账号", "银行帐号", "帐号"),
    "terms_days": ("账期", "帐期", "信用期"),
    "credit_limit": ("信用限额", "授信额度"),
    "note": ("说明", "摘要"),
    "active": ("状态", "启用"),
}
_WIDTHS = (30, 12, 16, 12, 22, 30, 16, 22, 22, 22, 10, 14, 30, 8)


def import_contact_file(
    actor: Actor, wish: ContactImport, progress: Progress = no_progress, *, english: Mapping[str, str] | None = None
) -> ContactImportOutcome:
    """Import an uploaded table, all of it or nothing; its first row holds the headings, in either language.

    `english` is the catalogue that headings may come from. Raises `FileRefused` for a file that is no such table.
    """
    actor.require("contacts:contact:import")
    with uploads.assembled(wish.upload_id, actor.user_id) as path:
        rows = list(read_contact_rows(path.name, rows_of_file(path), english or {}))
    outcome = import_contacts(actor, rows, dry_run=wish.dry_run, progress=progress)
    if not wish.dry_run and not outcome.errors:
        uploads.forget_upload(wish.upload_id, actor.user_id)
    return outcome


def read_contact_rows(file: str, rows: Rows, english: Mapping[str, str]) -> Iterator[ContactRow]:
    """Yield the rows of a table below its headings. Raises `FileRefused` without a column of names."""
    positions: dict[str, int] | None = None
    count = 0
    for number, cells in rows:
        if positions is None:
            positions = _positions(file, number, cells, english)
            continue
        texts = {key: unguarded(cells[at]) for key, at in positions.items() if at < len(cells)}
        if any(text.strip() for text in texts.values()):
            count += 1
            if count > MOST_ROWS:
                raise refused(file, number, message("一次最多导入 {count} 行。", count=MOST_ROWS))
            yield ContactRow(number, texts)


def _positions(file: str, number: int, cells: list[str], english: Mapping[str, str]) -> dict[str, int]:
    lowered = [cell.strip().lower() for cell in cells]
    found: dict[str, int] = {}
    for key, heading in HEADINGS.items():
        names = (key, heading.source, english.get(heading.source, ""), *_ALIASES[key])
        for at, cell in enumerate(lowered):
            if cell and cell in {name.lower() for name in names} and at not in found.values():
                found[key] = at
                break
    if "name" not in found:
        raise refused(file, number, message("第一行应是表头，其中要有“名称”一列；可以先下载模板。"))
    return found


def export_contacts(actor: Actor, wish: ContactExport, path: Path, render: Render = str) -> None:
    """Write every contact, or the headings alone, as a workbook or as CSV in UTF-8 with a byte order mark."""
    actor.require("contacts:contact:export")
    contacts = [] if wish.template else all_contacts()
    titles = [render(HEADINGS[key]) for key in COLUMNS]
    rows = (_cells(contact, render) for contact in contacts)
    if wish.format == "csv":
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\r\n")
            writer.writerow(titles)
            writer.writerows([guarded(str(cell)) for cell in row] for row in rows)
        return
    _write_workbook(path, titles, rows, render(message("往来单位")))


def _write_workbook(path: Path, titles: list[str], rows: Iterable[list[Cell]], name: str) -> None:
    import xlsxwriter

    columns = [Column(title, width) for title, width in zip(titles, _WIDTHS, strict=True)]
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        SheetWriter(book).write(name, columns, rows)


def _cells(contact: Contact, render: Render) -> list[Cell]:
    texts = contact_texts(contact)
    texts["roles"] = "/".join(render(_ROLE_NAMES[role]) for role in contact.roles)
    texts["active"] = render(message("是") if contact.active else message("否"))
    return [texts[key] for key in COLUMNS]


_ROLE_NAMES: Mapping[str, Message] = {
    "customer": message("客户"),
    "supplier": message("供应商"),
    "employee": message("职员"),
}
