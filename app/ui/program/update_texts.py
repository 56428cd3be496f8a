"""How a new version is spoken of, wherever it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.language import tr, tr_message

if TYPE_CHECKING:
    from app.client.update_notice import VersionNotice
    from app.settings import Settings
    from app.ui.program.update_watch import UpdateWatch


def notice_sentence(notice: VersionNotice) -> str:
    """Return the one sentence that says what there is."""
    return tr("有新版本 {version}（{date}）。", version=notice.version, date=notice.released.isoformat())


def state_sentence(watch: UpdateWatch, settings: Settings) -> str:
    """Return the one sentence that says how the looking stands."""
    if watch.is_looking:
        return tr("正在检查新版本…")
    if watch.trouble is not None:
        return tr_message(watch.trouble.message)
    if watch.notice is not None:
        return notice_sentence(watch.notice)
    if not settings.update_day:
        return tr("还没有检查过。")
    if settings.update_failed:
        return tr("{date} 没有检查成功；按“现在检查”可以看到原因。", date=settings.update_day)
    return tr("{date} 检查过，没有新版本。", date=settings.update_day)
