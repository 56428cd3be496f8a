from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import MalformedInput
from app.storage.address import fits_windows, parse_address


@pytest.mark.parametrize("text", ["", ".", "/"])
def test_what_names_no_file_is_no_book(text: str) -> None:
    with pytest.raises(MalformedInput) as refused:
        parse_address(text)
    assert refused.value.code == "book_name_missing"


def test_anything_else_is_a_file(tmp_path: Path) -> None:
    address = parse_address(str(tmp_path / "甲 公司.zhangfang"))
    assert address.kind == "sqlite"
    assert address.path == tmp_path / "甲 公司.zhangfang"
    assert address.schema_of("ledger") is None


@pytest.mark.parametrize(
    "name", ["甲公司.zhangfang", "CONTO.zhangfang", "COM10", "a b.c", ".a", "账(一)&[2]%3.zhangfang"]
)
def test_names_that_windows_takes(name: str) -> None:
    assert fits_windows(name)


@pytest.mark.parametrize(
    "name",
    ["NUL", "nul.zhangfang", "Con .zhangfang", "COM1.a.b", "LPT²", "甲:一.zhangfang", "甲?", 'a"b', "a.", "a ", "a\tb"],
)
def test_names_that_windows_changes_or_takes_for_something_else(name: str) -> None:
    assert not fits_windows(name)


@pytest.mark.skipif(sys.platform != "win32", reason="elsewhere these are names like others")
def test_a_name_that_windows_cannot_take_is_refused() -> None:
    for text in (r"C:\我的 账本\甲:公司.zhangfang", r"C:\nul.zhangfang", "甲公司.zhangfang "):
        with pytest.raises(MalformedInput) as refused:
            parse_address(text)
        assert refused.value.code == "book_name_unfit"
    assert str(parse_address(r"\\nas\账\甲.zhangfang").path) == r"\\nas\账\甲.zhangfang"
    assert str(parse_address("C:/我的 账本/甲公司.zhangfang").path) == r"C:\我的 账本\甲公司.zhangfang"


def test_a_url_names_server_database_and_schemas() -> None:
    address = parse_address("mysql://li@db.example:3307/main?identity=user_db&ledger=ledger_db")
    assert (address.host, address.port, address.user, address.database) == ("db.example", 3307, "li", "main")
    assert address.password is None
    assert address.schema_of("ledger") == "ledger_db"
    assert address.schema_of("identity") == "user_db"
    assert address.schema_of("storage") == "main"


def test_the_port_may_be_left_out_and_the_host_may_be_ipv6() -> None:
    assert parse_address("mysql://u@h/d").port == 3306
    address = parse_address("mariadb://u@[::1]:3307/d")
    assert (address.host, address.port) == ("::1", 3307)


@given(st.text(min_size=1, max_size=30).filter(lambda text: "%" not in text))
def test_a_password_in_the_url_may_hold_anything_but_percent(password: str) -> None:
    assert parse_address(f"mysql://u:{password}@h:1/d").password == password


@given(st.text(max_size=30))
def test_a_password_given_apart_is_taken_as_it_is(password: str) -> None:
    assert parse_address("mysql://u:other@h/d", password).password == password


def test_a_percent_sign_in_the_url_is_an_escape() -> None:
    assert parse_address("mysql://u:a%40b%25@h/d").password == "a@b%"


def test_the_address_as_text_can_be_parsed_again_and_holds_no_password() -> None:
    text = "mysql://li%40home:gehei%3Am@[::1]:3307/main?ledger=ledger_db"
    address = parse_address(text)
    assert "gehei" not in str(address)
    assert "gehei" not in repr(address)
    again = parse_address(str(address), "gehei:m")
    assert again == address


def test_an_address_says_how_its_connection_is_guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = parse_address("mysql://u@h/d?ledger=l")
    assert (plain.tls, plain.tls_ca) == ("preferred", None)
    assert parse_address("mysql://u@h/d?ledger=l&tls=preferred") == plain
    assert str(parse_address("mysql://u@h/d?tls=Required&ledger=l")) == "mysql://u@h:3306/d?ledger=l&tls=required"
    monkeypatch.chdir(tmp_path)
    trusting = parse_address("mysql://u@h/d?ledger=l&tls_ca=ca.pem")  # whom one trusts is asked only to verify
    assert (trusting.tls, trusting.tls_ca) == ("verify", tmp_path / "ca.pem")
    assert trusting.place == str(plain)
    assert trusting.for_others == str(plain) + "&tls=verify"


def test_a_file_of_certificates_may_have_any_name() -> None:
    signs = "".join(chr(code) for code in range(1, 127) if chr(code) not in "/\\")
    for name in (f"公司 ca{signs}\u3000.pem", "a%26b.pem", "tls=off"):
        address = replace(parse_address("mysql://u@h/d?tls=verify"), tls_ca=Path("/etc/公司", name).absolute())
        assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    "query", ["tls=on", "tls=", "tls_ca=", "tls_ca=/ca.pem&tls=required", "tls=off&tls_ca=/ca.pem", "tls=geheim"]
)
def test_a_guard_that_cannot_be_meant_is_refused_and_not_left_out(query: str) -> None:
    with pytest.raises(MalformedInput) as refused:
        parse_address(f"mysql://u:secret@h/d?{query}")
    assert refused.value.code == "tls_malformed"
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "mysql://",
        "mysql://host/db",
        "mysql://u@/db",
        "mysql://u@host",
        "mysql://u@host/",
        "mysql://@host/db",
        "mysql://u@host:99999/db",
        "mysql://u@host:x/db",
        "mysql://u@host/db?ledgre=x",
        "mysql://u@host/db?ledger=",
        "mysql://u@host/db?tsl=verify",
        "mysql://u@host/db?tls=verify&tls=off",
        "mysql://u@host/a`b",
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence_without_the_password(text: str) -> None:
    with pytest.raises(MalformedInput) as refused:
        parse_address(text.replace("u@", "u:geheim@"))
    assert refused.value.code == "book_address_malformed"
    assert "geheim" not in str(refused.value)
