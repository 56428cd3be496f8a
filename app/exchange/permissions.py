"""The rights of exchange; what an import does in the ledger needs the ledger's own rights besides."""

from __future__ import annotations

from app.identity.permissions import Permission
from app.kernel.text import message

PERMISSIONS = (
    Permission("exchange:file:import", message("导入文件")),
    Permission("exchange:book:export", message("导出账簿")),
)
