"""Tables of items: filled in by people, checked row by row, and out again as they came in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter

from app.contract.inventory import Item, ItemExport, ItemImport, ItemImportOutcome, ItemInput, ItemQuery, ItemUnit
from app.exchange.errors import FileRefused
from app.exchange.items import export_items, import_item_file
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.inventory.queries.items import list_categories, list_items
from app.inventory.service.items import create_item
from app.kernel.errors import MalformedInput, PermissionDenied
from app.ledger.service.book import set_up_ledger
from app.resources import catalogue
from app.storage.database import Book
from app.storage.uploads import keep_file

ENGLISH = catalogue("en")


@pytest.fixture
def owner(sqlite_book: Book) -> Iterator[Actor]:
    """The owner of a book in a file: what is read is the same on each database."""
    with sqlite_book.session():
        actor = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        yield actor


def taken(owner: Actor, path: Path, *, dry_run: bool = False) -> ItemImportOutcome:
    wish = ItemImport(upload_id=keep_file(path, owner.user_id).id, dry_run=dry_run)
    return import_item_file(owner, wish, english=ENGLISH)


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "items.csv"
    path.write_text(text, encoding="utf-8")
    return path


def items() -> list[Item]:
    return list_items(ItemQuery(include_inactive=True)).items


def test_a_table_people_made_is_taken_under_the_names_they_use(owner: Actor, tmp_path: Path) -> None:
    path = tmp_path / "商品.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(
            0, 0, ["存货编码", "存货名称", "存货分类", "计量单位", "售价", "税率", "计价方式", "多单位", "批次"]
        )
        sheet.write_row(1, 0, ["P1", "钢笔", "文具/笔", "支", 12.5, 13, "先进先出法", "盒=12=6901", ""])
        sheet.write_row(2, 0, ["Y1", "牛奶", "饮料", "瓶", 4, 9, "个别计价", "箱：24；托＝960", "是"])
    outcome = taken(owner, path)
    assert (outcome.added, outcome.changed, outcome.same, outcome.errors) == (2, 0, 0, [])
    pen, milk = items()
    assert (pen.category, pen.sales_price, pen.tax_rate, pen.costing) == ("笔", "12.5", "13", "fifo")
    assert pen.units == [ItemUnit(unit="盒", factor="12", barcode="6901")]
    assert [(unit.unit, unit.factor) for unit in milk.units] == [("箱", "24"), ("托", "960")]
    assert (milk.costing, milk.tracks_lots) == ("lot", True)
    parents = {category.name: category.parent_id for category in list_categories().categories}
    assert parents["笔"] is not None
    assert taken(owner, path).same == 2


def test_known_codes_are_changed_and_blank_cells_leave_things_as_they_are(owner: Actor, tmp_path: Path) -> None:
    create_item(owner, ItemInput(code="P1", name="钢笔", unit="支", sales_price="10", note="新款"))
    outcome = taken(
        owner,
        table(tmp_path, "编码,名称,销售价,备注,在用\nP1,,11,,否\n,铅笔,1,,\n,毛笔,,,\n".replace("铅笔,1", "铅笔,1")),
    )
    assert [error.row for error in outcome.errors] == [3, 4]  # new items need a unit
    outcome = taken(owner, table(tmp_path, "code,name,Sales price incl. tax,unit,active\nP1,,11,,no\n,铅笔,1,支,\n"))
    assert (outcome.added, outcome.changed, outcome.errors) == (1, 1, [])
    pencil, pen = items()
    assert (pencil.code, pencil.name) == ("00001", "铅笔")
    assert (pen.sales_price, pen.note, pen.name, pen.active) == ("11", "新款", "钢笔", False)


def test_every_wrong_row_is_named_and_nothing_is_kept(owner: Actor, tmp_path: Path) -> None:
    text = (
        "编码,名称,单位,条码,税率,计价方法,其他单位\nA,甲,个,6901,,,\nB,乙,个,6901,,,\nA,丙,个,,,,\n"
        "D,丁,个,,abc,,\nE,戊,个,,,随便,\nF,己,个,,,,箱24\nG,,个,,,,\n"
    )
    outcome = taken(owner, table(tmp_path, text))
    assert (outcome.added, outcome.changed) == (0, 0)
    assert [error.row for error in outcome.errors] == [3, 4, 5, 6, 7, 8]
    assert "6901" in outcome.errors[0].reason
    assert items() == []
    assert list_categories().categories == []


def test_a_trial_keeps_nothing(owner: Actor, tmp_path: Path) -> None:
    assert taken(owner, table(tmp_path, "名称,单位\n钢笔,支\n"), dry_run=True).added == 1
    assert items() == []


def test_what_is_no_such_table_is_refused(owner: Actor, tmp_path: Path) -> None:
    with pytest.raises(FileRefused):
        taken(owner, table(tmp_path, "日期,金额\n2026-06-30,1\n"))
    with pytest.raises(MalformedInput):
        taken(owner, table(tmp_path, "名称,单位\n"))
    nobody = Actor(owner.user_id, "访客", frozenset({"inventory:item:import"}), False)
    with pytest.raises(PermissionDenied):
        taken(nobody, table(tmp_path, "名称,单位\n钢笔,支\n"))


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_goes_out_comes_in_again_unchanged(owner: Actor, tmp_path: Path, kind: str) -> None:
    units = [ItemUnit(unit="箱", factor="24", barcode="16901"), ItemUnit(unit="托", factor="960")]
    create_item(
        owner, ItemInput(code="=1+1", name="𠮷祥", unit="瓶", units=units, costing="monthly", reorder_level="2.5")
    )
    create_item(owner, ItemInput(code="F", name="运费", kind="service"))
    before = items()
    path = tmp_path / f"items.{kind}"
    export_items(owner, ItemExport(format=kind), path)  # type: ignore[arg-type]  # one of the two
    assert taken(owner, path).same == 2
    english = tmp_path / f"english.{kind}"
    export_items(owner, ItemExport(format=kind), english, lambda text: text.render(ENGLISH))  # type: ignore[arg-type]
    assert taken(owner, english).same == 2
    assert items() == before
    template = tmp_path / f"template.{kind}"
    export_items(owner, ItemExport(format=kind, template=True), template)  # type: ignore[arg-type]
    with pytest.raises(MalformedInput):
        taken(owner, template)
