"""Templates of vouchers, and the recurring vouchers made from them: once a month and never twice."""

from __future__ import annotations

import json
from typing import Any

from app.contract.ledger import BatchRefusal, BatchResult, EntryInput, Voucher, VoucherInput
from app.contract.voucher_work import MakeDue, Template, TemplateInput
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version, lock_row
from app.kernel.clock import utc_ms
from app.kernel.errors import Conflict, UserError
from app.kernel.period import first_day, parse_period
from app.kernel.text import Message, clean_text, message
from app.ledger.errors import fields_wrong
from app.ledger.queries.templates import get_template, list_due, recurrence_of
from app.ledger.service.entering import read_voucher
from app.ledger.service.locks import require_open
from app.ledger.service.vouchers import save_voucher
from app.storage.database import execute, fetch_one, insert_returning_id, run_unit

ORIGIN = "recurring"


def add_template(actor: Actor, new: TemplateInput) -> Template:
    """Keep a voucher as a template. Raises `Conflict` when the name is taken, `MalformedInput` with fields.

    What comes due by itself must be complete: accounts, auxiliaries and amounts that can be read.
    """
    actor.require("ledger:template:add")

    def work() -> Template:
        values = _values(new)
        _require_free_name(values["name"], 0)
        values |= {"maker_id": actor.user_id, "created_at": values["updated_at"]}
        template_id = insert_returning_id(
            f"INSERT INTO {{voucher_template}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
            list(values.values()),
        )
        view = get_template(template_id)
        audit.record(actor, "ledger:template:add", "voucher_template", template_id, after=view.model_dump())
        return view

    return run_unit(work)


def change_template(actor: Actor, template_id: int, new: TemplateInput) -> Template:
    """Replace a template; vouchers made from it stay as they are. Raises as `add_template`, and for a stale version."""
    actor.require("ledger:template:edit")

    def work() -> Template:
        before = _lock(template_id, new.version)
        values = _values(new)
        _require_free_name(values["name"], template_id)
        sets = ", ".join(f"{column} = ?" for column in values)
        execute(
            f"UPDATE {{voucher_template}} SET {sets}, version = version + 1 WHERE id = ?",
            [*values.values(), template_id],
        )
        view = get_template(template_id)
        audit.record(
            actor,
            "ledger:template:edit",
            "voucher_template",
            template_id,
            before=before.model_dump(),
            after=view.model_dump(),
        )
        return view

    return run_unit(work)


def remove_template(actor: Actor, template_id: int, version: int | None = None) -> None:
    """Remove a template; vouchers made from it stay. Raises `NotFound`, `Conflict` for a stale version."""
    actor.require("ledger:template:remove")

    def work() -> None:
        before = _lock(template_id, version)
        execute("DELETE FROM {recurring_voucher} WHERE template_id = ?", (template_id,))
        execute("DELETE FROM {voucher_template} WHERE id = ?", (template_id,))
        audit.record(actor, "ledger:template:remove", "voucher_template", template_id, before=before.model_dump())

    run_unit(work)


def make_due(actor: Actor, wish: MakeDue) -> BatchResult:
    """Make the recurring vouchers of a month that are not made yet, as drafts; each in a unit of its own.

    Those that cannot be made are listed. One that was made for this month is passed over, however often this is asked.
    """
    actor.require("ledger:voucher:add")
    period = parse_period(wish.period)
    run_unit(lambda: require_open(period))
    done = 0
    refused: list[BatchRefusal] = []
    for due in list_due(wish.period).due:
        if due.voucher_id is not None or (wish.template_ids is not None and due.template_id not in wish.template_ids):
            continue
        try:
            made = run_unit(lambda template_id=due.template_id: _make(actor, template_id, period))  # type: ignore[misc]
        except UserError as error:
            refused.append(BatchRefusal(id=due.template_id, where=due.name, reason=str(error.message)))
        else:
            done += made is not None
    return BatchResult(done=done, refused=refused)


def _make(actor: Actor, template_id: int, period: int) -> Voucher | None:
    """Make one, unless somebody made it meanwhile: the template's row is locked from looking to writing."""
    require_open(period)
    template = _lock(template_id, None)
    key = (template_id, period)
    date = recurrence_of(template).date_in(period)
    taken = fetch_one("SELECT voucher_id FROM {recurring_voucher} WHERE template_id = ? AND period = ?", key)
    if taken or date is None:
        return None
    voucher = save_voucher(actor, voucher_from(template, date), origin=f"{ORIGIN}:{template_id}")
    execute("INSERT INTO {recurring_voucher} (template_id, period, voucher_id) VALUES (?, ?, ?)", (*key, voucher.id))
    return voucher


def voucher_from(template: Template, date: str) -> VoucherInput:
    """Return a template as a voucher of a date; `{年}` and `{月}` in summaries become its year and month."""
    year, month = date[:4], str(int(date[5:7]))
    entries = [
        EntryInput(**{**entry.model_dump(), "summary": entry.summary.replace("{年}", year).replace("{月}", month)})
        for entry in template.entries
    ]
    return VoucherInput(date=date, word=template.word, entries=entries)


def _values(new: TemplateInput) -> dict[str, Any]:
    wrong: dict[str, Message] = {}
    name = clean_text(new.name)
    if not name:
        wrong["name"] = message("模板名称不能为空。")
    periods: dict[str, int | None] = {"first_period": None, "last_period": None}
    for field in periods:
        text = getattr(new, field)
        try:
            periods[field] = parse_period(text) if text else None
        except UserError as error:
            wrong[field] = error.message
    first, last = periods["first_period"], periods["last_period"]
    if new.every_months and first is None and "first_period" not in wrong:
        wrong["first_period"] = message("请写出从哪个月开始。")
    if first and last and last < first:
        wrong["last_period"] = message("结束月份不能早于开始月份。")
    if wrong:
        raise fields_wrong(wrong)
    if new.every_months and first:
        _require_readable(new, first)
    content = {"word": clean_text(new.word), "entries": [entry.model_dump() for entry in new.entries]}
    return {
        "name": name,
        "content": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
        "every_months": new.every_months,
        "day": new.day,
        **periods,
        "updated_at": utc_ms(),
    }


def _require_readable(new: TemplateInput, period: int) -> None:
    """A voucher that is made by itself has nobody to fill in what is left open."""
    entries = [EntryInput(**entry.model_dump()) for entry in new.entries]
    read_voucher(VoucherInput(date=first_day(period).isoformat(), word=new.word, entries=entries))


def _require_free_name(name: str, template_id: int) -> None:
    if fetch_one("SELECT id FROM {voucher_template} WHERE name = ? AND id <> ?", (name, template_id)):
        raise Conflict("name_taken", message("已有名为“{name}”的凭证模板。", name=name))


def _lock(template_id: int, version: int | None) -> Template:
    lock_row("voucher_template", template_id)
    template = get_template(template_id)
    where = message("凭证模板“{name}”", name=template.name)
    check_version(version, template.version, "voucher_template", template_id, lambda: template, where)
    return template
