"""The version file: what is read from it, what is refused, and how little is said to the server that has it."""

from __future__ import annotations

import base64
import datetime
import json
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from app.client import update_fetch
from app.client.update_check import KEPT_NAME, UpdateSource, kept_notice, look
from app.client.update_fetch import MAX_REDIRECTS, TIME_LIMIT_S, Fetch
from app.client.update_notice import (
    MAX_FILE_BYTES,
    admit_notice,
    checked_key,
    checked_url,
    is_newer,
    read_notice,
    version_numbers,
)
from app.kernel.errors import MalformedInput, ZhangfangError
from app.tls import trusting_the_system
from tests.client.version_server import (
    OFFER,
    SIGNER,
    TODAY,
    VersionServer,
    drip,
    public_key,
    send,
    signed,
    version_file,
    write_certificate,
)

KEY = public_key()


def code_of(work: Callable[[], object]) -> str:
    """Return the code of the refusal; there must be one, with a sentence."""
    with pytest.raises(ZhangfangError) as caught:
        work()
    assert str(caught.value.message)
    return caught.value.code


# --- the file --------------------------------------------------------------------------------------------------------


def test_a_good_file_says_what_there_is() -> None:
    notice = read_notice(version_file(), KEY)
    assert (notice.version, notice.released, notice.link) == ("0.2.0", datetime.date(2026, 12, 1), OFFER["link"])
    assert notice.changes == {"zh": ("结账更快", "导入更稳"), "en": ("Closing is faster",)}
    admit_notice(notice, seen="0.2.0", today=TODAY)
    admit_notice(notice, seen="", today=notice.expires)


def test_what_later_programs_add_does_not_disturb() -> None:
    assert read_notice(version_file(minimum="9", changes=OFFER["changes"] | {"fr": [1]}), KEY).version == "0.2.0"
    without_link = {name: value for name, value in OFFER.items() if name != "link"}
    assert read_notice(signed(json.dumps(without_link).encode()), KEY).link == ""


def test_a_signature_counts_for_these_bytes_and_this_key_only() -> None:
    other = Ed25519PrivateKey.generate()
    assert code_of(lambda: read_notice(version_file(), public_key(other))) == "update_signature"
    assert code_of(lambda: read_notice(version_file().replace(b"0.2.0", b"0.3.0"), KEY)) == "update_signature"
    assert code_of(lambda: read_notice(version_file() + b"\n", KEY)) == "update_signature"
    assert code_of(lambda: read_notice(version_file()[:-1], KEY)) == "update_signature"
    assert code_of(lambda: read_notice(version_file().replace(b"\n{", b"\r\n{"), KEY)) == "update_malformed"
    # signed, but as something else: without our first line
    payload = json.dumps(OFFER).encode()
    alien = b"zhangfang-version 1\n" + base64.b64encode(SIGNER.sign(payload)) + b"\n" + payload
    assert code_of(lambda: read_notice(alien, KEY)) == "update_signature"


@pytest.mark.parametrize("place", range(0, 480, 7))
def test_no_byte_may_differ(place: int) -> None:
    data = bytearray(version_file())
    data[place % len(data)] ^= 1
    assert code_of(lambda: read_notice(bytes(data), KEY)) in {"update_signature", "update_malformed"}


@pytest.mark.parametrize(
    "changed",
    [
        {"program": "other"},
        {"program": None},
        {"version": "1.0"},
        {"version": "1.0.0-beta"},
        {"version": "01.0.0"},
        {"version": "1.0.0\n"},
        {"version": "１.0.0"},
        {"version": "10000.0.0"},
        {"version": 1},
        {"released": "2026-13-01"},
        {"released": "20261201"},
        {"expires": None},
        {"expires": "2027-02-30"},
        {"changes": {"zh": ["只有中文"]}},
        {"changes": {"zh": [], "en": ["x"]}},
        {"changes": {"zh": "字", "en": "x"}},
        {"changes": {"zh": ["字"] * 21, "en": ["x"]}},
        {"changes": {"zh": ["字" * 301], "en": ["x"]}},
        {"changes": {"zh": ["行\n行"], "en": ["x"]}},
        {"changes": {"zh": ["\u202etxt.exe"], "en": ["x"]}},
        {"link": "http://example.com/"},
        {"link": "javascript:alert(1)"},
        {"link": "file:///etc/passwd"},
        {"link": "https://user@example.com/"},
        {"link": "https://例.com/"},
        {"link": "https://example.com/\u202e"},
        {"link": "https://example.com\\@evil.com/"},
        {"link": None},
        {"link": "https://"},
    ],
    ids=str,
)
def test_a_signed_file_with_something_wrong_is_refused_whole(changed: dict[str, object]) -> None:
    assert code_of(lambda: read_notice(version_file(**changed), KEY)) == "update_malformed"


