"""Encryption to a database server: what an address asks for is what happens; real servers, real certificates."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.bootstrap.sharing_places import DatabaseTarget
from app.kernel.checking import CheckStep
from app.kernel.errors import EnvironmentFault
from app.storage.address import BookAddress, parse_address
from app.storage.creation import make_room
from app.storage.database import fetch_one, open_database
from app.storage.diagnosis import diagnose
from app.storage.server_connection import connection_parameters, open_connection, tls_version
from app.web.gateway.settings import Place
from app.web.serving import BOOK, Serving
from app.web.supervisor import Layout, plans_for
from tests.certificates import certificate
from tests.cli.conftest import Command, here  # noqa: F401 - a fixture
from tests.conftest import MEMORY_DISK
from tests.mariadb import MariaDBServer, ServerMissing, encrypting_server, go_without

ROOT = Path(__file__).parents[2]
CLIENT_SSL = 0x0800
"""The bit of a server's capabilities that offers TLS."""


@dataclass(frozen=True)
class TlsServer:
    """A server that offers TLS, and the certificates it can show; `good` is shown unless another is wished."""

    server: MariaDBServer
    shown: Path
    good: Path
    expired: Path
    elsewhere: Path

    def address(self, query: str = "", port: int | None = None) -> BookAddress:
        """Return the address of a database that is always there."""
        there = self.server.url("mysql", query).replace(f":{self.server.port}/", f":{port or self.server.port}/")
        return parse_address(there, self.server.password)

    @contextlib.contextmanager
    def showing(self, public: Path) -> Iterator[None]:
        """Show another certificate meanwhile."""
        show(public, self.shown)
        self.server.execute("FLUSH SSL")
        yield
        show(self.good, self.shown)
        self.server.execute("FLUSH SSL")


def show(public: Path, shown: Path) -> None:
    shutil.copy(public, shown)
    shutil.copy(public.with_suffix(".key"), shown.with_suffix(".key"))


@pytest.fixture(scope="module")
def tls() -> Iterator[TlsServer]:
    folder = Path(tempfile.mkdtemp(prefix="zhangfang-tls-", dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None))
    shown, good = folder / "shown.pem", certificate(folder)
    show(good, shown)
    expired, elsewhere = certificate(folder, days=-1), certificate(folder, name="books.example.com")
    try:
        (folder / "server").mkdir()
        with encrypting_server(folder / "server", shown, shown.with_suffix(".key")) as server:
            yield TlsServer(server, shown, good, expired, elsewhere)
    except ServerMissing as missing:
        go_without(missing)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Interceptor:
    """Somebody on the way, who passes everything on, except that the server offers TLS."""

    server: MariaDBServer
    heard: bytes = b""
    """What the caller said."""
    port: int = 0
    _threads: list[threading.Thread] = field(default_factory=list)

    @contextlib.contextmanager
    def between(self) -> Iterator[Interceptor]:
        """Stand there for one connection."""
        with socket.create_server(("127.0.0.1", 0)) as door:
            self.port = int(door.getsockname()[1])
            thread = threading.Thread(target=self._pass_on, args=(door,))
            thread.start()
            yield self
            thread.join(60)

    def _pass_on(self, door: socket.socket) -> None:
        caller, _ = door.accept()
        with caller, socket.create_connection((self.server.host, self.server.port)) as server:
            caller.sendall(without_tls(server.recv(65536)))
            back = threading.Thread(target=pump, args=(server, caller))
            back.start()
            while said := caller.recv(65536):
                self.heard += said
                server.sendall(said)
            server.shutdown(socket.SHUT_RDWR)
            back.join(60)


def pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while said := source.recv(65536):
            target.sendall(said)


def without_tls(greeting: bytes) -> bytes:
    """Return a server's greeting with the offer of TLS taken out."""
    place = greeting.index(b"\0", 5) + 1 + 4 + 8 + 1  # behind the version, the connection's number, half of the salt
    (offered,) = struct.unpack_from("<H", greeting, place)
    assert offered & CLIENT_SSL
    return greeting[:place] + struct.pack("<H", offered & ~CLIENT_SSL) + greeting[place + 2 :]


def refused(address: BookAddress) -> str:
    """Return the code with which opening the book fails, and see that the diagnosis says the same."""
    with pytest.raises(EnvironmentFault) as fault:
        version_of(address)
    last = list(diagnose(address))[-1]
    assert (last.name, last.code, last.text) == ("tls", fault.value.code, fault.value.message)
    assert last.fields
    return fault.value.code


def version_of(address: BookAddress) -> str:
    """Return with which version of TLS a book is reached, as both ends say."""
    book = open_database(address)
    try:
        with book.session():
            found = tls_version(book.database.connection())
            assert fetch_one("SHOW SESSION STATUS LIKE 'Ssl_version'") == ("Ssl_version", found)
            return found
    finally:
        book.close()


def tls_step(address: BookAddress) -> CheckStep:
    return next(step for step in diagnose(address) if step.name == "tls")


