"""Keeping cards: adding, changing and deleting them.

财会〔2024〕12号 art. 20: every change of method, life or value is kept with its reason, and works from a month on.
"""

from __future__ import annotations

from app.contract.assets import Asset, AssetChange, AssetInput, AssetSchedule
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.kernel.clock import utc_ms
from app.kernel.errors import Conflict, RuleBroken
from app.kernel.money import format_amount, group_thousands
from app.kernel.period import format_period, next_period, parse_period
from app.kernel.text import Message, clean_text, message
from app.ledger.asset_plan import Term, first_period
from app.ledger.errors import fields_wrong
from app.ledger.queries.assets.cards import asset_view, get_asset, schedule_view
from app.ledger.queries.assets.loading import LoadedCard, StoredCard, StoredTerm, book_start, closed_until, load_card
from app.ledger.queries.vouchers import base_digits
from app.ledger.service.assets.reading import CardReader, ReadCard
from app.storage.database import execute, fetch_all, fetch_one, insert_returning_id, lock_suffix, run_unit

_FIXED_COLUMNS = {
    "kind": "kind",
    "acquired_on": "acquired_on",
    "in_use_on": "in_use_on",
    "asset_account_id": "asset_account_code",
    "asset_set_id": "asset_aux",
    "accumulated_account_id": "accumulated_account_code",
    "accumulated_set_id": "accumulated_aux",
    "opening_accumulated": "opening_accumulated",
    "opening_months": "opening_months",
}
"""What stays as it is once vouchers have charged the card, for they were made with it: column and field."""


_TERM_FIELDS = (
    "original_value",
    "residual_value",
    "residual_rate",
    "life_months",
    "method",
    "expense_account_code",
    "expense_aux",
)


def create_asset(actor: Actor, new: AssetInput, *, imported: bool = False) -> Asset:
    """Add a card. Raises `MalformedInput` with fields, `Conflict` for a taken code."""
    actor.require("ledger:asset:add")

    def work() -> Asset:
        read = CardReader(imported=imported).read(new)
        code = clean_text(new.code) or _next_code()
        if fetch_one("SELECT id FROM {asset} WHERE code = ?", (code,)):
            sentence = message("已有编号为“{code}”的卡片。", code=code)
            raise Conflict("asset_exists", sentence, fields={"code": sentence})
        asset_id = _insert(actor, code, read)
        view = get_asset(asset_id)
        audit.record(actor, "ledger:asset:add", "asset", asset_id, after=view.model_dump())
        return view

    return run_unit(work)


def preview_schedule(actor: Actor, new: AssetInput) -> AssetSchedule:
    """Return the plan a card would have; nothing is kept. Raises `MalformedInput` with fields."""
    actor.require("ledger:asset:view")
    read = CardReader().read(new)
    values = dict.fromkeys(StoredCard._fields, 0) | {"disposed_on": None} | read.columns
    stored = StoredTerm(read.term, read.residual_rate, "", "", 0)
    card = StoredCard(**values)  # type: ignore[arg-type]  # the columns as they were read
    return schedule_view(LoadedCard(card, [stored], {}, book_start(), closed_until()))


def change_asset(actor: Actor, asset_id: int, change: AssetChange) -> Asset:
    """Change a card; what it is charged by changes from a month on once it was charged.

    Raises `NotFound`, `Conflict` for a stale version, `MalformedInput` with fields, `RuleBroken` for what cannot change
    any more.
    """
    actor.require("ledger:asset:edit")

    def work() -> Asset:
        loaded = lock_card(asset_id, change.version)
        before = asset_view(loaded)
        read = CardReader().read(_merged(before, change))
        was_charged = any(loaded.charged.values()) or loaded.card.disposed_on is not None
        moved = [
            field for column, field in _FIXED_COLUMNS.items() if read.columns[column] != getattr(loaded.card, column)
        ]
        if was_charged and moved:
            raise RuleBroken(
                "asset_charged",
                message("{asset} 已经计提或处置，类别、日期、科目和期初累计不能再改。", asset=card_name(loaded)),
                fields=dict.fromkeys(moved, message("已经计提或处置，不能再改。")),
            )
        _update(asset_id, read.columns)
        last = loaded.terms[-1]
        if (read.term._replace(from_period=last.term.from_period), read.residual_rate) != (
            last.term,
            last.residual_rate,
        ):
            if was_charged or change.from_period:
                _change_terms(actor, loaded, read, change)
            else:
                _correct_terms(actor, loaded, read, change)
        after = get_asset(asset_id)
        audit.record(
            actor, "ledger:asset:edit", "asset", asset_id, before=before.model_dump(), after=after.model_dump()
        )
        return after

    return run_unit(work)


def delete_asset(actor: Actor, asset_id: int, version: int | None = None) -> None:
    """Delete a card that was entered by mistake. Raises `RuleBroken` when vouchers charged it or it was disposed of."""
    actor.require("ledger:asset:edit")

    def work() -> None:
        loaded = lock_card(asset_id, version)
        used = fetch_one("SELECT 1 FROM {asset_charge} WHERE asset_id = ? LIMIT 1", (asset_id,))
        if used or loaded.card.disposed_on is not None:
            raise RuleBroken(
                "asset_in_use", message("{asset} 已有计提的凭证或已处置，不能删除。", asset=card_name(loaded))
            )
        before = asset_view(loaded)
        execute("DELETE FROM {asset_term} WHERE asset_id = ?", (asset_id,))
        execute("DELETE FROM {asset} WHERE id = ?", (asset_id,))
        audit.record(actor, "ledger:asset:remove", "asset", asset_id, before=before.model_dump())

    run_unit(work)


