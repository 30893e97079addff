"""SPF: how many records, how many lookups, who passes, and who must not."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from digest.diagnose import Outcome, spf

HOME = ip_address("192.0.2.25")
HOME6 = ip_address("2001:db8::25")
AWAY = ip_address("198.51.100.7")
ROBIN = "bounces.example.org"


@pytest.fixture
def look(ask):
    def look(*records, senders=(HOME,), certain=True, **zone):
        more = {tuple(name.rsplit(" ", 1)): values for name, values in zone.pop("zone", {}).items()}
        checks = ask(spf.inspect(ROBIN, senders, certain=certain), {(ROBIN, "TXT"): records, **more})
        return {check.name: check for check in checks}

    return look


def chain(length: int) -> dict[str, list[str]]:
    """Records that include one another, the last of them ending it."""
    links = {f"r{n}.example TXT": [f"v=spf1 include:r{n + 1}.example -all"] for n in range(1, length)}
    return {**links, f"r{length}.example TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]}


def test_one_sound_record_is_well(look):
    found = look("google-site-verification=x", "v=spf1 ip4:192.0.2.0/24 -all")

    assert {check.outcome for check in found.values()} == {Outcome.WELL}
    assert found["SPF of 192.0.2.25"].found == "passes"


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ((), "none at bounces.example.org"),
        (("v=spf10 -all", "spf2.0/pra -all"), "none at"),
        (("v=spf1 -all", "V=SPF1 mx -all"), "2 at bounces.example.org"),
    ],
    ids=["none", "only others", "two"],
)
def test_there_is_exactly_one_record(look, records, said):
    [check] = look(*records).values()

    assert check.outcome is Outcome.WRONG
    assert said in check.found


def test_a_silent_resolver_makes_nothing_wrong(ask):
    [check] = ask(spf.inspect(ROBIN, [HOME], certain=True), {(ROBIN, "TXT"): None})

    assert (check.outcome, check.found) == (Outcome.UNKNOWN, f"{ROBIN}: no answer")


@pytest.mark.parametrize(
    ("length", "outcome"),
    [(7, Outcome.WELL), (8, Outcome.WELL), (9, Outcome.WARNING), (10, Outcome.WARNING), (11, Outcome.WRONG)],
)
def test_ten_lookups_are_the_most(look, length, outcome):
    """Each include counts, however deep (RFC 7208 section 4.6.4)."""
    found = look("v=spf1 include:r1.example -all", zone=chain(length))

    assert found["SPF lookups"].outcome is outcome
    assert f"{length} lookups" in found["SPF lookups"].found
    assert found["SPF of 192.0.2.25"].outcome is (Outcome.WRONG if length > 10 else Outcome.WELL)


def test_a_a_mx_exists_and_redirect_count_and_ip4_ip6_and_all_do_not(look):
    zone = {
        f"{ROBIN} A": ["192.0.2.25"],
        f"{ROBIN} MX": ["mx.example.org"],
        "mx.example.org A": ["192.0.2.26"],
        "there.example A": ["127.0.0.2"],
        "more.example TXT": ["v=spf1 ip4:203.0.113.1 -all"],
    }
    found = look(
        "v=spf1 a mx exists:there.example ip4:203.0.113.0/28 ip6:2001:db8::/64 exp=x.example "
        "redirect=more.example",
        zone=zone,
    )

    assert "4 lookups" in found["SPF lookups"].found


def test_what_follows_all_is_not_looked_up(look):
    found = look("v=spf1 ip4:192.0.2.25 -all include:none.example mx redirect=none.example")

    assert found["SPF lookups"].found.startswith("0 lookups")
    assert found["SPF of 192.0.2.25"].outcome is Outcome.WELL


def test_a_record_that_includes_itself_ends(look):
    found = look("v=spf1 include:b.example -all", zone={"b.example TXT": [f"v=spf1 include:{ROBIN} -all"]})

    assert "includes itself" in found["SPF syntax"].found


def test_a_tree_without_end_is_left_alone(look):
    wide = {f"w{n}.example TXT": ["v=spf1 " + "a:x.example " * 30 + "-all"] for n in range(5)}
    found = look("v=spf1 " + " ".join(f"include:w{n}.example" for n in range(5)) + " -all", zone=wide)

    assert found["SPF lookups"].outcome is Outcome.WRONG


def test_more_lookups_weigh_more_than_silence(look):
    found = look("v=spf1 " + "a:slow.example " * 11 + "-all", zone={"slow.example A": None})

    assert found["SPF lookups"].outcome is Outcome.WRONG


def test_an_empty_record_says_nothing(look):
    found = look("v=spf1")

    assert found["SPF ends"].outcome is Outcome.WARNING
    assert "neither passed nor failed" in found["SPF of 192.0.2.25"].found


def test_three_lookups_that_find_nothing_are_too_many(look):
    found = look("v=spf1 a:x.example a:y.example a:z.example ip4:192.0.2.25 -all")

    assert "3 lookups that find nothing" in found["SPF lookups"].found


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        ("-all", Outcome.WELL),
        ("~all", Outcome.WELL),
        ("-all exp=why.example", Outcome.WELL),
        ("redirect=third.example exp=why.example", Outcome.WELL),
        ("?all", Outcome.WARNING),
        ("ip4:192.0.2.25", Outcome.WARNING),
        ("+all", Outcome.WRONG),
        ("all", Outcome.WRONG),
        ("ip4:0.0.0.0/0 -all", Outcome.WRONG),
        ("ip6:::/0 -all", Outcome.WRONG),
        ("a:other.example/0 -all", Outcome.WRONG),
        ("include:open.example -all", Outcome.WRONG),
    ],
)
def test_a_record_does_not_pass_everybody(look, end, outcome):
    zone = {
        "open.example TXT": ["v=spf1 +all"],
        "other.example A": ["192.0.2.25"],
        "third.example TXT": ["v=spf1 -all"],
    }
    found = look(f"v=spf1 ip4:192.0.2.25 {end}", zone=zone)

    assert found["SPF ends"].outcome is outcome


@pytest.mark.parametrize(
    ("record", "sender", "passes"),
    [
        ("ip4:192.0.2.0/24 -all", HOME, True),
        ("ip4:192.0.2.0/24 -all", AWAY, False),
        ("ip6:2001:db8::/32 -all", HOME6, True),
        ("-ip4:192.0.2.25 ip4:192.0.2.0/24 -all", HOME, False),
        ("~all", HOME, False),
        ("a -all", HOME, True),
        ("a -all", HOME6, True),
        ("a:other.example/24 -all", HOME, True),
        ("a:other.example -all", HOME, False),
        ("a:other.example/32//64 -all", HOME6, True),
        ("mx -all", AWAY, True),
        ("mx:nowhere.example -all", AWAY, False),
        ("include:third.example -all", AWAY, True),
        ("include:refuses.example ip4:192.0.2.25 -all", HOME, True),
        ("redirect=third.example", AWAY, True),
        ("exists:other.example -all", HOME, True),
        ("exists:nowhere.example -all", HOME, False),
        ("exists:six.example -all", HOME6, False),
        ("mx/24 -all", ip_address("198.51.100.99"), True),
        ("redirect=third.example ip4:192.0.2.0/24", HOME, True),
        ("-all ip4:192.0.2.25", HOME, False),
        ("ip4:192.0.2.25 a=b x.y=z -all", HOME, True),
        ("A -ALL", HOME, True),
    ],
)
def test_the_first_term_that_matches_decides(look, record, sender, passes):
    zone = {
        f"{ROBIN} A": ["192.0.2.25"],
        f"{ROBIN} AAAA": ["2001:db8::25"],
        f"{ROBIN} MX": ["mx.example.org"],
        "mx.example.org A": ["198.51.100.7"],
        "other.example A": ["192.0.2.200"],
        "other.example AAAA": ["2001:db8::1"],
        "six.example AAAA": ["2001:db8::1"],
        "third.example TXT": ["v=spf1 ip4:198.51.100.0/24 -all"],
        "refuses.example TXT": ["v=spf1 -all"],
    }
    found = look(f"v=spf1 {record}", senders=(sender,), zone=zone)

    assert (found[f"SPF of {sender}"].outcome is Outcome.WELL) is passes


def test_where_a_relay_takes_mail_is_no_proof_of_where_it_sends_from(look):
    assert look("v=spf1 -all", certain=True)["SPF of 192.0.2.25"].outcome is Outcome.WRONG
    assert look("v=spf1 -all", certain=False)["SPF of 192.0.2.25"].outcome is Outcome.WARNING
    assert look("v=spf1 -all", senders=())["SPF of the relay"].outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "record",
    [
        "ipv4:192.0.2.25 -all",
        "ip4:192.0.2.256 -all",
        "include: -all",
        "include:none.example -all",
        "redirect=none.example",
        "redirect=one.example redirect=one.example",
        "redirect=",
        "-redirect=one.example",
        "ip4:192.0.2.25 -all exp=one.example exp=one.example",
        "include:two.example -all",
        "include:one.example/24 -all",
        "all:one.example",
        "all/24",
        "-all garbage",
        ",a -all",
        "a: -all",
        "mx: -all",
        "a:one.example/33 ip4:192.0.2.25 -all",
        "a:one.example/08 -all",
        "a:one.example//129 -all",
        "a:one.example/\N{ARABIC-INDIC DIGIT TWO} -all",
        "ptr/24 -all",
        "ip4:192.0.2.0/024 -all",
        "ip4:2001:db8::1 ip4:192.0.2.25 -all",
        "ip6:192.0.2.25 ip4:192.0.2.25 -all",
        "exists:%{i -all",
        "exists:%{c}.one.example -all",
        "include:%{z}.one.example -all",
    ],
)
def test_a_fault_makes_the_whole_record_worthless(look, record):
    """Section 4.6: one word that is no term, wherever it stands, and receivers take none of it."""
    zone = {
        "one.example TXT": ["v=spf1 ip4:192.0.2.0/24 -all"],
        "one.example A": ["192.0.2.25"],
        "two.example TXT": ["v=spf1 -all", "v=spf1 a -all"],
    }
    found = look(f"v=spf1 {record}", zone=zone)

    assert found["SPF syntax"].outcome is Outcome.WRONG
    assert found["SPF of 192.0.2.25"].outcome is Outcome.WRONG


def test_what_hangs_on_each_message_or_on_silence_is_not_known(look):
    for term in (
        "exists:%{i}.list.example",
        "include:%{d2}._spf.example",
        "redirect=%{d}._spf.example",
        "ptr",
    ):
        found = look(f"v=spf1 {term}")
        assert found["SPF of 192.0.2.25"].outcome is Outcome.UNKNOWN
        assert found["SPF lookups"].outcome is Outcome.WELL
        assert "SPF syntax" not in found

    silent = look(
        "v=spf1 include:slow.example mx a:slow.example -all",
        zone={
            "slow.example TXT": None,
            f"{ROBIN} MX": None,
            "slow.example A": None,
        },
    )
    assert silent["SPF of 192.0.2.25"].outcome is Outcome.UNKNOWN
    assert silent["SPF lookups"].outcome is Outcome.UNKNOWN


def test_what_passes_before_the_silence_passes(look):
    found = look("v=spf1 ip4:192.0.2.25 include:slow.example -all", zone={"slow.example TXT": None})

    assert found["SPF of 192.0.2.25"].outcome is Outcome.WELL


def test_more_than_ten_exchanges_are_a_fault(look):
    many = [f"mx{n}.example.org" for n in range(11)]
    found = look("v=spf1 mx -all", zone={f"{ROBIN} MX": many, **{f"{m} A": ["192.0.2.1"] for m in many}})

    assert "more than 10 mail exchanges" in found["SPF syntax"].found
