"""The sections for kinds of sources: what is wrong in one is said with its key."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from digest.settings.sources import SourceEntry
from digest.source_specs import MailboxSpec

ENTRY: dict[str, Any] = {"id": "x", "name": "X", "url": "https://x.example/list", "authority": "official"}
RATING = {"scale": "cqc-4", "grades": "mark"}
FROM: dict[str, Any] = {"senders": ["x.example"], "server": "mx.example.org"}


def problem_of(**more: Any) -> str:
    with pytest.raises(ValidationError) as wrong:
        SourceEntry(**(ENTRY | more))
    [problem] = wrong.value.errors()
    return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"kind": "listing"}, 'a section "listing" that says where its items stand'),
        ({"listing": {"item": "li"}, "kind": "feed"}, 'no section "listing" at a source of kind "feed"'),
        (
            {"listing": {"item": "li"}},
            '"kind: listing" beside its section; an entry without "kind" is a feed',
        ),
        ({"listing": {"item": "li"}}, "Kinds: feed, listing, sitemap, dataset, json, govuk, mailbox"),
        ({"kind": "listing", "listing": {"item": "li["}}, "listing.item: a CSS selector"),
        ({"kind": "listing", "listing": {"item": "li", "itme": "x"}}, "listing.itme: "),
        ({"kind": "sitemap", "sitemap": {"pages": "("}}, "sitemap.pages: a regular expression"),
        ({"kind": "gopher"}, "kind: "),
        (
            {"kind": "json", "json": {"list": "a", "key": "b", "name": "c", "ratings": [RATING]}},
            'a key "inspectorate": a table or an API is of one inspectorate',
        ),
        ({"kind": "mailbox", "mailbox": FROM}, 'mailbox: "host" of the mailbox, or here: true if the'),
        ({"kind": "mailbox", "mailbox": FROM | {"host": "x.example"}}, 'mailbox: "username" of the mailbox'),
        ({"kind": "mailbox", "mailbox": FROM | {"here": True, "port": 993}}, 'no "port" beside here: true'),
        ({"kind": "mailbox", "mailbox": {"here": True, "senders": ["x.example"]}}, '"server" in "mailbox"'),
        (
            {"kind": "mailbox", "mailbox": {"here": True, "senders": ["x.example"]}, "authority": "blog"},
            '"server" in "mailbox"',
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_key(more: dict[str, Any], problem: str) -> None:
    assert problem in problem_of(**more)


def test_newsletters_that_come_here_need_no_mailbox() -> None:
    spec = SourceEntry(**ENTRY, kind="mailbox", mailbox=FROM | {"here": True}).spec()
    assert spec == MailboxSpec(account=None, senders=("x.example",), server="mx.example.org")
