"""The rights of the ledger; identity writes them into each book."""

from __future__ import annotations

from app.identity.permissions import Permission
from app.kernel.text import message

PERMISSIONS = (
    Permission("ledger:account:view", message("查看科目")),
    Permission("ledger:account:add", message("新增科目")),
    Permission("ledger:account:edit", message("修改科目")),
    Permission("ledger:auxiliary:view", message("查看辅助核算")),
    Permission("ledger:auxiliary:add", message("新增辅助核算项目")),
    Permission("ledger:voucher:view", message("查看凭证")),
    Permission("ledger:voucher:add", message("填制凭证")),
    Permission("ledger:voucher:edit", message("修改凭证")),
    Permission("ledger:voucher:remove", message("删除草稿凭证")),
    Permission("ledger:voucher:review", message("审核凭证")),
    Permission("ledger:voucher:post", message("记账")),
    Permission("ledger:voucher:void", message("作废凭证")),
    Permission("ledger:voucher:reverse", message("红字冲销")),
    Permission("ledger:voucher:sign", message("出纳签字")),
    Permission("ledger:voucher:renumber", message("断号整理")),
    Permission("ledger:settings:edit", message("修改凭证设置")),
    Permission("ledger:template:view", message("查看凭证模板")),
    Permission("ledger:template:add", message("新增凭证模板")),
    Permission("ledger:template:edit", message("修改凭证模板")),
    Permission("ledger:template:remove", message("删除凭证模板")),
    Permission("ledger:attachment:view", message("查看附件")),
    Permission("ledger:attachment:add", message("添加附件")),
    Permission("ledger:attachment:remove", message("删除草稿的附件")),
    Permission("ledger:period:view", message("查看会计期间")),
    Permission("ledger:period:close", message("结账")),
    Permission("ledger:period:reopen", message("反结账")),
    Permission("ledger:closing:view", message("查看期末结账")),
    Permission("ledger:closing:run", message("生成结账凭证")),
    Permission("ledger:closing:edit", message("修改结账参数")),
    Permission("ledger:opening:view", message("查看期初余额")),
    Permission("ledger:opening:edit", message("修改期初余额")),
    Permission("ledger:rate:view", message("查看汇率")),
    Permission("ledger:rate:edit", message("登记汇率")),
    Permission("ledger:asset:view", message("查看资产卡片")),
    Permission("ledger:asset:add", message("新增资产卡片")),
    Permission("ledger:asset:edit", message("修改资产卡片")),
    Permission("ledger:asset:dispose", message("处置资产")),
    Permission("ledger:book:verify", message("核验账簿")),
)
