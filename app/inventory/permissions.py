"""The rights of items and stock; identity writes them into each book."""

from __future__ import annotations

from app.identity.permissions import Permission
from app.kernel.text import message

PERMISSIONS = (
    Permission("inventory:item:view", message("查看商品")),
    Permission("inventory:item:add", message("新增商品")),
    Permission("inventory:item:edit", message("修改商品")),
    Permission("inventory:item:remove", message("删除商品")),
    Permission("inventory:item:import", message("导入商品")),
    Permission("inventory:item:export", message("导出商品")),
    Permission("inventory:category:edit", message("维护商品类别")),
    Permission("inventory:warehouse:view", message("查看仓库")),
    Permission("inventory:warehouse:edit", message("维护仓库")),
    Permission("inventory:price:view", message("查看价格表")),
    Permission("inventory:price:edit", message("维护价格表")),
    Permission("inventory:document:view", message("查看库存单据")),
    Permission("inventory:document:add", message("新增库存单据")),
    Permission("inventory:document:edit", message("修改库存单据")),
    Permission("inventory:document:finish", message("完成库存单据")),
    Permission("inventory:document:cancel", message("取消库存单据")),
    Permission("inventory:stock:view", message("查看库存")),
    Permission("inventory:rule:view", message("查看入账规则")),
    Permission("inventory:rule:edit", message("修改入账规则")),
    Permission("inventory:settings:edit", message("修改存货设置")),
)