@pytest.mark.parametrize(
    "payload",
    [b"", b"[]", b"null", b"{", b'{"a": 1}', b"\xff\xfe", b"[" * 60_000, b'{"version": "1.0.0", "version": "2.0.0"}'],
    ids=lambda payload: repr(payload[:40]),
)
def test_a_signed_file_that_is_no_json_object_is_refused(payload: bytes) -> None:
    assert code_of(lambda: read_notice(signed(payload), KEY)) == "update_malformed"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"zhangfang-version 1",
        b"zhangfang-version 1\n",
        b"zhangfang-version 2\n" + version_file()[20:],
        b"zhangfang-version 1\nAAAA\n{}",
        b"zhangfang-version 1\n\xff\n{}",
        b"zhangfang-version 1\n" + b"A" * 90,
        b"<!DOCTYPE html><title>404</title>",
        version_file() + b" " * MAX_FILE_BYTES,
    ],
    ids=lambda data: repr(data[:40]),
)
def test_other_files_are_none_of_ours(data: bytes) -> None:
    assert code_of(lambda: read_notice(data, KEY)) == "update_malformed"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.binary(max_size=400) | st.binary(max_size=200).map(lambda tail: version_file()[:150] + tail))
def test_any_bytes_are_refused_in_a_sentence(data: bytes) -> None:
    assert code_of(lambda: read_notice(data, KEY)) in {"update_malformed", "update_signature"}


@given(st.dictionaries(st.sampled_from([*OFFER, "x"]), json_values, min_size=1, max_size=4))
def test_any_signed_values_are_read_or_refused_in_a_sentence(changed: dict[str, object]) -> None:
    try:
        notice = read_notice(version_file(**changed), KEY)
    except ZhangfangError as refusal:
        outcome = refusal.code
    else:
        outcome = "read"
        assert notice.link == "" or notice.link.startswith("https://")
        assert version_numbers(notice.version) >= (0, 0, 0)
        assert all(line.isprintable() for lines in notice.changes.values() for line in lines)
    assert outcome in {"read", "update_malformed"}


def test_versions_are_compared_by_their_numbers() -> None:
    assert is_newer("0.10.0", "0.9.9")
    assert not is_newer("0.9.9", "0.9.9")
    assert not is_newer("0.9.10", "0.10.0")
    for wrong in ("", "1", "1.2", "1.2.3.4", "v1.2.3", " 1.2.3", "1.2.-3"):
        with pytest.raises(ValueError, match="not a version"):
            version_numbers(wrong)


def test_an_old_file_is_refused_though_it_is_genuine() -> None:
    notice = read_notice(version_file(), KEY)
    assert code_of(lambda: admit_notice(notice, seen="0.2.1", today=TODAY)) == "update_rolled_back"
    late = notice.expires + datetime.timedelta(days=1)
    assert code_of(lambda: admit_notice(notice, seen="", today=late)) == "update_expired"


# --- what the user types ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/zhangfang/version.txt",
        "https://example.com",
        "https://10.0.0.5:8443/v",
        "http://127.0.0.1:8000/v",
        "http://localhost/v",
        "http://192.168.1.20/v",
        "http://[fe80::1]/v",
    ],
)
def test_addresses_that_may_be_asked(url: str) -> None:
    assert checked_url(f" {url}\n") == url


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "update_url_malformed"),
        ("example.com/version.txt", "update_url_malformed"),
        ("file:///etc/passwd", "update_url_malformed"),
        ("ftp://example.com/v", "update_url_malformed"),
        ("https://", "update_url_malformed"),
        ("https://exa mple.com/", "update_url_malformed"),
        ("https://example.com/版本", "update_url_malformed"),
        ("https://example.com:99999/", "update_url_malformed"),
        ("https://[::1/", "update_url_malformed"),
        ("https://example.com/" + "a" * 500, "update_url_malformed"),
        ("https://me:secret@example.com/", "update_url_tells"),
        ("https://example.com/v?id=7", "update_url_tells"),
        ("https://example.com/v#x", "update_url_tells"),
        ("http://example.com/v", "update_url_insecure"),
        ("http://8.8.8.8/v", "update_url_insecure"),
        ("http://127.0.0.1.evil.com/v", "update_url_insecure"),
    ],
)
def test_addresses_that_may_not(url: str, code: str) -> None:
    assert code_of(lambda: checked_url(url)) == code


