"""Items as a table: a CSV or XLSX file in, checked row by row, and out, with a template to fill in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from app.contract.inventory import Item, ItemExport, ItemImport, ItemImportOutcome
from app.exchange.headed_table import Heading, headed_rows, write_table
from app.exchange.sheet_rows import rows_of_file
from app.exchange.writers.sheet import Cell, Column
from app.identity.actor import Actor
from app.inventory.queries.item_texts import COLUMNS, COSTING_NAMES, KIND_NAMES, all_items, units_text
from app.inventory.service.item_import import ItemRow, import_items
from app.kernel.text import Message, message
from app.storage import uploads
from app.storage.progress import Progress, no_progress

Render = Callable[[Message], str]

HEADINGS: tuple[Heading, ...] = (
    Heading("code", message("编码"), 14, ("商品编码", "存货编码", "物料编码", "编号", "代码", "货号")),
    Heading("name", message("名称"), 28, ("商品名称", "存货名称", "物料名称", "品名", "商品")),
    Heading("specification", message("规格型号"), 18, ("规格", "型号")),
    Heading("barcode", message("条码"), 18, ("条形码", "商品条码")),
    Heading("kind", message("性质"), 8, ("商品性质", "类型")),
    Heading("category", message("类别"), 16, ("商品类别", "存货分类", "分类", "存货类别")),
    Heading("unit", message("基本单位"), 10, ("单位", "计量单位", "主单位")),
    Heading("units", message("其他单位"), 24, ("辅助单位", "多单位")),
    Heading("costing", message("发出计价"), 16, ("计价方法", "成本计算方法", "计价方式")),
    Heading("tracks_lots", message("按批次管理"), 12, ("批次管理", "批次")),
    Heading("tracks_expiry", message("登记有效期"), 12, ("有效期管理", "有效期", "保质期管理")),
    Heading("tax_rate", message("税率 %"), 8, ("税率", "税率%", "税率（%）")),
    Heading("sales_price", message("销售价（含税）"), 14, ("销售价", "售价", "零售价", "销售单价")),
    Heading("purchase_price", message("采购价（含税）"), 14, ("采购价", "进价", "进货价", "采购单价")),
    Heading("reorder_level", message("再订货点"), 12, ("最低库存", "安全库存", "库存下限")),
    Heading("note", message("备注"), 30, ("说明",)),
    Heading("active", message("在用"), 8, ("状态", "启用")),
)


def import_item_file(
    actor: Actor, wish: ItemImport, progress: Progress = no_progress, *, english: Mapping[str, str] | None = None
) -> ItemImportOutcome:
    """Import an uploaded table, all of it or nothing; its first row holds the headings, in either language.

    `english` is the catalogue that headings and words may come from. Raises `FileRefused` for a file that is no such
    table.
    """
    actor.require("inventory:item:import")
    words = english or {}
    with uploads.assembled(wish.upload_id, actor.user_id) as path:
        found = headed_rows(path.name, rows_of_file(path), HEADINGS, needed="name", english=words)
        rows = [ItemRow(number, texts) for number, texts in found]
    outcome = import_items(actor, rows, dry_run=wish.dry_run, progress=progress, english=words)
    if not wish.dry_run and not outcome.errors:
        uploads.forget_upload(wish.upload_id, actor.user_id)
    return outcome


def export_items(actor: Actor, wish: ItemExport, path: Path, render: Render = str) -> None:
    """Write every item, or the headings alone, as a workbook or as CSV in UTF-8 with a byte order mark."""
    actor.require("inventory:item:export")
    columns = [Column(render(heading.title), heading.width) for heading in HEADINGS]
    rows = () if wish.template else (_cells(item, render) for item in all_items())
    write_table(path, wish.format, render(message("商品资料")), columns, rows)


def _cells(item: Item, render: Render) -> list[Cell]:
    yes, no = render(message("是")), render(message("否"))
    told = {
        "kind": render(KIND_NAMES[item.kind]),
        "units": units_text(item),
        "costing": render(COSTING_NAMES[item.costing]) if item.kind == "goods" else "",
        "tracks_lots": yes if item.tracks_lots else no,
        "tracks_expiry": yes if item.tracks_expiry else no,
        "active": yes if item.active else no,
    }
    return [told[key] if key in told else str(getattr(item, key)) for key in COLUMNS]
