"""What the voucher page asks of the server: saving without ever making a second one, and neighbours; no Qt."""

from __future__ import annotations

from app.client.api import ApiClient
from app.contract.ledger import Account, Currency, PeriodState, Voucher, VoucherHead, VoucherInput, VoucherQuery
from app.contract.voucher_work import CashFlowLine
from app.kernel.errors import PermissionDenied
from app.kernel.period import format_period, next_period, parse_period, previous_period
from app.ui.widgets.pending_save import PendingSave

RECENT_SUMMARIES = 200
_LARGEST_PAGE = 1000


def new_pending_save() -> PendingSave[VoucherInput, Voucher]:
    """Return what keeps a new voucher from being saved twice."""
    return PendingSave(
        lambda api, content: api.add_voucher(content),
        lambda api, made, content: api.change_voucher(made.id, content.model_copy(update={"version": made.version})),
    )


class BookFacts:
    """What a voucher is typed with: the chart, the currencies, the summaries written lately, the months, the rules."""

    def __init__(
        self, accounts: list[Account], currencies: list[Currency], summaries: list[str], months: list[PeriodState]
    ) -> None:
        self.accounts = accounts
        self.months = months
        self.currencies = currencies
        self.summaries = summaries
        self.flow_lines: list[CashFlowLine] = []
        self.words: list[str] = []
        self.judges_words = False

    def flow_names(self, *, english: bool) -> dict[int, str]:
        """Return the names of the cash-flow statement's lines by number."""
        return {line.number: line.name_en if english else line.name_zh for line in self.flow_lines}


def read_facts(api: ApiClient) -> BookFacts:
    """Ask for all; who may not see months goes without them."""
    try:
        months = api.list_periods().periods
    except PermissionDenied:
        months = []
    recent = api.list_vouchers(VoucherQuery(newest_first=True, limit=RECENT_SUMMARIES))
    summaries = [head.summary for head in recent.vouchers]
    facts = BookFacts(api.list_accounts().accounts, api.list_currencies().currencies, summaries, months)
    settings = api.voucher_settings()
    facts.words, facts.judges_words = settings.words, settings.word_rule != "记"
    facts.flow_lines = api.list_cash_flow_lines().lines
    return facts


def find_neighbour(api: ApiClient, voucher: VoucherHead | None, step: int) -> int | None:
    """Return the id of the voucher before (-1) or after (1) one in the order of month, word and number.

    Without a voucher, going back finds the last one of the book.
    """
    if voucher is None:
        return _first(api, VoucherQuery(newest_first=True, limit=1)) if step < 0 else None
    if voucher.number is not None:
        month = VoucherQuery(
            from_period=voucher.period,
            to_period=voucher.period,
            word=voucher.word,
            number=voucher.number + step,
            limit=1,
        )
        found = _first(api, month) if voucher.number + step > 0 else None
        if found is not None:
            return found
    return _across_words_and_months(api, voucher, step)


def _across_words_and_months(api: ApiClient, voucher: VoucherHead, step: int) -> int | None:
    before: int | None = None
    cursor: str | None = ""
    found = False
    while cursor is not None:
        page = api.list_vouchers(
            VoucherQuery(from_period=voucher.period, to_period=voucher.period, cursor=cursor, limit=_LARGEST_PAGE)
        )
        for head in page.vouchers:
            if found:
                return head.id
            if head.id == voucher.id:
                if step < 0 and before is not None:
                    return before
                found = step > 0
            before = head.id
        cursor = page.next
    period = parse_period(voucher.period)
    if step < 0:
        return _first(api, VoucherQuery(to_period=format_period(previous_period(period)), newest_first=True, limit=1))
    return _first(api, VoucherQuery(from_period=format_period(next_period(period)), limit=1))


def _first(api: ApiClient, query: VoucherQuery) -> int | None:
    vouchers = api.list_vouchers(query).vouchers
    return vouchers[0].id if vouchers else None
