"""What kept backups are called: the book, the day and time in China, and why, so that a person understands the name.

    甲公司 2026-06-30 18-05-12 关闭.zhangfang

The names are Chinese in every language of the window, as the files of one book are read by everybody who keeps it.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from app.kernel.clock import CHINA_OFFSET

SUFFIX = ".zhangfang"
REASONS = {
    "session": "关闭",
    "daily": "每日",
    "start": "补做",
    "import": "导入前",
    "opening": "改期初前",
    "upgrade": "更新前",
    "manual": "手工",
}
"""Why a backup was made, and the word for it in the file's name. A file with another name has the reason `other`."""
OTHER = "other"
LONGEST_TITLE = 40

_NAME = re.compile(
    r"(?P<title>.*) (?P<at>\d{4}-\d{2}-\d{2} \d{2}-\d{2}-\d{2}) (?P<word>[^ ]+)(?: \(\d+\))?" + re.escape(SUFFIX),
    re.DOTALL,
)
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')


@dataclass(frozen=True, slots=True)
class ReadName:
    """What a file's name says: when (UTC ms) and why the backup was made."""

    made_at: int
    reason: str


def fit_title(title: str) -> str:
    """Return a book's name as part of a file's name on any system."""
    fit = _UNFIT.sub("_", title).strip(" .")[:LONGEST_TITLE].strip(" .")
    return fit or "账簿"


def file_name(title: str, made_at: int, reason: str, number: int = 1) -> str:
    """Return the name of a backup; `number` tells those of one second apart."""
    at = datetime.datetime.fromtimestamp(made_at / 1000, CHINA_OFFSET).strftime("%Y-%m-%d %H-%M-%S")
    again = f" ({number})" if number > 1 else ""
    return f"{fit_title(title)} {at} {REASONS[reason]}{again}{SUFFIX}"


def read_name(name: str) -> ReadName | None:
    """Return what a name made by `file_name` says, or `None` for any other."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        at = datetime.datetime.strptime(found["at"], "%Y-%m-%d %H-%M-%S").replace(tzinfo=CHINA_OFFSET)
    except ValueError:  # figures that are no day or time
        return None
    reason = next((code for code, word in REASONS.items() if word == found["word"]), OTHER)
    return ReadName(int(at.timestamp()) * 1000, reason)