def lock_card(asset_id: int, version: int | None) -> LoadedCard:
    """Lock a card and compare versions (guarantee 7). Raises `NotFound` and `Conflict`."""
    row = fetch_one(f"SELECT version FROM {{asset}} WHERE id = ?{lock_suffix()}", (asset_id,))
    loaded = load_card(asset_id)
    if row is not None:
        check_version(version, row[0], "asset", asset_id, lambda: asset_view(loaded), card_name(loaded))
    return loaded


def card_name(loaded: LoadedCard) -> Message:
    """Return what people call a card."""
    return message("卡片 {code} {name}", code=loaded.card.code, name=loaded.card.name)


def _next_code() -> str:
    rows = fetch_all("SELECT code FROM {asset}")
    numbers = [int(row[0]) for row in rows if row[0].isascii() and row[0].isdigit() and len(row[0]) <= 9]
    return f"{max(numbers, default=0) + 1:04d}"


def _insert(actor: Actor, code: str, read: ReadCard) -> int:
    now = utc_ms()
    values = {"code": code, **read.columns, "created_by": actor.user_id, "created_at": now, "updated_at": now}
    asset_id = insert_returning_id(
        f"INSERT INTO {{asset}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
    )
    insert_term(actor, asset_id, read.term, read.residual_rate, "")
    return asset_id


def insert_term(actor: Actor, asset_id: int, term: Term, residual_rate: str, reason: str) -> None:
    """Write what a card is charged by from a month on; a row of the same month is replaced."""
    execute("DELETE FROM {asset_term} WHERE asset_id = ? AND from_period = ?", (asset_id, term.from_period))
    values = {
        "asset_id": asset_id,
        **term._asdict(),
        "residual_rate": residual_rate,
        "reason": reason,
        "changed_by": actor.user_id,
        "changed_at": utc_ms(),
    }
    execute(
        f"INSERT INTO {{asset_term}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
        list(values.values()),
    )


def _update(asset_id: int, columns: dict[str, object]) -> None:
    sets = "".join(f"{column} = ?, " for column in columns)
    execute(
        f"UPDATE {{asset}} SET {sets}updated_at = ?, version = version + 1 WHERE id = ?",
        [*columns.values(), utc_ms(), asset_id],
    )


def _merged(before: Asset, change: AssetChange) -> AssetInput:
    """Return the card as it would be typed now, with the wishes in it: what the last terms say, and what is new."""
    wanted = change.model_dump(exclude_none=True, exclude={"version", "request_id", "from_period", "reason"})
    values = {key: getattr(before, key) for key in set(AssetInput.model_fields) - {"request_id"}}
    values |= {key: getattr(before.terms[-1], key) for key in _TERM_FIELDS}
    merged = values | wanted
    if "residual_value" not in wanted:
        merged["residual_value"] = "" if merged["residual_rate"] else values["residual_value"]
    elif wanted["residual_value"] and "residual_rate" not in wanted:
        merged["residual_rate"] = ""
    return AssetInput(**merged)


def _correct_terms(actor: Actor, loaded: LoadedCard, read: ReadCard, change: AssetChange) -> None:
    """Correct a card that was never charged: the last terms are replaced as if they had been typed so."""
    term = read.term._replace(from_period=loaded.terms[-1].term.from_period)
    insert_term(actor, loaded.card.id, term, read.residual_rate, clean_text(change.reason))


def _change_terms(actor: Actor, loaded: LoadedCard, read: ReadCard, change: AssetChange) -> None:
    """Write new terms from a month on, which must be open and not charged yet."""
    facts = loaded.card.facts(loaded.book_start)
    charged = max((period for period, amount in loaded.charged.items() if amount), default=0)
    earliest = max(first_period(facts), loaded.closed_until and next_period(loaded.closed_until))
    earliest = max(earliest, charged and next_period(charged))
    start = parse_period(change.from_period) if change.from_period else earliest
    wrong: dict[str, Message] = {}
    if not clean_text(change.reason):
        wrong["reason"] = message("改变计提的依据要写明原因。")
    if start < earliest:
        wrong["from_period"] = message(
            "最早从 {period} 起改变：以前的月份已计提或已结账。", period=format_period(earliest)
        )
    if start < loaded.terms[-1].term.from_period:
        wrong["from_period"] = message("后面的月份已有一次改变，请从那时起再改。")
    if loaded.card.disposed_on is not None:
        raise RuleBroken("asset_disposed", message("{asset} 已处置，计提的依据不能再改。", asset=card_name(loaded)))
    before = loaded.plan()
    months = max((month.months for month in before if month.period < start), default=loaded.card.opening_months)
    if read.term.life_months <= months:
        wrong["life_months"] = message("到那时已计提 {months} 个月，使用月数要比它多。", months=months)
    passed = [month.accumulated for month in before if month.period < start]
    accumulated = passed[-1] if passed else loaded.card.opening_accumulated
    if read.term.original_value - read.term.residual_value < accumulated:
        shown = group_thousands(format_amount(accumulated, base_digits()))
        wrong["original_value"] = message("到那时已计提 {amount}，原值减残值不能比它少。", amount=shown)
    if wrong:
        raise fields_wrong(wrong)
    insert_term(
        actor, loaded.card.id, read.term._replace(from_period=start), read.residual_rate, clean_text(change.reason)
    )
