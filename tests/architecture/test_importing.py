"""Importing the program does nothing: no file, socket, process, thread or database is touched before main runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# All modules are imported twice: the first time brings in the libraries, which may read files of their own; the second
# time only our own lines run, and every event the interpreter reports of them is looked at.
WATCH = """
import importlib, pkgutil, sys, threading
sys.path[:0] = [{root!r}, *{extra!r}]
import {package}

def below(package):
    yield package.__name__
    for module in pkgutil.iter_modules(getattr(package, "__path__", ()), package.__name__ + "."):
        yield from below(importlib.import_module(module.name))

names = list(below({package}))
for name in names:
    del sys.modules[name]
before = threading.active_count()
touched = []
FAMILIES = ("socket.", "subprocess.", "sqlite3.", "tempfile.", "shutil.", "urllib.", "signal.")
SINGLE = {{"os.mkdir", "os.remove", "os.rename", "os.system", "os.putenv", "os.fork"}}

def watch(event, arguments):
    if event == "open":
        if not str(arguments[0]).endswith((".py", ".pyc", ".so", ".pyd")):
            touched.append((event, str(arguments[0])))
    elif event.startswith(FAMILIES) or event in SINGLE:
        touched.append((event, str(arguments[:1])))

def start(thread):
    touched.append(("thread", thread.name))
    real_start(thread)

real_start, threading.Thread.start = threading.Thread.start, start
sys.addaudithook(watch)
for name in names:
    importlib.import_module(name)
assert threading.active_count() == before, "a thread was left running"
for line in touched:
    print(*line)
print(len(names), "modules")
"""


def touched_by(package: str, *extra_path: Path) -> tuple[list[str], int]:
    """Import all modules of a package in a process of its own; return what they touched and how many they are."""
    program = WATCH.format(root=str(ROOT), extra=[str(path) for path in extra_path], package=package)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "QT_QPA_PLATFORM": "offscreen"},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    *lines, count = done.stdout.splitlines()
    return lines, int(count.split()[0])


def test_importing_the_program_touches_nothing() -> None:
    lines, count = touched_by("app")
    assert lines == []
    assert count == sum(1 for _ in (ROOT / "app").rglob("*.py"))


def test_the_watch_sees_what_an_import_does(tmp_path: Path) -> None:
    package = tmp_path / "careless"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "files.py").write_text("import os\nopen(os.devnull).close()\n")
    (package / "nets.py").write_text("import socket\nsocket.socket().close()\n")
    (package / "threads.py").write_text("import threading\nthreading.Thread(target=int).start()\n")
    (package / "books.py").write_text("import sqlite3\nsqlite3.connect(':memory:').close()\n")
    lines, _ = touched_by("careless", tmp_path)
    events = {line.split()[0] for line in lines}
    assert {"open", "socket.__new__", "thread", "sqlite3.connect"} <= events
