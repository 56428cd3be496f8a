"""Light and dark, and how large: one palette, one style sheet, one font, switched while the window runs."""

from __future__ import annotations

import json
import string
import sys
from collections.abc import Mapping

from PyQt5.QtCore import QObject, QSettings, pyqtSignal
from PyQt5.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPalette
from PyQt5.QtWidgets import QApplication

from app.resources import resource_path

SMALLEST_ZOOM = 80
LARGEST_ZOOM = 300
_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei UI",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Droid Sans Fallback",
)
"""Sans-serif faces with Chinese, the best first."""
_LATIN_FAMILIES = ("Segoe UI", "Inter", "Noto Sans", "DejaVu Sans")
"""Used for English text before the Chinese face, where there is one: their figures are all of one width."""

_ROLES: dict[str, QPalette.ColorRole] = {
    "window": QPalette.ColorRole.Window,
    "text": QPalette.ColorRole.WindowText,
    "base": QPalette.ColorRole.Base,
    "alternate": QPalette.ColorRole.AlternateBase,
    "button": QPalette.ColorRole.Button,
    "selection": QPalette.ColorRole.Highlight,
    "on_selection": QPalette.ColorRole.HighlightedText,
    "link": QPalette.ColorRole.Link,
    "accent": QPalette.ColorRole.LinkVisited,
    "tooltip": QPalette.ColorRole.ToolTipBase,
    "on_tooltip": QPalette.ColorRole.ToolTipText,
    "faint": QPalette.ColorRole.PlaceholderText,
    # Fusion draws frames with these; our own painting takes border, grid and muted text from them.
    "border": QPalette.ColorRole.Mid,
    "grid": QPalette.ColorRole.Midlight,
    "muted": QPalette.ColorRole.Dark,
    # No style of ours uses BrightText otherwise: it is the colour of negative amounts.
    "negative": QPalette.ColorRole.BrightText,
}


class ThemeSwitch(QObject):
    """Dresses the application; `use` and `set_zoom` may be called at any time."""

    changed = pyqtSignal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._system_is_dark = _system_is_dark(application.palette())
        self._base_size_pt = max(application.font().pointSizeF(), 9.0)
        self._choice = "system"
        self._zoom_percent = 100
        self._shown: tuple[str, int] | None = None
        style = application.style()
        if style is None or style.objectName() != "fusion":
            application.setStyle("Fusion")

    @property
    def name(self) -> str:
        """The theme shown now, `light` or `dark`."""
        if self._choice == "system":
            return "dark" if self._system_is_dark else "light"
        return self._choice

    @property
    def zoom_percent(self) -> int:
        """How large the window's text is against the system's."""
        return self._zoom_percent

    def use(self, choice: str, zoom_percent: int | None = None) -> None:
        """Show `light`, `dark` or what the `system` has, at a size in percent; nothing happens where it is shown."""
        self._choice = choice if choice in {"light", "dark"} else "system"
        if zoom_percent is not None:
            self._zoom_percent = min(max(zoom_percent, SMALLEST_ZOOM), LARGEST_ZOOM)
        if self._shown == (self.name, self._zoom_percent):
            return  # dressing a window with all its pages takes seconds, and other settings change, too
        self._shown = self.name, self._zoom_percent
        colours = theme_colours(self.name)
        size_pt = self._base_size_pt * self._zoom_percent / 100
        font = interface_font(size_pt)
        self._application.setFont(font)
        self._application.setPalette(palette_of(colours))
        self._application.setStyleSheet(style_sheet(colours, size_pt))
        if sys.platform == "win32":
            # With its first style sheet Qt takes the system's own fonts for lists, menus and bars again.
            self._application.setFont(font)
        self.changed.emit()


def theme_colours(name: str) -> Mapping[str, str]:
    """Return the named colours of a theme, and the file of its tick."""
    colours: Mapping[str, str] = json.loads(resource_path("themes", f"{name}.json").read_text(encoding="utf-8"))
    return colours


def palette_of(colours: Mapping[str, str]) -> QPalette:
    """Return Qt's palette of a theme."""
    palette = QPalette()
    for name, role in _ROLES.items():
        palette.setColor(role, QColor(colours[name]))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(role, QColor(colours["text"]))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours["faint"]))
    palette.setColor(QPalette.ColorRole.Light, QColor(colours["panel"]))
    palette.setColor(QPalette.ColorRole.Shadow, QColor(colours["border"]))
    return palette


def style_sheet(colours: Mapping[str, str], size_pt: float) -> str:
    """Return the application's style sheet in these colours, its sizes fitting a font of `size_pt`."""
    values = dict(colours)
    for name in ("chevron-down", "chevron-right", "chevron-up"):
        values[name.replace("-", "_")] = resource_path("themes", f"{name}.svg").as_posix()
    values["tick"] = resource_path("themes", colours["tick"]).as_posix()
    for name, ratio in (("title_size", 1.45), ("heading_size", 1.75), ("choice_size", 1.1)):
        values[name] = f"{size_pt * ratio:.1f}pt"
    # Icons are the one length that knows no em.
    values["icon_size"] = f"{QFontMetrics(interface_font(size_pt)).height()}px"
    sheet = resource_path("themes", "window.qss").read_text(encoding="utf-8")
    return string.Template(sheet).substitute(values)


def interface_font(size_pt: float) -> QFont:
    """Return the window's font: the best Chinese face this system has, with the others as fallbacks."""
    present = set(QFontDatabase().families())
    latin = [family for family in _LATIN_FAMILIES if family in present][:1]
    chinese = [family for family in _FAMILIES if family in present]
    font = QFont()
    if latin or chinese:
        font.setFamilies([*latin, *chinese])
    font.setPointSizeF(size_pt)
    font.setStyleHint(QFont.StyleHint.SansSerif)
    return font


def _system_is_dark(palette: QPalette) -> bool:
    if sys.platform == "win32":
        key = r"HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
        return not bool(int(QSettings(key, QSettings.Format.NativeFormat).value("AppsUseLightTheme", 1)))
    return palette.color(QPalette.ColorRole.Window).lightness() < 128
