"""DMARC: which record holds, what it asks for, and which domains speak for the From domain."""

from __future__ import annotations

import pytest

from digest.diagnose import Found, Outcome, Silence, dmarc

REJECT = "v=DMARC1; p=reject; rua=mailto:d@example.org"


def zone(**records):
    """`example_org="..."`: the record at _dmarc.example.org."""
    return {(f"_dmarc.{name.replace('_', '.')}", "TXT"): [text] for name, text in records.items()}


@pytest.mark.parametrize(
    ("start", "records", "organization"),
    [
        ("example.org", {"example_org": REJECT}, "example.org"),
        ("a.b.example.org", {"example_org": REJECT}, "example.org"),
        ("b.example.org", {"b_example_org": REJECT, "example_org": REJECT}, "example.org"),
        ("a.b.example.org", {"b_example_org": REJECT, "example_org": REJECT}, "example.org"),
        ("a.b.example.org", {"b_example_org": REJECT}, "b.example.org"),
        ("a.b.example.org", {"b_example_org": f"{REJECT}; psd=n", "example_org": REJECT}, "b.example.org"),
        ("a.b.gov.example", {"gov_example": "v=DMARC1; psd=y; p=none"}, "b.gov.example"),
        ("gov.example", {"gov_example": "v=DMARC1; psd=y; p=none"}, "gov.example"),
        ("a.example.org", {}, "a.example.org"),
        ("1.2.3.4.5.6.7.8.example.org", {"example_org": REJECT}, "example.org"),
    ],
)
def test_the_organization_is_found_by_walking_up(ask, start, records, organization):
    """RFC 9989 section 4.10.2."""
    assert ask(dmarc.walk(start), zone(**records)).organization == organization


def test_a_walk_asks_eight_times_at_the_most():
    inquiry = dmarc.walk("1.2.3.4.5.6.7.8.9.example.org")
    names = [next(inquiry).name]
    with pytest.raises(StopIteration):
        while True:
            names.append(inquiry.send(Found()).name)

    assert len(names) == 8
    assert names[1] == "_dmarc.5.6.7.8.9.example.org"
    assert names[-1] == "_dmarc.org"


@pytest.mark.parametrize(
    ("records", "outcome"),
    [
        ({"mail_example_org": REJECT}, Outcome.WELL),
        ({"example_org": REJECT}, Outcome.WELL),
        ({"example_org": "v=DMARC1;p=quarantine;rua=mailto:d@example.org"}, Outcome.WELL),
        ({"example_org": "v=DMARC1; p=reject"}, Outcome.WARNING),
        ({"example_org": "v=DMARC1; p=none; rua=mailto:d@example.org"}, Outcome.WARNING),
        ({"example_org": f"{REJECT}; sp=none"}, Outcome.WARNING),
        ({"mail_example_org": f"{REJECT}; sp=none"}, Outcome.WELL),
        ({"example_org": "v=DMARC1; p=refuse"}, Outcome.WRONG),
        ({"example_org": "v=DMARC2; p=reject"}, Outcome.WRONG),
        ({"example_org": "p=reject; v=DMARC1"}, Outcome.WRONG),
        ({}, Outcome.WRONG),
    ],
)
def test_the_policy_is_judged(ask, records, outcome):
    checks = ask(dmarc.inspect("mail.example.org", "mail.example.org", None), zone(**records))

    assert {c.name: c.outcome for c in checks}["DMARC record"] is outcome


def test_two_records_are_none(ask):
    two = {("_dmarc.example.org", "TXT"): [REJECT, "v=DMARC1; p=none"]}
    checks = ask(dmarc.inspect("example.org", "example.org", None), two)

    assert checks[0].outcome is Outcome.WRONG
    assert "more than one" in checks[0].found


def test_a_silent_resolver_makes_nothing_wrong(ask):
    [check] = ask(dmarc.inspect("example.org", "example.org", None), {("_dmarc.example.org", "TXT"): None})

    assert check.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("sender", "other", "strict", "align"),
    [
        ("example.org", "example.org", True, True),
        ("Example.ORG", "example.org.", True, True),
        ("example.org", "mail.example.org", True, False),
        ("example.org", "mail.example.org", False, True),
        ("news.example.org", "bounce.example.org", False, True),
        ("example.org", "example.net", False, False),
        ("example.org", "badexample.org", False, False),
        ("news.example.org", "example.org", False, True),
        ("a.alone.example", "b.alone.example", False, False),  # nothing says that they are one organization
    ],
)
def test_domains_align_by_organization_unless_the_record_is_strict(ask, sender, other, strict, align):
    records = zone(example_org=REJECT + "; adkim=s" * strict)
    walked = ask(dmarc.walk(sender), records)

    assert ask(dmarc.aligned(walked, other, "adkim"), records) is align


def test_a_mail_domain_with_a_record_of_its_own_still_aligns_with_its_organization(ask):
    records = zone(example_org=REJECT, news_example_org=REJECT)
    walked = ask(dmarc.walk("news.example.org"), records)

    assert ask(dmarc.aligned(walked, "bounces.example.org", "aspf"), records) is True


def test_alignment_that_nobody_can_tell_is_not_known(ask):
    records = zone(example_org=REJECT) | {("_dmarc.b.example.org", "TXT"): None}
    found = ask(dmarc.inspect("example.org", "b.example.org", None), records)

    assert isinstance(ask(dmarc.walk("b.example.org"), records), Silence)
    assert [check.outcome for check in found] == [Outcome.WELL, Outcome.UNKNOWN]


@pytest.mark.parametrize(
    ("tags", "bounces", "signs", "by_spf", "by_dkim"),
    [
        ("", "b.example.org", "example.org", Outcome.WELL, Outcome.WELL),
        ("; aspf=s", "b.example.org", "example.org", Outcome.WARNING, Outcome.WELL),
        ("; adkim=s", "b.example.org", "d.example.org", Outcome.WELL, Outcome.WRONG),
        ("", "bounces.service.example", "example.org", Outcome.WARNING, Outcome.WELL),
        ("", "example.org", "service.example", Outcome.WELL, Outcome.WRONG),
    ],
)
def test_spf_and_dkim_are_each_held_against_from(ask, tags, bounces, signs, by_spf, by_dkim):
    found = ask(dmarc.inspect("example.org", bounces, signs), zone(example_org=REJECT + tags))
    outcome = {check.name: check.outcome for check in found}

    assert (outcome["DMARC by SPF"], outcome["DMARC by DKIM"]) == (by_spf, by_dkim)
