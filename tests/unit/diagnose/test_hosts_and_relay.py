"""Where bounces come in, how our addresses are called, and what dialling the relay showed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest

from digest.diagnose import Outcome, hosts
from digest.diagnose.hosts import RelayFound, judge_relay
from digest.settings import Tls

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOME = ip_address("8.8.4.4")
HOME6 = ip_address("2600::25")


@pytest.mark.parametrize(
    ("zone", "outcome"),
    [
        ({"MX": ["mx.example.org"], "mx A": ["8.8.4.4"]}, Outcome.WELL),
        ({"MX": ["mx.example.org"], "mx AAAA": ["2600::25"]}, Outcome.WELL),
        ({"MX": ["dead.example.org", "mx.example.org"], "mx A": ["8.8.4.4"]}, Outcome.WELL),
        ({"MX": ["dead.example.org"]}, Outcome.WRONG),
        ({"MX": ["."]}, Outcome.WRONG),
        ({"A": ["8.8.4.4"]}, Outcome.WARNING),
        ({}, Outcome.WRONG),
        ({"MX": None}, Outcome.UNKNOWN),
        ({"MX": ["mx.example.org"], "mx A": None}, Outcome.UNKNOWN),
    ],
)
def test_bounces_come_back_to_a_mail_exchange(ask, zone, outcome):
    names = {
        ("mx.example.org", k[3:]) if k.startswith("mx") else ("example.org", k): v for k, v in zone.items()
    }
    [check] = ask(hosts.inspect_exchanges("example.org", "bounces"), names)

    assert check.outcome is outcome


BACK = "4.4.8.8.in-addr.arpa"


@pytest.mark.parametrize(
    ("zone", "outcome"),
    [
        ({(BACK, "PTR"): ["out.example.org"], ("out.example.org", "A"): ["8.8.4.4"]}, Outcome.WELL),
        ({(BACK, "PTR"): ["out.example.org"], ("out.example.org", "A"): ["8.8.8.8"]}, Outcome.WRONG),
        ({(BACK, "PTR"): ["out.example.org"]}, Outcome.WRONG),
        ({}, Outcome.WRONG),
        ({(BACK, "PTR"): None}, Outcome.UNKNOWN),
        ({(BACK, "PTR"): ["out.example.org"], ("out.example.org", "A"): None}, Outcome.UNKNOWN),
    ],
)
def test_a_reverse_name_leads_back(ask, zone, outcome):
    [check] = ask(hosts.inspect_names([HOME], certain=True), zone)

    assert check.outcome is outcome


def test_the_reverse_name_of_somebody_elses_relay_is_warned_of_at_most(ask):
    [check] = ask(hosts.inspect_names([HOME], certain=False), {})

    assert check.outcome is Outcome.WARNING


def test_ipv6_addresses_have_reverse_names_as_well(ask):
    zone = {(HOME6.reverse_pointer, "PTR"): ["out.example.org"], ("out.example.org", "AAAA"): ["2600::25"]}
    [check] = ask(hosts.inspect_names([HOME6], certain=True), zone)

    assert check.outcome is Outcome.WELL


@pytest.mark.parametrize("senders", [(), ("127.0.0.1",), ("10.0.0.1", "fd00::1")])
def test_addresses_that_are_not_public_have_no_names_to_check(ask, senders):
    [check] = ask(hosts.inspect_names([ip_address(s) for s in senders], certain=True), {})

    assert check.outcome is Outcome.UNKNOWN


SOUND = RelayFound(
    address="relay.example.org:587",
    tls=Tls.STARTTLS,
    expires=NOW + timedelta(days=60),
    extensions=frozenset({"PIPELINING", "SIZE", "SMTPUTF8", "STARTTLS"}),
    login="digest",
)


def judged(found: RelayFound) -> dict[str, Outcome]:
    return {check.name.rpartition(" ")[2]: check.outcome for check in judge_relay(found, NOW)}


def test_a_sound_relay_is_well():
    assert judged(SOUND) == {"TLS": Outcome.WELL, "offers": Outcome.WELL, "login": Outcome.WELL}


@pytest.mark.parametrize(
    ("changes", "name", "outcome"),
    [
        ({"expires": NOW + timedelta(days=13)}, "TLS", Outcome.WARNING),
        ({"expires": NOW + timedelta(days=14)}, "TLS", Outcome.WELL),
        ({"expires": None}, "TLS", Outcome.UNKNOWN),
        ({"expires": None, "tls": Tls.NONE}, "TLS", Outcome.WELL),
        ({"certificate_trouble": "Hostname mismatch"}, "TLS", Outcome.WRONG),
        ({"trouble": "refused"}, "relay.example.org:587", Outcome.WRONG),
        ({"extensions": frozenset({"SIZE"})}, "offers", Outcome.WARNING),
        ({"extensions": frozenset({"PIPELINING"})}, "offers", Outcome.WELL),
        ({"login_trouble": "535 no"}, "login", Outcome.WRONG),
    ],
)
def test_what_is_amiss_with_a_relay_is_told(changes, name, outcome):
    assert judged(replace(SOUND, **changes))[name] is outcome


def test_without_an_account_nobody_logs_in():
    assert "login" not in judged(replace(SOUND, login=None))
