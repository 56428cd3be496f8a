"""Finding words in summaries among a million vouchers: an index of our own over pairs of neighbouring characters.

SQLite's full-text index needs three characters and MySQL's cuts Chinese by its own rules; Chinese words have two.
Posted and void vouchers never change, so the index covers the hash chain in whole blocks of 4,096 positions and is
never updated, only continued: `continue_index` adds blocks when there is time. What is not covered yet, drafts and the
end of the chain, is searched directly. A row (gram, block) holds offsets of vouchers in the block, two bytes each.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable

from app.storage.database import execute_many, fetch_all, fetch_one, lock_suffix, run_unit
from app.storage.matching import contains

BLOCK = 4096
MARK = ""
"""The gram of the row that says a block is done."""
MOST_CANDIDATES = 4_000
"""More than this and the word is so common that reading vouchers in order finds a page sooner."""


def grams_of(text: str) -> set[str]:
    """Return the pairs of neighbouring characters of a text, in lower case."""
    lowered = text.lower()
    return {lowered[index : index + 2] for index in range(len(lowered) - 1)}


def indexed_positions() -> int:
    """Return up to which chain position the index goes."""
    row = fetch_one("SELECT MAX(block) FROM {summary_gram} WHERE gram = ?", (MARK,))
    return (int(row[0]) + 1) * BLOCK if row and row[0] is not None else 0


def is_behind() -> bool:
    """Tell whether a complete block of the chain is not indexed yet."""
    head = fetch_one("SELECT count FROM {chain_head} WHERE id = 1")
    return head is not None and int(head[0]) >= indexed_positions() + BLOCK


def continue_index(check_cancelled: Callable[[], None] = lambda: None) -> int:
    """Add the blocks that are complete and not indexed yet, each in a transaction of its own; return how many.

    `check_cancelled` is called between blocks and stops the work by raising.
    """
    done = 0
    while run_unit(_add_block):
        done += 1
        check_cancelled()
    return done


def _add_block() -> bool:
    # Who adds a block holds the end of the chain: another process that wants to add the same one finds it done.
    fetch_one(f"SELECT count FROM {{chain_head}} WHERE id = 1{lock_suffix()}")
    if not is_behind():
        return False
    start = indexed_positions()
    rows = fetch_all(
        "SELECT DISTINCT v.chain_position, e.summary FROM {voucher} v JOIN {entry} e ON e.voucher_id = v.id"
        " WHERE v.chain_position BETWEEN ? AND ? ORDER BY v.chain_position",
        (start + 1, start + BLOCK),
    )
    known: dict[str, set[str]] = {}
    offsets: dict[str, array[int]] = {MARK: array("H")}
    for position, summary in rows:
        grams = known.get(summary)
        if grams is None:
            grams = known[summary] = grams_of(summary)
        offset = position - start - 1
        for gram in grams:
            found = offsets.get(gram)
            if found is None:
                found = offsets[gram] = array("H")
            if not found or found[-1] != offset:
                found.append(offset)
    block = start // BLOCK
    execute_many(
        "INSERT INTO {summary_gram} (gram, block, offsets) VALUES (?, ?, ?)",
        sorted((gram, block, _packed(found)) for gram, found in offsets.items()),
    )
    return True


def _packed(offsets: array[int]) -> bytes:
    return b"".join(offset.to_bytes(2, "little") for offset in offsets)


def _unpacked(data: bytes) -> set[int]:
    return {data[index] | data[index + 1] << 8 for index in range(0, len(data), 2)}


def candidate_ids(words: str) -> list[int] | None:
    """Return the ids of vouchers that may have the words in a summary, or `None` when they are too many to list.

    Candidates still have to be looked at: grams may stand apart, and what is not indexed is searched by its text here.
    """
    grams = sorted(grams_of(words))
    if not grams:
        return None
    positions = _indexed_candidates(grams)
    if positions is None:
        return None
    ids: list[int] = []
    for start in range(0, len(positions), 500):
        chunk = positions[start : start + 500]
        places = ", ".join("?" * len(chunk))
        ids += [row[0] for row in fetch_all(f"SELECT id FROM {{voucher}} WHERE chain_position IN ({places})", chunk)]
    ids += _unindexed(words)
    return ids if len(ids) <= MOST_CANDIDATES else None


def _indexed_candidates(grams: list[str]) -> list[int] | None:
    """Return chain positions that have all grams; `None` as soon as they are too many."""
    by_block: dict[int, list[bytes]] = {}
    for count, gram in enumerate(grams):
        rows = fetch_all("SELECT block, offsets FROM {summary_gram} WHERE gram = ?", (gram,))
        blocks = {row[0]: bytes(row[1]) for row in rows}
        if count == 0:
            by_block = {block: [data] for block, data in blocks.items()}
        else:
            by_block = {block: [*found, blocks[block]] for block, found in by_block.items() if block in blocks}
    if len(grams) == 1 and sum(len(found[0]) for found in by_block.values()) > 2 * MOST_CANDIDATES:
        return None
    positions: list[int] = []
    for block, found in sorted(by_block.items()):
        shared = _intersection(found)
        positions.extend(block * BLOCK + offset + 1 for offset in sorted(shared))
        if len(positions) > MOST_CANDIDATES:
            return None
    return positions


def _intersection(found: Iterable[bytes]) -> set[int]:
    ordered = sorted(found, key=len)
    shared = _unpacked(ordered[0])
    for data in ordered[1:]:
        if not shared:
            break
        shared &= _unpacked(data)
    return shared


def _unindexed(words: str) -> list[int]:
    """Return the vouchers with the words among drafts and at the end of the chain."""
    pattern = contains(words.lower())
    matching = (
        " AND EXISTS (SELECT 1 FROM {entry} e WHERE e.voucher_id = v.id AND LOWER(e.summary) LIKE ? ESCAPE '!') LIMIT ?"
    )
    drafts = fetch_all(
        "SELECT v.id FROM {voucher} v WHERE v.state IN ('draft', 'reviewed')" + matching,
        (pattern, MOST_CANDIDATES + 1),
    )
    tail = fetch_all(
        "SELECT v.id FROM {voucher} v WHERE v.chain_position > ?" + matching,
        (indexed_positions(), pattern, MOST_CANDIDATES + 1),
    )
    return [row[0] for row in (*drafts, *tail)]
