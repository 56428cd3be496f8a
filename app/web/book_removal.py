"""A book leaves its server: closed for changes, served no more, its file under another name; nothing is deleted.

Only a file of the server's folder of books goes this way. Who has it open in another process sees that it is gone, as
when somebody moves the file away; until then nobody can change it there, for it says that it has moved.
"""

from __future__ import annotations

import os

from app.contract.serving import RemovedBook
from app.identity.actor import Actor
from app.kernel.errors import RuleBroken
from app.kernel.text import Message, message
from app.storage.backup import name_aside
from app.storage.database import current_book
from app.web import moving
from app.web.further_book import Prefix


def remove_book(actor: Actor) -> RemovedBook:
    """Let the current book be served no more, from this answer on; tell the new name of its file.

    Its owner may, and of a book that has moved away whoever may move it. Raises `RuleBroken` (`book_not_removable`),
    `PermissionDenied`, `Conflict` (`book_moved` while somebody moves it, `work_under_way`).
    """
    actor.require("book:book:move")
    entry = current_book().companion(Prefix).entry
    if entry is None:
        raise _not_removable(message("这是服务器的默认账簿，不能撤下。"))
    path = entry.place.address.path
    if path is None:
        raise _not_removable(message("这本账在数据库里，是管理员在服务器的 books.toml 里登记的；请让他去掉那一行。"))
    if not os.access(path.parent, os.W_OK):
        raise _not_removable(message("服务器不能改动它存放账簿的文件夹，请让管理员在那里移走文件。"))
    aside = name_aside(path, "撤下")
    moving.leave(actor, aside.name)
    entry.set_aside(aside)
    return RemovedBook(slug=entry.slug, file=aside.name)


def _not_removable(sentence: Message) -> RuleBroken:
    return RuleBroken("book_not_removable", sentence)
