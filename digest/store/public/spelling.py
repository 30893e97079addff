"""Words that are spelled nearly alike: the parts by which one finds the other, and how far apart they are."""

from __future__ import annotations

from typing import Final

LONGEST_WORD: Final = 40
"""Letters of a word that count."""

_LONG: Final = 6  # letters of the shortest word that is found by its trigrams
_SHORT: Final = 7  # letters of the longest word that is found without one of its letters


def words_of(text: str) -> list[str]:
    """The words of a text in the form for comparing, each once, in their order."""
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in text.split()))


def parts_of(word: str) -> frozenset[str]:
    """What words that are spelled nearly alike have in common: trigrams, or a short word without a letter.

    A short word has few trigrams, and one wrong letter is in most of them.
    """
    parts: set[str] = set()
    if len(word) >= _LONG:
        padded = f" {word} "
        parts.update(padded[i : i + 3] for i in range(len(padded) - 2))
    if len(word) <= _SHORT:
        parts.update(f"-{word[:i]}{word[i + 1 :]}" for i in range(len(word)))
        parts.add(f"-{word}")
    return frozenset(parts)


def most_wrong(word: str) -> int:
    """How many letters of an asked word may be wrong, missing, too many, or swapped."""
    for longest, most in ((3, 0), (6, 1), (11, 2)):
        if len(word) <= longest:
            return most
    return 3


def wrong_letters(asked: str, word: str, most: int) -> int | None:
    """How many edits of a letter, or swaps of two neighbours, lead from one word to the other.

    None if they are more than `most` (optimal string alignment).
    """
    if abs(len(asked) - len(word)) > most:
        return None
    before: list[int] = []
    row = list(range(len(word) + 1))
    for i, letter in enumerate(asked, 1):
        last, row, before = before, [i] + [0] * len(word), row
        for j, other in enumerate(word, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and asked[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row[j] = cost
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None


def trigrams(words: str) -> frozenset[str]:
    """The trigrams of each word, with two spaces before it and one after it."""
    return frozenset(
        padded[i : i + 3]
        for word in words.split()
        for padded in (f"  {word} ",)
        for i in range(len(word) + 1)
    )
