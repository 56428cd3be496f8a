"""Who stands before a server: proxies that are believed or not, names it is called by, how much one caller may ask."""

from __future__ import annotations

import contextlib
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.kernel.errors import MalformedInput, PermissionDenied, TooManyRequests
from app.web.hosts import AllowedHosts, own_names
from app.web.limits import SECOND_NS, Doorkeeper, Limits, Rate, Throttle, counted_as
from app.web.proxies import TrustedProxies
from tests.waiting import until

# --- proxies ---

TRUSTED = ("127.0.0.1", "10.0.0.0/24", "2001:db8::/32")


def settled(peer: str, trusted: tuple[str, ...] = TRUSTED, *, chain: str = "", **headers: str) -> dict[str, Any]:
    """Return the environment of a request after the proxies' words were weighed."""
    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "HTTP_HOST": "inner:5000"}
    if chain:
        environ["HTTP_X_FORWARDED_FOR"] = chain
    environ |= {f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in headers.items()}
    TrustedProxies(trusted).settle(environ)
    assert not [name for name in environ if "FORWARDED" in name]
    return environ


@pytest.mark.parametrize(
    ("peer", "chain", "caller"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.7, 10.0.0.9", "203.0.113.7"),
        ("::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("2001:db8::5", "2a00::1", "2a00::1"),
        ("127.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
        ("127.0.0.1", "[2a00::1]:4711", "2a00::1"),
        ("127.0.0.1", "6.6.6.6, unknown", "127.0.0.1"),
        ("127.0.0.1", "6.6.6.6, unknown, 10.0.0.9", "10.0.0.9"),
        ("127.0.0.1", "10.0.0.8, 10.0.0.9", "10.0.0.8"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", " , ,", "127.0.0.1"),
        ("127.0.0.1", "\r\nx, <script>", "127.0.0.1"),
        ("10.0.1.1", "203.0.113.7", "10.0.1.1"),
        ("203.0.113.9", "127.0.0.1", "203.0.113.9"),
        ("", "203.0.113.7", ""),
    ],
)
def test_the_caller_is_the_last_one_no_proxy_of_ours_stands_for(peer: str, chain: str, caller: str) -> None:
    assert settled(peer, chain=chain)["REMOTE_ADDR"] == caller


def test_scheme_host_and_prefix_come_from_the_outermost_trusted_proxy() -> None:
    one = settled("127.0.0.1", chain="203.0.113.7", proto="https", host="books.example", prefix="/office/")
    assert (one["wsgi.url_scheme"], one["HTTP_HOST"], one["SCRIPT_NAME"]) == ("https", "books.example", "/office")
    two = settled("127.0.0.1", chain="6.6.6.6, 203.0.113.7, 10.0.0.9", proto="ftp, https, http", host="a, b, c")
    assert (two["wsgi.url_scheme"], two["HTTP_HOST"]) == ("https", "b")


@pytest.mark.parametrize(
    "header",
    [
        {"proto": "javascript"},
        {"host": "books.example/evil"},
        {"host": "a b"},
        {"prefix": "office"},
        {"prefix": "/a/../b"},
        {"prefix": "//evil.example"},
        {"prefix": "/" + "a" * 300},
        {"prefix": '/"><script>'},
    ],
)
def test_what_no_proxy_would_say_changes_nothing(header: dict[str, str]) -> None:
    assert settled("127.0.0.1", TRUSTED, chain="", **header) == settled("127.0.0.1")


def test_others_are_not_believed_and_that_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    proxies = TrustedProxies()
    for _ in range(3):
        environ = {
            "REMOTE_ADDR": "192.0.2.1",
            "wsgi.url_scheme": "http",
            "HTTP_X_FORWARDED_FOR": "127.0.0.1",
            "HTTP_X_FORWARDED_PROTO": "https",
            "HTTP_X_REQUEST_ID": "mine",
            "HTTP_FORWARDED": "for=127.0.0.1",
            "HTTP_X_REAL_IP": "127.0.0.1",
        }
        proxies.settle(environ)
        assert environ == {"REMOTE_ADDR": "192.0.2.1", "wsgi.url_scheme": "http"}
    assert caplog.text.count("--trusted-proxy") == 1


def test_a_socket_in_the_file_system_is_trusted_by_name_only() -> None:
    assert settled("", ("unix",), chain="203.0.113.7")["REMOTE_ADDR"] == "203.0.113.7"


@pytest.mark.parametrize("name", ["", "proxy.example", "10.0.0.0/33", "*", "127.0.0.1:80"])
def test_a_proxy_is_an_address_or_a_network(name: str) -> None:
    with pytest.raises(MalformedInput) as refused:
        TrustedProxies([name])
    assert refused.value.code == "proxy_malformed"


# --- names ---


@pytest.mark.parametrize(
    "host",
    [
        *(
            "localhost",
            "LOCALHOST:5000",
            "127.0.0.1",
            "127.0.0.1:5000",
            "192.168.1.20:8080",
            "[::1]",
            "[2001:db8::1]:5",
        ),
        *("books.example", "Books.Example:5000", "books.example.", "office:8443"),
        *(f"{name}:5000" for name in sorted(own_names())),
    ],
)
def test_a_server_answers_under_its_own_names(host: str) -> None:
    AllowedHosts(["books.example", "office:8443"]).check(host)


@pytest.mark.parametrize(
    "host",
    [
        *("", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "books.example.evil.example"),
        *("office", "office:80", "books.example:x", "books.example@evil.example", "books.example/x", "2001:db8::1"),
        *("localhost:5000:5000", "a b", "[localhost]", "0x7f.1", "127.1"),
    ],
)
def test_and_under_no_others(host: str) -> None:
    with pytest.raises(PermissionDenied) as refused:
        AllowedHosts(["books.example", "office:8443"]).check(host)
    assert refused.value.code == "host_refused"
    assert "--allow-host" in str(refused.value.message)


@pytest.mark.parametrize("name", ["", "*", "http://books.example", "books.example/x", "a b"])
def test_an_allowed_name_is_a_host_name(name: str) -> None:
    with pytest.raises(MalformedInput):
        AllowedHosts([name])


# --- limits ---


def test_a_throttle_lets_pass_a_burst_and_then_a_rate() -> None:
    now = [0]
    throttle = Throttle(Rate(burst=3, per_s=2), 10, lambda: now[0])
    assert [throttle.take("a") > 0 for _ in range(4)] == [False, False, False, True]
    assert throttle.take("b") == 0
    assert throttle.take("a") == SECOND_NS // 2
    now[0] += SECOND_NS // 2
    assert [throttle.take("a") > 0 for _ in range(2)] == [False, True]
    now[0] += 60 * SECOND_NS
    assert [throttle.take("a") > 0 for _ in range(4)] == [False, False, False, True]


def test_a_throttle_remembers_so_many_callers_only() -> None:
    throttle = Throttle(Rate(burst=1, per_s=1), 100, lambda: 0)
    for number in range(1000):
        throttle.take(number)
    assert len(throttle) == 100
    assert throttle.take(999) > 0


def test_one_person_holds_so_many_places_only_and_gives_them_back() -> None:
    doorkeeper = Doorkeeper(Limits(at_once=2, most_waiting=0))
    with doorkeeper.person(1), doorkeeper.person(1):
        with pytest.raises(TooManyRequests) as refused, doorkeeper.person(1):
            pass
        assert refused.value.details == {"retry_after_s": 1}
        with doorkeeper.person(2):
            pass
    with doorkeeper.person(1), doorkeeper.person(1):
        pass


def test_a_call_beyond_them_waits_for_a_place_and_few_do() -> None:
    doorkeeper = Doorkeeper(Limits(at_once=1, wait_s=60, most_waiting=1))
    place = doorkeeper.person(1)
    assert place.take()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(lambda: contextlib.ExitStack().enter_context(doorkeeper.person(1)))
        until(lambda: doorkeeper.waiting == 1)
        with pytest.raises(TooManyRequests), doorkeeper.person(1):
            pass
        with doorkeeper.person(2):
            assert not doorkeeper.person(2).take()
        place.__exit__()
        waiting.result(60).__exit__()
    hurried = Doorkeeper(Limits(at_once=1, wait_s=0.01))
    with hurried.person(1), pytest.raises(TooManyRequests), hurried.person(1):
        pass
    assert (hurried.waiting, doorkeeper.waiting) == (0, 0)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::1", "::1"),
        ("", ""),
    ],
)
def test_an_ipv6_caller_is_counted_by_his_network(address: str, name: str) -> None:
    assert counted_as(address) == name


def test_a_log_line_of_the_warning_names_no_more_than_the_address(caplog: pytest.LogCaptureFixture) -> None:
    environ = {"REMOTE_ADDR": "evil\nINFO forged", "HTTP_X_FORWARDED_FOR": "x\ny"}
    with caplog.at_level(logging.WARNING):
        TrustedProxies().settle(environ)
    assert "forged" not in caplog.text
