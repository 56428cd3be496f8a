"""What one run leaves to the next to tell: a crash with its report, a kill, or nothing."""

from __future__ import annotations

from pathlib import Path

from app.bootstrap.instance import Running
from app.bootstrap.last_run import MOST_KEPT_BYTES, crash_bytes, forget_old_reports, look_back

RUN = Running(process=77, host="pc", user="li", began="2026-06-30T08:15:00Z")
OLD, NEW = "Fatal Python error: old one\n", "Fatal Python error: Segmentation fault\n\nCurrent thread 0x1:\n"


def write(folder: Path, crash: str = "", log: str = "") -> None:
    folder.mkdir(exist_ok=True)
    (folder / "crash.log").write_text(crash, encoding="utf-8")
    (folder / "zhangfang.log").write_text(log, encoding="utf-8")


def test_a_run_that_ended_properly_leaves_nothing_to_say(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    assert look_back(None, tmp_path) == []


def test_a_crash_is_told_with_its_own_report_and_the_last_of_the_log(tmp_path: Path) -> None:
    write(tmp_path, OLD + NEW, "".join(f"line {number}\n" for number in range(1000)))
    run = Running(**{**RUN.__dict__, "crash_bytes": len(OLD)})
    (notice,) = look_back(run, tmp_path)
    assert notice.kind == "crashed"
    assert "Segmentation fault" in notice.details
    assert "old one" not in notice.details
    assert "process 77, began 2026-06-30T08:15:00Z" in notice.details
    assert notice.details.endswith("line 999")
    assert notice.details.count("\nline ") <= 40


def test_a_run_that_was_killed_is_told_apart_from_a_crash(tmp_path: Path) -> None:
    write(tmp_path, OLD, "line 1\n")
    run = Running(**{**RUN.__dict__, "crash_bytes": len(OLD)})
    (notice,) = look_back(run, tmp_path)
    assert notice.kind == "cut_off"
    assert notice.details.endswith("line 1")


def test_a_run_without_any_log_is_told_too(tmp_path: Path) -> None:
    (notice,) = look_back(RUN, tmp_path / "nowhere")
    assert notice.kind == "cut_off"
    assert "77" in notice.details


def test_a_report_that_has_grown_large_begins_anew(tmp_path: Path) -> None:
    write(tmp_path, "x" * MOST_KEPT_BYTES)
    forget_old_reports(tmp_path)
    assert crash_bytes(tmp_path) == MOST_KEPT_BYTES
    write(tmp_path, "x" * (MOST_KEPT_BYTES + 1))
    forget_old_reports(tmp_path)
    assert crash_bytes(tmp_path) == 0
    forget_old_reports(tmp_path / "nowhere")
