"""Services behind the gateway: one is killed, the way between gateway and service is cut, slow or silent."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.client.api import ApiClient
from app.client.transport import Transport
from app.contract.ledger import EntryInput, VoucherInput, VoucherQuery
from app.kernel.errors import EnvironmentFault
from app.kernel.ids import new_request_id
from app.web.services import SERVICES
from tests.faults.clients import Told, answered, at_work
from tests.faults.firm import MONTH, Firm, found_firm
from tests.faults.oracle import shortcomings
from tests.faults.processes import (
    Database,
    WebServer,
    address_of,
    running,
    server_environment,
    told_of_bugs,
    wait_until,
)
from tests.faults.relay import Mishap, Relay, relayed
from tests.ports import free_row
from tests.services.processes import Server, call, kill_service, main, started

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="gunicorn and process groups")

NAMES = tuple(service.name for service in SERVICES)
OF_THE_OTHERS = ("/api/users", "/api/contacts", "/orders", "/inventory")
PATIENCE_S, SHORT_PATIENCE_S = 30, 1
"""What a gateway waits for an answer: longer than any takes, and for what never comes."""
ROUNDS = int(os.environ.get("ZHANGFANG_FAULTS_ROUNDS", "1"))
MOST_ROUNDS = ROUNDS + 5
"""What is lost of a read is asked for again, and nobody hears of it."""

LOST = {
    "cut in the head of the request": Mishap(cut_request_after=60),
    "cut in the body of the request": Mishap(cut_request_after=520),
    "cut before the answer": Mishap(cut_answer_after=0),
    "ended before the answer": Mishap(cut_answer_after=0, is_quiet=True),
    "cut in the head of the answer": Mishap(cut_answer_after=40),
    "ended in the head of the answer": Mishap(cut_answer_after=40, is_quiet=True),
}
HALF = {
    "cut in the body of the answer": Mishap(cut_answer_after=900),
    "ended in the body of the answer": Mishap(cut_answer_after=900, is_quiet=True),
}
SLOW = {"silence": Mishap(silent_answer=True), "an answer too late": Mishap(delay_s=5 * SHORT_PATIENCE_S)}
CODES = {
    **dict.fromkeys(LOST, frozenset({"service_lost"})),
    # a reset throws away what has come and was not read yet, so the gateway may see the head alone, or nothing
    "cut in the body of the answer": frozenset({"server_away", "answer_unreadable", "service_lost"}),
    "ended in the body of the answer": frozenset({"server_away", "answer_unreadable"}),
    **dict.fromkeys(SLOW, frozenset({"service_slow"})),
}
MISHAPS = LOST | HALF | SLOW


@dataclass
class Houses:
    """All services of one book, and what the clients of each test were told."""

    firm: Firm
    services: Server
    told: list[Told] = field(default_factory=list)

    @contextlib.contextmanager
    def at_work(self, url: str, count: int = 6) -> Iterator[Told]:
        """Let clients work through a gateway while the body runs."""
        self.told.append(Told())
        with at_work(self.firm, url, count=count, told=self.told[-1]) as told:
            yield told

    def shortcomings(self) -> list[str]:
        """Return what is not as the clients were told."""
        return [*told_of_bugs(self.services.log), *shortcomings(self.firm, *self.told)]


@pytest.fixture(scope="module")
def houses(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houses]:
    """`main.py services` on a book on MariaDB."""
    firm = found_firm(address_of(database.server, "houses"), database.server.password)
    folder = str(tmp_path_factory.mktemp("houses"))
    command = main("services", firm.address, "--port", free_row(5))
    with started(command, ZHANGFANG_DB_PASSWORD=firm.password, ZHANGFANG_DATA_DIR=folder) as services:
        yield Houses(firm, services)


@dataclass
class Gateway:
    """A gateway of our own before the same services, each behind a relay."""

    web: WebServer
    relays: dict[str, Relay]


@contextlib.contextmanager
def _gateway(houses: Houses, folder: Path, patience_s: int) -> Iterator[Gateway]:
    """gunicorn as the manual says, its ways to the services led through relays."""
    with contextlib.ExitStack() as stack:
        ports = {name: int(houses.services.url_of(name).rpartition(":")[2]) for name in NAMES}
        relays = {name: stack.enter_context(relayed(port)) for name, port in ports.items()}
        environment = server_environment(
            folder,
            ZHANGFANG_UPSTREAMS=",".join(f"{name}=127.0.0.1:{relay.port}" for name, relay in relays.items()),
            ZHANGFANG_ANSWER_TIMEOUT_S=str(patience_s),
            ZHANGFANG_WORKERS="1",
            ZHANGFANG_THREADS="32",
        )
        command = [
            *(sys.executable, "-m", "gunicorn", "-c", "build/server/gunicorn.conf.py", "--bind", "127.0.0.1:0"),
            "app.web.gateway:application()",
        ]
        yield Gateway(stack.enter_context(running(command, folder, environment)), relays)


@pytest.fixture(scope="module")
def gateway(houses: Houses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that waits for an answer however slow the machine is."""
    with _gateway(houses, tmp_path_factory.mktemp("gateway"), PATIENCE_S) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def hasty_gateway(houses: Houses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that soon gives up: anything may be too slow for it."""
    with _gateway(houses, tmp_path_factory.mktemp("hasty"), SHORT_PATIENCE_S) as gateway:
        yield gateway


@contextlib.contextmanager
def _caller(houses: Houses, gateway: Gateway) -> Iterator[ApiClient]:
    """A client of a gateway; afterwards nothing befalls its ways any more, however the test ended."""
    client = ApiClient(Transport(gateway.web.url, houses.firm.tokens[0]))
    try:
        yield client
    finally:
        client.transport.close()
        for relay in gateway.relays.values():
            relay.clear()


def _voucher(tag: str) -> VoucherInput:
    entries = [
        EntryInput(summary=tag, account_code="1001", debit="1.00"),
        EntryInput(summary=tag, account_code="560205", credit="1.00"),
    ]
    return VoucherInput(date=f"{MONTH}-05", word="记", entries=entries, request_id=tag)


def _stored(houses: Houses, tag: str) -> int:
    """Ask the ledger itself."""
    api = ApiClient(Transport(houses.services.url_of("ledger"), houses.firm.tokens[0]))
    try:
        return len(api.list_vouchers(VoucherQuery(q=tag)).vouchers)
    finally:
        api.transport.close()


def test_a_killed_service_is_named_and_replaced_while_the_others_go_on(houses: Houses) -> None:
    url, token = houses.services.url, houses.firm.tokens[0]
    with houses.at_work(url) as told:
        wait_until(lambda: told.writes >= 10, "ten writes")
        old = houses.services.process_of("ledger")
        with houses.services.held():  # nothing is started anew meanwhile
            kill_service(old)
            refused = call(url, "GET", "/api/vouchers", token=token)
            assert (refused.status, refused.json["details"]) == (503, {"service": "ledger"})
            assert refused.json["code"] == "service_away"
            assert "总账与报表" in refused.json["error"]
            assert int(refused.headers["Retry-After"]) > 0
            for path in OF_THE_OTHERS:
                assert call(url, "GET", path, token=token).status == 200, path
            wait_until(lambda: told.repeated["service_away"] > 0, "somebody else was told")
        wait_until(lambda: call(url, "GET", "/api/vouchers", token=token).status == 200, "the ledger is back")
        before = len(told.drafts)
        wait_until(lambda: len(told.drafts) >= before + 3, "three more vouchers")
    assert houses.services.process_of("ledger") != old
    assert houses.shortcomings() == []


@pytest.mark.parametrize("mishap", MISHAPS)
def test_a_write_whose_way_behind_the_gateway_was_cut_is_there_once(
    houses: Houses, gateway: Gateway, hasty_gateway: Gateway, mishap: str
) -> None:
    through = hasty_gateway if mishap in SLOW else gateway
    tag, relay = new_request_id(), through.relays["ledger"]
    with _caller(houses, through) as api:
        answered(lambda: api.list_vouchers(VoucherQuery(limit=1)))  # a connection to the ledger is kept
        relay.befall(MISHAPS[mishap], 2)
        started_s = time.monotonic()
        with pytest.raises(EnvironmentFault) as fault:
            api.add_voucher(_voucher(tag))
        assert fault.value.code in CODES[mishap]
        assert time.monotonic() - started_s < PATIENCE_S / 2
        assert _stored(houses, tag) <= 1
        relay.clear()
        saved = answered(lambda: api.add_voucher(_voucher(tag)))
        assert answered(lambda: api.get_voucher(saved.id)).entries[0].summary == tag
    assert _stored(houses, tag) == 1


@pytest.mark.parametrize("mishap", [name for name in MISHAPS if "body of the request" not in name])
def test_a_read_whose_way_behind_the_gateway_was_cut_is_whole_or_none(
    houses: Houses, gateway: Gateway, hasty_gateway: Gateway, mishap: str
) -> None:
    through = hasty_gateway if mishap in SLOW else gateway
    with _caller(houses, through) as api:
        whole = answered(api.list_accounts)
        through.relays["ledger"].befall(MISHAPS[mishap])
        with pytest.raises(EnvironmentFault) as fault:
            api.list_accounts()
        assert fault.value.code in CODES[mishap]
        through.relays["ledger"].clear()
        assert answered(api.list_accounts) == whole


def test_nobody_at_the_other_end_is_told_at_once_and_a_short_delay_is_waited_for(
    houses: Houses, gateway: Gateway
) -> None:
    tag, relay = new_request_id(), gateway.relays["ledger"]
    with _caller(houses, gateway) as api:
        with relay.away():
            for _ in range(2):
                started_s = time.monotonic()
                with pytest.raises(EnvironmentFault) as fault:
                    api.add_voucher(_voucher(tag))
                assert fault.value.code == "service_away"
                assert time.monotonic() - started_s < PATIENCE_S / 2
            assert api.health().book
            assert len(api.list_users().users) > 1
            assert _stored(houses, tag) == 0
        answered(lambda: api.add_voucher(_voucher(tag)))
        relay.befall(Mishap(delay_s=0.3), 1)
        api.add_voucher(_voucher(tag))
    assert _stored(houses, tag) == 1


def test_people_get_on_through_a_gateway_whose_ways_are_cut_again_and_again(
    houses: Houses, hasty_gateway: Gateway
) -> None:
    relays = hasty_gateway.relays.values()
    with houses.at_work(hasty_gateway.web.url) as told:
        wait_until(lambda: told.writes >= 5, "five writes")
        for number in range(MOST_ROUNDS):
            if number >= ROUNDS and told.repeated["service_lost"] > 3:
                break
            for mishap in (*LOST.values(), *HALF.values(), MISHAPS["silence"]):
                for relay in relays:
                    relay.befall(mishap, 2)
                wait_until(lambda: sum(relay.left for relay in relays) <= len(relays), "half of it happened")
            met = told.repeated["service_away"]
            with hasty_gateway.relays["orders"].away():
                wait_until(lambda least=met: told.repeated["service_away"] > least, "orders is away")  # type: ignore[misc]
        for relay in relays:
            relay.clear()
    assert told.repeated["service_lost"] > 3
    assert not told.unknown
    assert houses.shortcomings() == []
