"""Looking at the way to a place, step by step, while its form stays usable and shows how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from app.kernel.checking import CheckStep
from app.kernel.errors import ZhangfangError
from app.ui.progress import Progress
from app.ui.tasks import LongCommand
from app.ui.widgets.form_dialog import mark_wrong

if TYPE_CHECKING:
    from PyQt5.QtWidgets import QWidget

    from app.ui.reaching.step_list import StepList
    from app.ui.widgets.form_dialog import FormDialog


def look(
    dialog: FormDialog,
    shown: StepList,
    walk: Callable[[], Iterable[CheckStep]],
    *,
    done: Callable[[Sequence[CheckStep]], None],
    failed: Callable[[ZhangfangError], None],
) -> None:
    """Take the steps of `walk` off the window's thread and show each as it comes; the dialog is busy meanwhile.

    `done` gets all of them, failed ones among them; `failed` is called when they could not be taken at all.
    """
    steps: list[CheckStep] = []
    shown.begin()
    dialog.set_busy(True)

    def work(_api: object, progress: Progress) -> None:
        for step in walk():
            steps.append(step)
            progress.report(len(steps), 0)
            progress.check()

    def ended() -> None:
        shown.show_steps(steps)
        shown.finish()
        dialog.set_busy(False)

    LongCommand(work).slot("test").on_progress(lambda _step: shown.show_steps(steps)).on_done(
        lambda _none: done(steps)
    ).on_error(failed).always(ended).run(dialog)


def mark_where_wrong(named: Mapping[str, QWidget], steps: Sequence[CheckStep]) -> None:
    """Show in a form's fields where it can be put right what failed; the steps say what it is."""
    wrong = frozenset().union(*(step.fields for step in steps if step.is_failed))
    for name, field in named.items():
        mark_wrong(field, name in wrong)
