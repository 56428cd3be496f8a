"""Clients that write and read at once, try again with the same id until they are answered, and keep what they heard.

A client goes on like a careful program: each write has a `request_id`; no answer, a reset or 503 mean "once more, the
same", after the time the server names (shortened, so that a test does not wait five seconds); any other refusal is an
answer.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import orjson

from app.client.answers import RawAnswer
from app.client.api import ApiClient
from app.client.transport import Transport
from app.contract.base import Change
from app.contract.contacts import ContactInput, ContactQuery
from app.contract.ledger import EntryInput, Voucher, VoucherInput, VoucherQuery
from app.contract.orders import Document, DocumentInput, DocumentLineInput, DocumentQuery, Finishing, FollowerInput
from app.contract.reports import ReportQuery
from app.contract.stock import StockBalanceQuery, StockDocument, StockDocumentInput, StockLineInput
from app.kernel.errors import EnvironmentFault, TooManyRequests, UserError
from app.kernel.ids import new_request_id
from tests.faults.firm import MONTH, Firm
from tests.faults.processes import wait_until

Result = TypeVar("Result")

SHORTEST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 0.3


@dataclass
class Told:
    """What all clients were told: acknowledged writes by kind and tag, refusals, answers that should not be."""

    drafts: dict[str, int] = field(default_factory=dict)
    posted: set[str] = field(default_factory=set)
    orders: dict[str, int] = field(default_factory=dict)
    deliveries: dict[str, int] = field(default_factory=dict)
    invoices: dict[str, int] = field(default_factory=dict)
    stock: dict[str, int] = field(default_factory=dict)
    contacts: dict[str, int] = field(default_factory=dict)
    sold: Counter[int] = field(default_factory=Counter)
    """By item, what acknowledged deliveries and issues took out."""
    unknown: set[str] = field(default_factory=set)
    """Tags of what was given up without an answer: there once and whole, or not at all."""
    refused: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Answers no client should get: 5xx but 503, a 503 that does not say when and what to do."""
    repeated: Counter[str] = field(default_factory=Counter)
    broken_off: list[float] = field(default_factory=list)
    """When each call was begun (monotonic) whose connection broke before it was answered."""
    sentence: str = ""
    """What was said when something was not done."""
    times: dict[str, list[float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __getstate__(self) -> dict[str, object]:
        """Leave the lock behind: what was told is handed over by the processes that heard it."""
        return {name: value for name, value in vars(self).items() if name != "lock"}

    @property
    def writes(self) -> int:
        """Return how many writes were acknowledged."""
        kinds = (self.drafts, self.posted, self.orders, self.deliveries, self.invoices, self.stock, self.contacts)
        return sum(len(kind) for kind in kinds)


class WatchedTransport(Transport):
    """A transport that looks at each answer the way a reviewer would."""

    def __init__(self, url: str, token: str, told: Told, *, read_timeout_s: float = 30.0) -> None:
        """Take where what is wrong is noted."""
        super().__init__(url, token, connect_timeout_s=5.0, read_timeout_s=read_timeout_s)
        self._told = told

    def _round_trip(self, connection, call, read):  # type: ignore[no-untyped-def] # the private types of the original
        def looking(response: http.client.HTTPResponse) -> RawAnswer:
            raw: RawAnswer = read(response)
            if raw.status >= 500:
                fault = fault_in(raw, response.headers.get("Retry-After", ""))
                with self._told.lock:
                    if fault:
                        self._told.wrong.append(f"{call.method} {call.target}: {fault}")
                    self._told.repeated[f"{raw.status}"] += 1
            return raw

        begun = time.monotonic()
        try:
            return super()._round_trip(connection, call, looking)
        except (ConnectionError, http.client.HTTPException):
            self._told.broken_off.append(begun)
            raise


def fault_in(raw: RawAnswer, retry_after: str) -> str:
    """Return what is wrong with an answer of 500 and above; empty: it is a 503 as promised."""
    try:
        body = orjson.loads(raw.body)
        sentence, code = str(body["error"]), str(body["code"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return f"{raw.status} without the shape of an error: {raw.body[:80]!r}"
    if raw.status != 503 or not retry_after.isdigit():
        return f"{raw.status} {code}, Retry-After {retry_after!r}: {sentence}"
    if not sentence.endswith("。") or not any(word in sentence for word in ("请", "稍后")):
        return f"503 {code} does not say what to do: {sentence}"
    return ""


class Client:
    """One person's program."""

    def __init__(self, firm: Firm, told: Told, url: str, number: int, *, sends: int = 1) -> None:
        """`sends` is how often each write is sent, at once and again, although it was answered."""
        self.firm = firm
        self.told = told
        self.choice = random.Random(number)
        self.transport = WatchedTransport(url, firm.tokens[number % len(firm.tokens)], told)
        self.api = ApiClient(self.transport)
        self._sends = sends
        self._deadline = float("inf")

    def give_up_at(self, deadline: float) -> None:
        """Do not try again after this moment (monotonic)."""
        self._deadline = deadline

    def until_answered(self, kind: str, step: Callable[[], Result], *, once: bool = False) -> Result:
        """Carry out a call again and again until there is an answer. Raises `UserError`, at the end `TimeoutError`."""
        pause_s = SHORTEST_PAUSE_S
        while True:
            started = time.perf_counter()
            try:
                result = step() if once else self._sent(step)
            except (EnvironmentFault, TooManyRequests) as fault:  # 429: refused calls came back faster than is allowed
                with self.told.lock:
                    self.told.repeated[fault.code] += 1
                if time.monotonic() > self._deadline:
                    raise TimeoutError(f"{kind}: no answer, {fault.code}") from fault
                time.sleep(pause_s * (0.5 + self.choice.random()))
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                continue
            with self.told.lock:
                self.told.times.setdefault(kind, []).append(time.perf_counter() - started)
            return result

    def _sent(self, step: Callable[[], Result]) -> Result:
        if self._sends == 1:
            return step()
        answers: list[Result] = []
        faults: list[Exception] = []

        def send() -> None:
            try:
                answers.append(step())
            except (EnvironmentFault, UserError) as error:
                faults.append(error)

        both = [threading.Thread(target=send) for _ in range(self._sends)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        if faults:
            raise faults[0]
        answers.append(step())
        assert all(answer == answers[0] for answer in answers), answers
        return answers[0]

    # --- what it does --------------------------------------------------------------------------------------------

    def work_once(self) -> None:
        """Do one of the things people do, chosen by its weight."""
        works = (
            *((self.write_voucher, 5), (self.trade, 2), (self.take_stock, 2), (self.add_contact, 1), (self.read, 10)),
        )
        [work] = self.choice.choices([work for work, _ in works], [weight for _, weight in works])
        tag = new_request_id()
        try:
            work(tag)
        except UserError as refusal:
            with self.told.lock:
                self.told.refused.append(f"{work.__name__} {tag}: {refusal.code} {refusal}")
        except TimeoutError:
            with self.told.lock:
                self.told.unknown.add(tag)

    def write_voucher(self, tag: str) -> None:
        """Save a voucher, mostly also review and post it."""
        amount = f"{self.choice.randint(1, 99_999)}.{self.choice.randint(0, 99):02}"
        typed = VoucherInput(
            date=f"{MONTH}-{self.choice.randint(1, 28):02}",
            word=self.choice.choice("记转"),
            entries=[
                EntryInput(summary=tag, account_code="1001", debit=amount),
                EntryInput(summary=tag, account_code="560205", credit=amount),
            ],
            request_id=tag,
        )
        saved = self.until_answered("save a voucher", lambda: self.api.add_voucher(typed))
        self.told.drafts[tag] = saved.id
        if self.choice.random() < 0.7:
            for verb in ("review", "post"):
                saved = self._act(saved, verb)
            self.told.posted.add(tag)

    def _act(self, saved: Voucher, verb: str) -> Voucher:
        body = Change(version=saved.version, request_id=new_request_id())
        path = f"/api/vouchers/{saved.id}/{verb}"
        return self.until_answered(f"{verb} a voucher", lambda: self.transport.call("POST", path, Voucher, body=body))

    def trade(self, tag: str) -> None:
        """Sell: an order, its delivery, its invoice."""
        item, quantity = self.choice.choice(self.firm.items), self.choice.randint(1, 9)
        order = self._finished(
            DocumentInput(
                kind="sales_order",
                date=f"{MONTH}-10",
                contact_id=self.firm.customer,
                note=tag,
                lines=[DocumentLineInput(item_id=item, quantity=str(quantity), unit_price="11.30")],
            )
        )
        self.told.orders[tag] = order.id
        delivery = self._follow("delivery", order, tag)
        with self.told.lock:
            self.told.sold[item] += quantity
        self.told.deliveries[tag] = delivery.id
        self.told.invoices[tag] = self._follow("sales_invoice", delivery, tag).id

    def _follow(self, kind: str, source: Document, tag: str) -> Document:
        wish = FollowerInput.model_validate({"kind": kind, "source_ids": [source.id], "date": f"{MONTH}-15"})
        proposed = self.until_answered("propose a follower", lambda: self.api.propose_follower(wish))
        return self._finished(proposed.model_copy(update={"note": tag}))

    def _finished(self, typed: DocumentInput) -> Document:
        keyed = typed.model_copy(update={"request_id": new_request_id()})
        draft = self.until_answered(f"save a {typed.kind}", lambda: self.api.add_document(keyed))
        wish = Finishing(version=draft.version, request_id=new_request_id())
        return self.until_answered(f"finish a {typed.kind}", lambda: self.api.finish_document(draft.id, wish))

    def take_stock(self, tag: str) -> None:
        """Issue goods from stock."""
        item, quantity = self.choice.choice(self.firm.items), self.choice.randint(1, 9)
        typed = StockDocumentInput(
            kind="other_out",
            date=f"{MONTH}-20",
            note=tag,
            lines=[StockLineInput(item_id=item, quantity=str(quantity))],
            request_id=tag,
        )
        draft = self.until_answered("save an issue", lambda: self.api.add_stock_document(typed))
        body = Change(version=draft.version, request_id=new_request_id())
        path = f"/api/stock-documents/{draft.id}/finish"
        done = self.until_answered(
            "finish an issue", lambda: self.transport.call("POST", path, StockDocument, body=body)
        )
        with self.told.lock:
            self.told.sold[item] += quantity
        self.told.stock[tag] = done.id

    def add_contact(self, tag: str) -> None:
        """Add a customer."""
        new = ContactInput(name=f"客户{tag}", roles=["customer"], request_id=tag)
        self.told.contacts[tag] = self.until_answered("add a contact", lambda: self.api.add_contact(new)).id

    def read(self, _tag: str) -> None:
        """Look at something."""
        reads: dict[str, Callable[[], object]] = {
            "list vouchers": lambda: self.api.list_vouchers(VoucherQuery(limit=50)),
            "trial balance": lambda: self.api.trial_balance(
                ReportQuery.model_validate({"from": MONTH, "to": MONTH, "include_unposted": True})
            ),
            "list documents": lambda: self.api.list_documents(DocumentQuery(limit=50)),
            "stock": lambda: self.api.list_stock(StockBalanceQuery()),
            "find a contact": lambda: self.api.list_contacts(ContactQuery(q="乙")),
            "session": self.api.session,
        }
        kind = self.choice.choice(list(reads))
        self.until_answered(kind, reads[kind], once=True)

    def close(self) -> None:
        """Hang up."""
        self.transport.close()


def answered(step: Callable[[], Result]) -> Result:
    """Do the same once more until it is answered: who was away is left alone for a moment."""
    answers: list[Result] = []

    def is_answered() -> bool:
        try:
            answers.append(step())
        except EnvironmentFault:
            return False
        return True

    wait_until(is_answered, "the call is answered")
    return answers[0]


@contextmanager
def at_work(
    firm: Firm, url: str, *, count: int = 8, sends: int = 1, told: Told | None = None, patience_s: float = 60.0
) -> Iterator[Told]:
    """Let clients work while the body runs; then each finishes what it is at, which must end within `patience_s`."""
    told = told or Told()
    stopping = threading.Event()
    clients = [Client(firm, told, url, number, sends=sends) for number in range(count)]
    broken: list[BaseException] = []

    def run(client: Client) -> None:
        try:
            while not stopping.is_set():
                client.work_once()
        except BaseException as error:  # noqa: BLE001 - shown by the test
            broken.append(error)

    threads = [threading.Thread(target=run, args=(client,), name=f"client-{n}") for n, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        stopping.set()
        for client in clients:
            client.give_up_at(time.monotonic() + patience_s)
        for thread in threads:
            thread.join(patience_s + 40)
        for client in clients:
            client.close()
    if broken:
        raise broken[0]
