"""Characters: the encodings that a text on the Web may name, which can be stored, and which are seen."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

_AS_THEY_ARE: Final = (
    *("utf-8", "utf-16-be", "utf-16-le", "cp866", "cp874", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic"),
    *(f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
    *(f"cp{page}" for page in range(1250, 1259)),
    *("gb18030", "big5hkscs", "euc_jp", "iso2022_jp", "cp932", "cp949"),
)
_ENCODINGS: Final[Mapping[str, str]] = {name: name for name in _AS_THEY_ARE} | {
    # The standard reads these as a larger set: for example, quotation marks are in the octets between.
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-16-le",
}


_UNKNOWN_TO_PYTHON: Final[Mapping[str, str]] = {
    "windows-874": "cp874",
    "windows-949": "cp949",
    "windows-31j": "cp932",
    "iso-8859-8-i": "iso8859-8",
    "logical": "iso8859-8",
    "mac-ukrainian": "mac-cyrillic",
    "ks_c_5601-1989": "cp949",
    "cn-big5": "big5",
    "unicode": "utf-16",
    "unicode-1-1-utf-8": "utf-8",
}


def encoding(label: str) -> str | None:
    """Python's name for the encoding that a page or feed means by a label; None for a label that means none.

    Only the encodings of the WHATWG Encoding standard (section 4.2) count. Python knows many more names: some
    are no encodings of text ("base64"), some always raise ("undefined"), and some make halves of characters
    ("utf-7").
    """
    known = re.sub(r"^(?:x-)+", "", label.strip().lower())
    known = re.sub(r"^iso8859(?=\d)", "iso8859-", known)
    try:
        name = codecs.lookup(_UNKNOWN_TO_PYTHON.get(known, known)).name
    except (LookupError, ValueError):
        return None
    return _ENCODINGS.get(name)


_NOT_STORABLE: Final = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with U+FFFD for each NUL and each half of a surrogate pair, so that its length stays the same.

    PostgreSQL takes no NUL, and no database takes half a pair.
    """
    return text if text.isascii() and "\0" not in text else _NOT_STORABLE.sub("\ufffd", text)


def storable_json(value: Any) -> Any:
    """A value for JSON, with the characters of all its texts replaced as in `storable`."""
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable(key): storable_json(one) for key, one in value.items()}
        case list() | tuple():
            return [storable_json(one) for one in value]
        case _:
            return value


_NOT_SEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""The categories of what no reader sees: it controls a terminal, turns the direction or breaks lines."""


def escaped(text: str) -> str:
    """The text for a terminal or a log: with "\\u202e" and the like for each character that nobody sees.

    Line feeds and tabs stay. Files, feeds and mail may hold words that hide others or move the cursor.
    """
    return _each_escaped(text, lambda c: c.encode("unicode_escape").decode("ascii"))


def escaped_json(json: str) -> str:
    """The same for JSON: the escapes are those of JSON, so the value stays the same."""
    return _each_escaped(json, _in_json)


def _each_escaped(text: str, escape: Callable[[str], str]) -> str:
    if text.isprintable():
        return text
    hidden = {c for c in set(text) - _LAYOUT if unicodedata.category(c) in _NOT_SEEN}
    return text.translate({ord(c): escape(c) for c in hidden}) if hidden else text


_LAYOUT: Final = frozenset("\n\t")


def _in_json(c: str) -> str:
    octets = c.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{octets[at : at + 2].hex()}" for at in range(0, len(octets), 2))


# A spreadsheet works a cell out if it begins with one of these signs, in either width. It skips a tab or the
# end of a line, or begins a new cell there, as it does at the separator that another country uses in lists.
_SIGN: Final = r"[=+\-@＝＋－＠]"
_FORMULA: Final = re.compile(rf"(?:^(?=[ '\0]*[\t\r\n])|(?:^|[;,|\t\r\n])[ \0]*(?='*{_SIGN}))")
_GUARDED: Final = re.compile(rf"(?:^'(?=[ '\0]*[\t\r\n])|((?:^|[;,|\t\r\n])[ \0]*)'(?='*{_SIGN}))")


def guarded(cell: str) -> str:
    """A cell of a CSV file that no spreadsheet works out: strangers choose what is in it."""
    return _FORMULA.sub(r"\g<0>'", cell)


def unguarded(cell: str) -> str:
    """The cell that was guarded."""
    return _GUARDED.sub(r"\1", cell)
