"""The state, the sample message and what the settings alone say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest

from digest.deliveries import Answer, Event
from digest.diagnose import Outcome, dkim, hosts, one_click
from digest.diagnose.sample import judge_sample, judge_templates, sample_edition
from digest.diagnose.state import judge_state
from digest.errors import DigestError
from digest.roles import Role
from digest.settings.sending import SenderSettings
from digest.subscriptions import Standing, Subscription, Wishes

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HERE = Path("/srv/digest")


def test_the_sample_says_that_it_is_one():
    edition = sample_edition(date(2026, 11, 25), NOW)

    [section] = edition.sections
    [story] = section.stories
    assert story.title.startswith("A sample:")


@pytest.mark.parametrize(("trouble", "outcome"), [(None, Outcome.WELL), ("no such file", Outcome.WRONG)])
def test_a_database_that_cannot_be_used_is_wrong_and_the_files_are_still_sound(trouble, outcome):
    files, database = judge_state(HERE, trouble)

    assert (files.outcome, database.outcome) == (Outcome.WELL, outcome)
    assert trouble is None or database.found == trouble


def test_a_state_that_other_users_can_open_is_wrong():
    _, private, database = judge_state(HERE, None, ["/srv/digest/digest.db (mode 0644)"])

    assert (private.outcome, database.outcome) == (Outcome.WRONG, Outcome.WELL)
    assert "digest.db (mode 0644)" in private.found


def test_a_role_that_no_process_has_is_wrong() -> None:
    _, database, role = judge_state(HERE, None, missing=[Role.PUBLISH])

    assert database.outcome is Outcome.WELL
    assert role.outcome is Outcome.WRONG
    assert "none has --role publish: no edition is assembled" in role.found
    assert role.advice == "digest run --role publish, or all"


def test_templates_that_fail_are_named_with_their_folder_and_error():
    check = judge_templates(HERE, ZeroDivisionError("by zero"))

    assert (check.outcome, check.found) == (Outcome.WRONG, "ZeroDivisionError: by zero")
    assert "/srv/digest/templates" in check.advice
    assert judge_templates(HERE, None).outcome is Outcome.WELL


@pytest.mark.parametrize(
    ("answer", "outcome", "found"),
    [
        (Answer(Event.TAKEN, 250, "2.0.0 Ok"), Outcome.WELL, "taken for me@example.net (250 2.0.0 Ok); save"),
        (Answer(Event.REJECTED, 550, "5.1.1 no such user"), Outcome.WRONG, "550 5.1.1 no such user"),
        (Answer(Event.BEGUN, None, "nothing said"), Outcome.WRONG, "nothing said"),
        (DigestError("no key"), Outcome.WRONG, "no key"),
        (ConnectionRefusedError("nobody there"), Outcome.WRONG, "nobody there"),
    ],
)
def test_only_a_sample_that_the_relay_took_is_well(answer, outcome, found):
    check = judge_sample("me@example.net", answer)

    assert check.outcome is outcome
    assert check.found.startswith(found)


def test_a_signature_by_the_relay_is_not_known_until_a_message_has_come_back():
    [check] = dkim.judge_signing_by_relay(message_given=False)

    assert check.outcome is Outcome.UNKNOWN
    assert dkim.judge_signing_by_relay(message_given=True) == []


RELAY = {("relay.example.org", "A"): ["8.8.4.4"], ("relay.example.org", "AAAA"): ["2600::25"]}


@pytest.mark.parametrize(
    ("relay", "zone", "senders"),
    [
        ("Relay.example.org", RELAY, ("8.8.4.4", "2600::25")),
        ("Relay.example.org", RELAY | {("relay.example.org", "AAAA"): None}, ("8.8.4.4",)),
        ("relay.example.org", {("relay.example.org", "A"): None}, ()),
        ("192.0.2.25", {}, ("192.0.2.25",)),
        ("localhost", {("localhost", "A"): ["127.0.0.1"]}, ()),
        ("127.0.0.1", {}, ()),
    ],
)
def test_mail_leaves_from_the_relays_addresses_unless_it_is_on_this_machine(ask, relay, zone, senders):
    assert tuple(ask(hosts.senders(relay), zone)) == tuple(map(ip_address, senders))


@pytest.mark.parametrize(
    ("reply_to", "exchanges"),
    [
        (None, {"bounces.example.org": "mail that comes back", "example.org": "answers"}),
        (
            "help@Example.org",
            {"bounces.example.org": "mail that comes back", "example.org": "answers, and leaving by mail"},
        ),
    ],
)
def test_each_domain_that_mail_comes_to_is_looked_at_once(reply_to, exchanges):
    sender = SenderSettings(
        name="The Noon Digest", address="noon@example.org", bounces="b@bounces.example.org", reply_to=reply_to
    )

    assert hosts.exchanges(sender) == exchanges


def test_the_canarys_link_differs_from_another_in_its_token_alone():
    assert one_click.link_of("https://d.example/one-click/abc", "xyz") == "https://d.example/one-click/xyz"


def canary(generation: int) -> Subscription:
    return Subscription(
        subscriber=1,
        address="canary@example.org",
        standing=Standing.ACTIVE,
        generation=generation,
        wishes=Wishes(),
        since=NOW,
    )


@pytest.mark.parametrize(("after", "still"), [(canary(1), True), (canary(2), False), (None, False)])
def test_a_canary_that_left_meanwhile_is_noticed_even_if_it_came_back(after, still):
    assert one_click.still_subscribed(canary(1), after) is still
