"""What a file is, by its first bytes, and what is in it if it is packed."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from enum import Enum, auto
from typing import Final

from digest.errors import TableError
from digest.parse.tables.table import Limits, shown
from digest.parse.text import text_of_html

MARKUP: Final = 10  # how many times as long the markup of a workbook may be as a text
_LOOK: Final = 2_000  # bytes in which a page shows that it is one
_MOST_MEMBERS: Final = 2_000
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # XLS, and any workbook with a password
_PAGE: Final = re.compile(
    rb"(?:\s|\xef\xbb\xbf|<!--(?>.*?-->)|<\?xml[^>]*>)*+<(?:!doctype|html|head|body|title)\b",
    re.IGNORECASE | re.DOTALL,
)
_TITLE: Final = re.compile(rb"<title[^>]*>([^<]{1,300})", re.IGNORECASE)
_OTHERS: Final = (
    (re.compile(rb"%PDF-"), "a PDF"),
    (re.compile(rb"(?:\s|\xef\xbb\xbf)*<"), "XML"),
    (re.compile(rb"(?:\s|\xef\xbb\xbf)*(?:\{|\[\s*[\[{\"])"), "JSON"),
)
_A_TABLE: Final = "a table: CSV, XLSX, XLS or ODS"


class Form(Enum):
    TEXT = auto()  # cells with a separator between them
    WORKBOOK = auto()


def unpacked(body: bytes, *, file: str, limits: Limits, within: bool = False) -> tuple[Form, bytes]:
    """The form of a table and its bytes. A gzip file, or a ZIP with one member, is taken for what is in it.

    `TableError` says what else it is: a page that stands in the file's place, a cut off archive, too much.
    """
    if not body.strip():
        raise TableError(file, _A_TABLE, "an empty file")
    if body.startswith(_ZIP):
        return _of_zip(body, file=file, limits=limits, within=within)
    if body.startswith(_GZIP):
        if within:
            raise TableError(file, _A_TABLE, "a gzip file within another archive")
        return unpacked(_of_gzip(body, file, limits), file=file, limits=limits, within=True)
    if len(body) > limits.size:
        raise _too_large(file, limits)
    if body.startswith(_OLE):
        return Form.WORKBOOK, body
    if other := _other(body[:_LOOK]):
        raise TableError(file, _A_TABLE, other)
    return Form.TEXT, body


def _other(head: bytes) -> str | None:
    if _PAGE.match(head):
        title = _TITLE.search(head)
        words = text_of_html(title[1].decode(errors="replace")) if title else ""
        return f"an HTML page{f' with the title {shown(words)}' if words else ''}"
    return next((name for pattern, name in _OTHERS if pattern.match(head)), None)


def _of_gzip(body: bytes, file: str, limits: Limits) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            found = packed.read(limits.size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise TableError(file, "a whole gzip file", f"one that is cut off or damaged ({error})") from error
    if len(found) > limits.size:
        raise _too_large(file, limits)
    return found


def _of_zip(body: bytes, *, file: str, limits: Limits, within: bool) -> tuple[Form, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if not names.isdisjoint({"[Content_Types].xml", "content.xml"}):
                if sum(member.file_size for member in members) > MARKUP * limits.size:
                    raise TableError(
                        file, f"at most {MARKUP * limits.size:,} bytes in it", "a larger workbook"
                    )
                return Form.WORKBOOK, body
            if within:
                raise TableError(file, _A_TABLE, "a ZIP within another archive")
            member = _only(members, file)
            with archive.open(member) as packed:
                found = packed.read(limits.size + 1)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        # RuntimeError: it has a password
        raise TableError(file, "a whole ZIP file", f"one that cannot be opened ({error})") from error
    if len(found) > limits.size:
        raise _too_large(file, limits)
    return unpacked(found, file=file, limits=limits, within=True)


def _only(members: list[zipfile.ZipInfo], file: str) -> zipfile.ZipInfo:
    if len(members) > _MOST_MEMBERS:
        raise TableError(file, "a ZIP with one file in it", f"{len(members):,} files")
    files = [m for m in members if not m.is_dir() and not m.filename.startswith(("__MACOSX/", "."))]
    if len(files) != 1:
        names = ", ".join(shown(member.filename) for member in files[:3])
        raise TableError(
            file, "a ZIP with one file in it", f"{len(files)} files{f': {names}' if names else ''}"
        )
    return files[0]


def _too_large(file: str, limits: Limits) -> TableError:
    return TableError(file, f"at most {limits.size:,} bytes, unpacked", "more")
