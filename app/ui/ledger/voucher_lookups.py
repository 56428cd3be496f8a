"""What the cells of the voucher grid look up: accounts and currencies at once, auxiliaries from the server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from app.client.api import ApiClient
from app.contract.ledger import Auxiliary, AuxiliaryInput, AuxiliaryQuery, Currency
from app.kernel.errors import ZhangfangError
from app.kernel.ids import new_request_id
from app.kernel.text import clean_text
from app.ui.language import tr
from app.ui.ledger.account_index import account_name
from app.ui.ledger.lookup_list import CellChoice
from app.ui.ledger.voucher_line import Column, join_auxiliary, split_auxiliary
from app.ui.ledger.voucher_sheet import VoucherSheet
from app.ui.tasks import Command, Query, Topic

MOST_CHOICES = 60
MOST_ACCOUNTS = 2000
TYPING_PAUSE_MS = 120


class VoucherLookups(QObject):
    """Finds choices; answers about auxiliaries arrive later, by signal."""

    arrived = pyqtSignal(int, list)
    """Row, and its `CellChoice`s of auxiliaries."""

    def __init__(self, sheet: Callable[[], VoucherSheet], parent: QObject) -> None:
        super().__init__(parent)
        self._sheet = sheet
        self._currencies: list[Currency] = []
        self._summaries: list[str] = []
        self._asked: tuple[int, str] | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._ask_now)
        self.english = False

    def set_currencies(self, currencies: Iterable[Currency]) -> None:
        """Know the book's currencies."""
        self._currencies = list(currencies)

    def set_summaries(self, summaries: Iterable[str]) -> None:
        """Know what was written lately."""
        self._summaries = list(dict.fromkeys(summary for summary in summaries if summary))

    def choices(self, sheet: VoucherSheet, column: Column, text: str, *, everything: bool) -> list[CellChoice]:
        """Return what a text typed into a cell may mean; `everything` is F7's longer list."""
        if column is Column.ACCOUNT:
            limit = MOST_ACCOUNTS if everything else MOST_CHOICES
            found = sheet.accounts.search(text, limit=limit, leaves=True, english=self.english)
            return [
                CellChoice(
                    account.code,
                    sheet.accounts.full_name(account.code, english=self.english),
                    account.code,
                    account.pinyin or account_name(account, english=not self.english),
                )
                for account in found
            ]
        if column is Column.CURRENCY:
            wanted = clean_text(text).upper()
            return [
                CellChoice(currency.code, currency.name_zh, currency.code)
                for currency in self._currencies
                if wanted in currency.code or wanted in currency.name_zh
            ]
        if column is Column.CASH_FLOW:
            wanted = clean_text(text)
            return [
                CellChoice(str(number), name, str(number))
                for number, name in sheet.flow_names.items()
                if everything or str(number).startswith(wanted) or wanted in name
            ]
        if column is Column.SUMMARY:
            own = [line.summary for line in sheet.lines if line.summary and not line.carried]
            wanted = clean_text(text)
            known = [summary for summary in dict.fromkeys([*own, *self._summaries]) if wanted in summary != wanted]
            return [CellChoice(summary, summary) for summary in known[:MOST_CHOICES]] if wanted or everything else []
        return []

    # --- auxiliaries -------------------------------------------------------------------------------------------------

    def kinds(self, row: int) -> list[str]:
        """Return the dimensions the account of a row offers."""
        account = self._sheet().account(row)
        return [use.kind for use in account.auxiliaries] if account else []

    def ask_auxiliaries(self, row: int, text: str) -> None:
        """Ask for items that fit what is typed after the last `;`. Answers come by `arrived`."""
        self._asked = (row, text)
        self._pause.start()

    def drop_question(self) -> None:
        """Nobody waits for items any more."""
        self._asked = None
        self._pause.stop()

    def _ask_now(self) -> None:
        if self._asked is None:
            return
        row, text = self._asked
        given, kind, words = self._split(row, text)
        wanted = [kind] if kind else [k for k in self.kinds(row) if k not in given]
        if not wanted:
            self.arrived.emit(row, [])
            return

        def work(api: ApiClient) -> list[Auxiliary]:
            found: list[Auxiliary] = []
            for one in wanted:
                page = api.list_auxiliaries(AuxiliaryQuery(kind=one, q=words, limit=MOST_CHOICES, active_only=True))
                found += [item for item in page.auxiliaries if item.active]
            return found

        Query(work).slot("auxiliaries").on_done(
            lambda found: self.arrived.emit(row, self._auxiliary_choices(found, wanted, words))
        ).run(self)

    def _split(self, row: int, text: str) -> tuple[list[str], str, str]:
        """Return the dimensions already given, and the dimension and words being typed."""
        head, _, tail = text.replace("；", ";").replace("：", ":").rpartition(";")
        kinds = self.kinds(row)
        given = [kind for kind, _ in split_auxiliary(head, kinds)] if head and kinds else []
        kind, colon, words = tail.partition(":")
        return (given, kind.strip(), words.strip()) if colon else (given, "", tail.strip())

    def _auxiliary_choices(self, found: Sequence[Auxiliary], wanted: list[str], words: str) -> list[CellChoice]:
        choices = [
            CellChoice(f"{item.kind}:{item.name}", item.name, item.code, f"{item.kind}  {item.pinyin}")
            for item in found
        ]
        if words:
            known = {(item.kind, item.name) for item in found}
            choices += [
                CellChoice(words, tr("新增{kind}“{name}”（按 ↓ 再回车）", kind=kind, name=words), new_kind=kind)
                for kind in wanted
                if (kind, words) not in known
            ]
        return choices

    def with_auxiliary(self, sheet: VoucherSheet, row: int, text: str, choice: CellChoice) -> tuple[str, bool]:
        """Return the text with a choice in place of what was typed last, and whether nothing demanded is missing."""
        head, _, _ = text.replace("；", ";").replace("：", ":").rpartition(";")
        kinds = self.kinds(row)
        pairs = dict(split_auxiliary(head, kinds)) if head and kinds else {}
        kind, _, name = choice.value.partition(":")
        pairs.update({choice.new_kind: choice.value} if choice.new_kind else {kind: name})
        account = sheet.account(row)
        demanded = [use.kind for use in account.auxiliaries if use.demanded] if account else []
        missing = [one for one in demanded if one not in pairs]
        joined = join_auxiliary(pairs.items())
        return (joined + ";", False) if missing else (joined, True)

    def add_auxiliary(self, choice: CellChoice, done: Callable[[], None]) -> None:
        """Make a new item, then go on."""
        item = AuxiliaryInput(kind=choice.new_kind, name=choice.value, request_id=new_request_id())

        def refused(error: ZhangfangError) -> None:
            self.failed.emit(error)

        Command(lambda api: api.add_auxiliary(item), Topic.AUXILIARIES).on_done(lambda _item: done()).on_error(
            refused
        ).run(self)

    failed = pyqtSignal(object)
    """A `ZhangfangError`: the new item was refused."""
