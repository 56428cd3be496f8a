"""A server that asks for the password in clear, as one posing as the real one would, does not get it."""

from __future__ import annotations

import socket
import struct
import threading

import pytest

from app.kernel.errors import EnvironmentFault
from app.storage.address import parse_address
from app.storage.database import open_database

PASSWORD = "口令 abcdef"


def packet(number: int, content: bytes) -> bytes:
    """Return a packet of MySQL's protocol: three bytes of length, its number, its content."""
    return struct.pack("<I", len(content))[:3] + bytes([number]) + content


GREETING = (
    b"\x0a8.0.36\0" + struct.pack("<I", 7) + b"12345678\0" + b"\xff\xf7" + b"\x21" + b"\x02\0" + b"\xff\x81"
    b"\x15" + bytes(10) + b"123456789012\0" + b"mysql_native_password\0"
)


@pytest.mark.parametrize("plugin", [b"mysql_clear_password", b"dialog", b"mysql_old_password"])
def test_a_password_is_not_sent_as_it_is(plugin: bytes) -> None:
    heard = b""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def pose() -> None:
            nonlocal heard
            line, _ = server.accept()
            with line:
                line.settimeout(60)
                line.sendall(packet(0, GREETING))
                heard += line.recv(65536)
                line.sendall(packet(2, b"\xfe" + plugin + b"\0" + b"\x02password: \0"))
                while piece := line.recv(65536):
                    heard += piece

        thread = threading.Thread(target=pose)
        thread.start()
        address = parse_address(f"mysql://wang@127.0.0.1:{server.getsockname()[1]}/book", PASSWORD)
        book = open_database(address)
        try:
            with pytest.raises(EnvironmentFault) as refused, book.session():
                pass
        finally:
            book.close()
            thread.join(60)
    assert refused.value.code == "password_in_clear"
    assert b"wang" in heard
    assert PASSWORD.encode() not in heard
