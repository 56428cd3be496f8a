"""Whatever two people change at once: the second sees both versions, with names, and chooses; nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QTableWidgetItem

from app.contract.assets import AssetChange, AssetInput
from app.contract.contacts import ContactChange, ContactGroupChange, ContactGroupInput, ContactInput
from app.contract.document_printing import DocumentPrintSettingsInput, PrintedTexts
from app.contract.identity import UserChange, UserInput, UserStatus
from app.contract.inventory import (
    ItemCategoryChange,
    ItemCategoryInput,
    ItemInput,
    PriceListInput,
    PriceRow,
    PriceRows,
    WarehouseChange,
    WarehouseInput,
)
from app.contract.ledger import AccountChange
from app.contract.statements import DefinitionInput, ReclassificationInput, StatementQuery
from app.contract.stock import StockSettingsInput
from app.ui.contacts.contacts_page import ContactsPage
from app.ui.contacts.groups_dialog import GroupsDialog
from app.ui.contacts.merge_dialog import MergeDialog
from app.ui.inventory.categories_dialog import CategoriesDialog
from app.ui.inventory.price_lists_page import PriceListDialog, PriceListsPage
from app.ui.inventory.price_sheet import PriceColumn
from app.ui.inventory.warehouses_page import WarehousesPage
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.accounts_page import AccountsPage
from app.ui.ledger.voucher_settings_dialog import VoucherSettingsDialog
from app.ui.month_end.closing_parameters import VALUE, ParametersDialog
from app.ui.month_end.disposal_dialog import DisposalDialog
from app.ui.people.users_page import UsersPage
from app.ui.printing.document_print_settings import DocumentPrintSettingsDialog
from app.ui.reports.definition_dialog import DefinitionDialog
from app.ui.reports.reclassification_dialog import ReclassificationDialog
from app.ui.stock.posting_rule_dialog import PostingRuleDialog
from app.ui.stock.posting_rules_page import PostingRulesPage
from app.ui.widgets.conflict_dialog import ConflictDialog
from tests.ui.ledger.conftest import TODAY, api, desk, empty_book, runner
from tests.ui.ledger.desk import Desk
from tests.ui.together.test_versions import conflict_over, parent_of, shown

__all__ = ["api", "desk", "empty_book", "runner"]

EDIT = Qt.ItemDataRole.EditRole


@dataclass
class Window:
    """A form or page on one thing that two people change."""

    widget: Any
    type: Callable[[], object]
    """Change it here; nothing where a button does it at once."""
    save: Callable[[], object]
    theirs: Callable[[], object]
    """Change it from elsewhere, another value of it."""
    here: Callable[[], str]
    there: Callable[[], str]
    mine: str
    hers: str
    rows: dict[str, list[str]]
    """What is laid side by side then."""


def nothing() -> None:
    """A button does all of it."""


def opened(kind: Callable[..., Any], desk: Desk, *known: object) -> Any:
    """Open a form above a page that stays as long as the form."""
    page = parent_of(desk)
    form = kind(page, *known)
    form.page = page  # only kept
    form.open()
    return form


def parameters(desk: Desk) -> Window:
    known = desk.api.closing_parameters()
    dialog = opened(ParametersDialog, desk, known, desk.context)
    first = known.rates[0]
    mine = str(int(first.value) + 2)
    hers = known.model_copy(update={"surcharge_relief": not known.surcharge_relief})
    line = f"城市维护建设税（市区） · {first.since} · {{}} · {first.source}"
    was = line.format(first.value)
    relief = "减征（小规模纳税人、小型微利企业）"
    before, after = (relief, "—") if known.surcharge_relief else ("—", relief)
    return Window(
        dialog,
        type=lambda: dialog.rates.setItem(0, VALUE, QTableWidgetItem(mine)),
        save=dialog.ok_button.click,
        theirs=lambda: desk.api.change_closing_parameters(hers),
        here=lambda: dialog.rates.rates()[0].value,
        there=lambda: desk.api.closing_parameters().rates[0].value,
        mine=mine,
        hers=first.value,
        rows={"税率 · 第 1 行": [was, line.format(mine), was], "附加税费": [before, before, after]},
    )


def print_settings(desk: Desk) -> Window:
    before = DocumentPrintSettingsInput(name="甲公司", texts=[], version=desk.api.document_print_settings().version)
    kept = desk.api.change_document_print_settings(before)
    dialog = opened(DocumentPrintSettingsDialog, desk)
    texts = [PrintedTexts(kind="delivery", title="发货单")]
    theirs = DocumentPrintSettingsInput(name="乙公司", texts=texts, version=kept.version)
    return Window(
        dialog,
        type=lambda: dialog.fields["name"].setText("丙公司"),
        save=dialog.ok_button.click,
        theirs=lambda: desk.api.change_document_print_settings(theirs),
        here=dialog.fields["name"].text,
        there=lambda: desk.api.document_print_settings().name,
        mine="丙公司",
        hers="乙公司",
        rows={"单位名称": ["甲公司", "丙公司", "乙公司"], "送货单 · 标题": ["—", "—", "发货单"]},
    )


def reclassification(desk: Desk) -> Window:
    wish = ReclassificationInput(period="2026-06", from_line=1, to_line=28, amount="100", reason="旧")
    kept = desk.api.add_reclassification(wish)
    statement = desk.api.get_statement("balance-sheet", StatementQuery(to_period="2026-06"))
    dialog = opened(ReclassificationDialog, desk, desk.context, statement)
    dialog.table.setCurrentIndex(dialog.model.index(dialog.model.rowCount() - 1, 0))
    hers = wish.model_copy(update={"reason": "她的", "version": kept.version})
    return Window(
        dialog,
        type=lambda: dialog.reason.setText("我的"),
        save=dialog.ok_button.click,
        theirs=lambda: desk.api.change_reclassification(kept.id, hers),
        here=dialog.reason.text,
        there=lambda: desk.api.list_reclassifications().reclassifications[-1].reason,
        mine="我的",
        hers="她的",
        rows={"原因": ["旧", "我的", "她的"]},
    )


def definition(desk: Desk) -> Window:
    name = "balance-sheet"
    if (changed := desk.api.get_definition(name)).origin == "changed":
        desk.api.reset_definition(name, changed.version)
    statement = desk.api.get_statement(name, StatementQuery(to_period="2026-06"))
    known = desk.api.get_definition(name)
    dialog = opened(DefinitionDialog, desk, desk.context, statement)
    values = {field: getattr(known, field) for field in DefinitionInput.model_fields if field != "request_id"}
    place = next(place for place, row in enumerate(known.rows) if row.line == 2)
    cell = dialog.rows.index(place, dialog.rows.column_of("name_zh"))

    def line(changed: str) -> str:
        texts = [dialog.rows.index(place, column).data() for column in range(len(dialog.rows.columns))]
        return " · ".join(changed if text == cell.data() else text for text in texts if text)

    before = line(cell.data())
    mine = line("我的项目")
    return Window(
        dialog,
        type=lambda: dialog.rows.setData(cell, "我的项目", EDIT),
        save=dialog.ok_button.click,
        theirs=lambda: desk.api.change_definition(name, DefinitionInput(**{**values, "title_zh": "她的报表"})),
        here=cell.data,
        there=lambda: desk.api.get_definition(name).rows[place].name_zh,
        mine="我的项目",
        hers=known.rows[place].name_zh,
        rows={
            "中文名称": [known.title_zh, known.title_zh, "她的报表"],
            f"报表项目 · 第 {place + 1} 行": [before, mine, before],
        },
    )


def group(desk: Desk) -> Window:
    kept = desk.api.add_contact_group(ContactGroupInput(name=f"组{len(desk.api.list_contact_groups().groups)}"))
    hers = ContactGroupChange(name=f"{kept.name}她的", version=kept.version)
    dialog = opened(GroupsDialog, desk, [kept])
    dialog.list.setCurrentRow(0)
    return Window(
        dialog,
        type=lambda: dialog.name.setText(f"{kept.name}我的"),
        save=dialog.rename_button.click,
        theirs=lambda: desk.api.change_contact_group(kept.id, hers),
        here=dialog.name.text,
        there=lambda: next(one.name for one in desk.api.list_contact_groups().groups if one.id == kept.id),
        mine=f"{kept.name}我的",
        hers=f"{kept.name}她的",
        rows={"名称": [kept.name, f"{kept.name}我的", f"{kept.name}她的"]},
    )


def category(desk: Desk) -> Window:
    count = len(desk.api.list_item_categories().categories)
    kept = desk.api.add_item_category(ItemCategoryInput(name=f"类{count}"))
    dialog = opened(CategoriesDialog, desk, [kept])
    dialog.list.setCurrentRow(0)
    return Window(
        dialog,
        type=lambda: dialog.name.setText(f"{kept.name}我的"),
        save=dialog.rename_button.click,
        theirs=lambda: desk.api.change_item_category(kept.id, ItemCategoryChange(active=False, version=kept.version)),
        here=dialog.name.text,
        there=lambda: next(one.name for one in desk.api.list_item_categories().categories if one.id == kept.id),
        mine=f"{kept.name}我的",
        hers=kept.name,
        rows={"名称": [kept.name, f"{kept.name}我的", kept.name], "状态": ["在用", "在用", "停用"]},
    )


def prices(desk: Desk) -> Window:
    lists = desk.api.list_price_lists().price_lists
    kept = lists[0] if lists else desk.api.add_price_list(PriceListInput(name="批发价"))
    items = {one.code: one.id for one in desk.api.list_items().items}
    number = items.get("P1") or desk.api.add_item(ItemInput(code="P1", name="钢笔", unit="支")).id
    version = desk.api.get_prices(kept.id).version
    before = PriceRows(rows=[PriceRow(item_id=number, price="10")], version=version)
    version = desk.api.replace_prices(kept.id, before).version
    page: Any = desk.show(PriceListsPage)
    hers = PriceRows(rows=[PriceRow(item_id=number, price="8")], version=version)
    return Window(
        page,
        type=lambda: page.model.setData(page.model.index(0, PriceColumn.PRICE), "9"),
        save=page.save,
        theirs=lambda: desk.api.replace_prices(kept.id, hers),
        here=lambda: page.model.sheet.shown(0, PriceColumn.PRICE),
        there=lambda: desk.api.get_prices(kept.id).rows[0].price,
        mine="9",
        hers="8",
        rows={"第 1 行": ["P1 · 钢笔 · 10", "P1 · 钢笔 · 9", "P1 · 钢笔 · 8"]},
    )


def stock_settings(desk: Desk) -> Window:
    before = StockSettingsInput(allow_negative=False, post_vouchers=True, version=desk.api.stock_settings().version)
    theirs = StockSettingsInput(post_vouchers=False, version=desk.api.change_stock_settings(before).version)
    page: Any = desk.show(PostingRulesPage)
    return Window(
        page,
        type=nothing,
        save=page.allow_negative.click,
        theirs=lambda: desk.api.change_stock_settings(theirs),
        here=lambda: str(page.allow_negative.isChecked()),
        there=lambda: str(desk.api.stock_settings().allow_negative),
        mine="True",
        hers="False",
        rows={"允许库存暂时为负": ["否", "是", "否"], "单据生成的凭证立即审核、记账": ["是", "是", "否"]},
    )


def contact(desk: Desk) -> Window:
    name = f"远航科技{len(desk.api.list_contacts().contacts)}"
    kept = desk.api.add_contact(ContactInput(name=name, roles=["customer"]))
    version = desk.api.change_contact(kept.id, ContactChange(active=False, version=kept.version)).version
    page: Any = desk.show(ContactsPage)
    page.inactive.setChecked(True)
    page.table.setCurrentIndex(page.model.index(page.model.rowCount() - 1, 0))
    return Window(
        page,
        type=nothing,
        save=page.switch_button.click,
        theirs=lambda: desk.api.change_contact(kept.id, ContactChange(phone="456", version=version)),
        here=lambda: str(page.current().active),
        there=lambda: str(desk.api.get_contact(kept.id).active),
        mine="True",
        hers="False",
        rows={"电话": ["—", "—", "456"], "状态": ["停用", "在用", "停用"]},
    )


def account(desk: Desk) -> Window:
    known = next(one for one in desk.api.list_accounts().accounts if one.code == "1121")
    before = AccountChange(active=False, name_zh="票据", version=known.version)
    theirs = AccountChange(name_zh="她的名称", version=desk.api.change_account(known.id, before).version)
    page: Any = desk.show(AccountsPage)
    page.show_accounts("1121")
    return Window(
        page,
        type=nothing,
        save=page.switch.click,
        theirs=lambda: desk.api.change_account(known.id, theirs),
        here=lambda: str(page.current().active),
        there=lambda: str(next(one.active for one in desk.api.list_accounts().accounts if one.id == known.id)),
        mine="True",
        hers="False",
        rows={"名称": ["票据", "票据", "她的名称"], "状态": ["停用", "在用", "停用"]},
    )


def warehouse(desk: Desk) -> Window:
    kept = desk.api.add_warehouse(WarehouseInput(name=f"仓{len(desk.api.list_warehouses().warehouses)}"))
    version = desk.api.change_warehouse(kept.id, WarehouseChange(active=False, version=kept.version)).version
    page: Any = desk.show(WarehousesPage)
    page.table.setCurrentIndex(page.model.index(page.model.rowCount() - 1, 0))
    return Window(
        page,
        type=nothing,
        save=page.switch_button.click,
        theirs=lambda: desk.api.change_warehouse(kept.id, WarehouseChange(address="北京", version=version)),
        here=lambda: str(page.current().active),
        there=lambda: str(desk.api.list_warehouses().warehouses[-1].active),
        mine="True",
        hers="False",
        rows={"地址": ["—", "—", "北京"], "状态": ["停用", "在用", "停用"]},
    )


def user(desk: Desk) -> Window:
    kept = desk.api.add_user(UserInput(name=f"李{len(desk.api.list_users().users)}", age=30)).user
    version = desk.api.set_user_active(kept.id, UserStatus(active=False, version=kept.version)).version
    page: Any = desk.show(UsersPage)
    rows = [page._model.row(place).id for place in range(page._model.rowCount())]
    page._table.setCurrentIndex(page._model.index(rows.index(kept.id), 0))

    return Window(
        page,
        type=nothing,
        save=page._change_status,
        theirs=lambda: desk.api.change_user(kept.id, UserChange(name=kept.name, age=31, version=version)),
        here=lambda: str(page._table.current_row().active),
        there=lambda: str(next(one.active for one in desk.api.list_users().users if one.id == kept.id)),
        mine="True",
        hers="False",
        rows={"年龄": ["30", "30", "31"], "状态": ["已停用", "不登录", "已停用"]},
    )


MADE = (
    *(parameters, print_settings, reclassification, definition, group, category),
    *(prices, stock_settings, contact, account, warehouse, user),
)


CLOSED_BY_TAKING = (
    *(ParametersDialog, DocumentPrintSettingsDialog, DefinitionDialog),
    *(VoucherSettingsDialog, PostingRuleDialog),
)


def met(window: Window) -> ConflictDialog:
    """Save what somebody else has changed meanwhile."""
    window.save()
    dialog = conflict_over(window.widget)
    assert "王会计" in dialog.heading.text()
    return dialog


@pytest.mark.parametrize("made", MADE, ids=[make.__name__ for make in MADE])
def test_both_versions_are_seen_and_one_is_chosen(desk: Desk, made: Callable[[Desk], Window]) -> None:
    see_both_and_choose(desk, made)


def see_both_and_choose(desk: Desk, made: Callable[[Desk], Window]) -> None:
    """Let two people change a thing: the second looks, goes on, saves over it; another time he takes theirs."""
    window = made(desk)
    window.type()
    window.theirs()
    dialog = met(window)
    assert shown(dialog) == window.rows
    dialog.go_on.click()
    assert window.there() == window.hers
    if window.type is not nothing:
        assert window.here() == window.mine  # nothing typed is lost
    met(window).keep.click()
    assert window.there() == window.mine

    other = made(desk)
    other.type()
    other.theirs()
    met(other).take.click()
    assert other.there() == other.hers
    if not isinstance(other.widget, CLOSED_BY_TAKING):
        assert other.here() == other.hers  # who stays sees it


def test_a_list_renamed_by_oneself_is_no_conflict_for_its_prices(desk: Desk) -> None:
    window = prices(desk)
    window.type()
    window.widget.edit_button.click()
    dialog = window.widget.findChild(PriceListDialog)
    dialog.name.setText("批发价二")
    dialog.ok_button.click()
    assert (window.here(), window.widget.choice.currentText()) == ("9", "批发价二（含税）")
    window.save()
    assert (window.there(), window.widget.has_unsaved()) == ("9", False)


def test_what_both_did_alike_is_no_conflict(desk: Desk) -> None:
    window = warehouse(desk)
    kept = window.widget.current()
    desk.api.change_warehouse(kept.id, WarehouseChange(active=True, version=kept.version))
    window.save()
    assert not [one for one in window.widget.findChildren(ConflictDialog) if one.isVisible()]
    assert f"已保存仓库“{kept.name}”" in window.widget.message_bar.text


def merging(desk: Desk) -> tuple[Any, Callable[[], object], Callable[[], bool], dict[str, list[str]]]:
    kept = desk.api.add_contact(ContactInput(name="保留", roles=["customer"]))
    double = desk.api.add_contact(ContactInput(name="重复", roles=["customer"]))
    dialog = opened(MergeDialog, desk, double)
    dialog.into.set_contact(kept)
    change = ContactChange(phone="456", version=double.version)
    return (
        dialog,
        lambda: desk.api.change_contact(double.id, change),
        lambda: desk.api.get_contact(kept.id).phone == "456",
        {"电话": ["—", "—", "456"]},
    )


def disposing(desk: Desk) -> tuple[Any, Callable[[], object], Callable[[], bool], dict[str, list[str]]]:
    card = desk.api.add_asset(
        AssetInput(
            name="货车",
            acquired_on="2026-05-10",
            original_value="12000",
            life_months=60,
            asset_account_code="160102",
            accumulated_account_code="1602",
            expense_account_code="410102",
        )
    )
    dialog = opened(partial(DisposalDialog, may_make_voucher=False), desk, AccountIndex(), TODAY, card)
    dialog.note.setText("卖给乙公司")

    def gone() -> bool:
        return desk.api.get_asset(card.id).disposal_note == "卖给乙公司"

    change = AssetChange(name="大货车", version=card.version)
    return dialog, lambda: desk.api.change_asset(card.id, change), gone, {"名称": ["货车", "货车", "大货车"]}


@pytest.mark.parametrize("made", [merging, disposing], ids=["merging", "disposing"])
def test_what_is_to_be_done_with_a_changed_thing_waits_for_a_look(desk: Desk, made: Any) -> None:
    dialog, theirs, is_done, rows = made(desk)
    theirs()
    dialog.ok_button.click()
    conflict = conflict_over(dialog)
    assert (shown(conflict), conflict.take.isHidden()) == (rows, True)
    conflict.go_on.click()
    assert (dialog.isVisible(), is_done()) == (True, False)
    dialog.ok_button.click()
    conflict_over(dialog).keep.click()
    assert is_done()
