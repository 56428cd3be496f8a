"""House rules that no other tool knows, each with the sentence that says what to write instead."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Finding = tuple[int, str]
Nodes = Sequence[ast.AST]
"""All parts of a module, as `ast.walk` finds them."""

# What a name measured in floats may end with: seconds, points of a font, the scale of a screen. Never money.
FLOAT_NAMES = re.compile(r"(^seconds|_s|_pt|_ratio)$")


def float_findings(nodes: Nodes) -> Iterator[Finding]:
    """Money and quantities are integers, or Decimal at the edges; only times and ratios may be floats."""
    allowed: set[ast.AST] = set()
    for node in nodes:
        if isinstance(node, (ast.arg, ast.AnnAssign, ast.FunctionDef)):
            annotation = node.returns if isinstance(node, ast.FunctionDef) else node.annotation
            target = node.target if isinstance(node, ast.AnnAssign) else node
            name = getattr(target, "arg", "") or getattr(target, "id", "") or getattr(target, "name", "")
            name = name or getattr(target, "attr", "")
            if annotation is not None and FLOAT_NAMES.search(name):
                allowed.update(ast.walk(annotation))
    for node in nodes:
        if isinstance(node, ast.Name) and node.id == "float" and node not in allowed:
            yield node.lineno, "no float: amounts are integers of minor units, Decimal at the edges"
        if isinstance(node, (ast.Name, ast.Attribute, ast.alias)):
            word = str(getattr(node, "id", "") or getattr(node, "attr", "") or getattr(node, "name", ""))
            if word.rsplit(".", maxsplit=1)[-1] in ("DecimalField", "DoubleField", "FloatField"):
                yield node.lineno, f"no {word}: SQLite stores it as a float; use a BIGINT of minor units"


def waiting_findings(nodes: Nodes) -> Iterator[Finding]:
    """The window never waits on its own thread and never runs the event loop by hand."""
    for node in nodes:
        word = getattr(node, "attr", None) or getattr(node, "id", None) or ""
        if isinstance(node, ast.Name | ast.Attribute) and word in ("processEvents", "sleep", "msleep", "usleep"):
            yield node.lineno, f"no {word} in the window: hand the work to app.ui.tasks and go on in its callback"
        if isinstance(node, ast.ImportFrom) and node.module == "time" and any(a.name == "sleep" for a in node.names):
            yield node.lineno, "no sleep in the window: hand the work to app.ui.tasks"


def size_findings(nodes: Nodes) -> Iterator[Finding]:
    """A room that grows too large becomes a folder; a function that grows too long is several."""
    last = max((node.end_lineno or 0 for node in nodes if isinstance(node, ast.stmt)), default=0)
    if last > 450:
        yield last, f"{last} lines: cut this module where its subject changes (about 400 is the aim)"
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > 70:
                yield node.lineno, f"{node.name} has {length} lines: name its steps (about 60 is the aim)"


RULES: dict[str, tuple[str, Callable[[Nodes], Iterator[Finding]]]] = {
    "float": ("app", float_findings),
    "waiting": ("app/ui", waiting_findings),
    "size": ("app", size_findings),
}

OFFENDERS = {
    "float": [
        "amount: float = 0\n",
        "x = float('1.5')\n",
        "def total() -> float: ...\n",
        "from peewee import DecimalField\n",
        "import peewee\nx = peewee.FloatField()\n",
    ],
    "waiting": [
        "import time\ntime.sleep(1)\n",
        "from time import sleep\n",
        "QApplication.processEvents()\n",
        "QThread.msleep(5)\n",
    ],
    "size": ["x = 1\n" * 451, "def long():\n" + "    x = 1\n" * 70],
}

DECENT = """
def wait(timeout_s: float, amount_minor: int) -> float | None:
    scale_ratio: float = 1.5
    return None
"""


def nodes_of(text: str) -> list[ast.AST]:
    return list(ast.walk(ast.parse(text)))


@pytest.fixture(scope="module")
def broken() -> dict[str, list[str]]:
    """What breaks each rule: every module is parsed once and let go, for a million nodes are slow to keep."""
    found: dict[str, list[str]] = {rule: [] for rule in RULES}
    for path in sorted((ROOT / "app").rglob("*.py")):
        nodes = nodes_of(path.read_text(encoding="utf-8"))
        for rule, (folder, findings) in RULES.items():
            if path.is_relative_to(ROOT / folder):
                found[rule] += [f"{path.relative_to(ROOT)}:{line}: {sentence}" for line, sentence in findings(nodes)]
    return found


@pytest.mark.parametrize("rule", RULES)
def test_the_program_keeps_the_rule(broken: dict[str, list[str]], rule: str) -> None:
    assert not broken[rule], "\n".join(broken[rule])


@pytest.mark.parametrize(
    ("rule", "offender"), [(rule, text) for rule, texts in OFFENDERS.items() for text in texts], ids=str
)
def test_the_rule_sees_an_offender(rule: str, offender: str) -> None:
    assert list(RULES[rule][1](nodes_of(offender)))


def test_times_and_ratios_may_be_floats() -> None:
    assert list(float_findings(nodes_of(DECENT.replace("-> float | None", "")))) == []


def test_main_stays_a_doorstep() -> None:
    lines = (ROOT / "main.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 30


def tracked_files() -> list[Path]:
    """Return the files under version control; where there is no git, all but what tools leave behind."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        done = subprocess.run([git, "ls-files", "-z"], capture_output=True, check=True, cwd=ROOT, encoding="utf-8")
        return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    made = {".git", ".hypothesis", ".venv", "out", "__pycache__"}
    return [
        path
        for path in ROOT.rglob("*")
        if path.is_file() and not any(part in made or part.endswith("_cache") for part in path.relative_to(ROOT).parts)
    ]


def test_no_module_is_named_for_being_useful() -> None:
    vague = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}
    named = [path for path in (ROOT / "app").rglob("*") if path.stem in vague]
    assert named == [], "name a module for what it is about"


# Written in pieces, so that this file does not find itself.
FORBIDDEN_WORDS = {
    "an open end": re.compile(r"\b(TO" + "DO|FIX" + r"ME)\b|# *XX" + r"X\b"),
    "a path of one machine": re.compile(r"(?<![\w.{}$/<>-])/(work" + "/(main|shared)|home/[a-z]+/|Users/[A-Za-z]+/)"),
    "a package index": re.compile(
        r"--(extra-)?index" + "-url|--trusted" + "-host|pypi" + r"\.org|file" + "s.pythonhosted"
    ),
    "a number in somebody's list of work": re.compile(r"\b[Ii]ss" + r"ue #?\d+\b"),
}


@pytest.mark.parametrize("kind", FORBIDDEN_WORDS)
def test_no_file_holds(kind: str) -> None:
    pattern = FORBIDDEN_WORDS[kind]
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # pictures and fonts
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]
    assert not found, "\n".join(found)


def test_the_top_level_holds_the_doors_and_the_settings_only() -> None:
    known = {
        ".ci", ".github", ".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "app", "benchmarks", "build", "dev.py",
        "docs", "installer.spec", "main.py", "pyproject.toml", "requirements-dev.txt", "requirements-server.txt",
        "requirements.txt", "resources", "tests",
    }  # fmt: skip
    there = {path.relative_to(ROOT).parts[0] for path in tracked_files()}
    assert there <= known
