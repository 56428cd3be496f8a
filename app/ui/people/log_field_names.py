"""What the fields of logged objects are called, in the language the window speaks now."""

from __future__ import annotations

from app.ui.language import tr


def field_name(name: str) -> str:
    """Return what a field is called; one without a name of its own keeps its code."""
    for names in _NAMES:
        known = names()
        if name in known:
            return known[name]
    return name


def _common() -> dict[str, str]:
    return {
        "name": tr("名称"),
        "code": tr("编码"),
        "number": tr("编号"),
        "date": tr("日期"),
        "state": tr("状态"),
        "kind": tr("种类"),
        "category": tr("类别"),
        "category_id": tr("类别"),
        "note": tr("备注"),
        "active": tr("在用"),
        "unit": tr("单位"),
        "quantity": tr("数量"),
        "amount": tr("金额"),
        "lines": tr("明细"),
        "reason": tr("原因"),
        "description": tr("说明"),
        "maker": tr("制单人"),
        "parent_id": tr("上级"),
        "parent_code": tr("上级"),
        "specification": tr("规格"),
        "size": tr("大小"),
        "file": tr("文件"),
        "path": tr("文件"),
        "vouchers": tr("凭证"),
        "made_at": tr("时间"),
        "sha256": tr("校验值"),
        "head": tr("凭证链"),
        "proof": tr("核验"),
        "proved_at": tr("核验时间"),
    }


def _ledger() -> dict[str, str]:
    return {
        "period": tr("期间"),
        "word": tr("凭证字"),
        "summary": tr("摘要"),
        "entries": tr("分录"),
        "account_code": tr("科目"),
        "account_name": tr("科目名称"),
        "debit": tr("借方"),
        "credit": tr("贷方"),
        "debit_total": tr("借方合计"),
        "credit_total": tr("贷方合计"),
        "capital": tr("大写金额"),
        "aux": tr("辅助核算"),
        "auxiliaries": tr("辅助核算"),
        "currency": tr("外币"),
        "rate": tr("汇率"),
        "foreign_amount": tr("外币金额"),
        "unit_price": tr("单价"),
        "cash_flow_line": tr("现金流量"),
        "attachment": tr("附件文件"),
        "attachment_count": tr("附件张数"),
        "reviewer": tr("审核人"),
        "poster": tr("记账人"),
        "cashier": tr("出纳"),
        "origin": tr("来源"),
        "name_zh": tr("中文名称"),
        "name_en": tr("英文名称"),
        "normal_side": tr("余额方向"),
        "has_quantity": tr("数量核算"),
        "is_cash": tr("现金科目"),
        "original_value": tr("原值"),
        "residual_value": tr("残值"),
        "life_months": tr("使用月数"),
        "accumulated": tr("累计折旧"),
        "method": tr("折旧方法"),
        "acquired_on": tr("取得日期"),
        "in_use_on": tr("启用日期"),
        "disposed_on": tr("处置的日期"),
        "changed_by": tr("修改人"),
        "changed_at": tr("修改时间"),
    }


def _trade() -> dict[str, str]:
    return {
        "contact": tr("往来单位"),
        "contact_id": tr("往来单位编号"),
        "reference": tr("对方单号"),
        "due_date": tr("到期日"),
        "person": tr("经办人"),
        "net": tr("不含税金额"),
        "tax": tr("税额"),
        "gross": tr("价税合计"),
        "settled": tr("已结算"),
        "discount": tr("折扣"),
        "discount_percent": tr("折扣率"),
        "tax_rate": tr("增值税率"),
        "prices_include_tax": tr("含税价"),
        "allocations": tr("核销明细"),
        "tax_number": tr("税号"),
        "address": tr("地址"),
        "phone": tr("电话"),
        "bank_name": tr("开户银行"),
        "bank_account": tr("银行账号"),
        "terms_days": tr("账期（天）"),
        "credit_limit": tr("信用额度"),
        "group": tr("分组"),
        "group_id": tr("分组"),
        "price_list_id": tr("价格表"),
        "merged_into": tr("合并到"),
    }


