"""Steps about the installer: install, upgrade, refuse, uninstall; files and registry are looked at, not only codes."""

from __future__ import annotations

import shutil
from pathlib import Path

import installer
from app.version import PROGRAM_NAME_ZH, VERSION
from prove.record import require
from prove.stage import COMMANDS, PROGRAM, Stage

OLD_VERSION = "0.0.9"
STALE = "_internal/gone/陈旧.txt"
OWN_KEY = "HKEY_CURRENT_USER\\Software\\Zhangfang"
CLASSES = "HKEY_CURRENT_USER\\Software\\Classes"
UNINSTALL_KEY = "HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\Zhangfang"
APP_PATH_KEY = f"HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\App Paths\\{PROGRAM}"
RUNNING, NEWER, OLD_WINDOWS = 2, 3, 4
"""Exit codes of the silent installer, docs/windows.md."""
INSTALL_S = 120.0
DOWNLOAD_MB = 40

MACHINE = "HKLM\\Software"
# Windows keeps its lists of trusted certificates in keys of this name, in several places; they are filled when a
# program first asks for a secure connection.
KEPT_BY_WINDOWS = "\\SystemCertificates"


def make_old_installer(stage: Stage) -> str:
    """Make an installer of an older version: the same programs, an older number, one file more."""
    tree = stage.out / "old-version"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(stage.payload, tree, copy_function=_link)
    stale = tree / STALE
    stale.parent.mkdir(parents=True)
    stale.write_text("旧版本的文件\n", encoding="utf-8")
    installer.make_installer(tree, old_installer(stage), OLD_VERSION, compression="none")
    shutil.rmtree(tree)
    return f"version {OLD_VERSION}, with a file the present one does not have"


def _link(source: str, target: str) -> str:
    Path(target).hardlink_to(source)
    return target


def old_installer(stage: Stage) -> Path:
    """Return where the installer of the older version lies."""
    return stage.out / f"Zhangfang-{OLD_VERSION}-setup.exe"


def payload_files(stage: Stage) -> list[str]:
    """Return what the present version installs, apart from the licence, the list of files and the uninstaller."""
    return list(installer.read_payload(stage.payload).files)


def shortcuts(stage: Stage) -> list[Path]:
    """Return the entries in the start menu and on the desktop."""
    menu = stage.user / "AppData/Roaming/Microsoft/Windows/Start Menu/Programs"
    return sorted([*menu.rglob("*.lnk"), *stage.user.joinpath("Desktop").glob("*.lnk")])


def refuse_old_windows(stage: Stage) -> str:
    """Run the installer on Windows 8.1: it refuses in one sentence."""
    key = f"HKCU\\Software\\Wine\\AppDefaults\\{old_installer(stage).name}"
    stage.run("reg", "add", key, "/v", "Version", "/d", "win81", "/f")
    try:
        done = stage.run(old_installer(stage), "/S", timeout_s=INSTALL_S)
    finally:
        stage.run("reg", "delete", key, "/f")
    require(done.code == OLD_WINDOWS, f"code {done.code} instead of {OLD_WINDOWS}: {done.output}")
    require(not stage.installed.exists(), "it installed something all the same")
    return done.output.strip()


def install_old(stage: Stage) -> str:
    """Install the older version silently into the new Windows."""
    stage.machine_before = machine_registry(stage)
    done = stage.run(old_installer(stage), "/S", timeout_s=INSTALL_S)
    require(done.code == 0, f"code {done.code}: {done.output}")
    require((stage.installed / STALE).is_file(), f"{STALE} is not there")
    version = stage.registry(UNINSTALL_KEY).get(UNINSTALL_KEY, {}).get("DisplayVersion")
    require(version == OLD_VERSION, f"the registry says version {version}")
    (stage.installed / "我的笔记.txt").write_text("用户自己的文件", encoding="utf-8")
    return f"{sum(path.is_file() for path in stage.installed.rglob('*'))} files, version {version} in the registry"


