"""A book moves to a database, to a server of ours and back, with real servers; whatever goes wrong, it is as it was."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from app.bootstrap import Runtime, sharing_served
from app.bootstrap import sharing_places as places
from app.cli import main
from app.client.api import ApiClient
from app.client.transport import Transport
from app.contract.book import Job
from app.contract.identity import PasswordChange, UserChange
from app.contract.ledger import EntryInput, Verification, VoucherInput
from app.contract.serving import BookIntake, BookMove
from app.kernel.errors import (
    Conflict,
    EnvironmentFault,
    MalformedInput,
    NotFound,
    PermissionDenied,
    ZhangfangError,
)
from app.kernel.text import Message
from app.reports.doctor.proof import prove_book
from app.settings import Settings
from app.storage.database import fetch_all, open_database
from app.ui.runtime import MoveWish, NewBook, OpenedBook
from tests.mariadb import MariaDBServer
from tests.storage.test_diagnosis import guest
from tests.waiting import until

ROOT = Path(__file__).parents[2]
SECRET = "owner-secret-1"
Report = Callable[[int, int, str], bool]


def unseen(_done: int, _total: int, _text: str) -> bool:
    return False


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    made = Runtime(Settings(language="zh", automatic_backups=False))
    yield made
    made.close_book()


@contextlib.contextmanager
def client_of(opened: OpenedBook, session: str = "") -> Iterator[ApiClient]:
    client = ApiClient(Transport(opened.url, opened.token))
    client.transport.session = session
    try:
        yield client
    finally:
        client.close()


def add_voucher(api: ApiClient, amount: str = "1") -> int:
    entries = [
        EntryInput(summary="存", account_code="1002", debit=amount),
        EntryInput(summary="存", account_code="1001", credit=amount),
    ]
    return api.add_voucher(VoucherInput(date="2026-06-01", entries=entries)).number or 0


@pytest.fixture(scope="module")
def made_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with three vouchers, closed; tests get copies."""
    file = tmp_path_factory.mktemp("made") / "甲公司.zhangfang"
    runtime = Runtime(Settings(automatic_backups=False))
    with client_of(
        runtime.create_book(NewBook(str(file), "甲公司", "small_enterprise_2013", "2026-06", "general"))
    ) as api:
        for amount in ("1", "22.50", "333"):
            add_voucher(api, amount)
    runtime.close_book()
    return file


@pytest.fixture
def opened(runtime: Runtime, made_book: Path, tmp_path: Path) -> OpenedBook:
    """That book, open in the program."""
    folder = tmp_path / "账 簿"
    folder.mkdir()
    return runtime.open_book(str(shutil.copy(made_book, folder)))


@pytest.fixture
def empty_database(mariadb_server: MariaDBServer, mariadb_database: str) -> MoveWish:
    return MoveWish(mariadb_server.url(mariadb_database), mariadb_server.password)


def proof_of(address: str, password: str | None = None) -> Verification:
    book = open_database(address, password=password)
    try:
        with book.session():
            return prove_book()
    finally:
        book.close()


def faults_of(runtime: Runtime, opened: OpenedBook, wish: MoveWish) -> list[str]:
    """Return what looking at a move finds wrong, without moving anything."""
    return [step.code for step in runtime.diagnose_move(opened, "", wish) if step.is_failed]


def tables_in(server: MariaDBServer, wish: MoveWish) -> list[str]:
    with server.connect(wish.place.rpartition("/")[2]) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        return [str(row[0]) for row in cursor.fetchall()]


