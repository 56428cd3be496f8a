"""What all tests share: books to work on, a MariaDB server, and walls around the user's folders and the network."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

gc.disable()  # until everything is imported and collected, see `pytest_collection_finish`

# else each of the hundreds of programs that tests start would compile all its modules: half as long again as it takes
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# before anything imports Qt or reads the settings; on Windows Qt without a screen has no fonts and message boxes end it
os.environ["QT_QPA_PLATFORM"] = "windows" if sys.platform == "win32" else "offscreen"

MEMORY_DISK = Path("/dev/shm")
ROOM_WANTED_BYTES = 4 << 30


def _may_hold_folders(place: Path) -> bool:
    """Tell whether tests can have their folders there: with room for all of them, and programs may run from it."""
    if not place.is_dir():
        return False
    facts = os.statvfs(place)
    return not facts.f_flag & os.ST_NOEXEC and facts.f_bavail * facts.f_frsize >= ROOM_WANTED_BYTES


# Each transaction on a file waits for the disk, for milliseconds: half of what most tests took.
if _may_hold_folders(MEMORY_DISK):
    tempfile.tempdir = str(MEMORY_DISK)
_home = Path(tempfile.mkdtemp(prefix="zhangfang-home-"))
os.environ["ZHANGFANG_DATA_DIR"] = str(_home / "data")
for _variable in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
    os.environ[_variable] = str(_home)
for _variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
    os.environ[_variable] = str(_home / _variable.lower())
for _variable in ("ZHANGFANG_DB_PASSWORD", "ZHANGFANG_USER", "ZHANGFANG_PASSWORD"):
    os.environ.pop(_variable, None)

import pytest  # noqa: E402
from argon2 import PasswordHasher  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

from app.identity import passwords  # noqa: E402
from app.storage import database, engines, turns  # noqa: E402
from app.storage.database import Book, open_database  # noqa: E402
from app.storage.migrate import migrate  # noqa: E402
from tests.mariadb import (  # noqa: E402
    KeptDatabase,
    MariaDBServer,
    ServerMissing,
    go_without,
    read_tables,
    running_server,
)

LOCAL_HOSTS = ("127.0.0.1", "::1", "localhost")

_real_connect = socket.socket.connect


def _connect_locally(sock: socket.socket, address: Any) -> None:
    if sock.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in LOCAL_HOSTS:
        raise RuntimeError(f"a test may not reach the network: {address}")
    _real_connect(sock, address)


def pytest_configure(config: pytest.Config) -> None:
    """Wall off the network for the whole run, and have made-up examples fail for what they show alone.

    Slowness is no failure: any example may meet a machine that has other work. The examples are the same in each run,
    so that a change is not held up by what was there before it; `--hypothesis-seed=7` looks for others.
    """
    seed = config.getoption("hypothesis_seed")
    settings.register_profile(
        "tests", deadline=None, derandomize=seed is None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("tests")
    setattr(socket.socket, "connect", _connect_locally)  # noqa: B010 - the type of a method is not for assignment


def _draw_the_same_whatever_is_loaded() -> None:
    """Keep Hypothesis from mixing the constants of all modules loaded so far into what it draws.

    What other tests of the process have loaded would decide what is drawn, so that a failure might not come again; and
    reading a thousand modules for them takes each process seconds, looking through them at each draw a fifth of it.
    """
    providers = sys.modules.get("hypothesis.internal.conjecture.providers")
    if providers is not None:
        none_of_ours = providers._local_constants  # empty: nothing was drawn yet
        setattr(providers, "_get_local_constants", lambda: none_of_ours)  # noqa: B010 - as above


def pytest_collection_finish() -> None:
    """Leave the program and all tests out of the searches for garbage, which would be a tenth of the run."""
    _draw_the_same_whatever_is_loaded()
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """Remove the made-up home folder."""
    setattr(socket.socket, "connect", _real_connect)  # noqa: B010
    shutil.rmtree(_home, ignore_errors=True)


@pytest.fixture(autouse=True)
def quick_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords as always, but with the least work; a test marked `slow_passwords` has the real amount."""
    if request.node.get_closest_marker("slow_passwords") is None:
        monkeypatch.setattr(passwords, "_hasher", _quick_hasher)


@cache
def _quick_hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a settings and log folder of its own."""
    folder = tmp_path / "data-dir"
    monkeypatch.setenv("ZHANGFANG_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def patient_books(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let many at once wait for each other as long as a busy machine takes, longer than people would."""
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 60_000)
    monkeypatch.setattr(turns, "WAIT_S", 60.0)
    monkeypatch.setattr(database, "UNIT_PATIENCE_S", 60)


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty book in a file, made once: tests get copies, for making the tables takes longer than most."""
    path = tmp_path_factory.mktemp("empty") / "empty.zhangfang"
    book = open_database(str(path))
    migrate(book)
    book.close()
    return path


@pytest.fixture
def sqlite_book(tmp_path: Path, empty_file: Path) -> Iterator[Book]:
    """A migrated, empty book in a SQLite file."""
    book = open_database(str(shutil.copyfile(empty_file, tmp_path / "book.zhangfang")))
    yield book
    book.close()


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDBServer]:
    """A real MariaDB server, started once in each test process that needs one, stopped at its end."""
    folder = Path(tempfile.mkdtemp(prefix="zhangfang-db-", dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None))
    try:
        with running_server(folder) as server:
            yield server
    except ServerMissing as missing:
        go_without(missing)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_database_numbers = iter(range(1, 1_000_000))


@pytest.fixture
def mariadb_database(mariadb_server: MariaDBServer) -> Iterator[str]:
    """The name of a fresh, empty database, dropped after the test."""
    name = f"book_{next(_database_numbers)}"
    mariadb_server.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    yield name
    mariadb_server.execute(f"DROP DATABASE IF EXISTS {name}")


@pytest.fixture(scope="session")
def kept_database(mariadb_server: MariaDBServer) -> KeptDatabase:
    """A database with the tables of a migrated, empty book: tests work in it one after another."""
    mariadb_server.execute("CREATE DATABASE empty_book CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    book = open_database(mariadb_server.url("empty_book"), password=mariadb_server.password)
    migrate(book)
    book.close()
    return KeptDatabase(mariadb_server, read_tables(mariadb_server, "empty_book"))


@pytest.fixture
def mariadb_book(mariadb_server: MariaDBServer, kept_database: KeptDatabase) -> Iterator[Book]:
    """A migrated, empty book on the MariaDB server."""
    with kept_database.lent() as name:
        book = open_database(mariadb_server.url(name), password=mariadb_server.password)
        yield book
        book.close()


@pytest.fixture(params=["sqlite", "mariadb"])
def book(request: pytest.FixtureRequest) -> Book:
    """A migrated, empty book: the test runs once on each database."""
    made: Book = request.getfixturevalue(f"{request.param}_book")
    return made
