"""Every sentence the program can say in Chinese has its English, with the same places to fill in."""

from __future__ import annotations

import ast
import json
import re
import string
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CALL = re.compile(r"\b(message|tr)\s*\(")
CATALOGUES = sorted((ROOT / "resources" / "translations" / "en").glob("*.json"))


@cache
def calls() -> list[tuple[str, ast.Call]]:
    """Return every call of `message` and `tr` in the program, with the place it stands."""
    found = []
    for path in sorted((ROOT / "app").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if not CALL.search(source):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in ("message", "tr"):
                    found.append((f"{path.relative_to(ROOT)}:{node.lineno}", node))
    return found


def literal(node: ast.Call) -> str | None:
    """Return the sentence of a call when it is written out there, as it must be to be found."""
    first = node.args[0] if node.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def sources() -> dict[str, str]:
    """Return every sentence of the program with one place where it stands."""
    return {text: place for place, node in calls() if (text := literal(node)) is not None}


def catalogue() -> dict[str, str]:
    """Return the union of the English catalogues."""
    return {
        chinese: english
        for path in CATALOGUES
        for chinese, english in json.loads(path.read_text(encoding="utf-8")).items()
    }


def places(text: str) -> set[str]:
    """Return the names in braces of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_sentence_is_written_out_where_it_is_used() -> None:
    """The definitions of `message` and `tr` themselves pass their argument on; nobody else may."""
    hidden = [place for place, node in calls() if literal(node) is None]
    assert [place for place in hidden if not place.startswith(("app/kernel/text.py", "app/ui/language.py"))] == []


def test_every_sentence_has_its_english() -> None:
    english = catalogue()
    missing = [f"{place}: {text}" for text, place in sources().items() if text not in english]
    assert not missing, "\n".join(["add these to resources/translations/en/<part>.json:", *missing])


def test_the_english_fills_the_same_places() -> None:
    differing = [text for text, english in catalogue().items() if places(text) != places(english)]
    assert differing == []


def test_what_fills_a_sentence_is_what_it_has_places_for() -> None:
    wrong = [
        f"{place}: {text}"
        for place, node in calls()
        if (text := literal(node)) is not None
        and all(word.arg for word in node.keywords)
        and places(text) != {str(word.arg) for word in node.keywords}
    ]
    assert wrong == []


def test_no_english_is_left_over() -> None:
    known = sources()
    assert [text for text in catalogue() if text not in known] == []


def test_one_sentence_has_one_english() -> None:
    seen: dict[str, tuple[str, str]] = {}
    clashes: list[str] = []
    for path in CATALOGUES:
        for chinese, english in json.loads(path.read_text(encoding="utf-8")).items():
            other, file = seen.setdefault(chinese, (english, path.name))
            if other != english:
                clashes.append(f"{chinese}: {other!r} in {file}, {english!r} in {path.name}")
    assert clashes == []


def test_the_english_side_is_english() -> None:
    """Chinese may stand there as a sample of what to type, word for word as in the Chinese sentence."""
    words = re.compile("[\u3400-\u9fff]+")
    wrong = [
        english
        for chinese, english in catalogue().items()
        if not re.search("[A-Za-z]", english)
        or re.search("[\u3000-\u303f\uff00-\uffef]", english)
        or any(word not in chinese for word in words.findall(english))
    ]
    assert wrong == []