def books_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_book_moves_to_a_database_and_back_and_is_the_same(
    runtime: Runtime, opened: OpenedBook, empty_database: MoveWish
) -> None:
    folder = Path(opened.address).parent
    before = proof_of(opened.address)
    steps: list[tuple[int, int, str]] = []

    def report(*step: object) -> bool:
        steps.append(step)  # type: ignore[arg-type]
        return False

    moved = runtime.share_book(opened, "", empty_database, report)
    assert (moved.address, moved.vouchers) == (empty_database.place, 3)
    assert proof_of(empty_database.place, empty_database.password) == before
    assert [done for done, _total, _text in steps] == sorted(done for done, _total, _text in steps)
    kept = Path(moved.kept_file)
    assert books_in(folder) == [kept.name]
    assert "已迁到服务器" in kept.name
    assert (runtime.settings.last_book, runtime.settings.recent_books) == (moved.address, (moved.address,))

    shared = runtime.open_book(empty_database.place, empty_database.password)
    with client_of(shared) as api:
        assert api.move_state().place == ""
        add_voucher(api, "4")
    home = folder / "甲公司.zhangfang"
    back = runtime.bring_home(shared, "", str(home), unseen)
    assert (back.address, back.vouchers, back.kept_file) == (str(home), 4, "")
    assert proof_of(str(home)) == proof_of(empty_database.place, empty_database.password)
    with client_of(runtime.open_book(str(home))) as api:
        assert api.move_state().place == ""
        assert add_voucher(api) == 5
    with client_of(runtime.open_book(empty_database.place, empty_database.password)) as api:
        assert (api.move_state().place, api.move_state().done) == (str(home), True)
        with pytest.raises(Conflict) as refused:
            add_voucher(api)
        assert refused.value.code == "book_moved"
        assert str(home) in str(refused.value.message)


STEPS_THAT_FAIL = [
    (places.OpenedSource, "begin"),
    (places.OpenedSource, "fetch"),
    (places.DatabaseTarget, "fill"),
    (places.OpenedPlace, "prove"),
    (places.OpenedSource, "finish"),
]


@pytest.mark.parametrize(("owner", "name"), STEPS_THAT_FAIL, ids=[name for _, name in STEPS_THAT_FAIL])
def test_a_step_that_fails_leaves_the_book_as_it_was_and_the_database_empty(
    runtime: Runtime,
    opened: OpenedBook,
    empty_database: MoveWish,
    mariadb_server: MariaDBServer,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    name: str,
) -> None:
    real = getattr(owner, name)

    def failing(self: object, *arguments: object) -> object:
        if name == "fill":
            real(self, *arguments)  # it is all there, and then the answer is lost
        if name == "prove" and isinstance(self, places.Source):
            return real(self, *arguments)
        raise EnvironmentFault("disk_error", Message("坏了。"))

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, failing)
        with pytest.raises(EnvironmentFault):
            runtime.share_book(opened, "", empty_database, unseen)
    assert tables_in(mariadb_server, empty_database) == []
    assert books_in(Path(opened.address).parent) == ["甲公司.zhangfang"]
    assert runtime.settings.last_book == ""
    with client_of(runtime.reopen_book()) as api:
        assert api.move_state().place == ""
        assert add_voucher(api) == 4


@pytest.mark.parametrize("at", [0.3, 0.9])
def test_a_move_is_cancelled_at_any_moment(
    runtime: Runtime, opened: OpenedBook, empty_database: MoveWish, mariadb_server: MariaDBServer, at: float
) -> None:
    with pytest.raises(ZhangfangError) as cancelled:
        runtime.share_book(opened, "", empty_database, lambda done, total, _text: done >= at * total)
    assert cancelled.value.code == "cancelled"
    assert tables_in(mariadb_server, empty_database) == []
    with client_of(runtime.reopen_book()) as api:
        assert add_voucher(api) == 4


def test_what_is_wrong_with_the_target_is_said_before_anything_happens(
    runtime: Runtime, opened: OpenedBook, empty_database: MoveWish, mariadb_server: MariaDBServer
) -> None:
    database = empty_database.place.rpartition("/")[2]
    mariadb_server.execute(f"CREATE TABLE {database}.somebodys (id INT)")
    for wish, code in (
        (empty_database, "copy_target_not_empty"),
        (replace(empty_database, password="wrong"), "login_refused"),
        (replace(empty_database, place=mariadb_server.url("nowhere_at_all")), "database_unknown"),
        (MoveWish(opened.address), "book_exists"),
        (MoveWish(str(Path(opened.address).parent / "nowhere" / "a.zhangfang")), "folder_missing"),
    ):
        assert faults_of(runtime, opened, wish) == [code]
        with pytest.raises(ZhangfangError):
            runtime.share_book(opened, "", wish, unseen)
    assert tables_in(mariadb_server, empty_database) == ["somebodys"]
    with client_of(opened) as api:  # it was never closed
        assert add_voucher(api) == 4


