"""Hosts: where bounces and answers come in, and by what names our own addresses are known."""

from __future__ import annotations

from collections.abc import Sequence

from digest.diagnose.checks import Check, unknown, warning, well, wrong
from digest.diagnose.questions import ASK_AGAIN, Inquiry, IPAddress, Kind, Silence, addresses, ask, each


def inspect_exchanges(domain: str, purpose: str) -> Inquiry[list[Check]]:
    """Whether mail to a domain arrives anywhere (RFC 5321 section 5.1)."""
    name, expected = f"MX of {domain}", f"a mail exchange, for {purpose}"
    answer = yield from ask(domain, Kind.MX)
    if isinstance(answer, Silence):
        return [unknown(name, answer.why, expected, ASK_AGAIN)]
    if answer.values == (".",):
        # RFC 7505 section 3: a domain that says it takes no mail.
        return [
            wrong(name, "a null MX", expected, "publish an MX record with the name of a real mail server")
        ]
    hosts = answer.values or (domain,)
    dead = []
    for host in hosts:
        reached = yield from addresses(host)
        if isinstance(reached, Silence):
            return [unknown(name, f"{host}: {reached.why}", expected, ASK_AGAIN)]
        if not reached.values:
            dead.append(host)
    if len(dead) == len(hosts):
        found = f"{', '.join(dead)} {'have' if len(dead) > 1 else 'has'} no address"
        found = found if answer.values else "neither an MX record nor an address"
        return [wrong(name, found, expected, "publish an MX record with the name of a real mail server")]
    if not answer.values:
        found = "no MX record; mail goes to the domain's own address"
        return [warning(name, found, expected, "publish an MX record: some receivers ask for one")]
    return [well(name, ", ".join(host for host in hosts if host not in dead))]


def inspect_names(senders: Sequence[IPAddress], *, certain: bool) -> Inquiry[list[Check]]:
    """The reverse names of the addresses we send from, and the way back (RFC 1912 section 2.1).

    `certain` as for SPF: where a relay takes mail is its own affair, and a warning at most.
    """
    name, expected = "reverse name", "the address has a name, and the name has the address"
    public = [address for address in senders if address.is_global]
    if not public:
        found = "no public address of the relay's is known here"
        advice = "name the addresses your mail leaves from: digest doctor --sends-from ADDRESS"
        return [unknown(name, found, expected, advice)]
    return (yield from each(_named(address, certain=certain) for address in public))


def _named(address: IPAddress, *, certain: bool) -> Inquiry[Check]:
    name, expected = f"reverse name of {address}", "a name that leads back to the address"
    bad = wrong if certain else warning
    advice = "ask whoever gave you the address to set its reverse name; large receivers refuse mail without"
    answer = yield from ask(address.reverse_pointer, Kind.PTR)
    if isinstance(answer, Silence):
        return unknown(name, answer.why, expected, ASK_AGAIN)
    if not answer.values:
        return bad(name, "none", expected, advice)
    kind = Kind.A if address.version == 4 else Kind.AAAA
    for host in answer.values:
        back = yield from ask(host, kind)
        if isinstance(back, Silence):
            return unknown(name, f"{host}: {back.why}", expected, ASK_AGAIN)
        if str(address) in back.values:
            return well(name, f"{host.rstrip('.')}, and back")
    return bad(name, f"{', '.join(answer.values)}, which does not lead back", expected, advice)
