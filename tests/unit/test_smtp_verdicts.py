"""What servers' words mean for a subscriber: examples for each rule, and laws of the whole table."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.smtp_verdicts import RULES, Notice, Verdict, mildest, rule_for, table

EXAMPLES = [
    # action, status, code, text, verdict
    ("delivered", "2.0.0", 250, "", "arrived"),
    ("relayed", "", None, "", "arrived"),
    ("expanded", "2.0.0", None, "", "arrived"),
    ("", "2.1.5", 250, "", "arrived"),
    ("delayed", "4.4.1", None, "connection timed out", "delayed"),
    ("delayed", "5.1.1", 550, "user unknown", "delayed"),
    ("", "4.2.1", 450, "", "delayed"),
    ("", "", 451, "greylisted", "delayed"),
    ("failed", "5.1.1", 550, "user unknown", "hard"),
    ("failed", "5.1.1", 550, "user unknown; see https://example.org/spam-policy", "hard"),
    ("failed", "5.1.1", 550, "user unknown, and we hate spam", "hard"),
    ("failed", "5.1.1", 550, "rejected as spam", "about us"),
    ("failed", "5.1.1", 550, "", "hard"),
    ("failed", "5.1.2", None, "", "hard"),
    ("failed", "5.1.3", 553, "", "hard"),
    ("failed", "5.1.6", 551, "", "hard"),
    ("failed", "5.1.10", 556, "null MX", "hard"),
    ("failed", "5.1.7", 553, "bad sender syntax", "about us"),
    ("failed", "5.1.8", 553, "sender's domain has no address", "about us"),
    ("failed", "5.7.1", 550, "", "about us"),
    ("failed", "5.7.1", 550, "user unknown", "about us"),
    ("failed", "5.7.26", 550, "unauthenticated", "about us"),
    ("failed", "4.7.1", 451, "greylisted", "about us"),
    ("failed", "", 550, "listed in a block list", "about us"),
    ("failed", "5.0.0", 554, "your IP has a poor reputation", "about us"),
    ("failed", "4.2.0", 452, "mailbox over quota", "soft"),
    ("failed", "5.2.2", 552, "mailbox full", "soft"),
    ("failed", "5.0.0", 550, "mailbox is full", "soft"),
    ("failed", "5.2.0", 550, "sending quota exceeded", "about us"),
    ("failed", "4.4.4", 450, "Invalid domain", "hard"),
    ("failed", "4.4.3", None, "Host or domain name not found. Host not found, try again", "soft"),
    ("failed", "5.4.4", None, "", "hard"),
    ("failed", "5.4.310", 550, "", "hard"),
    ("failed", "4.4.7", 550, "message expired", "soft"),
    ("failed", "4.1.1", 450, "user unknown", "soft"),
    ("failed", "", 451, "local error", "soft"),
    ("failed", "5.2.1", 550, "", "hard"),
    ("failed", "5.2.1", 550, "account disabled", "hard"),
    ("failed", "5.2.3", 552, "", "about us"),
    ("failed", "5.3.4", 552, "", "about us"),
    ("failed", "5.2.4", None, "", "soft"),
    ("failed", "5.3.0", 554, "", "soft"),
    ("failed", "5.3.2", 521, "", "soft"),
    ("failed", "5.4.1", None, "no answer from host", "soft"),
    ("failed", "5.4.1", 550, "Recipient address rejected: Access denied", "soft"),
    ("failed", "5.4.1", 550, "RecipNotFound: recipient not found", "soft"),
    ("failed", "5.4.1", 550, "blocked by our spam policy", "about us"),
    ("failed", "5.4.6", 554, "routing loop", "soft"),
    ("failed", "5.5.0", 550, "mailbox unavailable", "hard"),
    ("failed", "5.5.4", 501, "", "about us"),
    ("failed", "5.6.1", 554, "", "about us"),
    ("failed", "5.3.3", None, "", "about us"),
    ("failed", "", 550, "", "hard"),
    ("failed", "", 521, "", "hard"),
    ("failed", "", 552, "", "soft"),
    ("failed", "", 553, "", "hard"),
    ("failed", "", 554, "", "about us"),
    ("failed", "", 554, "This user doesn't have an example.org account", "hard"),
    ("failed", "", 535, "", "about us"),
    ("failed", "", None, "no such user here", "hard"),
    ("failed", "", None, "no such user, try again", "soft"),
    ("failed", "", None, "something went wrong", "soft"),
    ("failed", "", None, "", "soft"),
    ("failed", "5.0.0", None, "", "soft"),
]

statuses = st.just("") | st.builds(
    "{}.{}.{}".format, st.sampled_from([2, 4, 5]), st.integers(0, 7), st.integers(0, 30)
)
notices = st.builds(
    Notice,
    action=st.sampled_from(["", "failed", "delayed", "delivered", "relayed", "expanded"]),
    status=statuses,
    code=st.none() | st.integers(200, 599),
    text=st.text(max_size=80) | st.sampled_from([text for *_, text, _ in EXAMPLES]),
)


@pytest.mark.parametrize(("action", "status", "code", "text", "verdict"), EXAMPLES)
def test_what_servers_say_has_one_meaning(action, status, code, text, verdict):
    assert Notice(action=action, status=status, code=code, text=text).verdict == verdict


def test_every_rule_decides_some_example():
    deciding = {
        id(rule_for(Notice(action=action, status=status, code=code, text=text)))
        for action, status, code, text, _ in EXAMPLES
    }

    assert [rule.why for rule in RULES if id(rule) not in deciding] == []


@given(notices)
def test_whatever_a_server_says_has_a_verdict(notice):
    assert notice.verdict in Verdict


@given(notices)
def test_a_message_that_is_still_tried_counts_nothing(notice):
    """A delay was taken for a bounce, for all members of a list."""
    if notice.action == "delayed":
        assert notice.verdict is Verdict.DELAYED


@given(notices)
def test_a_refusal_by_policy_is_never_the_subscribers(notice):
    """Verdicts of spam filters ended subscriptions."""
    if notice.action == "failed" and notice.status[1:4] == ".7.":
        assert notice.verdict is Verdict.ABOUT_US


@given(notices)
def test_only_a_failure_counts_against_anybody(notice):
    if notice.verdict in (Verdict.SOFT, Verdict.HARD):
        assert notice.action in ("", "failed")
        assert notice.status[:1] != "2" or notice.action == "failed"


@given(st.lists(notices, min_size=1, max_size=4))
def test_the_mildest_is_believed_in_whatever_order(several):
    assert len({mildest(order).verdict for order in permutations(several)}) == 1


@given(notices)
def test_long_words_are_read_like_short_ones(notice):
    """No pattern of the table may go wrong on length alone."""
    long = Notice(action=notice.action, status=notice.status, code=notice.code, text=notice.text + " x" * 500)

    assert long.verdict is notice.verdict


def test_the_table_in_the_docs_is_printed_from_the_rules():
    page = (Path(__file__).parents[2] / "docs" / "inbound.md").read_text(encoding="utf-8")

    assert page.split("<!-- table:begin -->")[1].split("<!-- table:end -->")[0].strip() == table()