def upgrade(stage: Stage) -> str:
    """Install the present version over the older one."""
    desktop = next(path for path in shortcuts(stage) if path.parent.name == "Desktop")
    desktop.unlink()
    done = stage.run(stage.installer, "/S", timeout_s=INSTALL_S)
    require(done.code == 0, f"code {done.code}: {done.output}")
    require(not (stage.installed / STALE).parent.exists(), f"{STALE} of the older version is still there")
    require((stage.installed / "我的笔记.txt").is_file(), "the user's own file is gone")
    for name in payload_files(stage):
        there = stage.installed / name
        require(
            there.is_file() and there.stat().st_size == (stage.payload / name).stat().st_size, f"{name} is not as built"
        )
    require(not (stage.installed / "portable.txt").exists(), "the installer made the program portable")
    require(not desktop.exists(), "the entry on the desktop that the user had thrown away is back")
    require([link.stem for link in shortcuts(stage)] == [PROGRAM_NAME_ZH], "the start menu's entry is gone")
    values = stage.registry(UNINSTALL_KEY).get(UNINSTALL_KEY, {})
    require(values.get("DisplayVersion") == VERSION, f"the registry says version {values.get('DisplayVersion')}")
    wanted = {"DisplayName", "DisplayIcon", "Publisher", "InstallLocation", "UninstallString", "QuietUninstallString"}
    require(wanted | {"EstimatedSize", "NoModify", "NoRepair"} <= values.keys(), f"entries missing: {values}")
    require(values["DisplayName"] == PROGRAM_NAME_ZH, f"its name on a Chinese Windows is {values['DisplayName']}")
    return f"version {VERSION}, stale file gone, the user's own file kept, {len(payload_files(stage))} files as built"


def association(stage: Stage) -> str:
    """Look at what the registry says about books and the program."""
    classes = stage.registry(CLASSES)
    command = f'"{stage.wine.windows(stage.installed / PROGRAM)}" "%1"'
    wanted = {
        f"{CLASSES}\\.zhangfang": ("@", "Zhangfang.Book"),
        f"{CLASSES}\\.zhangfang\\OpenWithProgids": ("Zhangfang.Book", ""),
        f"{CLASSES}\\Zhangfang.Book": ("@", "账房账簿"),
        f"{CLASSES}\\Zhangfang.Book\\DefaultIcon": ("@", f"{stage.wine.windows(stage.installed / PROGRAM)},0"),
        f"{CLASSES}\\Zhangfang.Book\\shell\\open\\command": ("@", command),
        f"{CLASSES}\\Applications\\{PROGRAM}\\shell\\open\\command": ("@", command),
        f"{CLASSES}\\Applications\\{PROGRAM}\\SupportedTypes": (".zhangfang", ""),
    }
    for key, (name, value) in wanted.items():
        is_there = classes.get(key, {}).get(name)
        require(is_there == value, f"{key}, {name}: {is_there!r} instead of {value!r}")
    path = stage.registry(APP_PATH_KEY).get(APP_PATH_KEY, {}).get("@")
    require(path == stage.wine.windows(stage.installed / PROGRAM), f"App Paths leads to {path}")
    names = [link.stem for link in shortcuts(stage)]
    require(names == [PROGRAM_NAME_ZH] * 2, f"entries in the start menu and on the desktop: {names}")
    return f".zhangfang opens with the program; “open with”, {PROGRAM_NAME_ZH} in the start menu and on the desktop"


def sizes(stage: Stage) -> str:
    """Say how large the downloads are, and refuse what is too large."""
    found = {path.name: path.stat().st_size / 1e6 for path in sorted(stage.installer.parent.glob("*windows*"))}
    require(stage.installer.name in found and len(found) > 1, f"downloads: {sorted(found)}")
    for name, size in found.items():
        require(size <= DOWNLOAD_MB, f"{name} has {size:.1f} MB, more than {DOWNLOAD_MB}")
    return ", ".join(f"{name} {size:.1f} MB" for name, size in found.items())


