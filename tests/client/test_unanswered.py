"""An order that got no answer, and what is sent after it: done once, and never refused for what one did oneself."""

from __future__ import annotations

import json

import pytest

from app.client.answers import RawAnswer
from app.client.unanswered import KEPT_NS, Unanswered
from app.contract.contacts import ContactChange
from app.kernel.errors import Conflict, EnvironmentFault, NotAuthenticated
from app.kernel.text import Message

PATH = "/api/contacts/1"


class Book:
    """One contact behind a way that loses answers; each order is done once, as the server does it."""

    def __init__(self) -> None:
        """Begin with the first version."""
        self.version, self.phone = 1, ""
        self.loses_answers = 0
        self.loses_orders = 0
        self.sent: list[str] = []
        self._answers: dict[str, bytes] = {}

    def send(self, order: ContactChange) -> RawAnswer:
        """Take an order."""
        self.sent.append(str(order.phone))
        if self.loses_orders:
            self.loses_orders -= 1
            raise EnvironmentFault("server_away", Message("away"))
        answer = self._answers.get(order.model_dump_json())
        if answer is None:
            answer = self.change(order.phone or "", order.version)
            self._answers[order.model_dump_json()] = answer
        if self.loses_answers:
            self.loses_answers -= 1
            raise EnvironmentFault("server_timeout", Message("silent"))
        return RawAnswer(200, "application/json", answer)

    def change(self, phone: str, version: int | None) -> bytes:
        """Change it as somebody else may, too."""
        if version != self.version:
            raise Conflict("stale_version", Message("stale"), details={"version": self.version})
        self.phone, self.version = phone, self.version + 1
        return json.dumps({"version": self.version}).encode()


class Desk:
    """Somebody who saves what he typed, based on the version he saw."""

    def __init__(self, book: Book) -> None:
        """Sit down."""
        self.book, self.now_ns, self._ids = book, 0, 0
        self.unanswered = Unanswered(lambda: self.now_ns)

    def save(self, phone: str, version: int = 1, method: str = "PATCH") -> int:
        """Save, and return the version."""
        self._ids += 1
        order = ContactChange(phone=phone, version=version, request_id=f"00000000-0000-4000-8000-{self._ids:012}")
        answer = self.unanswered.carry(method, PATH, order, self.book.send)  # type: ignore[arg-type]  # one shape
        return int(json.loads(answer.body)["version"])

    def save_in_vain(self, phone: str, version: int = 1) -> None:
        """Save, and hear nothing."""
        with pytest.raises(EnvironmentFault):
            self.save(phone, version)


@pytest.fixture
def desk() -> Desk:
    return Desk(Book())


def test_the_same_again_is_done_once(desk: Desk) -> None:
    desk.book.loses_answers = 1
    desk.save_in_vain("1")
    assert desk.unanswered.is_waiting
    assert (desk.save("1"), desk.book.version) == (2, 2)
    assert not desk.unanswered.is_waiting


def test_what_was_typed_after_a_lost_answer_follows_it(desk: Desk) -> None:
    desk.book.loses_answers = 1
    desk.save_in_vain("1")
    assert (desk.save("12"), desk.book.phone, desk.book.version) == (3, "12", 3)
    assert desk.book.sent == ["1", "12", "1", "12"]  # asked only after the refusal
    assert not desk.unanswered.is_waiting
    assert desk.save("123", 3) == 4


def test_several_answers_in_a_row_are_lost(desk: Desk) -> None:
    desk.book.loses_answers = 1
    desk.save_in_vain("1")
    desk.book.loses_orders = 1
    desk.save_in_vain("12")  # never came there
    desk.now_ns = 2 * KEPT_NS  # a version stays one's own however late
    book, send = desk.book, desk.book.send

    def loses_the_last(order: ContactChange) -> RawAnswer:
        answer = send(order)
        if order.version == 2:
            raise EnvironmentFault("server_timeout", Message("silent"))
        return answer

    book.send = loses_the_last  # type: ignore[method-assign]  # the way gets worse
    desk.save_in_vain("123")  # done, on top of the first
    book.send = send  # type: ignore[method-assign]
    assert (book.phone, book.version) == ("123", 3)
    assert (desk.save("1234"), book.phone, book.version) == (4, "1234", 4)
    assert not desk.unanswered.is_waiting


def test_nobody_answers_when_asked_for_the_first_try(desk: Desk) -> None:
    desk.book.loses_answers = 1
    desk.save_in_vain("1")
    send = desk.book.send

    def silent_about_the_first(order: ContactChange) -> RawAnswer:
        if order.phone == "1":
            raise EnvironmentFault("server_away", Message("away"))
        return send(order)

    desk.book.send = silent_about_the_first  # type: ignore[method-assign]
    desk.save_in_vain("12")
    desk.book.send = send  # type: ignore[method-assign]
    assert (desk.save("12"), desk.book.phone) == (3, "12")


@pytest.mark.parametrize("came", [True, False], ids=["the first came", "the first never came"])
def test_another_person_is_never_overwritten(desk: Desk, came: bool) -> None:
    if came:
        desk.book.loses_answers = 1
    else:
        desk.book.loses_orders = 1
    desk.save_in_vain("1")
    desk.book.change("hers", desk.book.version)
    with pytest.raises(Conflict) as refused:
        desk.save("12")
    assert (refused.value.code, desk.book.phone) == ("stale_version", "hers")
    with pytest.raises(Conflict):
        desk.save("12")


def test_only_saves_follow_their_own_tries(desk: Desk) -> None:
    desk.book.loses_answers = 1
    with pytest.raises(EnvironmentFault):
        desk.save("1", method="POST")
    with pytest.raises(Conflict):
        desk.save("12", method="POST")
    assert desk.book.phone == "1"


def test_a_session_that_ended_says_nothing_of_the_first_try(desk: Desk) -> None:
    desk.book.loses_answers = 1
    desk.save_in_vain("1")
    send = desk.book.send

    def asks_who_it_is(order: ContactChange) -> RawAnswer:
        del order
        raise NotAuthenticated("login_needed", Message("log in"))

    desk.book.send = asks_who_it_is  # type: ignore[method-assign]
    with pytest.raises(NotAuthenticated):
        desk.save("1")
    desk.book.send = send  # type: ignore[method-assign]
    assert (desk.save("1"), desk.book.version) == (2, 2)
