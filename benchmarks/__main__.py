"""`python -m benchmarks --size 10k --size 100k`: make the books, measure, write the figures."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import printing, processes, reading, statements, writing
from benchmarks.crowd import measure_crowd
from benchmarks.measuring import Figure, machine, wait_for_quiet
from benchmarks.served_load import measure_served_load
from benchmarks.synthetic import Size, build_book, write_csv_book
from benchmarks.table import as_markdown, merged, put_into, read_json, write_json
from benchmarks.trade import measure_trade

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("reading", "statements", "printing", "posting", "import", "processes", "memory")
SERVED_SECONDS = 300
CROWD = 1_000
"""Vouchers each of eight processes posts."""


def main() -> int:
    """Measure what is asked for; exit 1 when a bar does not hold."""
    wishes = _parse()
    folder = Path(wishes.folder) if wishes.folder else Path(tempfile.mkdtemp(prefix="zhangfang-benchmarks-"))
    figures: list[Figure] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        further = [name for name in ("crowd", "trade", "served") if getattr(wishes, name)]
        for text in [*wishes.size, *further]:
            if text == "crowd":
                steps = measure_crowd(CROWD)
            elif text == "trade":
                steps = measure_trade(folder)
            elif text == "served":
                steps = measure_served_load(SERVED_SECONDS)
            else:
                steps = _measure(_size(text), set(wishes.only), folder, wishes.quiet)
            for figure in steps:
                figures.append(figure)
                verdict = {None: "", True: "holds", False: "DOES NOT HOLD"}[figure.holds]
                beside = "" if figure.beside_value is None else f"{figure.beside} {figure.beside_value:.2f}"
                print(
                    f"{figure.book:>9}  {figure.name}: {figure.value:.2f} {figure.unit}  {beside}  {verdict}",
                    flush=True,
                )
    finally:
        if not wishes.folder:
            shutil.rmtree(folder, ignore_errors=True)
    out = Path(wishes.out)
    everything = merged(read_json(out)[0], figures) if out.exists() else figures
    write_json(everything, machine(), out)
    table = as_markdown(everything, machine())
    print(table)
    if wishes.page:
        put_into(Path(wishes.page), table)
    return 1 if any(figure.holds is False for figure in figures) else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--size",
        action="append",
        default=[],
        metavar="N[k|M][+N[k]]",
        help="vouchers, and after a plus counterparties: 10k, 1M, 100k+20k; may be given several times",
    )
    parser.add_argument("--crowd", action="store_true", help="also eight processes posting into one MariaDB book")
    parser.add_argument("--trade", action="store_true", help="also stock and look-ups of a large trading firm")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="what to measure (default: all)")
    parser.add_argument("--served", action="store_true", help="also twenty people at once on a served book")
    parser.add_argument(
        "--out", default="benchmarks.json", help="file of the figures; others in it are kept (default benchmarks.json)"
    )
    parser.add_argument("--page", default="", help="page whose table is replaced, such as docs/performance.md")
    parser.add_argument(
        "--quiet", type=int, default=0, metavar="S", help="wait so long for other programs to come to rest (default 0)"
    )
    parser.add_argument("--folder", default="", help="keep the books here, and use those that are there already")
    return parser.parse_args()


def _size(text: str) -> Size:
    vouchers, _, counterparties = text.partition("+")
    return Size(_number(vouchers), _number(counterparties) if counterparties else 0)


def _number(text: str) -> int:
    factor = {"k": 1_000, "M": 1_000_000}.get(text[-1:], 1)
    return int(text.rstrip("kM")) * factor


def _measure(size: Size, parts: set[str], folder: Path, quiet_s: int) -> Iterator[Figure]:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{size.name}.zhangfang"
    if parts - {"import"} and not path.exists():
        start = time.perf_counter()
        build_book(size, path)
        seconds = time.perf_counter() - start
        print(f"{size.name}: made in {seconds:.1f} s, {path.stat().st_size >> 20} MB", file=sys.stderr, flush=True)
    steps: dict[str, Callable[[], Iterator[Figure]]] = {
        "reading": lambda: reading.measure_reading(size, path),
        "statements": lambda: statements.measure_statements(size, path),
        "printing": lambda: printing.measure_printing(size, path),
        "processes": lambda: processes.measure_processes(size, path, folder),
        "memory": lambda: processes.measure_memory(size, path),
        "posting": lambda: writing.measure_posting(size, path),
        "import": lambda: _measure_import(size, folder),
    }
    for name, step in steps.items():
        if name in parts:
            load = wait_for_quiet(quiet_s)
            print(f"{size.name}: {name}, load {load:.1f}", file=sys.stderr, flush=True)
            yield from step()


def _measure_import(size: Size, folder: Path) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        files = Path(scratch) / "csv"
        write_csv_book(size, files)
        yield from writing.measure_import(size, files, Path(scratch))


if __name__ == "__main__":
    sys.exit(main())