def test_what_somebody_puts_into_the_database_meanwhile_stays(
    runtime: Runtime,
    opened: OpenedBook,
    empty_database: MoveWish,
    mariadb_server: MariaDBServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, table = places.OpenedSource.fetch, f"{empty_database.place.rpartition('/')[2]}.voucher"

    def fetch_slowly(self: places.OpenedSource, *arguments: object) -> None:
        real(self, *arguments)  # type: ignore[arg-type]
        mariadb_server.execute(f"CREATE TABLE {table} (id INT)", f"INSERT INTO {table} VALUES (7)")

    monkeypatch.setattr(places.OpenedSource, "fetch", fetch_slowly)
    with pytest.raises(Conflict) as refused:
        runtime.share_book(opened, "", empty_database, unseen)
    assert refused.value.code == "copy_target_not_empty"
    with mariadb_server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table}")
        assert cursor.fetchall() == ((7,),)


def test_rights_that_are_missing_are_told_beside_what_else_is_wrong_and_nothing_is_written(
    runtime: Runtime, opened: OpenedBook, mariadb_server: MariaDBServer
) -> None:
    grant = "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES ON guests.* TO guest@'127.0.0.1'"
    mariadb_server.execute("CREATE DATABASE guests", "CREATE TABLE guests.somebodys (id INT)")
    try:
        with guest(mariadb_server, grant) as address:
            wish = MoveWish(str(address), address.password or "")
            assert faults_of(runtime, opened, wish) == ["rights_missing", "copy_target_not_empty"]
            mariadb_server.execute("DROP TABLE guests.somebodys")
            assert faults_of(runtime, opened, wish) == ["rights_missing"]
            with pytest.raises(PermissionDenied) as refused:  # without DROP nothing could be taken back
                runtime.share_book(opened, "", wish, unseen)
            assert (refused.value.code, refused.value.details["rights"]) == ("rights_missing", ["DROP"])
            assert tables_in(mariadb_server, wish) == []
    finally:
        mariadb_server.drop("guests")
    with client_of(opened) as api:
        assert add_voucher(api) == 4


