"""Long work as it is shown to whoever started it."""

from __future__ import annotations

from app.contract.book import Job
from app.http.errors import fit_to_tell
from app.http.language import render
from app.storage import jobs


def started_job(job_id: int) -> Job:
    """Return a job as it stands, in the caller's language: the answer to the call that started it."""
    return job_view(jobs.get_job(job_id))


def job_view(state: jobs.JobState) -> Job:
    """Return a job as it is shown, in the caller's language; who may see it was decided before."""
    return Job(
        id=state.id,
        kind=state.kind,
        state=state.state,  # type: ignore[arg-type]  # the table holds no other states
        done=state.done,
        total=state.total,
        text=render(fit_to_tell(state.text)) if state.text.source else "",
        result=state.result,
        error=None if state.error is None else render(fit_to_tell(state.error)),
    )
