"""Contacts as a table: a CSV or XLSX file in, checked row by row, and out, with a template to fill in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from app.contacts.queries.contacts import all_contacts
from app.contacts.queries.texts import COLUMNS, contact_texts
from app.contacts.service.importing import ContactRow, import_contacts
from app.contract.contacts import Contact, ContactExport, ContactImport, ContactImportOutcome
from app.exchange.headed_table import Heading, headed_rows, write_table
from app.exchange.sheet_rows import rows_of_file
from app.exchange.writers.sheet import Cell, Column
from app.identity.actor import Actor
from app.kernel.text import Message, message
from app.storage import uploads
from app.storage.progress import Progress, no_progress

Render = Callable[[Message], str]

HEADINGS: tuple[Heading, ...] = (
    Heading("name", message("名称"), 30, ("单位名称", "往来单位", "客户名称", "供应商名称", "姓名", "客户", "供应商")),
    Heading("code", message("编码"), 12, ("编号", "代码", "客户编码", "供应商编码")),
    Heading("roles", message("身份"), 16, ("类型", "类别", "role", "kind")),
    Heading("group", message("分组"), 12, ("组", "地区")),
    Heading("tax_number", message("税号"), 22, ("纳税人识别号", "统一社会信用代码", "税务登记号")),
    Heading("address", message("地址"), 30, ("单位地址", "联系地址")),
    Heading("phone", message("电话"), 16, ("联系电话", "手机", "电话号码")),
    Heading("email", message("电子邮箱"), 22, ("邮箱", "email", "邮件")),
    Heading("bank_name", message("开户银行"), 22, ("开户行",)),
    Heading("bank_account", message("银行账号"), 22, ("账号", "银行帐号", "帐号")),
    Heading("terms_days", message("账期（天）"), 10, ("账期", "帐期", "信用期")),
    Heading("credit_limit", message("信用额度"), 14, ("信用限额", "授信额度")),
    Heading("note", message("备注"), 30, ("说明", "摘要")),
    Heading("active", message("在用"), 8, ("状态", "启用")),
)


def import_contact_file(
    actor: Actor, wish: ContactImport, progress: Progress = no_progress, *, english: Mapping[str, str] | None = None
) -> ContactImportOutcome:
    """Import an uploaded table, all of it or nothing; its first row holds the headings, in either language.

    `english` is the catalogue that headings may come from. Raises `FileRefused` for a file that is no such table.
    """
    actor.require("contacts:contact:import")
    with uploads.assembled(wish.upload_id, actor.user_id) as path:
        found = headed_rows(path.name, rows_of_file(path), HEADINGS, needed="name", english=english or {})
        rows = [ContactRow(number, texts) for number, texts in found]
    outcome = import_contacts(actor, rows, dry_run=wish.dry_run, progress=progress)
    if not wish.dry_run and not outcome.errors:
        uploads.forget_upload(wish.upload_id, actor.user_id)
    return outcome


def export_contacts(actor: Actor, wish: ContactExport, path: Path, render: Render = str) -> None:
    """Write every contact, or the headings alone, as a workbook or as CSV in UTF-8 with a byte order mark."""
    actor.require("contacts:contact:export")
    columns = [Column(render(heading.title), heading.width) for heading in HEADINGS]
    rows = () if wish.template else (_cells(contact, render) for contact in all_contacts())
    write_table(path, wish.format, render(message("往来单位")), columns, rows)


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
