"""Reading a typed card: texts become integers, codes become ids; every wrong field is named at once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import NamedTuple, TypeVar

from app.contract.assets import AssetInput
from app.kernel.errors import MalformedInput, UserError
from app.kernel.money import QUANTITY_DIGITS, format_rate, parse_amount, round_half_up
from app.kernel.period import parse_date
from app.kernel.text import Message, clean_number_text, clean_text, message
from app.ledger.asset_plan import Term
from app.ledger.errors import account_unknown, fields_wrong
from app.ledger.queries.vouchers import base_digits
from app.ledger.service.facts import read_account_facts
from app.ledger.service.rules import AccountFacts
from app.ledger.service.sets import SetResolver

Result = TypeVar("Result")


class ReadCard(NamedTuple):
    """A card as it is stored: the columns of `asset` without what the ledger itself keeps, and its terms."""

    columns: dict[str, object]
    term: Term
    residual_rate: str


class CardReader:
    """Reads one card.

    An `imported` one may name auxiliaries that are not there yet, and accounts that vouchers may not use any more.
    """

    def __init__(self, *, imported: bool = False) -> None:
        """Start with no field wrong."""
        self._digits = base_digits()
        self._imported = imported
        self._resolver = SetResolver(make_missing=imported)
        self._wrong: dict[str, Message] = {}

    def read(self, typed: AssetInput) -> ReadCard:
        """Return the card. Raises `MalformedInput` whose `fields` name every wrong place."""
        self._wrong = {}
        name = clean_text(typed.name)
        if not name:
            self._wrong["name"] = message("名称不能为空。")
        acquired = self._date("acquired_on", typed.acquired_on)
        in_use = self._date("in_use_on", typed.in_use_on) if typed.in_use_on.strip() else acquired
        quantity = self._quantity(typed.quantity)
        asset = self._account("asset_account_code", typed.asset_account_code, typed.asset_aux, "asset_aux")
        carrier: tuple[int | None, int] = (None, 0)
        if typed.accumulated_account_code.strip():
            carrier = self._account(
                "accumulated_account_code", typed.accumulated_account_code, typed.accumulated_aux, "accumulated_aux"
            )
        elif typed.kind != "deferred":
            self._wrong["accumulated_account_code"] = message("请选累计折旧或累计摊销的科目。")
        expense = self._account("expense_account_code", typed.expense_account_code, typed.expense_aux, "expense_aux")
        user = self._set("user_aux", typed.user_aux)
        original, residual, rate = self._values(typed)
        opening = self._amount("opening_accumulated", typed.opening_accumulated)
        self._check_opening(typed, opening, original - residual)
        if self._wrong:
            raise fields_wrong(self._wrong)
        columns: dict[str, object] = {
            "name": name,
            "kind": typed.kind,
            **{key: clean_text(getattr(typed, key)) for key in ("category", "specification", "location", "unit")},
            "quantity": quantity,
            "user_set_id": user,
            "acquired_on": acquired,
            "in_use_on": in_use,
            "asset_account_id": asset[0],
            "asset_set_id": asset[1],
            "accumulated_account_id": carrier[0],
            "accumulated_set_id": carrier[1],
            "opening_accumulated": opening,
            "opening_months": typed.opening_months,
            "note": clean_text(typed.note),
        }
        return ReadCard(columns, Term(0, original, residual, typed.life_months, typed.method, *expense), rate)

    def _check_opening(self, typed: AssetInput, opening: int, depreciable: int) -> None:
        if opening < 0 or ("original_value" not in self._wrong and opening > max(depreciable, 0)):
            self._wrong.setdefault("opening_accumulated", message("期初已计提的金额不能小于零，也不能超过原值减残值。"))
        if typed.opening_months > typed.life_months:
            self._wrong["opening_months"] = message("已计提的月数不能超过使用月数。")
        if opening and not typed.opening_months:
            self._wrong["opening_months"] = message("期初有已计提的金额，请填已计提的月数。")

    def _attempt(self, place: str, work: Callable[[], Result]) -> Result | None:
        try:
            return work()
        except UserError as error:
            self._wrong[place] = error.message
            return None

    def _date(self, place: str, text: str) -> str:
        date = self._attempt(place, lambda: parse_date(text))
        return date.isoformat() if date else ""

    def _amount(self, place: str, text: str) -> int:
        return (self._attempt(place, lambda: parse_amount(text, self._digits)) or 0) if text.strip() else 0

    def _quantity(self, text: str) -> int:
        quantity = self._attempt("quantity", lambda: parse_amount(text.strip() or "1", QUANTITY_DIGITS)) or 0
        if quantity <= 0 and "quantity" not in self._wrong:
            self._wrong["quantity"] = message("数量应大于零。")
        return quantity

    def _values(self, typed: AssetInput) -> tuple[int, int, str]:
        """Return original value, residual value and the rate it came from (empty where the amount was given)."""
        original = self._amount("original_value", typed.original_value)
        if original <= 0 and "original_value" not in self._wrong:
            self._wrong["original_value"] = message("原值应大于零。")
        place, rate_text = "residual_value", ""
        if typed.residual_value.strip() or not typed.residual_rate.strip():
            residual = self._amount("residual_value", typed.residual_value)
        else:
            place = "residual_rate"
            rate = self._attempt(place, lambda: _per_cent(typed.residual_rate))
            residual = round_half_up(original * (rate or Decimal(0)) / 100)
            rate_text = format_rate(rate) if rate else "0"
        if place not in self._wrong and not 0 <= residual <= max(original, 0):
            self._wrong[place] = message("残值应在零和原值之间。")
        return original, residual, rate_text

    def _set(self, place: str, text: str) -> int:
        return self._attempt(place, lambda: self._resolver.resolve(clean_text(text))) or 0

    def _account(self, place: str, code: str, aux: str, aux_place: str) -> tuple[int, int]:
        set_id = self._set(aux_place, aux)
        found = next(iter(read_account_facts(codes=[clean_text(code)]).values()), None)
        if found is None:
            self._wrong[place] = account_unknown(code).message if code.strip() else message("请选科目。")
            return 0, 0
        if aux_place not in self._wrong and not self._imported:
            self._check_account(found, set_id, place, aux_place)
        return found.id, set_id

    def _check_account(self, facts: AccountFacts, set_id: int, place: str, aux_place: str) -> None:
        """Refuse what would make every voucher of this card faulty."""
        if not facts.is_leaf:
            self._wrong[place] = message("科目 {code} 有下级，请选末级科目。", code=facts.code)
        elif not facts.active:
            self._wrong[place] = message("科目 {code} 已停用。", code=facts.code)
        kinds = self._resolver.facts[set_id]
        missing = sorted(facts.demanded - kinds.kinds)
        if missing:
            self._wrong[aux_place] = message(
                "科目 {code} 要填{kind}。", code=facts.code, kind=facts.kind_names[missing[0]]
            )
        elif kinds.kinds - facts.demanded - facts.offered:
            self._wrong[aux_place] = message("科目 {code} 没有这种辅助核算。", code=facts.code)
        elif not kinds.active:
            self._wrong[aux_place] = message("这个辅助核算项目已停用。")


def _per_cent(text: str) -> Decimal:
    try:
        rate = Decimal(clean_number_text(text).removesuffix("%"))
    except InvalidOperation:
        rate = Decimal(-1)
    if not rate.is_finite() or not 0 <= rate <= 100 or -int(rate.as_tuple().exponent) > 6:
        raise MalformedInput("percent_malformed", message("“{text}”不是百分数，请写成 5 的样子。", text=text))
    return rate
