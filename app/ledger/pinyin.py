"""Pinyin of Chinese names: initials for look-up, spelling for sorting."""

from __future__ import annotations

from functools import lru_cache

LONGEST_KEY = 500


@lru_cache(maxsize=2048)
def pinyin_of(name: str) -> tuple[str, str]:
    """Return (initials, sort key) of a name: `银行存款` gives `yhck` and `yin hang cun kuan`.

    Characters without pinyin stand for themselves in lower case. pypinyin knows the usual words, so 银行 is hang.
    """
    if name.isascii():
        lowered = name.lower()
        return "".join(c for c in lowered if c.isalnum())[:120], lowered[:LONGEST_KEY]
    from pypinyin import lazy_pinyin  # a third of a second to import, and needed only where names are written

    syllables: list[str] = []
    initials: list[str] = []
    for part in lazy_pinyin(name):
        lowered = part.lower()
        syllables.append(lowered)
        # What is not Chinese comes back as one run: all of it belongs to the initials, so "A4纸" is "a4z".
        known = lowered.isascii() and lowered.isalpha() and lowered not in name.lower()
        initials.append(lowered[:1] if known else "".join(c for c in lowered if c.isalnum()))
    return "".join(initials)[:120], " ".join(syllables)[:LONGEST_KEY]
