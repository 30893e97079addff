"""Files of links between schools: who came after whom."""

from __future__ import annotations

import pytest

from digest.errors import TableError
from digest.parse.provider_links import is_of_links, read_links
from digest.providers import Link, Linked

HEAD = "URN,LinkURN,LinkName,LinkType,LinkEstablishedDate\n"


def read(rows: str) -> tuple[set[Linked], int]:
    found = read_links((HEAD + rows).encode(), inspectorate="ofsted", file="links.csv")
    return set(found.links), found.other


def linked(later: int, earlier: int, link: Link = Link.SUCCESSOR) -> Linked:
    return Linked(provider=f"ofsted:{later}", predecessor=f"ofsted:{earlier}", link=link)


def test_both_ends_of_a_link_are_one_link():
    rows = "140001,100001,Oak Lane,Predecessor,01-09-2013\n100001,140001,Oak Academy,Successor,01-09-2013\n"

    assert read(rows) == ({linked(140001, 100001)}, 0)


def test_a_school_made_of_several_is_merged_from_them_whatever_its_rows_say():
    rows = (
        "140001,100001,Oak Infants,Predecessor,\n"
        "140001,100002,Oak Juniors,Predecessor,\n"
        "100003,140002,Elm Academy,Successor - amalgamated,\n"
    )

    merged = {linked(140001, 100001, Link.MERGED), linked(140001, 100002, Link.MERGED)}
    assert read(rows) == (merged | {linked(140002, 100003, Link.MERGED)}, 0)


def test_rows_of_another_type_and_of_one_school_alone_are_counted():
    rows = "100001,100002,Elm,Sixth Form Centre Link,\n100001,100001,Oak,Successor,\n100001,,Oak,Successor,\n"

    assert read(rows) == (set(), 3)


def test_a_file_of_links_is_told_by_its_headings():
    assert is_of_links(HEAD.encode())
    assert not is_of_links(b"URN,School name\n")
    with pytest.raises(TableError, match="LinkType"):
        read_links(b"URN,LinkURN\n1,2\n", inspectorate="ofsted", file="links.csv")
