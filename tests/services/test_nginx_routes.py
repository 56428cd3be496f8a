"""The routing part of the nginx configuration is what the program's routes make of it."""

from __future__ import annotations

import re
from pathlib import Path

from app.web.gateway.nginx import NAMES, routes_configuration
from app.web.gateway.routing import routing_table

FOLDER = Path(__file__).parents[2] / "build" / "nginx"


def test_the_configuration_is_up_to_date() -> None:
    made = routes_configuration(routing_table().rules)
    kept = (FOLDER / "zhangfang-routes.conf").read_text(encoding="utf-8")
    assert kept == made, "run: python -m app.web.gateway.nginx > build/nginx/zhangfang-routes.conf"


def test_its_patterns_find_the_service_of_every_rule() -> None:
    text = (FOLDER / "zhangfang-routes.conf").read_text(encoding="utf-8").partition("$zhangfang_service {")[2]
    patterns = [(re.compile(pattern), group) for pattern, group in re.findall(r'"~(\^[^"]+)" (\w+);', text)]
    for rule, service in routing_table().rules.items():
        path = re.sub(r"<\w+>", "笔 1", re.sub(r"<int:\w+>", "7", rule))
        for asked in (path, f"{path}/".replace("//", "/")):
            found = next((group for pattern, group in patterns if pattern.search(asked)), "identity")
            assert found == NAMES.get(service, service), asked
