"""The ledger over HTTP: thin routes over its services and queries."""

from __future__ import annotations

from app.contract.base import Change, VersionQuery
from app.contract.closing import ClosedPeriod, CloseWish
from app.contract.ledger import (
    Account,
    AccountChange,
    AccountInput,
    AccountList,
    AccountQuery,
    Auxiliary,
    AuxiliaryInput,
    AuxiliaryPage,
    AuxiliaryQuery,
    BatchResult,
    BatchSelection,
    CurrencyList,
    Opening,
    PeriodList,
    PeriodState,
    Reversal,
    Voucher,
    VoucherInput,
    VoucherPage,
    VoucherQuery,
)
from app.http import Routes
from app.http.decoding import require_version
from app.identity.actor import Actor
from app.kernel.period import parse_period
from app.ledger.queries import accounts as account_queries
from app.ledger.queries import auxiliaries as auxiliary_queries
from app.ledger.queries import opening as opening_queries
from app.ledger.queries import periods as period_queries
from app.ledger.queries import voucher_list
from app.ledger.queries import vouchers as voucher_queries
from app.ledger.service import accounts, opening, periods, sets, states, vouchers

routes = Routes("ledger")


@routes.get("/api/accounts", permission="ledger:account:view", query=AccountQuery, response=AccountList)
def list_accounts(query: AccountQuery) -> AccountList:
    """List accounts by code, or look them up by code, name or pinyin initials."""
    return account_queries.list_accounts(query)


@routes.post("/api/accounts", permission="ledger:account:add", body=AccountInput, response=Account, status=201)
def add_account(actor: Actor, body: AccountInput) -> Account:
    """Add an account."""
    return accounts.create_account(actor, body)


@routes.patch("/api/accounts/<int:id>", permission="ledger:account:edit", body=AccountChange, response=Account)
def change_account(actor: Actor, id: int, body: AccountChange) -> Account:  # noqa: A002
    """Change an account; fields left out stay."""
    require_version(body)
    return accounts.change_account(actor, id, body)


@routes.get("/api/auxiliaries", permission="ledger:auxiliary:view", query=AuxiliaryQuery, response=AuxiliaryPage)
def list_auxiliaries(query: AuxiliaryQuery) -> AuxiliaryPage:
    """List the items of a dimension, such as customers."""
    return auxiliary_queries.list_auxiliaries(query)


@routes.post("/api/auxiliaries", permission="ledger:auxiliary:add", body=AuxiliaryInput, response=Auxiliary, status=201)
def add_auxiliary(actor: Actor, body: AuxiliaryInput) -> Auxiliary:
    """Add an item of a dimension."""
    return sets.create_auxiliary(actor, body)


@routes.get("/api/currencies", permission="ledger:account:view", response=CurrencyList)
def list_currencies() -> CurrencyList:
    """List currencies, the base currency first."""
    return account_queries.list_currencies()


@routes.get("/api/vouchers", permission="ledger:voucher:view", query=VoucherQuery, response=VoucherPage)
def list_vouchers(query: VoucherQuery) -> VoucherPage:
    """Search vouchers."""
    return voucher_list.list_vouchers(query)


@routes.post("/api/vouchers", permission="ledger:voucher:add", body=VoucherInput, response=Voucher, status=201)
def add_voucher(actor: Actor, body: VoucherInput) -> Voucher:
    """Save a new voucher; with faults it stays a draft that lists them."""
    return vouchers.save_voucher(actor, body)


@routes.get("/api/vouchers/<int:id>", permission="ledger:voucher:view", response=Voucher)
def get_voucher(id: int) -> Voucher:  # noqa: A002
    """Return a voucher with its entries."""
    return voucher_queries.get_voucher(id)


@routes.put("/api/vouchers/<int:id>", permission="ledger:voucher:edit", body=VoucherInput, response=Voucher)
def change_voucher(actor: Actor, id: int, body: VoucherInput) -> Voucher:  # noqa: A002
    """Replace a draft; `version` says which one the change is based on."""
    require_version(body)
    return vouchers.save_voucher(actor, body, id)


