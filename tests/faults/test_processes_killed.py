"""A worker of the server is killed, a client dies or says everything several times."""

from __future__ import annotations

import json
import math
import os
import signal
import socket
import threading
import time

from app.client.api import ApiClient
from app.client.transport import Transport, encode
from app.contract.ledger import EntryInput, VoucherInput, VoucherQuery
from app.kernel.clock import utc_ms
from app.kernel.errors import EnvironmentFault
from app.kernel.ids import new_request_id
from app.storage.database import insert_returning_id, open_database
from app.storage.processes import host_name, machine_id, process_start
from tests.faults.clients import Client, Told
from tests.faults.conftest import Office
from tests.faults.firm import MONTH
from tests.faults.processes import answers, wait_until

KILLS = int(os.environ.get("ZHANGFANG_FAULTS_ROUNDS", "1"))
MOST_KILLS = 12
"""Which worker answers whom is the system's choice: one that is killed may just have nothing to answer."""


def test_a_worker_that_is_killed_under_load_takes_nothing_with_it(office: Office) -> None:
    last_kill = -math.inf
    with office.at_work() as told:
        for number in range(MOST_KILLS + 1):
            before = told.writes
            wait_until(lambda least=before + 10: told.writes >= least, "ten more writes")  # type: ignore[misc]
            if number >= KILLS and any(begun < last_kill for begun in told.broken_off):
                break
            killed = office.web.workers()[number % 2]
            last_kill = time.monotonic()
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda gone=killed: gone not in office.web.workers(), "the worker is gone")  # type: ignore[misc]
            wait_until(lambda: len(office.web.workers()) == 2, "another worker took its place")
    # a call under way went down with a worker; most are repeated on another connection before anybody is told
    assert any(begun < last_kill for begun in told.broken_off)
    assert office.shortcomings() == []


def test_the_work_of_a_killed_worker_is_shown_as_failed(office: Office) -> None:
    worker = office.web.workers()[0]
    job_id = _running_job(office, worker)
    os.kill(worker, signal.SIGKILL)
    api = ApiClient(Transport(office.web.url, office.firm.tokens[0]))

    def is_failed() -> bool:
        try:
            return api.job(job_id).state == "failed"
        except EnvironmentFault:  # the call came to the worker that was killed
            return False

    wait_until(is_failed, "the job is marked as failed")
    assert api.job(job_id).error == "程序在这个任务完成前结束了，请重新开始。"
    api.transport.close()


def _running_job(office: Office, worker: int) -> int:
    """Note a job as a worker would that has just begun it."""
    book = open_database(office.firm.address, password=office.firm.password)
    now, process = utc_ms(), [host_name(), machine_id(), worker, process_start(worker)]
    try:
        with book.session():
            return insert_returning_id(
                "INSERT INTO {job} (kind, actor_id, state, message, process, created_at, heartbeat_at) "
                "VALUES ('report-file', 1, 'running', ?, ?, ?, ?)",
                (json.dumps({"source": "", "params": {}}), json.dumps(process), now, now),
            )
    finally:
        book.close()


def test_a_worker_killed_while_the_database_is_away_comes_back_with_it(office: Office) -> None:
    wait_until(lambda: len(office.web.workers()) == 2, "two workers, one of them perhaps begun just now")
    wait_until(office.web.has_begun, "both have opened the book")
    office.database.stop()
    try:
        first = office.web.workers()
        os.kill(first[0], signal.SIGKILL)
        wait_until(lambda: bool(set(office.web.workers()) - set(first)), "another worker was begun")
        threading.Event().wait(1)  # it tries to open the book meanwhile
        assert office.web.process.poll() is None
        assert first[1] in office.web.workers()
    finally:
        office.database.start()
    wait_until(lambda: office.web.written().rstrip().count("Booting worker") >= 3, "it was begun anew")
    wait_until(lambda: answers(office.web.port, "/api/health"), "the server answers")
    assert office.shortcomings() == []


def test_clients_that_send_everything_twice_at_once_and_again_change_the_book_once(office: Office) -> None:
    with office.at_work(6, sends=2) as told:
        wait_until(lambda: told.writes >= 15, "15 writes")
    assert office.shortcomings() == []


def test_a_client_that_dies_after_sending_leaves_a_whole_voucher_or_none(office: Office) -> None:
    tags = [new_request_id() for _ in range(10)]
    for number, tag in enumerate(tags):
        body = encode(_voucher(tag))
        head = (
            "POST /api/vouchers HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {office.firm.tokens[0]}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        whole = head.encode() + body
        with socket.create_connection(("127.0.0.1", office.web.port), 5) as client:
            client.sendall(whole[: len(whole) - number % 2 * 10])  # every other one dies in the middle of its sentence
    client_left = Client(office.firm, Told(), office.web.url, 0)
    api = client_left.api

    def stored(tag: str) -> int:
        return len(client_left.until_answered("find", lambda: api.list_vouchers(VoucherQuery(q=tag))).vouchers)

    assert {stored(tag) for tag in tags[::2]} <= {0, 1}  # one may still be under way, or be told to come back later
    assert [stored(tag) for tag in tags[1::2]] == [0] * 5
    for tag in tags:
        client_left.until_answered("save", lambda tag=tag: api.add_voucher(_voucher(tag)))  # type: ignore[misc]
    assert [stored(tag) for tag in tags] == [1] * 10
    api.transport.close()
    assert office.shortcomings() == []


def _voucher(tag: str) -> VoucherInput:
    entries = [
        EntryInput(summary=tag, account_code="1001", debit="1.00"),
        EntryInput(summary=tag, account_code="560205", credit="1.00"),
    ]
    return VoucherInput(date=f"{MONTH}-05", word="记", entries=entries, request_id=tag)
