"""Requests made up from the program's own OpenAPI document and from what a filled book holds.

Half of a request is usually good (ids that exist, codes that are known), so that the bad half reaches the rules and not
only the door. `fuzz_campaign.py` does this for as long as wanted.
"""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
import urllib.parse
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from app.contract.identity import ApiTokenInput
from app.identity.queries.people import owner_actor
from app.identity.service.tokens import create_token
from app.reports.doctor.proof import prove_book
from app.storage.database import Book
from tests.calling import caller_on
from tests.security.request_maker import WHOLE, RequestMaker

SINGLE = 4
"""How many of each kind of thing are read one by one."""
MONTHS: list[Any] = ["2026-06", "2026-07"]


@dataclass
class Finding:
    """A request that was answered in a way no request may be."""

    what: str
    request: dict[str, Any]
    trace: str = ""

    @property
    def key(self) -> str:
        """Return what tells this finding from others of another cause."""
        return f"{self.what} {self.request['rule']} {self.trace.strip().splitlines()[-1][:150] if self.trace else ''}"


class CaughtErrors(logging.Handler):
    """Collects what the program logs as errors: bugs in requests, and in jobs that run behind them."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(logging.ERROR)
        self.traces: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep an error's traceback."""
        error = record.exc_info[1] if record.exc_info else None
        trace = "".join(traceback.format_exception(error)) if error else ""
        self.traces.append(trace or record.getMessage())


class Fuzzer:
    """Sends made-up requests to an application as somebody with all rights, and keeps what must not be."""

    def __init__(
        self, client: FlaskClient, headers: Callable[[], dict[str, str]], seed: int = 0, whole: float = WHOLE
    ) -> None:
        """Take a client and what makes the headers of somebody who has every right, anew when he lost them."""
        self.client = client
        self.new_headers = headers
        self.headers = headers()
        self.maker = RequestMaker(client.get("/api/openapi.json", headers=self.headers).get_json(), seed, whole)
        self.findings: dict[str, Finding] = {}
        self.statuses: Counter[int] = Counter()
        self.slowest: list[tuple[float, str]] = []
        self.log = CaughtErrors()

    def learn(self) -> None:
        """Read every list the book has."""
        for method, path, _ in self.maker.operations:
            if method == "GET" and "{" not in path and path != "/api/openapi.json":
                answer = self.client.get(path, headers=self.headers)
                if answer.is_json:
                    self.maker.pool.learn(answer.get_json(), path)
                    self._note(path, answer.get_json())
        for method, path, _ in self.maker.operations:
            if method == "GET" and re.fullmatch(r"[^{]+{(id|name|period)}", path):
                base, name = path.rstrip("}").split("/{")
                pool = self.maker.pool
                held: dict[str, list[Any]] = {"id": pool.ids[base], "name": list(pool.names[base]), "period": MONTHS}
                for one in held[name][-SINGLE:]:
                    address = f"{base}/{urllib.parse.quote(str(one), safe='')}"
                    answer = self.client.get(address, headers=self.headers)
                    if answer.is_json and answer.status_code == 200:
                        pool.learn(answer.get_json())
                        self._note(address, answer.get_json())

    def _note(self, address: str, value: Any) -> None:
        if isinstance(value, dict):
            self.maker.pool.objects[address] = value

    def run(self, count: int) -> None:
        """Send so many requests."""
        logging.getLogger().addHandler(self.log)
        try:
            self.learn()
            for number in range(count):
                if number % 2000 == 1999:
                    self.learn()
                self.send(self.maker.make())
        finally:
            logging.getLogger().removeHandler(self.log)

    def send(self, request: dict[str, Any]) -> None:
        """Send one request and look at the answer."""
        began = time.monotonic()
        address = request["path"] + (f"?{request['query']}" if request["query"] else "")
        try:
            answer = self.client.open(
                address, method=request["method"], headers=self.headers | request["headers"], data=request["body"]
            )
            status, data, kind = answer.status_code, answer.get_data(), answer.mimetype or ""
        except Exception as error:  # noqa: BLE001 - whatever leaves the application is what is looked for
            status, data, kind = 500, b"", "".join(traceback.format_exception(error))
            self.log.traces.append(kind)
        self.statuses[status] += 1
        self.slowest = sorted([*self.slowest, (time.monotonic() - began, f"{request['method']} {address[:200]}")])[-5:]
        if status in {401, 403}:
            self.headers = self.new_headers()
        if b'"book_moved"' in data or b'"book_moving"' in data:
            self.client.delete("/api/book/move", headers=self.headers)
        problem = _problem(status, data, kind)
        traces, self.log.traces = self.log.traces, []
        for trace in traces or ([""] if problem else []):
            found = Finding(problem or "logged as an error", request, trace)
            self.findings.setdefault(found.key, found)
        if status < 300 and kind == "application/json" and request["method"] != "GET":
            self.maker.pool.learn(json.loads(data or b"null"), request["path"])


def _problem(status: int, data: bytes, kind: str) -> str:
    if status >= 500 and status != 503:
        return str(status)
    if status >= 400:
        try:
            shaped = kind == "application/json" and set(json.loads(data)) == {"error", "code", "fields", "details"}
        except ValueError:
            shaped = False
        if not shaped:
            return f"{status} in another shape"
        if b"Traceback" in data or b"Error(" in data or b"SELECT " in data:
            return f"{status} tells too much"
    return ""


def fuzz(book: Book, seed: int, count: int, *, whole: float = WHOLE, at_once: int = 1) -> Fuzzer:
    """Send so many requests to the served copy of a filled book, prove the book, and return what was found.

    With `at_once` several callers share them, each with requests of his own.
    """
    site = caller_on(book, serve=True).client.application
    callers = [
        Fuzzer(site.test_client(use_cookies=False), lambda: owner_headers(book), seed * 100 + number, whole)
        for number in range(at_once)
    ]
    with ThreadPoolExecutor(at_once) as pool:
        for done in [pool.submit(caller.run, count // at_once) for caller in callers]:
            done.result()
    found = callers[0]
    for caller in callers[1:]:
        found.findings |= caller.findings
        found.statuses += caller.statuses
        found.slowest = sorted(found.slowest + caller.slowest)[-5:]
    with book.session():
        proof = prove_book()
    for finding in proof.findings:
        found.findings[f"verify {finding}"] = Finding(f"verify: {finding}", {"rule": "", "seed": seed})
    return found


def owner_headers(book: Book) -> dict[str, str]:
    """Return the headers of a new token with all the rights of the book's first owner."""
    with book.session():
        owner = owner_actor()
        if owner is None:
            raise RuntimeError("the book has lost its owners")
        return {"Authorization": f"Bearer {create_token(owner, ApiTokenInput()).token}"}
