"""Python's garbage collector, run on the UI thread only.

The collector runs in whatever thread happens to allocate. Here that is often one of the server or of a task, and when
the rubbish holds widgets, Qt destroys them there and the process crashes. So the automatic runs are switched off while
the window lives, and a timer does the same work on the UI thread.
"""

from __future__ import annotations

import gc

from PyQt5.QtCore import QObject, QTimer

_INTERVAL_MS = 500


class UiThreadCollector(QObject):
    """Takes the collector over from `start()` to `stop()`, both harmless when called twice."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = False
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.collect_due)

    def start(self) -> None:
        """Switch the automatic runs off and begin to collect here."""
        if not self._timer.isActive():
            self._was_enabled = gc.isenabled()
            gc.disable()
            self._timer.start()

    def stop(self) -> None:
        """Collect once more and give the collector back as it was."""
        if self._timer.isActive():
            self._timer.stop()
            gc.collect()
            if self._was_enabled:
                gc.enable()

    def collect_due(self) -> None:
        """Collect the oldest generation that is due by the collector's own thresholds."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return
