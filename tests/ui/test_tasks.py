"""Questions and commands: answers arrive on the UI thread, in order, and only where somebody still waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PyQt5 import sip
from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.client.api import ApiClient
from app.client.transport import Transport
from app.kernel.errors import EnvironmentFault, NotAuthenticated, RuleBroken, ZhangfangError
from app.kernel.text import message
from app.ui.progress import Progress, ProgressStep
from app.ui.tasks import Change, Command, LongCommand, Query, Runner, Topic, runner_of
from tests.ui.inline import InlineRunner


class Place(QWidget):
    """A window that has a runner and shows errors."""

    def __init__(self, tasks: Runner) -> None:
        super().__init__()
        self.tasks = tasks
        self.errors: list[ZhangfangError] = []
        self.retries: list[Callable[[], None] | None] = []

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        self.errors.append(error)
        self.retries.append(retry)


@pytest.fixture
def place(qtbot: QtBot) -> Iterator[Place]:
    made = Place(Runner())
    qtbot.addWidget(made)
    yield made
    made.tasks.stop()


def refusal() -> RuleBroken:
    return RuleBroken("no", message("不行。"))


def raising(error: BaseException) -> Callable[[ApiClient], int]:
    def work(_api: ApiClient) -> int:
        raise error

    return work


def settle(place: Place, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not place.tasks.is_busy)


def test_work_runs_elsewhere_and_its_answer_arrives_here(place: Place, qtbot: QtBot) -> None:
    threads: list[threading.Thread] = []
    answers: list[tuple[int, threading.Thread]] = []

    def work(_api: ApiClient) -> int:
        threads.append(threading.current_thread())
        return 7

    Query(work).on_done(lambda answer: answers.append((answer, threading.current_thread()))).run(place)
    assert answers == []
    settle(place, qtbot)
    assert answers == [(7, threading.main_thread())]
    assert threads[0] is not threading.main_thread()


def test_the_answer_of_an_owner_that_is_gone_is_dropped(place: Place, qtbot: QtBot) -> None:
    owner, go = QWidget(place), threading.Event()
    answers: list[object] = []
    Query(lambda _api: go.wait(5)).on_done(answers.append).always(lambda: answers.append("always")).run(owner)
    sip.delete(owner)
    go.set()
    settle(place, qtbot)
    assert answers == []


def test_a_newer_question_in_the_same_slot_drops_the_older_answer(place: Place, qtbot: QtBot) -> None:
    go = threading.Event()
    answers: list[str] = []

    def slow(_api: ApiClient) -> str:
        go.wait(5)
        return "old"

    Query(slow).slot("rows").on_done(answers.append).run(place)
    Query(lambda _api: "new").slot("rows").on_done(answers.append).run(place)
    qtbot.waitUntil(lambda: bool(answers))
    go.set()
    settle(place, qtbot)
    assert answers == ["new"]


def test_slots_and_owners_do_not_disturb_each_other(place: Place, qtbot: QtBot) -> None:
    other = QWidget(place)
    answers: list[str] = []
    Query(lambda _api: "a").slot("one").on_done(answers.append).run(place)
    Query(lambda _api: "b").slot("two").on_done(answers.append).run(place)
    Query(lambda _api: "c").slot("one").on_done(answers.append).run(other)
    Query(lambda _api: "d").on_done(answers.append).run(place)
    settle(place, qtbot)
    assert sorted(answers) == ["a", "b", "c", "d"]


def test_a_refusal_goes_to_its_handler(place: Place, qtbot: QtBot) -> None:
    seen: list[object] = []
    Query(raising(refusal())).on_done(seen.append).on_error(lambda e: seen.append(e.code)).always(
        lambda: seen.append("always")
    ).run(place)
    settle(place, qtbot)
    assert seen == ["no", "always"]
    assert place.errors == []


def test_a_refusal_without_a_handler_is_shown_in_the_nearest_place(place: Place, qtbot: QtBot) -> None:
    inside = QWidget(QWidget(place))
    Query(raising(refusal())).run(inside)
    settle(place, qtbot)
    assert [error.code for error in place.errors] == ["no"]
    assert place.retries == [None]


def test_a_fault_of_the_world_offers_to_ask_again(place: Place, qtbot: QtBot) -> None:
    tries: list[int] = []
    answers: list[str] = []

    def work(_api: ApiClient) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise EnvironmentFault("away", message("连不上。"))
        return "here"

    Query(work).on_done(answers.append).run(place)
    settle(place, qtbot)
    retry = place.retries[0]
    assert retry is not None
    retry()
    settle(place, qtbot)
    assert answers == ["here"]


def test_a_failed_command_is_never_repeated_by_itself(place: Place, qtbot: QtBot) -> None:
    Command(raising(EnvironmentFault("away", message("连不上。"))), Topic.VOUCHERS).run(place)
    settle(place, qtbot)
    assert place.retries == [None]


def test_a_command_that_succeeds_tells_what_changed(place: Place, qtbot: QtBot) -> None:
    changes: list[Change] = []
    place.tasks.changed.connect(changes.append)
    Command(lambda _api: 1, Topic.VOUCHERS, Topic.BALANCES).run(place)
    Command(raising(refusal()), Topic.USERS).run(place)
    settle(place, qtbot)
    assert [change.topics for change in changes] == [frozenset({Topic.VOUCHERS, Topic.BALANCES})]
    assert changes[0].touches(Topic.BALANCES, Topic.USERS)
    assert not changes[0].touches(Topic.USERS)


def test_a_change_is_told_even_if_who_made_it_is_gone(place: Place, qtbot: QtBot) -> None:
    changes: list[Change] = []
    place.tasks.changed.connect(changes.append)
    owner, go = QWidget(place), threading.Event()
    Command(lambda _api: go.wait(5), Topic.USERS).run(owner)
    sip.delete(owner)
    go.set()
    settle(place, qtbot)
    assert [change.origin for change in changes] == [None]


def test_a_bug_is_reported_and_the_rest_goes_on(place: Place, qtbot: QtBot) -> None:
    seen: list[str] = []
    with qtbot.captureExceptions() as caught:
        Query(raising(ZeroDivisionError("bug"))).on_error(lambda _error: seen.append("handler")).always(
            lambda: seen.append("always")
        ).run(place)
        settle(place, qtbot)
    assert [kind for kind, _, _ in caught] == [ZeroDivisionError]
    assert seen == ["always"]
    assert place.errors == []


def test_an_unknown_session_asks_for_a_login_but_a_wrong_password_does_not(place: Place, qtbot: QtBot) -> None:
    wanted: list[int] = []
    place.tasks.login_needed.connect(lambda: wanted.append(1))
    Query(raising(NotAuthenticated("login_refused", message("密码不对。")))).run(place)
    settle(place, qtbot)
    assert wanted == []
    Query(raising(NotAuthenticated("login_required", message("请先登录。")))).run(place)
    settle(place, qtbot)
    assert wanted == [1]


def test_long_work_reports_and_is_cancelled(place: Place, qtbot: QtBot) -> None:
    steps: list[ProgressStep] = []
    ended: list[str] = []
    strip: list[str] = []

    class Strip:
        def begin(self, progress: Progress, text: str = "") -> None:
            strip.append(text)

        def show_step(self, step: ProgressStep) -> None:
            steps.append(step)

        def finish(self) -> None:
            strip.append("finished")

    def work(_api: ApiClient, progress: Progress) -> int:
        progress.report(3, 10, "三")
        while not progress.wait(0.01):
            pass
        progress.check()
        return 1

    progress = (
        LongCommand(work)
        .shown_by(Strip(), "开始")
        .on_done(lambda _: ended.append("done"))
        .always(lambda: ended.append("always"))
    ).begin(place)
    qtbot.waitUntil(lambda: bool(steps))
    assert steps == [ProgressStep(3, 10, "三")]
    progress.cancel()
    settle(place, qtbot)
    assert ended == ["always"]
    assert strip == ["开始", "finished"]
    assert place.errors == []


def test_another_server_drops_what_was_asked_of_the_old_one(place: Place, qtbot: QtBot) -> None:
    old, new = (ApiClient(Transport(f"http://127.0.0.1:{port}")) for port in (1, 2))
    place.tasks.connect_to(old)
    go = threading.Event()
    answers: list[object] = []
    changes: list[Change] = []
    place.tasks.changed.connect(changes.append)
    Command(lambda _api: go.wait(5), Topic.USERS).on_done(answers.append).run(place)
    place.tasks.connect_to(new)
    go.set()
    Query(lambda api: api).on_done(answers.append).run(place)
    settle(place, qtbot)
    assert answers == [new]
    assert changes == []


def test_what_is_forgotten_does_not_take_a_newer_answer_along(place: Place, qtbot: QtBot) -> None:
    go, old_is_in = threading.Event(), threading.Event()
    answers: list[object] = []
    Query(lambda _api: go.wait(60)).slot("rows").on_done(answers.append).run(place)
    place.tasks.forget(place)

    def later(_api: ApiClient) -> str:
        old_is_in.wait(60)
        return "new"

    Query(later).slot("rows").on_done(answers.append).run(place)
    go.set()
    qtbot.waitUntil(lambda: len(place.tasks._running) == 1)
    old_is_in.set()
    settle(place, qtbot)
    assert answers == ["new"]


def test_stopping_cancels_refuses_new_work_and_leaves_no_thread(qtbot: QtBot) -> None:
    place = Place(Runner())
    qtbot.addWidget(place)
    answers: list[object] = []

    def work(_api: ApiClient, progress: Progress) -> bool:
        return progress.wait(30)

    LongCommand(work).on_done(answers.append).run(place)
    assert place.tasks.stop()
    Query(lambda _api: 1).on_done(answers.append).run(place)
    assert place.tasks.stop()
    assert answers == []
    qtbot.waitUntil(lambda: not [t for t in threading.enumerate() if t.name.startswith("window-task")])


def test_the_inline_runner_answers_before_run_returns(qtbot: QtBot) -> None:
    place = Place(InlineRunner())
    qtbot.addWidget(place)
    answers: list[int] = []
    Query(lambda _api: 3).on_done(answers.append).run(place)
    Query(raising(refusal())).run(place)
    assert answers == [3]
    assert [error.code for error in place.errors] == ["no"]


def test_somebody_without_a_runner_above_is_a_bug(qtbot: QtBot) -> None:
    with pytest.raises(LookupError):
        runner_of(QObject())