def _people() -> dict[str, str]:
    return {
        "age": tr("年龄"),
        "email": tr("邮箱"),
        "login_name": tr("登录名"),
        "has_password": tr("有密码"),
        "must_change_password": tr("下次登录时必须修改"),
        "is_owner": tr("账簿所有者"),
        "department_id": tr("部门"),
        "roles": tr("角色"),
        "permissions": tr("权限"),
        "users": tr("人数"),
        "scope": tr("权限"),
        "user_name": tr("姓名"),
        "user_id": tr("用户编号"),
        "password": tr("密码"),
        "created_at": tr("建立时间"),
        "last_used_at": tr("上次使用"),
        "expires_at": tr("到期时间"),
        "revoked_at": tr("作废时间"),
    }


def _stock() -> dict[str, str]:
    return {
        "item_code": tr("商品编码"),
        "item_name": tr("商品"),
        "item_id": tr("商品编号"),
        "barcode": tr("条码"),
        "costing": tr("计价方法"),
        "units": tr("其他单位"),
        "sales_price": tr("销售单价"),
        "purchase_price": tr("采购价"),
        "reorder_level": tr("最低库存"),
        "warehouse": tr("仓库"),
        "warehouse_id": tr("仓库"),
        "to_warehouse": tr("调入仓库"),
        "to_warehouse_id": tr("调入仓库"),
        "lot": tr("批次"),
        "expiry": tr("有效期"),
        "cost": tr("成本"),
        "base_quantity": tr("基本单位数量"),
        "allow_negative": tr("允许负库存"),
        "post_vouchers": tr("自动生成凭证"),
    }


def _vouchers() -> dict[str, str]:
    return {
        "account_id": tr("科目编号"),
        "cashier_id": tr("出纳编号"),
        "correction_of": tr("更正的凭证"),
        "reversal_of": tr("冲销的凭证"),
        "reversed_by": tr("冲销它的凭证"),
        "has_faults": tr("有待补正"),
        "line": tr("行次"),
        "side": tr("方向"),
        "unvalued": tr("没有价格"),
        "message": tr("说明"),
        "by_date": tr("按日期排"),
        "moved": tr("改了号的"),
        "posted": tr("已记账"),
        "day": tr("每月几日"),
        "every_months": tr("间隔月数"),
        "first_period": tr("首次月份"),
        "last_period": tr("末次月份"),
        "last_made": tr("最近生成的月份"),
        "added_at": tr("加入时间"),
        "added_by": tr("加入人"),
        "media_type": tr("文件类型"),
        "word_rule": tr("凭证字规则"),
        "words": tr("凭证字"),
        "cashier_must_sign": tr("须出纳签字"),
        "review_by_other": tr("制单人不得审核"),
        "voucher_id": tr("凭证编号"),
        "unposted": tr("未记账凭证"),
        "is_leaf": tr("末级科目"),
        "level": tr("级次"),
        "source_name": tr("原文件里的名称"),
        "demanded": tr("必须填写"),
    }


def _opening() -> dict[str, str]:
    return {
        "rows": tr("行数"),
        "cash_flow": tr("现金流量"),
        "frozen": tr("已固定"),
        "make_missing": tr("自动新建缺少的项目"),
        "opening_debit": tr("期初借方"),
        "opening_credit": tr("期初贷方"),
        "opening_foreign": tr("期初外币"),
        "year_begin_debit": tr("年初借方"),
        "year_begin_credit": tr("年初贷方"),
        "year_begin_foreign": tr("年初外币"),
        "year_begin_quantity": tr("年初数量"),
        "ytd_debit": tr("本年累计借方"),
        "ytd_credit": tr("本年累计贷方"),
        "ytd_debit_quantity": tr("本年累计借方数量"),
        "ytd_credit_quantity": tr("本年累计贷方数量"),
        "ytd_amount": tr("本年累计金额"),
        "ytd_pl_actual": tr("本年实际损益"),
    }


def _assets() -> dict[str, str]:
    return {
        "asset_account_code": tr("资产科目"),
        "asset_account_name": tr("资产科目名称"),
        "asset_aux": tr("资产科目的辅助核算"),
        "accumulated_account_code": tr("累计折旧科目"),
        "accumulated_account_name": tr("累计折旧科目名称"),
        "accumulated_aux": tr("累计折旧科目的辅助核算"),
        "expense_account_code": tr("费用科目"),
        "expense_account_name": tr("费用科目名称"),
        "expense_aux": tr("费用科目的辅助核算"),
        "user_aux": tr("使用部门或人"),
        "carrying": tr("账面价值"),
        "residual_rate": tr("残值率"),
        "from_period": tr("起始月份"),
        "terms": tr("条件"),
        "location": tr("存放地点"),
        "months_charged": tr("已提月数"),
        "last_charged": tr("最近计提的月份"),
        "next_amount": tr("下次计提金额"),
        "next_period": tr("下次计提的月份"),
        "opening_accumulated": tr("期初累计折旧"),
        "opening_months": tr("期初已提月数"),
        "disposal_reason": tr("处置原因"),
        "disposal_proceeds": tr("处置收入"),
        "disposal_note": tr("处置备注"),
        "disposal_voucher_id": tr("处置凭证编号"),
    }


