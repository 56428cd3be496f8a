"""What a file is, by its content; programs, and files whose content is not what their name says, are refused."""

from __future__ import annotations

import codecs
import zipfile
from pathlib import Path, PurePosixPath

from app.kernel.errors import MalformedInput
from app.kernel.text import message

UNKNOWN = "application/octet-stream"
PDF, PNG, JPEG, GIF, WEBP, BMP, TIFF = (
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/bmp",
    "image/tiff",
)
OFD, XML, TEXT, ZIP = "application/ofd", "application/xml", "text/plain", "application/zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
OLE = "application/x-ole-storage"
"""Word, Excel and mail files of the years before 2007."""

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
)
PROGRAM_MAGIC = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"L\0\0\0\x01\x14\x02\0",
)
"""Windows, Linux, script, macOS, Java, Windows shortcut."""
PROGRAM_SUFFIXES = frozenset(
    (
        *(".exe", ".com", ".scr", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".wsh", ".msi"),
        *(".msp", ".dll", ".sys", ".cpl", ".hta", ".jar", ".class", ".lnk", ".pif", ".reg", ".sh", ".app", ".apk"),
        *(".deb", ".rpm", ".py", ".pyw", ".xlsm", ".docm", ".pptm", ".xlam", ".iso", ".chm"),
    )
)
SUFFIX_TYPES = {
    ".pdf": {PDF},
    ".png": {PNG},
    ".jpg": {JPEG},
    ".jpeg": {JPEG},
    ".gif": {GIF},
    ".webp": {WEBP},
    ".bmp": {BMP},
    ".tif": {TIFF},
    ".tiff": {TIFF},
    ".ofd": {OFD},
    ".xml": {XML},
    ".xbrl": {XML},
    ".txt": {TEXT, XML},
    ".csv": {TEXT},
    ".zip": {ZIP, OFD, XLSX, DOCX, PPTX},
    ".xlsx": {XLSX},
    ".docx": {DOCX},
    ".pptx": {PPTX},
    ".xls": {OLE},
    ".doc": {OLE},
    ".msg": {OLE},
}
"""What files of these names must hold."""
HEAD_BYTES = 4096


def media_type_of(path: Path, name: str) -> str:
    """Return the media type of a file by its content; `UNKNOWN` for what is not recognised.

    Raises `MalformedInput` for a program, by content or by name, and for a name that promises something else.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    suffix = PurePosixPath(name.lower()).suffix
    if suffix in PROGRAM_SUFFIXES or (head.startswith(PROGRAM_MAGIC)):
        raise MalformedInput("attachment_program", message("“{name}”是程序或带宏的文件，不能作附件。", name=name))
    found = _by_magic(head) or _by_zip(path, head) or _by_text(head) or UNKNOWN
    promised = SUFFIX_TYPES.get(suffix)
    if promised is not None and found not in promised:
        raise MalformedInput(
            "attachment_lies", message("“{name}”的内容不是它的扩展名所说的那种文件，请检查后再附。", name=name)
        )
    return found


def _by_magic(head: bytes) -> str:
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return BMP
    return next((kind for magic, kind in MAGIC if head.startswith(magic)), "")


def _by_zip(path: Path, head: bytes) -> str:
    """Look at the names in a zip only; nothing is unpacked."""
    if not head.startswith(b"PK\x03\x04"):
        return ""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {info.filename for info in archive.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ""
    if any(name.endswith(("vbaProject.bin", ".exe", ".dll")) for name in names):
        raise MalformedInput("attachment_program", message("“{name}”是程序或带宏的文件，不能作附件。", name=path.name))
    if "OFD.xml" in names:
        return OFD
    if "[Content_Types].xml" in names:
        for folder, kind in (("xl/", XLSX), ("word/", DOCX), ("ppt/", PPTX)):
            if any(name.startswith(folder) for name in names):
                return kind
    return ZIP


def _by_text(head: bytes) -> str:
    """Tell XML and plain text, in UTF-8, UTF-16 or GB 18030; web pages are unknown, for browsers would run them."""
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if plain.startswith((b"\xff\xfe", b"\xfe\xff")):
        return TEXT
    lowered = plain[:200].lower()
    if lowered.startswith((b"<!doctype html", b"<html", b"<script", b"<svg")):
        return ""
    if plain.startswith((b"<?xml", b"<EInvoice", b"<xbrl")):
        return XML if b"<svg" not in head.lower() and b"<html" not in head.lower() else ""
    if b"\0" in head or not head.strip():
        return ""
    for encoding in ("utf-8", "gb18030"):
        try:
            codecs.getincrementaldecoder(encoding)().decode(head)  # the last character may be cut in two
        except UnicodeDecodeError:
            continue
        return TEXT
    return ""
