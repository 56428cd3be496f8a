"""The keys of the voucher page, for those who do not know them yet."""

from __future__ import annotations

import html

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QMessageBox, QWidget

from app.ui.language import tr


def key_table() -> list[tuple[str, str]]:
    """Return each key with what it does, in the window's language."""
    return [
        ("Enter", tr("下一个要填的单元格；空摘要取上一行的摘要")),
        ("Tab", tr("下一个单元格")),
        ("=", tr("用本行平衡凭证；算式后按 = 得出结果")),
        (tr("空格"), tr("金额换到另一方")),
        ("..", tr("取上一行的摘要")),
        ("//", tr("取第一行的摘要")),
        ("F7", tr("查找科目、辅助项目、币种、摘要")),
        ("Ctrl+F7", tr("平衡凭证")),
        ("Ctrl+Insert", tr("插入一行")),
        ("Ctrl+Delete", tr("删除本行")),
        ("Esc", tr("放弃本单元格的修改")),
        ("F8", tr("保存")),
        ("Ctrl+F8", tr("保存并新增")),
        ("F9", tr("审核或取消审核")),
        ("Ctrl+F9", tr("记账")),
        ("Ctrl+PgUp / Ctrl+PgDn", tr("上一张、下一张凭证")),
    ]


def show_keys(parent: QWidget) -> None:
    """Show the table in a box beside the work."""
    rows = "".join(
        f"<tr><td><b>{html.escape(key)}</b></td><td style='padding-left: 12px'>{html.escape(text)}</td></tr>"
        for key, text in key_table()
    )
    box = QMessageBox(
        QMessageBox.Icon.NoIcon,
        tr("按键一览"),
        f"<table>{rows}</table>",
        QMessageBox.StandardButtons(QMessageBox.StandardButton.Close),
        parent,
    )
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.RichText)
    box.setModal(False)
    box.show()
