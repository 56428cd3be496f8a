"""What the voucher page asks of the server: saving without ever making a second voucher, and neighbours; no Qt."""

from __future__ import annotations

from collections.abc import Callable

from app.client.api import ApiClient
from app.contract.ledger import Account, Currency, PeriodState, Voucher, VoucherHead, VoucherInput, VoucherQuery
from app.contract.voucher_work import CashFlowLine
from app.kernel.errors import PermissionDenied
from app.kernel.ids import new_request_id
from app.kernel.period import format_period, next_period, parse_period, previous_period
from app.ui.ledger.voucher_sheet import VoucherSheet

RECENT_SUMMARIES = 200
_LARGEST_PAGE = 1000


class PendingSave:
    """Keeps a new voucher as it was sent until the server has answered.

    After an answer was lost nobody knows whether the voucher exists. The same content is sent again under the same
    `request_id` (guarantee 6); if more was typed meanwhile, the first content is settled first and then changed.
    """

    def __init__(self) -> None:
        self._sent: VoucherInput | None = None

    def work(self, sheet: VoucherSheet) -> Callable[[ApiClient], Voucher]:
        """Return the call that saves the sheet."""
        content = sheet.to_input()
        if sheet.stored is not None:
            voucher_id = sheet.stored.id
            return lambda api: api.change_voucher(voucher_id, content)
        sent = self._sent
        if sent is None or sent.model_copy(update={"request_id": None}) == content:
            keyed = sent or content.model_copy(update={"request_id": new_request_id()})
            self._sent = keyed
            return lambda api: api.add_voucher(keyed)

        def settle_then_change(api: ApiClient) -> Voucher:
            saved = api.add_voucher(sent)
            return api.change_voucher(saved.id, content.model_copy(update={"version": saved.version}))

        return settle_then_change

    def settled(self) -> None:
        """The server has answered: saved, or refused for good."""
        self._sent = None


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
