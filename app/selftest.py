"""`--self-test`: the program, also the built one, proves that its parts are all there and work together.

It shows the window (offscreen; on Windows a real one), makes a book, posts and reverses a voucher over HTTP, puts an
item into stock and sells some of it, opens every page, closes, and verifies the book. Any log record of WARNING or
above fails it, and so does a hang.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.kernel.errors import ZhangfangError
from app.kernel.text import Message
from app.logs import stop_logs
from app.settings import DATA_DIR_VARIABLE, Settings
from app.version import PROGRAM, VERSION

if TYPE_CHECKING:
    from app.client.api import ApiClient
    from app.ui.runtime import Runtime
    from app.ui.shell import Shell

logger = logging.getLogger(__name__)

TIME_LIMIT_S = 120
CHART = "small_enterprise_2013"
MONTH = "2026-06"
VOUCHERS = 5
"""The voucher and its reversal; those of what came into stock, of the delivery and of the invoice."""


class SelfTestFailed(ZhangfangError):
    """A step did not come out as it must; raised off the window's thread it reaches the step's error callback."""

    def __init__(self, text: str) -> None:
        """Say in English what was found."""
        super().__init__("self_test_failed", Message(text))


class _Watch(logging.Handler):
    """Keeps every record that a healthy run does not write."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(f"{record.levelname} {record.name}: {record.getMessage()}")


def run_self_test(make_runtime: Callable[[Settings], Runtime], start_diagnostics: Callable[[], object]) -> int:
    """Run all steps, print a line for each, return 0 when all went well.

    The composition root gives what it would give to the window: a runtime, and the beginning of the log.
    """
    from app.cli.console import use_utf8

    if sys.platform != "win32":  # Windows has a screen always, and Qt knows no fonts without one there
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    use_utf8()
    faulthandler.dump_traceback_later(TIME_LIMIT_S, exit=True)
    with _data_folder() as folder:
        start_diagnostics()
        watch = _Watch()
        logging.getLogger().addHandler(watch)
        backups = folder / "backups"
        backups.mkdir()
        runtime = make_runtime(Settings(language="zh", backup_folder=str(backups)))
        run = SelfTest(folder / "self-test.zhangfang", backups, runtime)
        try:
            run.run()
            if watch.records:
                raise SelfTestFailed("the log holds " + "; ".join(watch.records[:5]))
        except SelfTestFailed as failure:
            _say(f"FAILED: {failure}")
            return 1
        finally:
            logging.getLogger().removeHandler(watch)
            stop_logs()
            faulthandler.cancel_dump_traceback_later()
    _say("self-test passed")
    return 0


@contextmanager
def _data_folder() -> Iterator[Path]:
    """Give a folder for settings, log and book: the one that was chosen, else one that goes away afterwards."""
    chosen = os.environ.get(DATA_DIR_VARIABLE)
    if chosen:
        folder = Path(chosen)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="self-test-", dir=folder, ignore_cleanup_errors=True) as own:
            yield Path(own)
        return
    with tempfile.TemporaryDirectory(prefix=f"{PROGRAM}-self-test-", ignore_cleanup_errors=True) as own:
        os.environ[DATA_DIR_VARIABLE] = own
        try:
            yield Path(own)
        finally:
            del os.environ[DATA_DIR_VARIABLE]


def _say(line: str) -> None:
    if sys.stdout is not None:
        print(line, flush=True)  # noqa: T201 - whoever runs the self-test reads along