def _closing() -> dict[str, str]:
    return {
        "city_location": tr("所在地"),
        "cost_method": tr("成本结转方法"),
        "income_tax_method": tr("所得税预缴方法"),
        "profit_vouchers": tr("损益结转凭证"),
        "small_low_profit": tr("按小型微利企业计算"),
        "surcharge_relief": tr("附加税费减征"),
        "vat_exempt": tr("免征增值税"),
        "rates": tr("税率和标准"),
        "since": tr("起自"),
        "until": tr("止于"),
        "value": tr("值"),
        "parameters": tr("计算参数"),
    }


def _statements() -> dict[str, str]:
    return {
        "form": tr("表号"),
        "title": tr("标题"),
        "title_zh": tr("中文标题"),
        "title_en": tr("英文标题"),
        "layout": tr("版式"),
        "columns": tr("栏"),
        "checks": tr("核对关系"),
        "relation": tr("关系"),
        "left": tr("左式"),
        "right": tr("右式"),
        "formula": tr("公式"),
        "formula_vat_reclass": tr("增值税重分类时的公式"),
        "hide_zero": tr("为零时不显示"),
        "indent": tr("缩进"),
        "certainty": tr("把握"),
        "from_line": tr("从行次"),
        "to_line": tr("到行次"),
        "texts": tr("文字"),
        "opening": tr("表格上方的文字"),
        "logo": tr("标志"),
    }


def _documents() -> dict[str, str]:
    return {
        "document_id": tr("单据的编号"),
        "document_kind": tr("单据种类"),
        "document_number": tr("单据号"),
        "document_date": tr("单据日期"),
        "cancelled_by": tr("冲销它的单据"),
        "counter": tr("冲销单"),
        "counter_of": tr("它冲销的单据"),
        "links": tr("关联单据"),
        "source": tr("来源"),
        "source_line_id": tr("来源行编号"),
        "fulfilled": tr("已执行"),
        "deductible": tr("可抵扣"),
        "own_amounts": tr("金额是手工填的"),
        "unallocated": tr("未核销金额"),
        "settlements": tr("核销记录"),
        "part": tr("部分"),
        "tax_number_doubtful": tr("税号可疑"),
        "includes_tax": tr("含税价"),
        "added": tr("加上的"),
        "removed": tr("去掉的"),
        "book_quantity": tr("账面数量"),
        "factor": tr("换算率"),
        "tracks_lots": tr("管批次"),
        "tracks_expiry": tr("管有效期"),
        "is_usual": tr("常用仓库"),
        "items": tr("商品"),
        "purpose": tr("用途"),
        "purpose_name": tr("用途名称"),
        "used_by": tr("用它的单据"),
        "by_category": tr("按商品类别分"),
        "by_group": tr("按往来分组分"),
        "contact_group": tr("往来分组"),
        "contact_group_id": tr("往来分组编号"),
        "vouchers_per_document": tr("每张单据一张凭证"),
    }


def _program() -> dict[str, str]:
    return {
        "built_in": tr("预置角色"),
        "at": tr("时间"),
        "by": tr("由谁"),
        "place": tr("位置"),
        "done": tr("已完成"),
        "folder": tr("文件夹"),
        "files": tr("文件"),
        "skipped": tr("跳过"),
        "slug": tr("网址里的名称"),
        "old": tr("更新前的版本"),
        "new": tr("更新后的版本"),
        "kept": tr("留存的文件"),
        "mark": tr("内容标记"),
        "damage": tr("损坏"),
        "seen_at": tr("上次核对时间"),
        "checked": tr("核对过的"),
        "set_aside": tr("原来的账簿改名为"),
    }


_NAMES = (
    _common,
    _ledger,
    _trade,
    _people,
    _stock,
    _vouchers,
    _opening,
    _assets,
    _closing,
    _statements,
    _documents,
    _program,
)
