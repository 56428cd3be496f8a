"""The program with its window, told to save vouchers as fast as they are answered, and to say what happens.

Run as `python -m tests.scenarios.busy_window [--book FILE]`: it prints `painted`, `ready`, then the id of each voucher
that was saved and posted. What runs is `app.bootstrap.main`; only who fills in the vouchers is no person.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.bootstrap import main
from app.contract.ledger import EntryInput, VoucherInput
from app.ui import running
from app.ui.runtime import Runtime, WindowArguments
from app.ui.shell import Shell
from app.ui.tasks import Query

if TYPE_CHECKING:
    from app.client.api import ApiClient


def say(text: object) -> None:
    """Tell the test."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def save_and_post(api: ApiClient) -> int:
    """Save, review and post a voucher; return its id."""
    entries = [
        EntryInput(summary="日常", account_code="1001", debit="1.01"),
        EntryInput(summary="日常", account_code="1002", credit="1.01"),
    ]
    saved = api.add_voucher(VoucherInput(date="2026-01-15", entries=entries))
    reviewed = api.review_voucher(saved.id, saved.version)
    api.post_voucher(saved.id, reviewed.version)
    return saved.id


def keep_saving(shell: Shell) -> None:
    """Save the next voucher when the last was acknowledged."""

    def saved(voucher_id: int) -> None:
        say(voucher_id)
        keep_saving(shell)

    Query(save_and_post).on_done(saved).run(shell.window)


def run_busy_window(
    runtime: Runtime,
    arguments: WindowArguments,
    *,
    on_painted: Callable[[Shell], None],
    on_ready: Callable[[Shell], None],
) -> int:
    """Show the window as the program does, and work in it."""

    def painted(shell: Shell) -> None:
        on_painted(shell)
        say("painted")

    def ready(shell: Shell) -> None:
        on_ready(shell)
        say("ready")
        keep_saving(shell)

    return real_run_window(runtime, arguments, on_painted=painted, on_ready=ready)


real_run_window = running.run_window

if __name__ == "__main__":
    setattr(running, "run_window", run_busy_window)  # noqa: B010 - mypy keeps functions from being assigned
    sys.exit(main(sys.argv[1:]))
