"""The font of every PDF: one with all Chinese glyphs; what is used of it is embedded."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.kernel.errors import EnvironmentFault
from app.kernel.text import message
from app.resources import resource_path

FONT_FILES = ("wqy-microhei.ttc", "wqy-zenhei.ttc", "msyh.ttc", "simsun.ttc", "simhei.ttf", "deng.ttf", "songti.ttc")
"""TrueType fonts with all Chinese glyphs that systems bring, in small letters; fonts with PostScript outlines cannot be
embedded. Windows 10 and 11 of every language bring msyh.ttc and simsun.ttc."""


def font_folders() -> list[Path]:
    """Return where fonts lie: the program's own, then those of this system."""
    folders = [resource_path("fonts")]
    if sys.platform == "win32":
        folders.append(Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "Fonts")
        folders.append(Path(os.environ.get("LOCALAPPDATA", "")) / "Microsoft" / "Windows" / "Fonts")
    else:
        folders += [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts"]
        folders += [Path("/System/Library/Fonts"), Path("/Library/Fonts")]
    return folders


def find_font(folders: list[Path]) -> Path:
    """Return the first font that has Chinese glyphs. Raises `EnvironmentFault` with advice where there is none."""
    for folder in folders:
        found = {path.name.lower(): path for path in folder.rglob("*.[Tt][Tt][CcFf]")} if folder.is_dir() else {}
        for name in FONT_FILES:
            if name in found:
                return found[name]
    raise EnvironmentFault(
        "font_missing",
        message(
            "没有可用的中文字体，做不了 PDF。请安装微软雅黑（Windows）或文泉驿微米黑（fonts-wqy-microhei）后再试。"
        ),
    )


def embedded_font() -> str:
    """Register the font with reportlab and return its name there. Raises `EnvironmentFault` where there is none."""
    from reportlab import rl_config
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    # streams as they are: written as text they take half the time of a long document, and a quarter more room
    rl_config.useA85 = 0
    path = find_font(font_folders())
    name = f"zhangfang-{path.stem}"
    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(name, str(path), subfontIndex=0))
    return name
