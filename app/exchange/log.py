"""The log of changes as a table: all that its filters leave, as a workbook or as CSV."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from app.contract.identity import AuditExport, AuditQuery, AuditRow
from app.contract.log_words import kind_name, object_label, result_name, verb_name
from app.exchange.headed_table import write_table
from app.exchange.writers.sheet import Cell, Column
from app.identity.actor import Actor
from app.identity.queries.log import list_audit
from app.kernel.text import Message, message
from app.storage.progress import Progress, no_progress

Render = Callable[[Message], str]

PAGE_ROWS = 1000
LONGEST_CELL = 32_767
"""Characters a cell of a workbook holds; more of a before or after is cut, with a word that says so."""

_COLUMNS: tuple[tuple[Message, int], ...] = (
    (message("编号"), 10),
    (message("时间"), 22),
    (message("操作人"), 16),
    (message("操作"), 14),
    (message("对象类别"), 16),
    (message("对象"), 24),
    (message("对象编号"), 12),
    (message("结果"), 16),
    (message("耗时（毫秒）"), 12),
    (message("地址"), 18),
    (message("改前"), 60),
    (message("改后"), 60),
    (message("操作代码"), 28),
)


def export_log(
    actor: Actor, wish: AuditExport, path: Path, render: Render = str, progress: Progress = no_progress
) -> None:
    """Write the filtered log, newest first, as a workbook or as CSV in UTF-8 with a byte order mark."""
    actor.require("identity:audit:export")
    zone = datetime.timezone(datetime.timedelta(minutes=wish.utc_offset_minutes))
    columns = [Column(render(title), width) for title, width in _COLUMNS]
    rows = (_cells(row, zone, render) for row in _all(actor, wish.filters, progress))
    write_table(path, wish.format, render(message("操作日志")), columns, rows)


def _all(actor: Actor, filters: AuditQuery, progress: Progress) -> Iterator[AuditRow]:
    query = filters.model_copy(update={"cursor": "", "limit": PAGE_ROWS})
    before_id: int | None = None
    count = 0
    while True:
        rows = list_audit(actor, query, before_id)
        yield from rows[:PAGE_ROWS]
        count += len(rows[:PAGE_ROWS])
        progress(count, 0, message("正在导出…"))
        if len(rows) <= PAGE_ROWS:
            return
        before_id = rows[PAGE_ROWS - 1].id


def _cells(row: AuditRow, zone: datetime.timezone, render: Render) -> list[Cell]:
    moment = datetime.datetime.fromtimestamp(row.at / 1000, zone)
    return [
        row.id,
        moment.strftime("%Y-%m-%d %H:%M:%S"),
        row.user_name,
        render(verb_name(row.action)),
        render(kind_name(row.action, row.object_type)),
        object_label(row.object_id, row.before, row.after),
        row.object_id,
        render(result_name(row.result)),
        row.duration_ms,
        row.address,
        _value(row.before, render),
        _value(row.after, render),
        row.action,
    ]


def _value(value: Any, render: Render) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    if len(text) < LONGEST_CELL:
        return text
    cut = render(message("……（太长，已截断）"))
    return text[: LONGEST_CELL - len(cut) - 1] + cut
