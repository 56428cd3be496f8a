"""The routing part of the nginx configuration, from the same table as the gateway's: `python -m app.web.gateway.nginx`.

What one service answers alone, it gets with all that stands below: one line for all such beginnings of a folder.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.web.gateway.routing import HERE, PAGES_SERVICE, WHICHEVER_LIVES, routing_table

NAMES = {HERE: "gateway", WHICHEVER_LIVES: "anyone"}
"""Groups of servers in the configuration that are no service."""
HEAD = """\
# Which service answers which address. Made by `python -m app.web.gateway.nginx` from the routes of the program; a test
# compares both. Included by zhangfang.conf, which names the groups of servers.

# what stands below /books/<slug> is answered as the same address of the default book is
map $uri $zhangfang_path {
    default $uri;
    "~^/books/[^/]+(?<below_book>/.*)?$" $below_book;
}

"""


@dataclass(slots=True)
class _Folder:
    """One place in the tree of addresses, as patterns: its own group, and what is below."""

    group: str = ""
    below: dict[str, _Folder] = field(default_factory=dict)

    def groups(self) -> set[str]:
        """Return who answers here and below."""
        found = {self.group} if self.group else set()
        return found.union(*(folder.groups() for folder in self.below.values()))


def routes_configuration(rules: Mapping[str, str]) -> str:
    """Return the text of `zhangfang-routes.conf` for a table of rules."""
    root = _Folder()
    for rule, service in rules.items():
        folder = root
        for part in filter(None, rule.split("/")):
            folder = folder.below.setdefault(_pattern(part), _Folder())
        folder.group = NAMES.get(service, service)
    lines = [f'    "~^{pattern}" {group};' for pattern, group in _lines(root, "")]
    table = "\n".join([f"    default {PAGES_SERVICE};", *lines])
    return f"{HEAD}map $zhangfang_path $zhangfang_service {{\n{table}\n}}\n"


def _pattern(part: str) -> str:
    if part.startswith("<int:"):
        return "[0-9]+"
    return "[^/]+" if part.startswith("<") else re.escape(part)


def _lines(folder: _Folder, beginning: str) -> Iterator[tuple[str, str]]:
    """Yield patterns and groups; what is written out comes before what stands for anything."""
    if folder.group:
        yield f"{beginning}/*$", folder.group
    for placeholders in (False, True):
        chosen = {part: below for part, below in folder.below.items() if part.startswith("[") == placeholders}
        alone: dict[str, list[str]] = {}
        for part, below in sorted(chosen.items()):
            groups = below.groups()
            if len(groups) == 1:
                alone.setdefault(groups.pop(), []).append(part)
            else:
                yield from _lines(below, f"{beginning}/{part}")
        for group, parts in sorted(alone.items()):
            yield f"{beginning}/({'|'.join(parts)})(/|$)", group


def main() -> None:
    """Write the configuration to standard output."""
    sys.stdout.write(routes_configuration(routing_table().rules))


if __name__ == "__main__":
    main()
