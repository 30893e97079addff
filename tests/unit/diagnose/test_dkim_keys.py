"""The record of our DKIM key, beside the key."""

from __future__ import annotations

import pytest

from digest.diagnose import Outcome, dkim

AT = "noon._domainkey.example.org"
PUBLIC = ("MIIBwhole", "MIIBbare")


def look(ask, *records, bits=2048):
    return ask(dkim.inspect_key("example.org", "noon", PUBLIC, bits), {(AT, "TXT"): records})


@pytest.mark.parametrize(
    "record",
    [
        "v=DKIM1; k=rsa; p=MIIBwhole",
        "v=DKIM1;p=MIIBbare;",
        "p=MIIB whole",
        "v=DKIM1; k=RSA; h=sha1:sha256; s=email; t=s; n=ours; p=MIIBwhole",
    ],
)
def test_a_record_of_our_key_is_well(ask, record):
    [check] = look(ask, record)

    assert check.outcome is Outcome.WELL


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("v=DKIM1; k=rsa; p=MIIBother", "another key than ours"),
        ("v=DKIM1; k=rsa; p=", "revoked"),
        ("v=DKIM1; k=rsa", "revoked"),
        ("v=DKIM1; k=ed25519; p=MIIBwhole", "ed25519"),
        ("v=DKIM2; p=MIIBwhole", "DKIM2"),
        ("v=DKIM1; h=sha1; p=MIIBwhole", "h=sha1"),
        ("v=DKIM1; s=tlsrpt; p=MIIBwhole", "tlsrpt"),
    ],
)
def test_a_record_that_does_not_serve_our_key_is_wrong(ask, record, said):
    [check] = look(ask, record)

    assert check.outcome is Outcome.WRONG
    assert said in check.found
    assert check.advice


def test_a_record_that_is_missing_comes_with_what_to_publish(ask):
    [check] = look(ask)

    assert check.outcome is Outcome.WRONG
    assert f'at {AT}: "v=DKIM1; k=rsa; p=MIIBwhole"' in check.advice


def test_two_records_are_wrong_and_a_silent_resolver_is_not(ask):
    [two] = look(ask, "v=DKIM1; p=MIIBwhole", "v=DKIM1; p=MIIBother")
    [silent] = ask(dkim.inspect_key("example.org", "noon", PUBLIC, 2048), {(AT, "TXT"): None})

    assert (two.outcome, silent.outcome) == (Outcome.WRONG, Outcome.UNKNOWN)


def test_testing_and_short_keys_are_warned_of(ask):
    [testing] = look(ask, "v=DKIM1; t=y; p=MIIBwhole")
    _, short = look(ask, "v=DKIM1; p=MIIBwhole", bits=1024)

    assert (testing.outcome, short.outcome) == (Outcome.WARNING, Outcome.WARNING)
