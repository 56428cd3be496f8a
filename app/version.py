"""The program's name and version, the one place they are written."""

from __future__ import annotations

PROGRAM = "zhangfang"
PROGRAM_NAME_ZH = "账房"
PROGRAM_NAME_EN = "Zhangfang"
COPYRIGHT = "Copyright (C) 2026 Zhangfang authors, GPL-3.0"
VERSION = "0.1.0"
API_MAJOR = 1