def test_a_program_killed_in_the_middle_leaves_a_book_that_says_so_and_can_be_gone_on_with(
    runtime: Runtime, opened: OpenedBook, empty_database: MoveWish
) -> None:
    runtime.close_book()
    script = (
        "import os, sys\n"
        "from app.bootstrap import Runtime, sharing_places as places\n"
        "from app.settings import Settings\n"
        "from app.ui.runtime import MoveWish\n"
        "places.DatabaseTarget.prove = lambda *_: os._exit(9)\n"
        "runtime = Runtime(Settings(automatic_backups=False))\n"
        "opened = runtime.open_book(sys.argv[1])\n"
        "runtime.share_book(opened, '', MoveWish(sys.argv[2], sys.argv[3]), lambda *_: False)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, opened.address, empty_database.place, empty_database.password],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert killed.returncode == 9, killed.stderr
    with client_of(runtime.open_book(opened.address)) as api:
        state = api.move_state()
        assert (state.place, state.done) == (empty_database.place, False)
        with pytest.raises(Conflict):
            add_voucher(api)
        api.stay()
        assert add_voucher(api) == 4


def test_who_may_log_in_stays_the_same_and_the_owner_can_get_a_login_on_the_way(
    runtime: Runtime, opened: OpenedBook, empty_database: MoveWish
) -> None:
    wish = replace(empty_database, owner_login="boss", owner_password=SECRET)
    moved = runtime.share_book(opened, "", wish, unseen)
    assert moved.people == 1
    with client_of(runtime.open_book(wish.place, wish.password)) as api:
        assert api.health().logins is False  # one login only: the desktop's window is its owner's
        assert api.log_in("boss", SECRET).user.is_owner
    kept = runtime.open_book(moved.kept_file)
    with client_of(kept) as api:
        assert not api.session().user.has_password


# --- a server of ours ---


@contextlib.contextmanager
def served(book: str, *more: str) -> Iterator[str]:
    """Serve a book with a real process; yield its address."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "serve", book, "--port", "0", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(60)
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture
def with_login(runtime: Runtime, opened: OpenedBook) -> str:
    """The same book, whose owner logs in; closed."""
    with client_of(opened) as api:
        owner = api.session().user
        api.change_user(owner.id, UserChange(login_name="boss", version=owner.version))
        api.change_own_password(PasswordChange(new_password=SECRET))
    runtime.close_book()
    return opened.address


@pytest.fixture
def server(with_login: str, tmp_path: Path) -> Iterator[str]:
    """A server whose default book has a login, and which takes books in; yields its address."""
    folder = tmp_path / "books"
    folder.mkdir()
    place = tmp_path / "default.zhangfang"
    shutil.copy(with_login, place)
    with served(str(place), "--books", str(folder)) as url:
        yield url


def lose_the_answer(runtime: Runtime, mine: OpenedBook, wish: MoveWish, monkeypatch: pytest.MonkeyPatch) -> None:
    """Move a book to a server that takes it in and is gone before it could say so: what may be left is told."""
    was_there = []

    def answer_lost(*arguments: object) -> None:
        await_job(*arguments)  # type: ignore[arg-type]
        raise EnvironmentFault("server_away", Message("断了。"))

    def nobody_answers(self: sharing_served.ServedTarget) -> bool:
        was_there.append(is_there(self))
        raise EnvironmentFault("server_away", Message("断了。"))

    await_job, is_there = sharing_served.await_job, sharing_served.ServedTarget._is_there
    with monkeypatch.context() as patch:  # the server took it in, and dies before it could say so
        patch.setattr(sharing_served, "await_job", answer_lost)
        patch.setattr(sharing_served.ServedTarget, "_is_there", nobody_answers)
        with pytest.raises(EnvironmentFault) as left:
            runtime.share_book(mine, "", wish, unseen)
    assert (left.value.code, was_there) == ("copy_left", [True])
    assert f"“{wish.place}/books/{wish.slug}”那里可能留下了一份副本，只能查看" in str(left.value.message)


def test_a_book_moves_to_a_server_and_home_again_and_is_the_same(
    runtime: Runtime, made_book: Path, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = runtime.open_book(str(shutil.copy(made_book, tmp_path / "mine.zhangfang")))
    before = proof_of(mine.address)
    wish = MoveWish(server, SECRET, login="boss", slug="jia", owner_login="wang", owner_password=SECRET)
    for wrong, code in (
        (replace(wish, password="wrong"), "login_refused"),
        (replace(wish, place="http://127.0.0.1:9"), "port_closed"),
    ):
        assert faults_of(runtime, mine, wrong) == [code]
    looked_at = list(runtime.diagnose_move(mine, "", wish))
    assert [step.code for step in looked_at if step.is_failed or step.code == "nobody_logs_in"] == []  # one can
    with pytest.raises(ZhangfangError) as nobody:
        runtime.share_book(mine, "", replace(wish, owner_login=""), unseen)
    assert nobody.value.code == "owner_needs_password"

    mine = fail_half_way(runtime, mine, replace(wish, slug="half"), tmp_path / "books", monkeypatch)

    lose_the_answer(runtime, mine, replace(wish, slug="lost"), monkeypatch)
    mine = runtime.reopen_book()
    with client_of(mine) as api:
        assert api.move_state().place == ""
    lost = f"{server}/books/lost"
    with client_of(OpenedBook(lost, "", lost)) as api:  # what was left there is changed by nobody, and can be taken off
        api.log_in("wang", SECRET)
        with pytest.raises(Conflict) as closed:
            add_voucher(api)
        assert (closed.value.code, closed.value.details["place"]) == ("book_moved", lost)
        assert api.remove_book().file.startswith("lost.")

    both = replace(wish, slug="half", password="wrong")
    assert faults_of(runtime, mine, both) == ["slug_taken", "login_refused"]
    assert runtime.settings.ca_file == ""
    moved = runtime.share_book(mine, "", replace(wish, ca_file="company.pem"), unseen)
    assert runtime.settings.ca_file == "company.pem"  # what was chosen for the move is what opening it takes
    assert (moved.address, moved.vouchers, moved.chain_hash) == (f"{server}/books/jia", 3, before.chain_hash)
    assert "已迁到服务器" in moved.kept_file
    there = OpenedBook(moved.address, "", moved.address)
    home = tmp_path / "home.zhangfang"
    with client_of(there) as api:
        api.log_in("wang", SECRET)
        add_voucher(api)
        assert [token.name for token in tokens_in(tmp_path / "books" / "jia.zhangfang") if not token.revoked] == []
        back = runtime.bring_home(there, api.transport.session, str(home), unseen)
        assert (back.vouchers, back.people) == (4, 1)
        with pytest.raises(Conflict) as gone:
            add_voucher(api)
        assert str(home) in str(gone.value.message)
        with pytest.raises(Conflict) as already:
            runtime.bring_home(there, api.transport.session, str(tmp_path / "other.zhangfang"), unseen)
        assert already.value.code == "book_moved"
    assert proof_of(str(home)).findings == []
    with client_of(runtime.open_book(str(home))) as api:
        assert api.move_state().place == ""
        assert add_voucher(api) == 5


def fail_half_way(
    runtime: Runtime, mine: OpenedBook, wish: MoveWish, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> OpenedBook:
    """Let the proof of the copy fail, at a server that can remove books and at one that cannot; return the book."""
    before, address = proof_of(mine.address), f"{wish.place}/books/{wish.slug}"
    with monkeypatch.context() as patch:
        patch.setattr(sharing_served.ServedTarget, "prove", lambda *_: fail())
        with pytest.raises(EnvironmentFault):
            runtime.share_book(mine, "", wish, unseen)
        assert proof_of(str(until_set_aside(folder, wish.slug))) == before
        with client_of(OpenedBook(address, "", address)) as api, pytest.raises(NotFound) as removed:
            api.log_in("wang", SECRET)
        assert removed.value.code == "book_unknown"
        mine = runtime.reopen_book()
        with client_of(mine) as api:
            assert api.move_state().place == ""

        patch.setattr(ApiClient, "remove_book", lambda *_: fail())
        with pytest.raises(EnvironmentFault):
            runtime.share_book(mine, "", wish, unseen)
    with client_of(OpenedBook(address, "", address)) as api:
        api.log_in("wang", SECRET)
        assert (api.move_state().place, api.move_state().done) == (mine.address, True)
    return runtime.reopen_book()


def test_a_server_of_an_older_program_is_told_nothing_it_does_not_know() -> None:
    sent: list[BookIntake] = []
    made = cast("Job", object())

    class Older(ApiClient):
        def take_book_in(self, intake: BookIntake) -> Job:
            sent.append(intake)
            if intake.moving_to:
                raise MalformedInput("fields_wrong", Message("x"), fields={"moving_to": Message("unknown")})
            return made

    target = sharing_served.ServedTarget(Older(Transport("http://127.0.0.1:9")), "http://h", "jia", ("a", "b"), "mine")
    assert target._take_in("upload") is made
    assert ([one.moving_to for one in sent], target.is_closed) == (["http://h/books/jia", ""], False)


def until_set_aside(folder: Path, slug: str) -> Path:
    """Wait until the file of a book has another name; return it."""
    until(lambda: list(folder.glob(f"{slug}.撤下-*.zhangfang")))
    assert not (folder / f"{slug}.zhangfang").exists()
    return next(folder.glob(f"{slug}.撤下-*.zhangfang"))


def fail() -> Any:
    raise EnvironmentFault("disk_error", Message("坏了。"))


@dataclass(frozen=True)
class Token:
    name: str
    revoked: bool


def tokens_in(file: Path) -> list[Token]:
    book = open_database(str(file))
    try:
        with book.session():
            return [Token(name, bool(at)) for name, at in fetch_all("SELECT name, revoked_at FROM {api_token}")]
    finally:
        book.close()


def test_commands_that_change_say_where_the_book_went_and_others_go_on(
    runtime: Runtime, opened: OpenedBook, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHANGFANG_LANGUAGE", "zh")
    place = "mysql://keeper@192.168.1.10:3306/jia"
    with client_of(opened) as api:
        api.move_book(BookMove(place=place))
        api.move_book(BookMove(place=place, done=True))
    runtime.close_book()
    for arguments in (["post"], ["user", "add", "li"], ["close", "2026-06"]):
        assert main([arguments[0], opened.address, *arguments[1:]]) == 1
        assert place in capfd.readouterr().err
    assert main(["verify", opened.address]) == 0
    assert main(["user", opened.address, "list"]) == 0
