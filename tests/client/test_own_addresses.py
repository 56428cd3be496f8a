"""An address that only means this computer, and what other computers type instead."""

from __future__ import annotations

import socket

import pytest

from app.client import own_addresses
from app.client.own_addresses import for_others


@pytest.fixture(autouse=True)
def listening(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The addresses something answers at, of a computer with two in the network, and a name."""
    listening = {"192.168.1.20"}
    monkeypatch.setattr(own_addresses, "_network_addresses", lambda: iter(["10.8.0.2", "192.168.1.20"]))
    monkeypatch.setattr(own_addresses, "_answers", lambda host, port: port == 5000 and host in listening)
    monkeypatch.setattr(socket, "gethostname", lambda: "office-1")
    return listening


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1.2.3"])
def test_others_get_the_address_something_answers_at(host: str) -> None:
    found = for_others(f"http://{host}:5000/books/shop")
    assert found is not None
    assert (found.typed, found.is_listening) == (host.strip("[]"), True)
    assert found.addresses == ("http://192.168.1.20:5000/books/shop", "http://office-1:5000/books/shop")


def test_a_server_that_listens_to_this_computer_only_is_told_of(
    listening: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    listening.clear()
    monkeypatch.setattr(socket, "gethostname", lambda: "localhost")
    found = for_others("mysql://keeper@127.0.0.1:5000/jia")
    assert found is not None
    assert not found.is_listening
    assert found.addresses == ("mysql://keeper@10.8.0.2:5000/jia", "mysql://keeper@192.168.1.20:5000/jia")


@pytest.mark.parametrize(
    "address", ["https://books.example.com/books/a", "http://192.168.1.10:5000", "mysql://u@db/jia", "/a/b.zhangfang"]
)
def test_other_addresses_stay_as_they_are(address: str) -> None:
    assert for_others(address) is None