class SelfTest:
    """One run over a book that does not exist yet."""

    def __init__(self, book: Path, backups: Path, runtime: Runtime) -> None:
        """Name the book's file, the folder for its kept backups, and who will make both."""
        self.book = book
        self.backups = backups
        self.runtime = runtime
        self.began = time.perf_counter()
        self.failure: str | None = "the window closed before all steps were done"
        self._todo: list[str] = []

    def step(self, text: str) -> None:
        """Say that a step is done, and when."""
        _say(f"ok {time.perf_counter() - self.began:6.2f} s  {text}")

    def run(self) -> None:
        """Show the window, let the steps run in it, look at what is left. Raises `SelfTestFailed`."""
        from app.ui.running import run_window
        from app.ui.runtime import WindowArguments

        self.step(f"{PROGRAM} {VERSION}, Python {sys.version.split()[0]}")
        try:
            code = run_window(self.runtime, WindowArguments(), on_painted=self._painted, on_ready=self._ready)
        finally:
            self.runtime.close_book()
        if self.failure is not None:
            raise SelfTestFailed(self.failure)
        if code != 0:
            raise SelfTestFailed(f"the window ended with {code}")
        self.step("window closed")
        self._check_threads()
        self._check_backup()
        self._check_book()

    def _painted(self, shell: Shell) -> None:
        from app.ui.runtime import NewBook
        from app.ui.tasks import Query

        self.step("window painted")
        shell.hooks.caught.connect(lambda details: self._give_up(shell, f"unforeseen error: {details}"))
        shell.hooks.foreseen.connect(lambda refusal: self._give_up(shell, f"a refusal nobody showed: {refusal}"))
        wanted = NewBook(str(self.book), "自检账套", CHART, MONTH, "general")
        Query(lambda _api: shell.runtime.create_book(wanted)).on_done(shell.take_opened).on_error(
            lambda error: self._give_up(shell, f"making a book: {error}")
        ).run(shell.window)

    def _ready(self, shell: Shell) -> None:
        from app.ui.tasks import Query

        self.step("book made, server answers, pages shown")
        assert shell.workspace is not None  # noqa: S101 - it is what "ready" means
        self._todo = [entry.key for entry in shell.workspace.entries]
        Query(post_and_reverse).on_done(lambda text: self._state(shell, str(text))).on_error(
            lambda error: self._give_up(shell, f"voucher: {error}")
        ).run(shell.window)

    def _state(self, shell: Shell, done: str) -> None:
        from app.ui.tasks import Query

        self.step(done)
        Query(state_and_close).on_done(lambda text: self._trade(shell, str(text))).on_error(
            lambda error: self._give_up(shell, f"statements: {error}")
        ).run(shell.window)

    def _trade(self, shell: Shell, done: str) -> None:
        from app.ui.tasks import Query

        self.step(done)
        Query(buy_and_sell).on_done(lambda text: self._next_page(shell, str(text))).on_error(
            lambda error: self._give_up(shell, f"stock and sales: {error}")
        ).run(shell.window)

    def _next_page(self, shell: Shell, done: str) -> None:
        self.step(done)
        if not self._todo:
            self.failure = None
            shell.close_window()
            return
        key = self._todo.pop(0)
        if shell.workspace is None or shell.workspace.show_page(key) is None:
            self._give_up(shell, f"page {key} cannot be opened")
            return
        self._when_quiet(shell, lambda: self._next_page(shell, f"page {key} opened"))

    def _when_quiet(self, shell: Shell, then: Callable[[], None]) -> None:
        """Go on once the page has all its answers; each look is a call to the server, so that Qt's loop runs on."""
        from app.ui.tasks import Query

        def look(_health: object) -> None:
            if shell.tasks.is_busy:
                self._when_quiet(shell, then)
            else:
                then()

        Query(lambda api: api.health()).on_done(look).on_error(
            lambda error: self._give_up(shell, f"server: {error}")
        ).run(shell.window)

    def _give_up(self, shell: Shell, failure: str) -> None:
        self.failure = failure
        if shell.hooks.dialog is not None:  # nobody is there to read and close it
            shell.hooks.dialog.close()
        shell.window.allow_close()

    def _check_threads(self) -> None:
        deadline = time.monotonic() + 5
        while (left := _other_threads()) and time.monotonic() < deadline:
            left[0].join(0.1)
        if left:
            raise SelfTestFailed("threads left: " + ", ".join(thread.name for thread in left))
        self.step("no thread left")

    def _check_backup(self) -> None:
        from app.storage.kept_backups import Shelf

        kept = [kept for folder in self.backups.iterdir() for kept in Shelf(folder, folder).read()]
        if [(one.is_sound, bool(one.proof)) for one in kept] != [(True, True)]:
            raise SelfTestFailed(f"kept backups: {kept}")
        self.step(f"one backup kept at closing and proven: {kept[0].size} bytes")

    def _check_book(self) -> None:
        from app.ledger.verify import verify_book
        from app.storage.address import parse_address
        from app.web.opening import StopRegister, open_for_serving

        left = [path.name for path in self.book.parent.iterdir() if path.name.startswith(self.book.name)]
        if left != [self.book.name]:
            raise SelfTestFailed(f"beside the closed book lies {left}")
        with StopRegister() as stops:
            book = open_for_serving(parse_address(str(self.book)), stops)
            with book.session():
                found = verify_book()
        if found.findings or found.vouchers != VOUCHERS or found.chain_count != VOUCHERS:
            raise SelfTestFailed(f"verification: {found}")
        self.step(f"book verified: {found.vouchers} vouchers, {found.entries} entries, no finding")


