"""The first sheet of an XLSX file as rows of text: what people save from a spreadsheet to be imported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Context, Decimal, DecimalException
from pathlib import Path
from typing import IO
from xml.etree import ElementTree
from zipfile import ZipFile

from app.exchange.archive import open_zip
from app.exchange.errors import refused
from app.kernel.text import message

MOST_SHEET_BYTES = 64 << 20
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_LETTERS = re.compile(r"[A-Z]+")
_SHOWN = Context(prec=15, Emax=400, Emin=-400)
"""A cell keeps a binary number with 17 digits; the spreadsheet shows, and the person typed, at most 15.

Beyond the exponents a spreadsheet knows stands no number: written out it would fill the memory.
"""
_ROW = re.compile(r"[0-9]{1,7}\Z")


def read_first_sheet(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number, cells as text) of the rows that hold something. Raises `FileRefused`.

    A day is the number of days the file keeps for it; `app.exchange.rates` knows which column holds days.
    """
    with open_zip(path) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" not in names:
            raise refused(path.name, 0, message("这不是 Excel 工作簿（.xlsx），请另存为 .xlsx 或 .csv 后再导入。"))
        shared = _shared_texts(archive, path.name) if "xl/sharedStrings.xml" in names else []
        sheet = _parse(archive, _first_sheet_name(archive, path.name), path.name)
    for row in sheet.iter(f"{_MAIN}row"):
        cells = _cells(row, shared)
        if any(cells):
            place = row.get("r") or ""
            yield int(place) if _ROW.match(place) else 0, cells


def _first_sheet_name(archive: ZipFile, file: str) -> str:
    sheet = _parse(archive, "xl/workbook.xml", file).find(f"{_MAIN}sheets/{_MAIN}sheet")
    relations = _parse(archive, "xl/_rels/workbook.xml.rels", file)
    wanted = None if sheet is None else sheet.get(_RELATION)
    for relation in relations:
        if relation.get("Id") == wanted:
            target = relation.get("Target") or ""
            return target[1:] if target.startswith("/") else f"xl/{target}"
    raise refused(file, 0, message("工作簿里没有工作表。"))


def _shared_texts(archive: ZipFile, file: str) -> list[str]:
    root = _parse(archive, "xl/sharedStrings.xml", file)
    return ["".join(part.text or "" for part in item.iter(f"{_MAIN}t")) for item in root.iter(f"{_MAIN}si")]


def _parse(archive: ZipFile, name: str, file: str) -> ElementTree.Element:
    try:
        if archive.getinfo(name).file_size > MOST_SHEET_BYTES:
            raise refused(file, 0, message("工作表太大，请另存为 CSV 后再导入。"))
        with archive.open(name) as stream:
            return _parsed(stream)
    except (KeyError, ElementTree.ParseError, ValueError) as error:
        raise refused(file, 0, message("工作簿已损坏，请用电子表格程序打开后另存一份。")) from error


def _parsed(stream: IO[bytes]) -> ElementTree.Element:
    data = stream.read()
    if b"<!DOCTYPE" in data.replace(b"\0", b""):  # UTF-16 has zeros between the letters
        raise ValueError("a document type has no place in a workbook")
    return ElementTree.fromstring(data)  # noqa: S314 - without a DTD there is nothing that could expand


def _cells(row: ElementTree.Element, shared: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{_MAIN}c"):
        found = _LETTERS.match(cell.get("r") or "")
        at = _column(found[0]) if found else len(cells)
        cells.extend([""] * (at + 1 - len(cells)))
        cells[at] = _text(cell, shared).strip()
    return cells


def _column(letters: str) -> int:
    number = 0
    for letter in letters[:3]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _text(cell: ElementTree.Element, shared: list[str]) -> str:
    kind = cell.get("t") or "n"
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
    value = cell.findtext(f"{_MAIN}v") or ""
    if kind == "s":
        return shared[int(value)] if _ROW.match(value) and int(value) < len(shared) else ""
    if kind != "n" or not value:
        return value
    try:
        return format(_SHOWN.plus(Decimal(value)).normalize(), "f")
    except DecimalException:
        return value
