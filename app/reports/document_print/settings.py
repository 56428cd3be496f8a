"""What the book prints on its documents: kept in the book, its logo made small and harmless."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Any

from app.contract.document_printing import DocumentPrintSettings, DocumentPrintSettingsInput, PrintedTexts
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.kernel.errors import MalformedInput
from app.kernel.text import clean_text, message
from app.reports.document_print.forms import TITLES
from app.storage.book_settings import get_setting, lock_setting, set_setting
from app.storage.database import run_unit

SETTING = "document_print"
LOGO_SIZE = (900, 400)
"""Dots; on paper that is more than 300 to the inch."""
MOST_DOTS = 40_000_000
LARGEST_FILE = 1_400_000
KINDS = frozenset({"PNG", "JPEG"})


def read_settings() -> DocumentPrintSettings:
    """Return what the book prints; everything is empty before somebody set it."""
    return DocumentPrintSettings.model_validate(get_setting(SETTING, {}))


def change_settings(actor: Actor, wished: DocumentPrintSettingsInput) -> DocumentPrintSettings:
    """Change what the book prints; fields left out stay.

    Raises `MalformedInput` for a logo that is no picture or a kind of document there is not, `Conflict` when somebody
    changed it meanwhile.
    """
    actor.require("reports:document-print:edit")
    given = wished.model_dump(exclude={"version", "request_id"}, exclude_none=True)
    texts = given.pop("texts", None)
    logo = given.pop("logo", None)
    changes: dict[str, Any] = {name: clean_text(value) for name, value in given.items()}
    if texts is not None:
        changes["texts"] = [_checked(text) for text in wished.texts or []]
    if logo is not None:
        changes["logo"] = _small_png(logo) if logo else ""

    def work() -> DocumentPrintSettings:
        lock_setting(SETTING, {})
        before = read_settings()
        check_version(wished.version, before.version, "document_print", 1, lambda: before, message("打印设置"))
        after = DocumentPrintSettings.model_validate({**before.model_dump(), **changes, "version": before.version + 1})
        set_setting(SETTING, after.model_dump())
        audit.record(
            actor,
            "reports:document-print:edit",
            "document_print",
            1,
            before=_without_logo(before),
            after=_without_logo(after),
        )
        return after

    return run_unit(work)


def _checked(text: dict[str, Any] | PrintedTexts) -> dict[str, Any]:
    texts = text if isinstance(text, PrintedTexts) else PrintedTexts.model_validate(text)
    if texts.kind not in TITLES:
        raise MalformedInput("document_kind_unknown", message("没有“{kind}”这种单据。", kind=texts.kind))
    paragraphs = {
        name: "\n".join(clean_text(line) for line in value.splitlines()).strip()
        for name, value in (("opening", texts.opening), ("terms", texts.terms))
    }
    return {"kind": texts.kind, "title": clean_text(texts.title), **paragraphs}


def _without_logo(settings: DocumentPrintSettings) -> dict[str, Any]:
    return {**settings.model_dump(exclude={"logo"}), "has_logo": bool(settings.logo)}


def _small_png(encoded: str) -> str:
    """Read a picture somebody sent and write it anew: only its dots are kept, however it was made."""
    from PIL import Image

    refused = MalformedInput(
        "logo_malformed",
        message("这个文件不能当标志：请选 PNG 或 JPEG 图片，不超过 1 MB。"),
        fields={"logo": message("请选 PNG 或 JPEG 图片。")},
    )
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise refused from None
    if len(content) > LARGEST_FILE:
        raise refused
    try:
        with Image.open(io.BytesIO(content), formats=sorted(KINDS)) as picture:
            if picture.width * picture.height > MOST_DOTS:
                raise refused
            small = picture.convert("RGBA")
            small.thumbnail(LOGO_SIZE)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise refused from None
    written = io.BytesIO()
    small.save(written, "PNG", optimize=True)
    return base64.b64encode(written.getvalue()).decode()
