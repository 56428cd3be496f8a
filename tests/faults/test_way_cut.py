"""The way between a client and the server is bad: cut before, in the middle of and after a call, slow, silent."""

from __future__ import annotations

import os
import threading
import time

import pytest

from app.client.api import ApiClient
from app.client.transport import Transport
from app.contract.contacts import ContactChange, ContactInput
from app.contract.ledger import EntryInput, VoucherInput, VoucherQuery
from app.kernel.errors import Conflict, EnvironmentFault
from app.kernel.ids import new_request_id
from tests.faults.clients import Client, Told, answered
from tests.faults.conftest import Office
from tests.faults.firm import MONTH
from tests.faults.processes import wait_until
from tests.faults.relay import Mishap, relayed

ROUNDS = 1 + int(os.environ.get("ZHANGFANG_FAULTS_ROUNDS", "1"))
MOST_ROUNDS = ROUNDS + 20
"""A client hears nothing of what befalls a kept connection on which its call can be sent again."""
USUAL_PATIENCE_S = 60.0
"""How long a client waits for an answer that is not told otherwise."""
MISHAPS = {
    "refused": Mishap(refuse=True),
    "cut in the head of the request": Mishap(cut_request_after=60),
    "cut in the body of the request": Mishap(cut_request_after=420),
    "cut before the answer": Mishap(cut_answer_after=0),
    "cut in the head of the answer": Mishap(cut_answer_after=40),
    "cut in the body of the answer": Mishap(cut_answer_after=700),
}


def _voucher(tag: str) -> VoucherInput:
    entries = [
        EntryInput(summary=tag, account_code="1001", debit="1.00"),
        EntryInput(summary=tag, account_code="560205", credit="1.00"),
    ]
    return VoucherInput(date=f"{MONTH}-05", word="记", entries=entries, request_id=tag)


def _stored(office: Office, tag: str) -> int:
    api = ApiClient(Transport(office.web.url, office.firm.tokens[0]))
    try:
        return len(api.list_vouchers(VoucherQuery(q=tag)).vouchers)
    finally:
        api.transport.close()


@pytest.mark.parametrize("kept", [False, True], ids=["new connection", "kept connection"])
@pytest.mark.parametrize("mishap", MISHAPS.values(), ids=MISHAPS)
def test_a_write_whose_way_was_cut_is_found_by_its_request_id(office: Office, mishap: Mishap, kept: bool) -> None:
    tag = new_request_id()
    with relayed(office.web.port) as relay:
        transport = Transport(f"http://127.0.0.1:{relay.port}", office.firm.tokens[0])
        api = ApiClient(transport)
        if kept:
            api.session()
            relay.befall(mishap, 2)  # also what the transport itself tries again
        else:
            relay.befall(mishap, 1)
        with pytest.raises(EnvironmentFault) as fault:
            api.add_voucher(_voucher(tag))
        assert fault.value.code in {"server_away", "answer_unreadable"}
        assert _stored(office, tag) <= 1
        relay.clear()
        saved = answered(lambda: api.add_voucher(_voucher(tag)))
        assert api.get_voucher(saved.id).entries[0].summary == tag
        transport.close()
    assert _stored(office, tag) == 1


def test_an_answer_that_does_not_come_ends_in_time_and_the_write_is_found(office: Office) -> None:
    tag = new_request_id()
    with relayed(office.web.port) as relay:
        transport = Transport(f"http://127.0.0.1:{relay.port}", office.firm.tokens[0], read_timeout_s=0.5)
        api = ApiClient(transport)
        for mishap in (Mishap(silent_answer=True), Mishap(delay_s=1.0)):
            relay.befall(mishap, 1)
            started = time.monotonic()
            with pytest.raises(EnvironmentFault) as fault:
                api.add_voucher(_voucher(tag))
            assert time.monotonic() - started < USUAL_PATIENCE_S / 2  # its own time, not the usual one
            assert fault.value.code == "server_timeout"
        relay.clear()
        transport.close()
        api = ApiClient(Transport(f"http://127.0.0.1:{relay.port}", office.firm.tokens[0]))
        answered(lambda: api.add_voucher(_voucher(tag)))
        api.close()
    assert _stored(office, tag) == 1


def test_what_is_saved_after_a_lost_answer_follows_what_was_done(office: Office) -> None:
    with relayed(office.web.port) as relay:
        transport = Transport(f"http://127.0.0.1:{relay.port}", office.firm.tokens[0])
        api = ApiClient(transport)
        contact = api.add_contact(ContactInput(name=f"单位{new_request_id()}", roles=["customer"]))
        relay.befall(Mishap(cut_answer_after=0), 2)  # also what the transport itself tries again
        with pytest.raises(EnvironmentFault):
            api.change_contact(contact.id, ContactChange(phone="1", version=contact.version))
        relay.clear()
        assert transport.awaits_answers
        kept = api.change_contact(contact.id, ContactChange(phone="12", version=contact.version))
        assert (kept.phone, kept.version, transport.awaits_answers) == ("12", contact.version + 2, False)

        relay.befall(Mishap(cut_answer_after=0), 2)
        with pytest.raises(EnvironmentFault):
            api.change_contact(contact.id, ContactChange(phone="123", version=kept.version))
        relay.clear()
        other = ApiClient(Transport(office.web.url, office.firm.tokens[1]))
        other.change_contact(contact.id, ContactChange(address="北京", version=kept.version + 1))
        with pytest.raises(Conflict) as refused:  # somebody else came in between: he is not overwritten
            api.change_contact(contact.id, ContactChange(phone="1234", version=kept.version))
        assert refused.value.code == "stale_version"
        assert (api.get_contact(contact.id).phone, api.get_contact(contact.id).address) == ("123", "北京")
        other.close()
        api.close()


def test_clients_get_on_over_a_way_that_is_cut_again_and_again(office: Office) -> None:
    told = Told()
    office.told.append(told)
    with relayed(office.web.port) as relay:
        clients = [Client(office.firm, told, f"http://127.0.0.1:{relay.port}", number) for number in range(6)]
        stopping = threading.Event()
        threads = [threading.Thread(target=_work, args=(client, stopping)) for client in clients]
        for thread in threads:
            thread.start()
        try:
            for number in range(MOST_ROUNDS):
                if number >= ROUNDS and told.repeated["server_away"] > 3:
                    break
                for mishap in MISHAPS.values():
                    relay.befall(mishap, 3)
                    wait_until(lambda: relay.left == 0, "it befell three connections", 60)
        finally:
            relay.clear()
            stopping.set()
            for client, thread in zip(clients, threads, strict=True):
                client.give_up_at(time.monotonic() + 60)
                thread.join(100)
                client.close()
    assert told.repeated["server_away"] > 3
    assert not told.unknown
    assert office.shortcomings() == []


def _work(client: Client, stopping: threading.Event) -> None:
    while not stopping.is_set():
        client.work_once()
