"""Following a job of the server from a worker thread."""

from __future__ import annotations

import threading
from typing import Any

from app.client.api import ApiClient
from app.contract.book import Job
from app.kernel.errors import RuleBroken
from app.kernel.text import Message, message
from app.ui.progress import Progress, TaskCancelled

_POLL_S = 0.15


def finish_job(api: ApiClient, job: Job, progress: Progress) -> dict[str, Any]:
    """Report a job's progress until it is done and return its result; cancel it when the user wants that.

    Raises `RuleBroken` with the job's own sentence when it failed, `TaskCancelled` when it was cancelled.
    """
    asked_to_end = False
    pause = threading.Event()
    while job.state in {"waiting", "running"}:
        progress.report(job.done, job.total, job.text)
        if not asked_to_end and progress.wait(_POLL_S):
            api.cancel_job(job.id)
            asked_to_end = True
        elif asked_to_end:
            pause.wait(_POLL_S)
        job = api.job(job.id)
    if job.state == "cancelled":
        raise TaskCancelled
    if job.state == "failed":
        raise RuleBroken("job_failed", Message(job.error) if job.error else message("任务没有完成。"))
    return job.result or {}
