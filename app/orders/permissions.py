"""The rights of sales and purchases; identity writes them into each book."""

from __future__ import annotations

from app.identity.permissions import Permission
from app.kernel.text import message

PERMISSIONS = (
    Permission("orders:sales:view", message("查看销售单据")),
    Permission("orders:sales:add", message("新增销售单据")),
    Permission("orders:sales:edit", message("修改销售单据")),
    Permission("orders:sales:finish", message("办理销售单据")),
    Permission("orders:sales:cancel", message("撤销销售单据")),
    Permission("orders:purchase:view", message("查看采购单据")),
    Permission("orders:purchase:add", message("新增采购单据")),
    Permission("orders:purchase:edit", message("修改采购单据")),
    Permission("orders:purchase:finish", message("办理采购单据")),
    Permission("orders:purchase:cancel", message("撤销采购单据")),
    Permission("orders:credit-limit:ignore", message("超过信用额度仍办理")),
    Permission("orders:payment:view", message("查看收付款")),
    Permission("orders:payment:add", message("新增收付款")),
    Permission("orders:payment:edit", message("修改和删除收付款草稿")),
    Permission("orders:payment:finish", message("办理收付款")),
    Permission("orders:payment:cancel", message("撤销收付款")),
    Permission("orders:settlement:view", message("查看核销")),
    Permission("orders:settlement:add", message("核销")),
    Permission("orders:settlement:cancel", message("撤销核销")),
)
