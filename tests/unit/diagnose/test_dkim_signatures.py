"""A message that came back: whether its signatures are such that receivers show their button."""

from __future__ import annotations

import pytest

from digest.diagnose import Outcome, dkim
from digest.errors import DigestError

ALL = "from:to:subject:list-unsubscribe:list-unsubscribe-post"
FIELDS = (
    "From: The Noon Digest <noon@example.org>",
    "List-Unsubscribe: <https://d.example/one-click/abc>, <mailto:help@example.org>",
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
)
ZONE = {
    ("_dmarc.example.org", "TXT"): ["v=DMARC1; p=reject"],
    ("s._domainkey.example.org", "TXT"): ["v=DKIM1; p=good"],
    ("s._domainkey.mail.example.org", "TXT"): ["v=DKIM1; p=good"],
    ("s._domainkey.service.example", "TXT"): ["v=DKIM1; p=good"],
    ("s._domainkey.bad.example.org", "TXT"): ["v=DKIM1; p=bad"],
    ("s._domainkey.slow.example.org", "TXT"): None,
}


def signed(*signings: str) -> bytes:
    lines = [f"DKIM-Signature: v=1; s=s; bh=x; b=y; {said}" for said in signings]
    return "\r\n".join([*lines, *FIELDS, "", "text", ""]).encode()


def fits(content: bytes, place: int, record: str | None) -> bool:
    assert dkim.signatures(content)[place]
    return record == "v=DKIM1; p=good"


def by(domain: str, h: str = ALL, more: str = "a=rsa-sha256") -> str:
    return f"{more}; d={domain};\r\n\th={' : '.join(h.split(':'))}"


@pytest.fixture
def look(ask):
    def look(content, verify=fits, **zone):
        checks = ask(dkim.inspect_message(content, verify), {**ZONE, **zone.get("zone", {})})
        return {check.name.removeprefix("message: "): check for check in checks}

    return look


@pytest.mark.parametrize("domain", ["example.org", "mail.example.org"])
def test_a_signature_that_fits_aligns_and_covers_is_well(look, domain):
    found = look(signed(by(domain)))

    assert {check.outcome for check in found.values()} == {Outcome.WELL}


@pytest.mark.parametrize(
    ("signing", "said"),
    [
        (by("example.org", "from:to:list-unsubscribe"), "h= lacks list-unsubscribe-post"),
        (by("example.org", "from:to:list-unsubscribe-post"), "h= lacks list-unsubscribe"),
        (by("example.org", "from:to:subject"), "h= lacks list-unsubscribe and list-unsubscribe-post"),
        (by("example.org", "list-unsubscribe:list-unsubscribe-post"), "h= lacks from"),
        (by("example.org", more="a=rsa-sha256; l=20"), "l="),
        (by("example.org", more="a=rsa-sha1"), "a=rsa-sha1"),
        (by("service.example"), "service.example does not align with example.org"),
        (by("bad.example.org"), "does not fit"),
        (by("none.example.org"), "no key at s._domainkey.none.example.org"),
        ("d=example.org", "h= lacks"),
    ],
)
def test_a_signature_of_no_use_is_wrong_and_says_why(look, signing, said):
    [check] = [check for name, check in look(signed(signing)).items() if name.startswith("DKIM")]

    assert check.outcome is Outcome.WRONG
    assert said in check.found


def test_one_good_signature_is_enough_and_the_others_are_told(look):
    found = look(signed(by("service.example"), by("example.org")))

    assert found["DKIM of service.example"].outcome is Outcome.WARNING
    assert found["DKIM of example.org"].outcome is Outcome.WELL


def test_no_signature_is_wrong(look):
    assert look(signed())["DKIM"].outcome is Outcome.WRONG


def test_strict_records_want_the_very_domain(look):
    strict = {("_dmarc.example.org", "TXT"): ["v=DMARC1; p=reject; adkim=s"]}

    assert (
        look(signed(by("mail.example.org")), zone=strict)["DKIM of mail.example.org"].outcome is Outcome.WRONG
    )


def test_a_silent_resolver_makes_nothing_wrong(look):
    assert look(signed(by("slow.example.org")))["DKIM of slow.example.org"].outcome is Outcome.UNKNOWN
    for name in ("_dmarc.example.org", "_dmarc.mail.example.org"):
        found = look(signed(by("mail.example.org")), zone={(name, "TXT"): None})
        assert found["DKIM of mail.example.org"].outcome is Outcome.UNKNOWN


def test_a_signature_that_cannot_be_read_says_why(look):
    def refuse(content: bytes, place: int, record: str | None) -> bool:
        raise DigestError("ValidationError: x= value is past")

    assert "x= value is past" in look(signed(by("example.org")), verify=refuse)["DKIM of example.org"].found
