"""Garbage is collected on the UI thread only while the window lives."""

from __future__ import annotations

import gc
import threading
import weakref

from pytestqt.qtbot import QtBot

from app.ui.collector import UiThreadCollector


class Knot:
    """Holds itself, so that only the collector can free it; notes on which thread that happened."""

    def __init__(self, freed_on: list[threading.Thread]) -> None:
        self.myself = self
        weakref.finalize(self, lambda: freed_on.append(threading.current_thread()))


def test_rubbish_made_by_threads_is_freed_on_the_ui_thread(qtbot: QtBot) -> None:
    freed_on: list[threading.Thread] = []
    collector = UiThreadCollector()
    gc.enable()
    collector.start()
    collector.start()
    assert not gc.isenabled()

    def litter() -> None:
        for _ in range(2000):
            Knot(freed_on)

    thread = threading.Thread(target=litter)
    thread.start()
    thread.join()
    assert freed_on == []
    qtbot.waitUntil(lambda: len(freed_on) > 0)
    assert set(freed_on) == {threading.main_thread()}
    collector.stop()
    assert gc.isenabled()
    assert len(freed_on) == 2000
    collector.stop()
    gc.disable()
