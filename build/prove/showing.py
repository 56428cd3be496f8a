"""Steps in the program's window: clicked, typed, and read in pictures."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

from prove.glyphs import Region, find_text
from prove.record import require
from prove.stage import LIKE, LIKE_BOLD, PROGRAM, TITLE_SIZES, Stage
from prove.working import BOOKS, COMPANY, closed

TITLE_PLACE = Region(0.12, 0.15, 0.5, 0.5)
BUTTONS = Region(0.08, 0.3, 0.5, 0.8)
ANYWHERE = Region(0.0, 0.0, 1.0, 1.0)
PAGE = Region(0.15, 0.0, 1.0, 1.0)
FORM = Region(0.15, 0.05, 1.0, 0.45)
NAVIGATION = Region(0.0, 0.03, 0.25, 0.9)
NAVIGATION_END = Region(0.0, 0.4, 0.25, 0.97)
"""Where the last pages are listed once the list is scrolled down; the book's name stands above."""
"""Where texts have to stand, in the start page's and the workspace's window."""

MANY = 3000
"""Vouchers of the sample that is imported through the window: enough to see it work."""
IMPORTED = f"{BOOKS}\\导入.zhangfang"
IMPORT_S = 120.0
TO_NEXT_BUTTON = 100
"""From the left of a button's text into the button beside it, in pixels."""


def starts_by_entry(stage: Stage) -> str:
    """Start the program through its entry in the start menu, as a click does, and read its Chinese texts."""
    menu = stage.user / "AppData/Roaming/Microsoft/Windows/Start Menu/Programs"
    link = next(menu.rglob("*.lnk"))
    before = stage.log
    stage.run("start", stage.wine.windows(link))
    stage.wait_for_log("window painted", before)
    title = stage.find("start-page", "账房", TITLE_PLACE, TITLE_SIZES)
    button = stage.find("start-page", "新建账簿", BUTTONS)
    require(button.y > title.y, f"新建账簿 at {button} does not stand below 账房 at {title}")
    return (
        f"{link.name}; 账房 and 新建账簿 read in the picture, likeness {title.likeness:.2f} and {button.likeness:.2f}"
    )