def test_an_address_gets_what_it_asks_for(tls: TlsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert version_of(tls.address("tls=off")) == ""
    assert "不加密" in str(tls_step(tls.address("tls=off")).text)
    trusting = f"tls=verify&tls_ca={tls.good}"
    for query in ("", "tls=preferred", "tls=required", trusting):
        assert version_of(tls.address(query)) == "TLSv1.3"
        step = tls_step(tls.address(query))
        assert ("TLSv1.3" in str(step.text), "没有核对" in str(step.text)) == (True, query != trusting)
    with open_connection(connection_parameters(tls.address())) as unchecked:
        assert not unchecked.ctx.get_ca_certs()  # reading those of the computer would take 30 ms for nothing
    monkeypatch.setattr("app.storage.diagnosis.is_nearby", lambda _host: False)
    steps = [tls_step(tls.address(query)) for query in ("tls=off", "tls=required", trusting)]
    assert [(step.outcome, step.code) for step in steps] == [
        ("warning", "unencrypted"),
        ("warning", "unverified"),
        ("ok", ""),
    ]


def test_verify_refuses_who_cannot_prove_to_be_the_server(tls: TlsServer) -> None:
    assert refused(tls.address("tls=verify")) == "certificate_untrusted"
    assert refused(tls.address(f"tls=verify&tls_ca={tls.elsewhere}")) == "certificate_untrusted"
    with tls.showing(tls.elsewhere):
        assert refused(tls.address(f"tls=verify&tls_ca={tls.elsewhere}")) == "certificate_other_name"
    with tls.showing(tls.expired):
        assert refused(tls.address(f"tls=verify&tls_ca={tls.expired}")) == "certificate_expired"
        assert version_of(tls.address("tls=required"))  # believes whoever answers
    assert version_of(tls.address(f"tls=verify&tls_ca={tls.good}"))


def test_who_demands_encryption_says_nothing_where_there_is_none(tls: TlsServer, mariadb_server: MariaDBServer) -> None:
    for query in ("tls=required", f"tls=verify&tls_ca={tls.good}"):
        assert refused(parse_address(mariadb_server.url("mysql", query), mariadb_server.password)) == "tls_not_offered"
        with Interceptor(tls.server).between() as somebody, pytest.raises(EnvironmentFault) as fault:
            version_of(tls.address(query, somebody.port))
        assert (fault.value.code, somebody.heard) == ("tls_not_offered", b"")
    with Interceptor(tls.server).between() as somebody:
        assert version_of(tls.address("", somebody.port)) == ""
    assert b"keeper" in somebody.heard


def test_a_file_of_certificates_that_is_none_is_named_before_anybody_is_asked(tls: TlsServer, tmp_path: Path) -> None:
    words = tmp_path / "a & b+c 账.pem"
    words.write_text("no certificate")
    for place in (words, tmp_path / "missing.pem", tmp_path):
        address = parse_address(f"{tls.address()}?tls_ca={str(place).replace('&', '%26')}", "x")
        assert (address.tls, address.tls_ca) == ("verify", place)
        assert refused(address) == "ca_unreadable"


def test_commands_go_the_way_the_address_demands(
    tls: TlsServer,
    here: Command,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tls.server.execute("GRANT ALL ON made.* TO sealed@'127.0.0.1' IDENTIFIED BY 'p' REQUIRE SSL")
    sealed = tls.server.url("made", f"tls=verify&tls_ca={tls.good}").replace("keeper", "sealed")
    monkeypatch.setenv("ZHANGFANG_DB_PASSWORD", "p")
    book = open_database(parse_address(sealed, "p"))
    make_room(book)
    book.close()

    def said(address: str) -> str:
        outcome = here("verify", address)
        assert (outcome.code, outcome.err.strip().count("\n")) == (1, 0)
        return outcome.err

    assert "还没有账" in said(sealed)
    assert "拒绝了" in said(sealed.partition("?")[0] + "?tls=off")
    assert "tls_ca=" in said(sealed.partition("&")[0])
    assert "off、preferred、required" in said(sealed.replace("verify", "yes"))


def test_every_process_of_services_demands_the_same() -> None:
    address = parse_address("mysql://u@db.example.com/main?ledger=l&tls_ca=/etc/our ca.pem", "p")
    layout = Layout(Place("127.0.0.1", 5000), {"ledger": Place("127.0.0.1", 5004), "orders": Place("127.0.0.1", 5002)})
    *services, _gateway = plans_for(address, Serving(), layout)
    assert [parse_address(plan.environment[BOOK], "p") for plan in services] == [address, address]


def test_others_are_told_where_a_book_went_without_the_files_of_this_computer() -> None:
    target = DatabaseTarget(parse_address("mysql://u@db.example.com/main?tls_ca=/etc/here/ca.pem", "p"))
    assert target.name.endswith("?tls=verify&tls_ca=/etc/here/ca.pem")
    assert target.told == "mysql://u@db.example.com:3306/main?tls=verify"


def test_connections_are_opened_in_one_place() -> None:
    opening = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "app").rglob("*.py")
        if re.search(r"pymysql\.(connect|Connection)\b(?!\[)", path.read_text("utf-8"))
    ]
    assert opening == ["app/storage/server_connection.py"]