def test_a_key_is_taken_however_it_was_pasted() -> None:
    assert checked_key(f"  {KEY[:20]}\n{KEY[20:]} ") == KEY
    for wrong in ("", "x", KEY[:-1], KEY[4:], KEY + "AAAA", "字" * 44, "-" * 44):
        with pytest.raises(MalformedInput):
            checked_key(wrong)


# --- over the wire ---------------------------------------------------------------------------------------------------

AT_ONCE_S = TIME_LIMIT_S - 3
"""On a busy machine, too, sooner than a limit or end that nobody set here; the servers go on without end."""


@pytest.fixture
def server() -> Iterator[VersionServer]:
    with VersionServer().running() as running:
        yield running


def test_the_server_is_told_nothing(server: VersionServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for proxy in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:1")
    server.answer = send(version_file(), cookie="id=7")
    for _time in range(2):
        assert Fetch(server.url).run() == version_file()
    first, second = server.requests
    assert first == second
    place = server.url.removeprefix("http://").removesuffix("/version.txt")
    assert first.split("\r\n")[0] == "GET /version.txt HTTP/1.1"
    assert sorted(first.replace("\r", "").split("\n")[1:]) == sorted(
        [
            "",
            "",
            f"Host: {place}",
            "Accept-Encoding: identity",
            "User-Agent: zhangfang",
            "Accept: */*",
            "Connection: close",
        ]
    )


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (send(b"not found", status=404), "update_answer"),
        (send(b"", status=500), "update_answer"),
        (send(b"", status=304), "update_answer"),
        (send(b"x" * (MAX_FILE_BYTES + 1)), "update_too_large"),
        (send(b"x" * 10, length=10**12), "update_unreachable"),
        (send(version_file()[:-20], length=len(version_file())), "update_unreachable"),
        (send(b"", status=302, location="file:///etc/passwd"), "update_redirect"),
        (send(b"", status=302, location="http://127.0.0.1:9/"), "update_redirect"),
        (send(b"", status=302, location="ftp://127.0.0.1/"), "update_redirect"),
        (send(b"", status=302, location="https://me@127.0.0.1/"), "update_redirect"),
        (send(b"", status=302, location="https://"), "update_redirect"),
        (send(b"", status=302, location="https://127.0.0.1:99999/"), "update_redirect"),
        (send(b"", status=302), "update_redirect"),
        (lambda handler: handler.wfile.write(b"\x00\x01\x02\r\n\r\n"), "update_unreachable"),
        (lambda handler: handler.connection.close(), "update_unreachable"),
    ],
)
def test_other_answers_are_refused(server: VersionServer, answer: Callable[..., None], code: str) -> None:
    server.answer = answer
    assert code_of(Fetch(server.url, time_limit_s=60).run) == code
    assert len(server.requests) == 1


@pytest.mark.parametrize("headers_too", [True, False])
def test_a_server_that_drips_is_left_at_the_time_limit(server: VersionServer, *, headers_too: bool) -> None:
    server.answer = drip(server.stopping, headers_too=headers_too)
    began = time.monotonic()
    assert code_of(Fetch(server.url, time_limit_s=0.4).run) == "update_unreachable"
    assert time.monotonic() - began < AT_ONCE_S
    talking = [thread for thread in threading.enumerate() if thread.name == "update-fetch"]
    for thread in talking:
        thread.join(60)
    assert not [thread for thread in talking if thread.is_alive()]


def test_a_server_that_says_nothing_does_not_hold_us(server: VersionServer) -> None:
    del server
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        assert code_of(Fetch(url, time_limit_s=0.3).run) == "update_unreachable"
        assert time.monotonic() - began < AT_ONCE_S


def test_a_fetch_can_be_cancelled(server: VersionServer) -> None:
    server.answer = drip(server.stopping, headers_too=False)
    fetch = Fetch(server.url)
    threading.Timer(0.1, fetch.cancel).start()
    began = time.monotonic()
    assert code_of(fetch.run) == "update_unreachable"
    assert time.monotonic() - began < AT_ONCE_S


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert code_of(Fetch(f"http://127.0.0.1:{port}/").run) == "update_unreachable"
    assert code_of(Fetch("https://a..b/").run) == "update_unreachable"


# --- TLS -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_certificate(tmp_path_factory.mktemp("tls"), days_left=20)