def makes_book(stage: Stage) -> str:
    """Make a book in the window that is open: click, paste its name and place, Enter."""
    stage.wine.path(BOOKS).mkdir(exist_ok=True)
    before = stage.log
    stage.click(stage.find("start-page", "新建账簿", BUTTONS))
    dialog = stage.wait(lambda: stage.windows("新建账簿"), "the dialog of a new book")[0]
    stage.find("new-book", "账簿名称", ANYWHERE, title="新建账簿")
    stage.paste("甲公司")
    place = stage.find("new-book", "保存到", ANYWHERE, title="新建账簿")
    left, _, right, _ = stage.window_box(dialog)
    stage.click(place, right=(right - left) // 3)
    stage.paste(COMPANY)
    stage.picture("new-book", stage.window_box(dialog))
    stage.xdo("key", "Return")
    stage.wait_for_log("pages shown", before)
    name = stage.xdo("getwindowname", stage.windows()[0])
    require("甲公司" in name, f"the window's title is {name}")
    stage.find("new-book-open", "凭证列表", NAVIGATION)
    require(stage.wine.path(COMPANY).is_file(), f"{COMPANY} is not there")
    stage.close_window()
    return f"{COMPANY}, window “{name}”; {closed(stage, COMPANY)}"


def opens_by_double_click(stage: Stage) -> str:
    """Open the book as a double-click on its file does, again while it is open, and close it."""
    with stage.classes_of_the_user_count():
        before = stage.log
        stage.run("start", COMPANY)
        stage.wait_for_log("pages shown", before)
        name = stage.xdo("getwindowname", stage.windows()[0])
        require("甲公司" in name, f"the window's title is {name}")
        first = stage.processes()
        stage.run("start", COMPANY)
        stage.wait(lambda: stage.processes() == first, "the end of the second start")
        require(len(stage.windows()) == 1, "the second double-click opened a second window")
    stage.close_window()
    return f"window “{name}”, a second double-click opens no second one; {closed(stage, COMPANY)}"


def imports_with_progress(stage: Stage) -> str:
    """Import many vouchers on the window's page and see its progress."""
    sample = write_many(stage.wine.drive_c / "样本")
    stage.command("new", IMPORTED, "--chart", "household", "--start", "2026-01", "--name", "导入")
    before = stage.log
    stage.start(stage.installed / PROGRAM, IMPORTED)
    stage.wait_for_log("pages shown", before)
    stage.scroll_down(stage.find("import", "凭证列表", NAVIGATION))
    stage.click(stage.find("import", "导入", NAVIGATION_END))
    stage.click(stage.find("import", "文件或文件夹", FORM), right=200)
    stage.paste(stage.wine.windows(sample))
    stage.click(stage.find("import", "导入后直接", FORM))
    stage.click(stage.find("import", "预览", FORM), right=TO_NEXT_BUTTON)
    progress = stage.find("import-working", "取消", PAGE)
    stage.find("import-done", "张已记账", PAGE, timeout_s=IMPORT_S, like=LIKE_BOLD)
    stage.close_window(60)
    shutil.rmtree(sample)
    found = json.loads(stage.command("verify", IMPORTED, "--json", timeout_s=60))
    require(found["vouchers"] == found["chain_count"] == MANY and found["findings"] == [], f"verification: {found}")
    return f"{MANY} vouchers posted, progress with its “取消” seen (likeness {progress.likeness:.2f}); verified"


def write_many(folder: Path) -> Path:
    """Write a sample with many vouchers in the program's own form of CSV."""
    folder.mkdir(exist_ok=True)
    with (folder / "vouchers.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        heads = "date,word,number,line,summary,account_code,account_name,debit,credit,aux,quantity,cash_flow_line,kind"
        rows.writerow(heads.split(","))
        for number in range(1, MANY + 1):
            day = f"2026-01-{number * 28 // (MANY + 1) + 1:02d}"
            amount, summary = f"{number % 97 + 1}.{number % 100:02d}", f"第 {number} 笔收入"
            rows.writerow([day, "记", number, 1, summary, "1001", "", amount, "", "", "", "", ""])
            rows.writerow([day, "记", number, 2, summary, "4001", "", "", amount, "", "", "", ""])
    return folder


def sees_missing_glyphs(stage: Stage) -> str:
    """Take the Chinese fonts away and look again: the comparison has to fail, else it has shown nothing before."""
    empty = stage.out / "no-fonts"
    empty.mkdir()
    settings = empty / "fonts.conf"
    settings.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig><dir>{empty}</dir><cachedir>{empty}</cachedir></fontconfig>",
        encoding="utf-8",
    )
    for key in ("HKCU\\Software\\Wine\\Fonts", "HKLM\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Fonts"):
        stage.run("reg", "delete", key, "/f")
    stage.wine.kill()  # fonts are looked for when Windows starts
    stage.start(
        stage.payload / PROGRAM,
        environment={"FONTCONFIG_FILE": str(settings), "ZHANGFANG_DATA_DIR": "C:\\无字"},
    )
    log = stage.wine.drive_c / "无字" / "logs" / "zhangfang.log"
    stage.wait(lambda: log.exists() and "window painted" in log.read_text(encoding="utf-8"), "the painted window")
    number = stage.wait(stage.windows, "the window without glyphs")[0]
    picture = stage.picture("missing-glyphs", stage.window_box(number))
    best = max(
        find_text(picture, "账房", TITLE_PLACE, TITLE_SIZES).likeness,
        find_text(picture, "新建账簿", BUTTONS, range(11, 16)).likeness,
    )
    stage.kill_program()
    dark = picture.convert("L").point(lambda light: 255 if light < 128 else 0).getbbox()
    require(dark is not None, "the window without glyphs is empty, so it is no comparison")
    require(best < LIKE - 0.2, f"boxes instead of characters have a likeness of {best:.2f}")
    return f"empty boxes instead of characters have a likeness of {best:.2f}, {LIKE} is asked for"
