"""The guard: which links are followed, and which machines are connected to."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.adapters.http.address_guard import AddressRefused, guarded_sockets, objection, reachable


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
    ],
)
def test_what_is_not_public_is_out_of_reach(address):
    assert not reachable(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "151.101.0.144", "2606:4700::6810:1", "64:ff9b::808:808"])
def test_what_is_public_is_within_reach(address):
    assert reachable(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1", "fd12::1", "::ffff:192.168.1.1"])
def test_private_addresses_can_be_opened(address):
    assert reachable(address, allow_private=True)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "ff02::1"],
)
def test_a_cloud_machines_credentials_are_never_within_reach(address):
    """Nor is what no web server listens on."""
    assert not reachable(address, allow_private=True)


@given(st.ip_addresses())
def test_every_address_is_judged(ip):
    assert reachable(str(ip), allow_private=True) or not reachable(str(ip))


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_in_ipv6_clothes(ip):
    assert reachable(f"::ffff:{ip}") == reachable(str(ip))


def test_a_refusal_says_which_address_and_lets_the_next_be_tried():
    with pytest.raises(OSError, match="not a public one") as refused:
        guarded_sockets()((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80)))

    assert isinstance(refused.value, AddressRefused)
    assert refused.value.address == "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "helps"),
    [("127.0.0.1", True), ("10.1.2.3", True), ("fd00::1", True), ("169.254.169.254", False)],
)
def test_the_setting_that_allows_an_address_is_named_where_it_helps(address: str, helps: bool) -> None:
    assert ("fetch.allow_private" in AddressRefused(address).advice) is helps
    assert "fetch.allow_private" in (objection("http://example.org:9000/") or "")
    assert objection("http://example.org:9000/", allow_private=True) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("file:///etc/passwd", "not http or https"),
        ("ftp://example.org/", "not http or https"),
        ("javascript:alert(1)", "not http or https"),
        ("example.org/feed", "without a scheme"),
        ("http:///feed", "names no host"),
        ("http://[::1/", "cannot be read"),
        ("http://example.org:port/", "cannot be read"),
        ("http://example.org:99999/", "cannot be read"),
        ("http://example.org:22/", "port 22"),
        ("http://example.org:0/", "port 0"),
        ("https://user@example.org/", "user name"),
        ("https://:secret@example.org/", "user name"),
    ],
)
def test_such_links_are_not_followed(url, why):
    assert why in (objection(url) or "")


@pytest.mark.parametrize(
    "url",
    ["https://example.org/", "http://example.org/a?b#c", "https://example.org:8443/", "http://[2606::1]/"],
)
def test_other_links_are(url):
    assert objection(url) is None


def test_a_redirect_must_not_take_the_lock_off():
    """Who sits in between could write the ratings otherwise."""
    assert objection("http://example.org/", came_from="https://example.org/")
    assert objection("https://example.org/", came_from="http://example.org/") is None
    assert objection("http://example.org/b", came_from="http://example.org/a") is None


@given(st.text())
def test_every_link_is_judged(url):
    objection(url)
    objection("http://" + url)
