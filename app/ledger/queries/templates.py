"""Reads of voucher templates, and of what comes due in a month."""

from __future__ import annotations

import json
from typing import NamedTuple

from app.contract.voucher_work import DueVoucher, DueVoucherList, Template, TemplateEntry, TemplateList
from app.kernel.errors import NotFound
from app.kernel.period import first_day, format_period, last_day, parse_period
from app.kernel.text import message
from app.storage.database import Row, fetch_all, fetch_one

_SELECT = (
    "SELECT t.id, t.name, t.content, t.every_months, t.day, t.first_period, t.last_period, t.version,"
    " (SELECT MAX(r.period) FROM {recurring_voucher} r WHERE r.template_id = t.id) FROM {voucher_template} t"
)


class Recurrence(NamedTuple):
    """When a template comes due: every so many months from a first month to a last one, on a day of the month."""

    every_months: int
    day: int
    first_period: int | None
    last_period: int | None

    def date_in(self, period: int) -> str | None:
        """Return the date on which it comes due in a month, or `None`; the 31st of a short month is its last day."""
        if not self.every_months or self.first_period is None or period < self.first_period:
            return None
        if self.last_period is not None and period > self.last_period:
            return None
        if _months_between(self.first_period, period) % self.every_months:
            return None
        return first_day(period).replace(day=min(self.day, last_day(period).day)).isoformat()


def _months_between(first: int, second: int) -> int:
    return (second // 100 - first // 100) * 12 + second % 100 - first % 100


def list_templates() -> TemplateList:
    """Return all templates by name."""
    return TemplateList(templates=[_template(row) for row in fetch_all(f"{_SELECT} ORDER BY t.name")])


def get_template(template_id: int) -> Template:
    """Return a template. Raises `NotFound`."""
    row = fetch_one(f"{_SELECT} WHERE t.id = ?", (template_id,))
    if row is None:
        raise NotFound("template_unknown", message("没有编号为 {id} 的凭证模板，它可能已被删除。", id=template_id))
    return _template(row)


def recurrence_of(template: Template) -> Recurrence:
    """Return when a template comes due."""

    def period(text: str) -> int | None:
        return parse_period(text) if text else None

    return Recurrence(template.every_months, template.day, period(template.first_period), period(template.last_period))


def list_due(period_text: str) -> DueVoucherList:
    """Return every recurring voucher of a month with what it was made into; a month without any is empty."""
    period = parse_period(period_text)
    made = {
        row[0]: row
        for row in fetch_all(
            "SELECT r.template_id, r.voucher_id, v.word, v.number, v.date FROM {recurring_voucher} r"
            " JOIN {voucher} v ON v.id = r.voucher_id WHERE r.period = ?",
            (period,),
        )
    }
    due: list[DueVoucher] = []
    for template in list_templates().templates:
        row = made.get(template.id)
        date = row[4] if row else recurrence_of(template).date_in(period)
        if date is not None:
            name = f"{row[2]}-{'?' if row[3] is None else row[3]}" if row else ""
            due.append(
                DueVoucher(
                    template_id=template.id,
                    name=template.name,
                    date=date,
                    voucher_id=row[1] if row else None,
                    voucher=name,
                )
            )
    return DueVoucherList(period=format_period(period), due=due)


def _template(row: Row) -> Template:
    content = json.loads(row[2])

    def period(value: int | None) -> str:
        return format_period(value) if value else ""

    return Template(
        id=row[0],
        name=row[1],
        word=content["word"],
        entries=[TemplateEntry(**entry) for entry in content["entries"]],
        every_months=row[3],
        day=row[4],
        first_period=period(row[5]),
        last_period=period(row[6]),
        last_made=period(row[8]),
        version=row[7],
    )
