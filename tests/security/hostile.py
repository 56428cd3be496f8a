"""What somebody who means no good, or a program that is wrong, may send in place of what is asked for."""

from __future__ import annotations

from typing import Any

# fmt: off
HOSTILE: tuple[Any, ...] = (
    None, True, False, [], {}, [[]], [None], {"": ""}, {"a": {"b": [{}]}},
    0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**30, 1.5, -0.0, 1e308, 1e-308,
    "", " ", "\0", "a\0b", "\ud800", "\udfff x", "\u202e", "\ufeff", "\r\nX-Evil: 1", "𠮷", "👨\u200d👩\u200d👧",
    "e\u0301", "ﷺ" * 30, "0", "-0", "-1", "1.", ".5", "1e5", "1E+999999999", "1e-999999999", "NaN", "sNaN", "-Infinity",
    "9" * 40, "0x10", "１２", "٣", "1_000", "1,234.50", "１，２３４。５", "+5", "--5", "1.005", "0." + "0" * 30 + "1",
    "99999999999999999.99", "92233720368547758.07", "92233720368547758.08", "0.000000001", "1/3",
    "2026-06", "2026-6", "2026-13", "0000-00", "9999-12", "2026-06-05", "2026-02-30", "0001-01-01", "9999-12-31",
    "2026-06-05T00:00:00Z", "20260605", "2026-W01-1", "２０２６-06-05", "' OR 1=1 --", "%", "_", "\\", "%s%n", "{0}",
    "{name.__class__}", "../../etc/passwd", "/etc/passwd", "C:\\x", "CON", "<img src=x onerror=y>", "=1+1", "A" * 61,
    "A" * 201, "账" * 400, "A" * 10_001, "客户:甲公司", "客户:甲公司;部门:无", "::::", ";;;", "1002", "9999999999",
    "USD", "ZZZ",
)
TEXTS = tuple(value for value in HOSTILE if isinstance(value, str))
CONTENT_TYPES = (
    "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/json; charset=x", "application/vnd.api+json",
    "APPLICATION/JSON", "application/json, text/plain", "application/octet-stream",
    "\xff/\xfe",
)
RAW_BODIES = (
    b"", b"{", b"[]", b"null", b"0", b'"x"', b"\xff\xfe", b"\xef\xbb\xbf{}", b"\0", b"{}{}", b'{"a":1,}', b"NaN",
    b"[" * 100_000, b'{"a":' * 5_000, b'{"id":1,"id":2}', b'{"version":1,"version":1}', b'{"name":"\\ud800"}',
    b'{"name":"\xff"}', b'{"quantity":1e400}', b'{"quantity":' + b"9" * 5_000 + b"}", b'{"":null}', b" " * 70_000,
)
HEADERS: tuple[dict[str, str], ...] = (
    {"Accept-Language": "en"}, {"Accept-Language": "xx;q=9"}, {"Accept-Language": "zh;q=0,en;q=0.1"},
    {"Accept-Language": "*"}, {"Accept-Language": "\xff"}, {"Accept-Language": "a," * 2_000},
    {"Accept": "text/html"}, {"Accept": "\0"}, {"If-None-Match": "*"}, {"Range": "bytes=0-1,5-"}, {"Expect": "x"},
    {"X-Forwarded-For": "9.9.9.9"}, {"X-Forwarded-Proto": "https"}, {"X-Request-Id": "a;b\t c"},
    {"X-Request-Id": "x" * 9_000}, {"X-HTTP-Method-Override": "DELETE"}, {"Cookie": "zhangfang_session=\xff; =; ;"},
    {"X-Zhangfang-Session": "\xff"}, {"User-Agent": "\0" * 500},
)
QUERIES = (("x", "1"), ("limit", "0"), ("cursor", "W10"), ("cursor", "WzFd"), ("q", "A" * 60_000), ("\0", ""))
# fmt: on
