"""The tree of rights as people read it: what its slices and things are called, in which order, which rights to part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from app.kernel.text import Message, message
from app.storage.database import fetch_all, open_book

SLICES: Mapping[str, Message] = {
    "ledger": message("账务处理"),
    "orders": message("销售与采购"),
    "inventory": message("商品与库存"),
    "contacts": message("往来单位资料"),
    "reports": message("账簿与报表"),
    "exchange": message("导入与导出"),
    "book": message("整本账簿"),
    "identity": message("人员与授权"),
}
"""By the first part of the code, in the order they are listed."""

THINGS: Mapping[str, Message] = {
    "ledger:voucher": message("凭证"),
    "ledger:template": message("凭证模板"),
    "ledger:attachment": message("原始凭证附件"),
    "ledger:settings": message("凭证设置"),
    "ledger:account": message("会计科目表"),
    "ledger:auxiliary": message("辅助核算"),
    "ledger:opening": message("期初余额"),
    "ledger:period": message("会计期间"),
    "ledger:closing": message("期末结账"),
    "ledger:rate": message("汇率表"),
    "ledger:asset": message("固定资产与长期待摊"),
    "ledger:book": message("核验账簿"),
    "orders:sales": message("销售单据"),
    "orders:purchase": message("采购单据"),
    "orders:credit-limit": message("信用额度"),
    "orders:payment": message("收付款单"),
    "orders:settlement": message("往来核销"),
    "inventory:item": message("商品资料"),
    "inventory:category": message("商品类别"),
    "inventory:warehouse": message("仓库资料"),
    "inventory:price": message("价格表"),
    "inventory:document": message("库存单据"),
    "inventory:stock": message("库存"),
    "inventory:rule": message("入账规则"),
    "inventory:settings": message("存货设置"),
    "contacts:contact": message("往来单位"),
    "contacts:group": message("往来单位分组"),
    "reports:general-ledger": message("总账"),
    "reports:subsidiary-ledger": message("明细账"),
    "reports:journal": message("序时账"),
    "reports:cash-journal": message("日记账"),
    "reports:multi-column": message("多栏账"),
    "reports:trial-balance": message("科目余额表"),
    "reports:trial-balance-check": message("试算平衡表"),
    "reports:voucher-summary": message("凭证汇总表"),
    "reports:auxiliary-balance": message("辅助核算余额表"),
    "reports:auxiliary-ledger": message("辅助明细账"),
    "reports:quantity": message("数量金额账"),
    "reports:quantity-ledger": message("数量金额明细账"),
    "reports:statement": message("财务报表"),
    "reports:asset-register": message("固定资产台账"),
    "reports:depreciation": message("折旧计算表"),
    "reports:ageing": message("账龄分析表"),
    "reports:statement-of-account": message("对账单"),
    "reports:sales": message("销售统计表"),
    "reports:purchases": message("采购统计表"),
    "reports:open-orders": message("未完成订单表"),
    "reports:stock": message("库存余额表"),
    "reports:stock-summary": message("收发存汇总表"),
    "reports:stock-card": message("库存明细账"),
    "reports:doctor": message("账簿体检"),
    "reports:voucher": message("打印凭证"),
    "reports:document": message("打印单据"),
    "reports:document-print": message("单据打印设置"),
    "exchange:file": message("导入文件"),
    "exchange:book": message("导出账簿"),
    "book:backup": message("备份账簿"),
    "book:book": message("收进和迁移账簿"),
    "identity:user": message("用户管理"),
    "identity:role": message("角色与授权"),
    "identity:department": message("部门管理"),
    "identity:session": message("登录状态"),
    "identity:token": message("接口令牌管理"),
    "identity:audit": message("操作日志"),
    "identity:login": message("登录日志"),
}
"""By the first two parts of the code, in the order they are listed."""

_VERBS = ("view", "add", "edit", "remove", "sign", "review", "post", "void", "reverse", "run", "finish", "cancel")
_SLICE_ORDER = {code: place for place, code in enumerate(SLICES)}
_THING_ORDER = {code: place for place, code in enumerate(THINGS)}
_VERB_ORDER = {verb: place for place, verb in enumerate(_VERBS)}

APART = frozenset(
    {
        "ledger:voucher:add",
        "ledger:voucher:review",
        "ledger:voucher:post",
        "ledger:period:close",
        "ledger:period:reopen",
    }
)
"""Making, reviewing, posting, closing, reopening: where several people work, not all in one hand."""


def names_of(codes: Sequence[str]) -> Message:
    """Return what people call some rights, the first five of them; their codes where no book is open."""
    shown = codes[:5]
    places = ", ".join("?" * len(shown))
    known: dict[str, str] = {}
    if open_book() is not None:
        known = dict(fetch_all(f"SELECT code, name FROM {{permission}} WHERE code IN ({places})", shown))
    return listing([Message(known.get(code, code)) for code in shown])


def listing(names: Sequence[Message]) -> Message:
    """Return names one after the other, in the reader's way of listing."""
    return reduce(lambda listed, name: message("{listed}、{name}", listed=listed, name=name), names)


def slice_name(code: str) -> Message:
    """Return what people call the part of the program a right belongs to; the code's own word for an unknown one."""
    word = code.partition(":")[0]
    return SLICES.get(word, Message(word))


def thing_name(code: str) -> Message:
    """Return what people call the thing a right is about; the code's own word for an unknown one."""
    return THINGS.get(code.rpartition(":")[0], Message(code.split(":")[1]))


def reading_order(code: str) -> tuple[int, int, int, str]:
    """Return where a right stands among the others; what has no place of its own comes last, by its code."""
    last = len(THINGS)
    slice_word, _, verb = code.split(":")
    thing = code.rpartition(":")[0]
    return (
        _SLICE_ORDER.get(slice_word, last),
        _THING_ORDER.get(thing, last),
        _VERB_ORDER.get(verb, last),
        code,
    )