@routes.delete("/api/vouchers/<int:id>", permission="ledger:voucher:remove", query=VersionQuery)
def delete_voucher(actor: Actor, id: int, query: VersionQuery) -> None:  # noqa: A002
    """Delete a draft; those after it move up by one."""
    vouchers.delete_draft(actor, id, query.version)


@routes.post("/api/vouchers/<int:id>/review", permission="ledger:voucher:review", body=Change, response=Voucher)
def review_voucher(actor: Actor, id: int, body: Change) -> Voucher:  # noqa: A002
    """Review a complete draft."""
    return states.review_voucher(actor, id, body.version)


@routes.post("/api/vouchers/<int:id>/unreview", permission="ledger:voucher:review", body=Change, response=Voucher)
def unreview_voucher(actor: Actor, id: int, body: Change) -> Voucher:  # noqa: A002
    """Make a reviewed voucher a draft again."""
    return states.unreview_voucher(actor, id, body.version)


@routes.post("/api/vouchers/<int:id>/post", permission="ledger:voucher:post", body=Change, response=Voucher)
def post_voucher(actor: Actor, id: int, body: Change) -> Voucher:  # noqa: A002
    """Post a reviewed voucher, for ever."""
    return states.post_voucher(actor, id, body.version)


@routes.post("/api/vouchers/<int:id>/void", permission="ledger:voucher:void", body=Change, response=Voucher)
def void_voucher(actor: Actor, id: int, body: Change) -> Voucher:  # noqa: A002
    """Void a voucher that is not posted; it keeps its number."""
    return states.void_voucher(actor, id, body.version)


@routes.post(
    "/api/vouchers/<int:id>/reverse",
    permission="ledger:voucher:reverse",
    body=Reversal,
    response=Voucher,
    status=201,
)
def reverse_voucher(actor: Actor, id: int, body: Reversal) -> Voucher:  # noqa: A002
    """Make the red copy of a posted voucher, linked to it."""
    return states.reverse_voucher(actor, id, body)


@routes.post("/api/vouchers/review", permission="ledger:voucher:review", body=BatchSelection, response=BatchResult)
def review_batch(actor: Actor, body: BatchSelection) -> BatchResult:
    """Review many vouchers; those that are not ready are named with the reason."""
    return states.review_batch(actor, body)


@routes.post("/api/vouchers/post", permission="ledger:voucher:post", body=BatchSelection, response=BatchResult)
def post_batch(actor: Actor, body: BatchSelection) -> BatchResult:
    """Post many reviewed vouchers; those that are not ready are named with the reason."""
    return states.post_batch(actor, body)


@routes.get("/api/periods", permission="ledger:period:view", response=PeriodList)
def list_periods() -> PeriodList:
    """List the months from the book's start on."""
    return period_queries.list_periods()


@routes.post("/api/periods/<period>/close", permission="ledger:period:close", body=CloseWish, response=ClosedPeriod)
def close_period(actor: Actor, period: str, body: CloseWish) -> ClosedPeriod:
    """Close a month; with `carry_forward` profit and loss is carried first, in December the year-end too."""
    return periods.close_period(actor, parse_period(period), carry=body.carry_forward)


@routes.post("/api/periods/<period>/reopen", permission="ledger:period:reopen", body=Change, response=PeriodState)
def reopen_period(actor: Actor, period: str) -> PeriodState:
    """Open the last closed month again."""
    return periods.reopen_period(actor, parse_period(period))


@routes.get("/api/opening", permission="ledger:opening:view", response=Opening)
def get_opening() -> Opening:
    """Return the opening balances."""
    return opening_queries.get_opening()


@routes.put("/api/opening", permission="ledger:opening:edit", body=Opening, response=Opening)
def replace_opening(actor: Actor, body: Opening) -> Opening:
    """Replace the opening balances; `version` says from which; refused after the first close."""
    return opening.replace_opening(actor, body)
