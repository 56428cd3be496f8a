"""The rights of contacts."""

from __future__ import annotations

from app.identity.permissions import Permission
from app.kernel.text import message

PERMISSIONS = (
    Permission("contacts:contact:view", message("查看往来单位")),
    Permission("contacts:contact:add", message("新增往来单位")),
    Permission("contacts:contact:edit", message("修改往来单位")),
    Permission("contacts:contact:merge", message("合并往来单位")),
    Permission("contacts:contact:import", message("导入往来单位")),
    Permission("contacts:contact:export", message("导出往来单位")),
    Permission("contacts:group:edit", message("修改往来单位分组")),
)
