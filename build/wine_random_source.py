"""A system library that Windows 10 has and older Wine lacks, made for a Wine prefix; never part of what is shipped.

Libraries written in Rust take their random numbers from `ProcessPrng` of bcryptprimitives.dll. Wine knows the same
source under its older name, `SystemFunction036` of advapi32.dll, so a library without any code is enough: its one
export is a forwarder (Microsoft, PE Format, "Export Address Table": an address inside the export section is the text
"library.function").
"""

from __future__ import annotations

import struct

LIBRARY = "bcryptprimitives.dll"
EXPORTED = b"ProcessPrng"
FORWARDED_TO = b"advapi32.SystemFunction036"

_SECTION_ADDRESS = 0x1000
_FILE_ALIGNMENT = 0x200


def random_source() -> bytes:
    """Return the bytes of the 64-bit library."""
    section = _export_section()
    raw_size = -len(section) % _FILE_ALIGNMENT + len(section)
    dos = b"MZ" + bytes(58) + struct.pack("<I", 64)
    # machine x64, one section; an executable image that is a library and takes large addresses
    coff = struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x2022)
    optional = struct.pack("<HBBIIIII", 0x20B, 0, 0, 0, raw_size, 0, 0, _SECTION_ADDRESS)
    optional += struct.pack("<QII", 0x180000000, 0x1000, _FILE_ALIGNMENT)
    optional += struct.pack("<HHHHHHIIII", 6, 0, 0, 0, 6, 0, 0, _SECTION_ADDRESS + 0x1000, _FILE_ALIGNMENT, 0)
    optional += struct.pack("<HHQQQQII", 2, 0x100, 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
    optional += struct.pack("<II", _SECTION_ADDRESS, len(section)) + bytes(15 * 8)
    header = struct.pack(
        "<8sIIIIIIHHI", b".edata", len(section), _SECTION_ADDRESS, raw_size, _FILE_ALIGNMENT, 0, 0, 0, 0, 0x40000040
    )
    head = dos + b"PE\0\0" + coff + optional + header
    return head.ljust(_FILE_ALIGNMENT, b"\0") + section.ljust(raw_size, b"\0")


def _export_section() -> bytes:
    directory = 40
    functions, names, ordinals = directory, directory + 4, directory + 8
    texts = directory + 10
    library = LIBRARY.encode() + b"\0"
    exported = EXPORTED + b"\0"
    at = [_SECTION_ADDRESS + texts, 0, 0]
    at[1] = at[0] + len(library)
    at[2] = at[1] + len(exported)
    tables = [_SECTION_ADDRESS + offset for offset in (functions, names, ordinals)]
    return (
        struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, at[0], 1, 1, 1, *tables)
        + struct.pack("<IIH", at[2], at[1], 0)
        + library
        + exported
        + FORWARDED_TO
        + b"\0"
    )