def test_over_https_with_a_certificate_the_system_trusts(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with VersionServer(certificate).running() as server:
        assert read_notice(Fetch(server.url).run(), KEY).version == "0.2.0"
        named = server.url.replace("127.0.0.1", "localhost")
        assert read_notice(Fetch(named).run(), KEY).version == "0.2.0"


def test_a_redirect_is_followed_to_https_and_not_for_ever(
    certificate: tuple[Path, Path], server: VersionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with VersionServer(certificate).running() as secure:
        server.answer = send(b"", status=302, location=secure.url + "?token=of-the-server")
        assert Fetch(server.url).run() == version_file()
        secure.answer = send(b"", status=307, location="/again")
        assert code_of(Fetch(secure.url).run) == "update_redirect"
        assert len(secure.requests) == 1 + MAX_REDIRECTS + 1
        secure.answer = send(b"", status=302, location=server.url)
        assert code_of(Fetch(secure.url).run) == "update_redirect"


@pytest.mark.parametrize(
    "inside", ["https://127.0.0.1/b", "https://192.168.0.1/reboot", "https://localhost/", "https://[::1]/"]
)
def test_a_redirect_from_the_internet_does_not_reach_into_the_local_network(inside: str) -> None:
    assert update_fetch._next_url("https://example.com/a", "https://cdn.example.net/b#c") == "https://cdn.example.net/b"
    assert code_of(lambda: update_fetch._next_url("https://example.com/a", inside)) == "update_redirect"


def test_a_certificate_that_is_expired_or_of_nobody_known_is_refused(
    tmp_path: Path, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with VersionServer(certificate).running() as unknown:
        assert code_of(Fetch(unknown.url).run) == "update_certificate"
        assert unknown.requests == []
    expired = write_certificate(tmp_path, days_left=-1)
    monkeypatch.setenv("SSL_CERT_FILE", str(expired[0]))
    with VersionServer(expired).running() as server:
        assert code_of(Fetch(server.url).run) == "update_certificate"
        assert server.requests == []


def test_where_openssl_finds_no_certificates_those_of_the_system_are_taken(
    certificate: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a program built on another Linux: its OpenSSL looks in a folder that is not there.
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    ours = tmp_path / "ca-certificates.crt"
    monkeypatch.setattr("app.tls.CERTIFICATE_FILES", (str(tmp_path / "absent"), str(ours)))
    store = trusting_the_system().cert_store_stats()["x509_ca"]
    assert store == 0 or sys.platform == "win32", "only Windows has a store beside the files"
    shutil.copy(certificate[0], ours)
    context = trusting_the_system()
    assert context.cert_store_stats()["x509_ca"] == (store or 1)
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


# --- one look, and what is kept of it --------------------------------------------------------------------------------


def test_what_was_seen_is_kept_and_checked_again_when_read(server: VersionServer, tmp_path: Path) -> None:
    source = UpdateSource(server.url, KEY)
    folder = tmp_path / "data"
    assert kept_notice(source, folder, TODAY) is None
    notice = look(Fetch(server.url), source, folder, TODAY)
    assert [path.name for path in folder.iterdir()] == [KEPT_NAME]
    assert kept_notice(source, folder, TODAY) == notice
    assert kept_notice(UpdateSource(server.url, KEY, "0.3.0"), folder, TODAY) is None
    assert kept_notice(source, folder, notice.expires + datetime.timedelta(days=1)) is None
    assert kept_notice(UpdateSource(server.url, public_key(Ed25519PrivateKey.generate())), folder, TODAY) is None
    (folder / KEPT_NAME).write_bytes(version_file().replace(b"0.2.0", b"0.9.0"))
    assert kept_notice(source, folder, TODAY) is None


def test_a_refused_file_leaves_the_kept_one(server: VersionServer, tmp_path: Path) -> None:
    source = UpdateSource(server.url, KEY, "0.2.0")
    look(Fetch(server.url), source, tmp_path, TODAY)
    server.answer = send(version_file(version="0.1.9"))
    assert code_of(lambda: look(Fetch(server.url), source, tmp_path, TODAY)) == "update_rolled_back"
    server.answer = send(b"<html>")
    assert code_of(lambda: look(Fetch(server.url), source, tmp_path, TODAY)) == "update_malformed"
    kept = kept_notice(source, tmp_path, TODAY)
    assert kept is not None
    assert kept.version == "0.2.0"


def test_where_nothing_can_be_kept_the_notice_counts_all_the_same(server: VersionServer, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way", encoding="utf-8")
    assert look(Fetch(server.url), UpdateSource(server.url, KEY), tmp_path / "data", TODAY).version == "0.2.0"


def test_cryptography_is_imported_only_for_a_check() -> None:
    root = Path(__file__).parents[2]
    program = (
        f"import sys; sys.path.insert(0, {str(root)!r}); import app.client.update_check; "
        "print('cryptography' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, encoding="utf-8")
    assert done.stdout == "False\n"
