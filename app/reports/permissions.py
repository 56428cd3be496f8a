"""The rights of the reports; identity writes them into each book."""

from __future__ import annotations

from app.identity.permissions import Permission
from app.kernel.text import message

PERMISSIONS = (
    Permission("reports:trial-balance:view", message("查看科目余额表")),
    Permission("reports:journal:view", message("查看序时账")),
    Permission("reports:general-ledger:view", message("查看总账")),
    Permission("reports:subsidiary-ledger:view", message("查看明细账")),
    Permission("reports:auxiliary-balance:view", message("查看辅助核算余额表")),
    Permission("reports:quantity:view", message("查看数量金额账")),
    Permission("reports:doctor:view", message("账簿体检")),
    Permission("reports:voucher:print", message("打印凭证")),
    Permission("reports:document:print", message("打印单据")),
    Permission("reports:document-print:edit", message("修改单据的抬头和文字")),
    Permission("reports:cash-journal:view", message("查看日记账")),
    Permission("reports:multi-column:view", message("查看多栏账")),
    Permission("reports:quantity-ledger:view", message("查看数量金额明细账")),
    Permission("reports:auxiliary-ledger:view", message("查看辅助明细账")),
    Permission("reports:voucher-summary:view", message("查看凭证汇总表")),
    Permission("reports:trial-balance-check:view", message("查看试算平衡表")),
    Permission("reports:asset-register:view", message("查看固定资产台账")),
    Permission("reports:depreciation:view", message("查看折旧计算表")),
    Permission("reports:ageing:view", message("查看账龄分析表")),
    Permission("reports:statement-of-account:view", message("查看对账单")),
    Permission("reports:sales:view", message("查看销售统计表")),
    Permission("reports:purchases:view", message("查看采购统计表")),
    Permission("reports:open-orders:view", message("查看未完成订单表")),
    Permission("reports:stock:view", message("查看库存余额表")),
    Permission("reports:stock-summary:view", message("查看收发存汇总表")),
    Permission("reports:stock-card:view", message("查看库存明细账")),
    Permission("reports:statement:view", message("查看报表")),
    Permission("reports:statement:edit", message("修改报表公式和重分类")),
)
