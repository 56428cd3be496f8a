"""The workflow for hosted Windows machines is well-formed and calls only what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

import dev

WORKFLOW = Path(dev.ROOT) / ".github" / "workflows" / "windows.yml"


def jobs() -> dict[str, Any]:
    found = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    assert isinstance(found, dict)
    return found


def steps() -> list[dict[str, Any]]:
    return [step for job in jobs().values() for step in job["steps"]]


def test_it_asks_for_no_more_than_to_read() -> None:
    assert yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["permissions"] == {"contents": "read"}


def test_every_job_ends_in_time_and_needs_only_jobs_there_are() -> None:
    names = set(jobs())
    for job in jobs().values():
        assert 0 < job["timeout-minutes"] <= 40
        needed = job.get("needs", [])
        assert set([needed] if isinstance(needed, str) else needed) <= names


def test_every_step_runs_or_uses_something_and_actions_are_pinned() -> None:
    for step in steps():
        assert ("run" in step) != ("uses" in step), step
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|[0-9a-f]{40})", step["uses"]), step


def test_the_commands_of_dev_it_calls_are_there() -> None:
    called = [name for step in steps() for name in re.findall(r"dev\.py (\S+)", step.get("run", ""))]
    assert {"test", "build", "self-test", "package"} <= set(called) <= set(dev.COMMANDS)


def test_what_is_downloaded_was_uploaded_before() -> None:
    uploaded = {step["with"]["name"] for step in steps() if step.get("uses", "").startswith("actions/upload")}
    wanted = {step["with"]["name"] for step in steps() if step.get("uses", "").startswith("actions/download")}
    assert wanted
    assert wanted <= uploaded