def _other_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread is not threading.main_thread() and not thread.daemon]


def post_and_reverse(api: ApiClient) -> str:
    """Save, review, post and reverse a voucher through the server; return what was done. Raises `SelfTestFailed`."""
    from app.contract.ledger import EntryInput, Reversal, VoucherInput

    entries = [
        EntryInput(summary="自检", account_code="1001", debit="123.45"),
        EntryInput(summary="自检", account_code="1002", credit="123.45"),
    ]
    saved = api.add_voucher(VoucherInput(date=f"{MONTH}-30", entries=entries))
    reviewed = api.review_voucher(saved.id, saved.version)
    posted = api.post_voucher(saved.id, reviewed.version)
    red = api.reverse_voucher(saved.id, Reversal(version=posted.version, post=True))
    if (posted.state, red.state, red.reversal_of, red.entries[0].debit) != ("posted", "posted", saved.id, "-123.45"):
        raise SelfTestFailed(f"voucher: {posted.state}, {red}")
    return f"voucher {posted.word}-{posted.number} posted, reversed by {red.word}-{red.number}"


def state_and_close(api: ApiClient) -> str:
    """Make a statement, its file, a sheet for the printer and a closing plan; return how it went.

    The forms, rates and libraries they need lie in the built program. Raises `SelfTestFailed`.
    """
    from app.contract.printing import VoucherLayoutQuery
    from app.contract.statements import StatementQuery

    query = StatementQuery(to_period=MONTH)
    statement = api.get_statement("balance-sheet", query)
    broken = [check.message for check in statement.checks if not check.ok]
    sheet = api.statement_file("balance-sheet", query, "xlsx")
    printed = api.voucher_layout(VoucherLayoutQuery(period=MONTH))
    plan = api.closing_plan(MONTH)
    if broken or len(statement.rows) < 53 or not sheet.startswith(b"PK") or len(printed.pages) != 2 or not plan.steps:
        raise SelfTestFailed(f"statements: {broken}, {len(statement.rows)} rows, {len(printed.pages)} sheets, {plan}")
    return f"balance sheet of {len(statement.rows)} rows, in Excel too; {len(plan.steps)} steps to close the month"


def buy_and_sell(api: ApiClient) -> str:
    """Put an item into stock, deliver some of it and invoice it; return what is left. Raises `SelfTestFailed`."""
    from app.contract.contacts import ContactInput
    from app.contract.inventory import ItemInput
    from app.contract.orders import DocumentInput, DocumentLineInput, Finishing, FollowerInput
    from app.contract.stock import StockBalanceQuery, StockDocumentInput, StockLineInput

    item = api.add_item(ItemInput(code="A1", name="自检商品", unit="件", tax_rate="13"))
    lines = [StockLineInput(item_id=item.id, quantity="10", amount="100")]
    coming = api.add_stock_document(StockDocumentInput(kind="other_in", date=f"{MONTH}-10", lines=lines))
    received = api.finish_stock_document(coming.id, coming.version)
    customer = api.add_contact(ContactInput(name="自检客户", roles=["customer"]))
    sold = DocumentLineInput(item_id=item.id, quantity="4", unit_price="22.60")
    wish = DocumentInput(kind="delivery", date=f"{MONTH}-20", contact_id=customer.id, lines=[sold])
    draft = api.add_document(wish)
    delivery = api.finish_document(draft.id, Finishing(version=draft.version))
    follower = FollowerInput(kind="sales_invoice", source_ids=[delivery.id], date=f"{MONTH}-21")
    draft = api.add_document(api.propose_follower(follower))
    invoice = api.finish_document(draft.id, Finishing(version=draft.version))
    left = [(row.quantity, row.amount) for row in api.list_stock(StockBalanceQuery()).rows]
    made = [len(document.vouchers) for document in (received, delivery, invoice)]
    if (left, made, invoice.net, invoice.tax) != ([("6", "60.00")], [1, 1, 1], "80.00", "10.40"):
        raise SelfTestFailed(f"stock {left}, vouchers {made}, invoice {invoice.net} + {invoice.tax}")
    return f"10 bought, 4 delivered and invoiced by {invoice.number}; stock and ledger hold 60.00"
