"""A password that somebody changes just while the old one is checked: the old one opens nothing afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.contract.identity import PasswordChange, PasswordReset, UserStatus
from app.identity.passwords import verify_password
from app.identity.queries.people import actor_of, owner_actor
from app.identity.service import access
from app.identity.service.people import reset_password, set_user_active
from app.kernel.errors import MalformedInput, NotAuthenticated
from app.storage.database import Book, fetch_all, fetch_one
from tests.calling import Caller, add_person, give_owner_login

OLD, NEW = "liu-secret", "new-secret-of-liu"


@pytest.fixture
def liu(window: Caller) -> int:
    """The id of somebody whose password is `liu-secret`."""
    give_owner_login(window)
    return int(add_person(window, "liu")["id"])


def in_between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen once, just after a password was found right or wrong."""

    def verify(stored: str | None, password: str) -> bool:
        right = verify_password(stored, password)
        monkeypatch.setattr(access, "verify_password", verify_password)
        act()
        return right

    monkeypatch.setattr(access, "verify_password", verify)


def reset(user_id: int) -> None:
    owner = owner_actor()
    assert owner is not None
    reset_password(owner, user_id, PasswordReset(password=NEW, must_change_password=False))


def is_password(user_id: int, password: str) -> bool:
    row = fetch_one("SELECT password_hash FROM {user} WHERE id = ?", (user_id,))
    return row is not None and verify_password(row[0], password)


def sessions_of(user_id: int) -> list[tuple[int]]:
    return fetch_all("SELECT id FROM {session} WHERE user_id = ?", (user_id,))


def test_no_session_begins_by_a_password_that_was_reset_meanwhile(
    book: Book, liu: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_between(monkeypatch, lambda: reset(liu))
    with book.session():
        with pytest.raises(NotAuthenticated):
            access.log_in("liu", OLD)
        assert sessions_of(liu) == []
        assert access.log_in("liu", NEW).token


def test_no_session_begins_for_somebody_who_was_shut_out_meanwhile(
    book: Book, liu: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shut_out(login: str, password: str) -> tuple[object, str]:
        found = authenticated(login, password)
        owner = owner_actor()
        assert owner is not None
        set_user_active(owner, liu, UserStatus(active=False))
        return found

    authenticated = access._authenticated
    monkeypatch.setattr(access, "_authenticated", shut_out)
    with book.session():
        with pytest.raises(NotAuthenticated):
            access.log_in("liu", OLD)
        assert sessions_of(liu) == []


def test_a_hash_that_is_made_anew_does_not_bring_an_old_password_back(
    book: Book, liu: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def needs_rehash(_stored: str) -> bool:
        reset(liu)
        return True

    monkeypatch.setattr(access, "needs_rehash", needs_rehash)
    with book.session():
        with pytest.raises(NotAuthenticated):
            access.log_in("liu", OLD)
        assert (is_password(liu, OLD), is_password(liu, NEW)) == (False, True)


def test_two_logins_that_both_make_the_hash_anew_both_come_in(
    book: Book, liu: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner: list[str] = []

    def needs_rehash(_stored: str) -> bool:
        if not inner:
            inner.append("begun")
            inner.append(access.log_in("liu", OLD).token)
        return True

    monkeypatch.setattr(access, "needs_rehash", needs_rehash)
    with book.session():
        assert access.log_in("liu", OLD).token
        assert len(sessions_of(liu)) == 2
        assert is_password(liu, OLD)


def test_who_knew_the_old_password_does_not_undo_a_reset_by_changing_it(
    book: Book, liu: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_between(monkeypatch, lambda: reset(liu))
    with book.session():
        actor = actor_of(liu)
        assert actor is not None
        with pytest.raises(MalformedInput) as refused:
            access.change_own_password(actor, PasswordChange(old_password=OLD, new_password="another-secret"))
        assert refused.value.code == "old_password_wrong"
        assert (is_password(liu, NEW), is_password(liu, "another-secret")) == (True, False)
