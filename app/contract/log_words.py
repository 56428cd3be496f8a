"""What the log of changes calls things: kinds of objects, what was done to them, how it ended.

The window and the exported file say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.kernel.text import Message, message

KIND_NAMES: Mapping[str, Message] = {
    "voucher": message("凭证"),
    "voucher_template": message("凭证模板"),
    "attachment": message("凭证的附件"),
    "account": message("会计科目"),
    "auxiliary": message("辅助核算项目"),
    "opening": message("期初余额"),
    "exchange_rate": message("外币汇率"),
    "asset": message("固定资产"),
    "period": message("会计期间"),
    "closing_step": message("月末结账步骤"),
    "closing_parameters": message("结账参数"),
    "statement_definition": message("报表公式"),
    "reclassification": message("报表重分类"),
    "document": message("购销单据"),
    "payment": message("收付款单"),
    "settlement": message("核销单"),
    "contact": message("往来单位"),
    "contact_group": message("往来单位分组"),
    "item": message("商品"),
    "item_category": message("商品类别"),
    "price_list": message("价格表"),
    "warehouse": message("仓库"),
    "stock_document": message("库存单据"),
    "stock_settings": message("库存设置"),
    "month_costing": message("月末成本核算"),
    "posting_rule": message("入账规则"),
    "import": message("导入"),
    "backup": message("备份"),
    "book": message("账簿"),
    "book_setting": message("账簿设置"),
    "book_move": message("账簿迁移"),
    "document_print": message("单据打印设置"),
    "user": message("用户"),
    "role": message("角色"),
    "department": message("部门"),
    "api_token": message("接口令牌"),
    "session": message("登录会话"),
    "login": message("登录名"),
    "request": message("被拒绝的操作"),
}
"""The kinds of objects the log knows, in the order in which people look for them."""

VERB_NAMES: Mapping[str, Message] = {
    "add": message("新增"),
    "edit": message("修改"),
    "remove": message("删除"),
    "review": message("审核"),
    "unreview": message("撤销审核"),
    "sign": message("出纳签字"),
    "unsign": message("撤销签字"),
    "post": message("记账"),
    "reverse": message("冲销"),
    "void": message("作废"),
    "renumber": message("重编号"),
    "finish": message("完成"),
    "cancel": message("冲销单据"),
    "close": message("关闭"),
    "reopen": message("重新打开"),
    "run": message("执行"),
    "skip": message("跳过"),
    "reset": message("恢复为未做"),
    "cost": message("核算成本"),
    "dispose": message("处置"),
    "merge": message("合并"),
    "import": message("导入"),
    "export": message("导出"),
    "print": message("打印"),
    "restore": message("恢复"),
    "check": message("核对备份"),
    "upgrade": message("升级"),
    "move": message("迁移"),
    "verify": message("核验"),
    "view": message("查看"),
    "login": message("登录"),
    "logout": message("退出登录"),
    "forceLogout": message("强制退出"),
    "changeStatus": message("停用或启用"),
    "resetPwd": message("重置密码"),
    "ownPassword": message("修改自己的密码"),
    "unlock": message("解除登录锁定"),
}
"""What was done, by the last part of the action's code."""

RESULT_NAMES: Mapping[str, Message] = {
    "done": message("成功"),
    "permission_denied": message("没有权限"),
    "stale_version": message("别人先改了"),
    "not_found": message("对象不存在"),
    "login_wrong": message("密码不对或没有这个人"),
    "login_waiting": message("失败太多，须等待"),
    "login_locked": message("已锁定"),
    "login_token": message("令牌无效"),
    "login_unlocked": message("已解除锁定"),
    "version_missing": message("没有说明依据的版本"),
    "period_closed": message("期间已结账"),
}
"""How it ended: `done`, or the code of the refusal as far as it has words of its own."""

_THINGS: Mapping[str, str] = {
    "token": "api_token",
    "template": "voucher_template",
    "rate": "exchange_rate",
    "closing": "closing_step",
    "statement": "statement_definition",
    "category": "item_category",
    "price": "price_list",
    "rule": "posting_rule",
    "group": "contact_group",
    "file": "import",
    "stock": "month_costing",
    "settings": "book_setting",
    "audit": "",
    "document-print": "document_print",
}


def kind_of(action: str, object_type: str) -> str:
    """Return which kind of object an action was about; of a refused one, what the action's code says."""
    if object_type != "request":
        return object_type
    parts = action.split(":")
    if len(parts) != 3:
        return object_type
    owner, thing, _verb = parts
    if owner == "inventory" and thing == "document":
        return "stock_document"
    if owner == "orders" and thing not in {"payment", "settlement"}:
        return "document"
    found = _THINGS.get(thing, thing)
    return found if found in KIND_NAMES else object_type


def kind_name(action: str, object_type: str) -> Message:
    """Return what the kind of object is called; a code that is not known stays as it is."""
    kind = kind_of(action, object_type)
    return KIND_NAMES.get(kind) or Message("{code}", {"code": kind})


def verb_of(action: str) -> str:
    """Return the last part of an action's code; all of one that has no parts, such as `POST /api/logout`."""
    return action.rpartition(":")[2] if action.count(":") == 2 and "/" not in action else action


def verb_name(action: str) -> Message:
    """Return what was done is called; a code that is not known stays as it is."""
    verb = verb_of(action)
    return VERB_NAMES.get(verb) or Message("{code}", {"code": verb})


def result_name(result: str) -> Message:
    """Return how it ended; a refusal without words of its own by its code."""
    if result == "done":
        return RESULT_NAMES[result]
    return message("拒绝：{why}", why=RESULT_NAMES.get(result) or result)


def object_label(object_id: str, *versions: Any) -> str:
    """Return how people call an object, as far as one of its versions says so; else its number."""
    for version in reversed(versions):
        if not isinstance(version, Mapping):
            continue
        word, number = version.get("word"), version.get("number")
        if isinstance(word, str) and isinstance(number, int):
            return f"{word}-{number}"
        if isinstance(number, str) and number:
            return number
        named = [str(version[key]) for key in ("code", "name") if version.get(key)]
        if named:
            return " ".join(named)
    return object_id
