"""The rights of sales and purchases; identity writes them into each book."""

from __future__ import annotations

from app.identity.permissions import Permission
from app.kernel.text import message

PERMISSIONS = (
    Permission("orders:sales:view", message("查看销售单据")),
    Permission("orders:purchase:view", message("查看采购单据")),
)