def refuse_downgrade(stage: Stage) -> str:
    """Run the older installer over the present version: it refuses and changes nothing."""
    done = stage.run(old_installer(stage), "/S", timeout_s=INSTALL_S)
    require(done.code == NEWER, f"code {done.code} instead of {NEWER}: {done.output}")
    version = stage.registry(UNINSTALL_KEY)[UNINSTALL_KEY]["DisplayVersion"]
    require(version == VERSION and not (stage.installed / STALE).exists(), "it installed the older version")
    require(VERSION in done.output, f"its sentence does not name the version: {done.output!r}")
    return done.output.strip()


def refuse_while_running(stage: Stage) -> str:
    """Run installer and uninstaller while the window is open: both refuse and change nothing."""
    before = stage.log
    stage.start(stage.installed / PROGRAM)
    stage.wait_for_log("window painted", before)
    said = ""
    try:
        for program in (stage.installer, stage.installed / "uninstall.exe"):
            words = ["/S"] if program == stage.installer else ["/S", f"_?={stage.wine.windows(stage.installed)}"]
            done = stage.run(program, *words, timeout_s=INSTALL_S)
            require(done.code == RUNNING, f"{program.name}: code {done.code} instead of {RUNNING}: {done.output}")
            require("关闭" in done.output, f"{program.name} does not say what to do: {done.output!r}")
            said = done.output.strip()
        for name in (PROGRAM, COMMANDS, "uninstall.exe", installer.FILE_LIST):
            require((stage.installed / name).is_file(), f"{name} is gone")
    finally:
        stage.close_window()
    return said


def uninstall(stage: Stage) -> str:
    """Uninstall silently: all that was installed goes, and nothing else."""
    keep = [stage.data / "settings.toml", stage.data / "logs" / "zhangfang.log", stage.installed / "我的笔记.txt"]
    keep += sorted((stage.wine.drive_c / "我的 账本").glob("*.zhangfang"))
    missing = [path for path in keep if not path.is_file()]
    require(not missing and len(keep) > 3, f"not there before: {missing}")
    done = stage.run(stage.installed / "uninstall.exe", "/S", timeout_s=INSTALL_S)
    require(done.code == 0, f"code {done.code}: {done.output}")
    stage.wait(lambda: not (stage.installed / "uninstall.exe").exists(), "the uninstaller's end", 60)
    stage.wait(lambda: not stage.registry(OWN_KEY), "the end of its own key", 20)
    left = sorted(path.name for path in stage.installed.rglob("*"))
    require(left == ["我的笔记.txt"], f"left in the folder: {left[:20]}")
    require(not shortcuts(stage), f"entries left: {shortcuts(stage)}")
    for key in (UNINSTALL_KEY, APP_PATH_KEY):
        require(not stage.registry(key), f"{key} is still there")
    ours = [key for key in stage.registry(CLASSES) if "zhangfang" in key.lower()]
    require(not ours, f"still in the registry: {ours}")
    gone = [path for path in keep if not path.is_file()]
    require(not gone, f"taken away though it is the user's: {gone}")
    return f"program, entries and registry keys gone; {len(keep)} files of the user stay"


def machine_registry(stage: Stage) -> dict[str, dict[str, str]]:
    """Return what the registry says for the whole computer: keys with values, and any that name us."""
    found = stage.registry(MACHINE)
    return {
        key: values
        for key, values in found.items()
        if (values or "zhangfang" in key.lower()) and KEPT_BY_WINDOWS not in key
    }


def machine_untouched(stage: Stage) -> str:
    """Compare the registry of the whole computer with the one before the first installation."""
    now, before = machine_registry(stage), stage.machine_before
    require(len(before) > 100, f"only {len(before)} keys were exported")
    changed = sorted(key for key in now.keys() | before.keys() if now.get(key) != before.get(key))
    told = [f"{key}: {before.get(key)} before, {now.get(key)} now" for key in changed[:10]]
    require(not changed, "\n".join([f"{len(changed)} keys have changed:", *told]))
    return f"{len(now)} keys of HKEY_LOCAL_MACHINE\\Software as before"
