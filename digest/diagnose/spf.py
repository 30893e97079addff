"""SPF (RFC 7208): whether receivers find one sound record, and whether the addresses we send from pass it.

The whole tree of a record is counted, not only the part that one address happens to need: that is how the
limit is met by the next address, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Final

from digest.diagnose.checks import Check, unknown, warning, well, wrong
from digest.diagnose.questions import ASK_AGAIN, Found, Inquiry, IPAddress, Kind, Silence, ask, short

MOST_LOOKUPS: Final = 10  # section 4.6.4: terms that ask the DNS
MOST_VOID: Final = 2  # likewise: of them, those that find nothing
MOST_EXCHANGES: Final = 10  # likewise: of one mx
_NEEDY: Final = frozenset({"include", "exists"})  # they name a domain
_MECHANISMS: Final = _NEEDY | {"all", "a", "mx", "ptr"}
_GIVE_UP: Final = 40  # lookups counted before a record is left alone
_TERM: Final = re.compile(r"([+?~-]?)([A-Za-z][A-Za-z0-9_.-]*)(?::([^/]*))?((?:/\d+)?(?://\d+)?)")
_MODIFIER: Final = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)")
_NETWORK: Final = re.compile(r"([+?~-]?)ip[46]:(.+)", re.IGNORECASE)

Results = dict[IPAddress, str]  # the qualifier of the first term that matched


@dataclass(slots=True)
class _Tally:
    """What was met on the way through a record and all that it includes."""

    lookups: int = 0
    void: int = 0
    open: bool = False  # some pass everybody
    faults: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)  # nobody could tell
    unsure: list[str] = field(default_factory=list)  # it depends on each message

    @property
    def broken(self) -> bool:
        """Whether receivers take none of it."""
        return bool(self.faults) or self.lookups > MOST_LOOKUPS or self.void > MOST_VOID


def inspect(domain: str, senders: Sequence[IPAddress], *, certain: bool) -> Inquiry[list[Check]]:
    """The checks of the domain that stands in MAIL FROM.

    `senders` are where mail leaves from; `certain` if somebody said so, and false if they are the addresses
    where the relay takes mail, which need not be the same.
    """
    found = yield from _record(domain)
    if isinstance(found, Check):
        return [found]
    tally = _Tally()
    results = yield from _evaluate(domain, found, senders, tally, (domain,))
    checks = [
        well("SPF record", f"{domain}: {short(found)}"),
        _lookups(domain, tally),
        _openness(found, tally),
    ]
    if tally.faults:
        checks.append(
            wrong(
                "SPF syntax",
                "; ".join(dict.fromkeys(tally.faults)),
                "a record that receivers can evaluate",
                "correct the record: with a fault in it, receivers take none of it (permerror)",
            )
        )
    if not senders:
        checks.append(
            unknown(
                "SPF of the relay",
                "the relay is on this machine or has no address, so where mail leaves from is not seen",
                "the record passes every address that your mail leaves from",
                "name them: digest doctor --sends-from ADDRESS",
            )
        )
    checks += [_of_sender(address, results.get(address), tally, certain=certain) for address in senders]
    return checks


def _record(domain: str) -> Inquiry[str | Check]:
    name, advice = "SPF record", f'publish one TXT record at {domain}, such as "v=spf1 mx -all"'
    answer = yield from ask(domain, Kind.TXT)
    if isinstance(answer, Silence):
        return unknown(name, f"{domain}: {answer.why}", "one SPF record", ASK_AGAIN)
    records = _spf_among(answer.values)
    match records:
        case []:
            return wrong(name, f"none at {domain}", "one SPF record for the domain of sender.bounces", advice)
        case [record]:
            return record
        case _:
            found = f"{len(records)} at {domain}: {short(' | '.join(records))}"
            # Section 4.5: more than one is a permanent error, whatever they say.
            return wrong(name, found, "exactly one SPF record", "put what they say into one of them")


def _spf_among(values: Iterable[str]) -> list[str]:
    return [value for value in values if re.match(r"v=spf1(?: |$)", value, re.IGNORECASE)]


# -- the judgements -------------------------------------------------------------------------------------


def _lookups(domain: str, tally: _Tally) -> Check:
    name, found = "SPF lookups", f"{tally.lookups} lookups behind the record of {domain}"
    if tally.lookups >= _GIVE_UP:
        found = f"at least {tally.lookups} lookups behind the record of {domain}"
    expected = f"at most {MOST_LOOKUPS}; beyond them receivers give up (RFC 7208 section 4.6.4)"
    if tally.lookups > MOST_LOOKUPS:
        return wrong(
            name, found, expected, "drop includes that are not needed, or name addresses by ip4 and ip6"
        )
    if tally.void > MOST_VOID:
        found = f"{tally.void} lookups that find nothing"
        return wrong(name, found, f"at most {MOST_VOID} of those", "drop the terms that lead nowhere")
    if tally.silent:
        return unknown(name, f"{found}, and {tally.silent[0]}", expected, ASK_AGAIN)
    if tally.lookups > MOST_LOOKUPS - 2:
        return warning(name, found, expected, "one more include by a third party and the record is of no use")
    return well(name, f"{found}, of {MOST_LOOKUPS}")


def _openness(record: str, tally: _Tally) -> Check:
    name = "SPF ends"
    expected, advice = "a record that ends with -all or ~all", "end the record with ~all, later with -all"
    if tally.open:
        found = "the record passes every address there is"
        return wrong(name, found, expected, "take +all, and networks as wide as the Internet, out of it")
    last = record.rsplit(maxsplit=1)[-1].lower()
    if last in {"-all", "~all"} or last.startswith("redirect="):
        return well(name, last)
    return warning(name, f"it ends with {last}: it tells receivers nothing of forgeries", expected, advice)


def _of_sender(address: IPAddress, result: str | None, tally: _Tally, *, certain: bool) -> Check:
    name, expected = f"SPF of {address}", f"the record passes {address}"
    if tally.broken:
        return wrong(name, "the record cannot be evaluated", expected, "mend the record first, as said above")
    if result == "+":
        return well(name, "passes")
    if tally.silent:
        return unknown(name, tally.silent[0], expected, ASK_AGAIN)
    if tally.unsure:
        advice = "see what receivers make of it: digest doctor --send ADDRESS"
        return unknown(name, tally.unsure[0], expected, advice)
    meant = {"-": "fails", "~": "fails softly", "?": "is neither passed nor failed"}
    found = f"{address} {meant.get(result or '?', 'is neither passed nor failed')}"
    if certain:
        return wrong(name, found, expected, f"add ip{address.version}:{address} or the relay's include")
    advice = "a relay may send from other addresses than it takes mail at: name those with --sends-from"
    return warning(name, found, expected, advice)


# -- the evaluation -------------------------------------------------------------------------------------


def _evaluate(
    domain: str, record: str, senders: Sequence[IPAddress], tally: _Tally, path: tuple[str, ...]
) -> Inquiry[Results]:
    """What the record says of each sender; one that no term matches is not in the results."""
    results: Results = {}
    redirect: str | None = None
    ends = False
    for term in record.split()[1:]:
        if modifier := _MODIFIER.fullmatch(term):
            redirect = modifier[2] if modifier[1].lower() == "redirect" else redirect
            continue
        qualifier, matched = yield from _match(domain, term, senders, tally, path)
        ends = ends or term.lstrip("+?~-").lower() == "all"
        for address in matched:
            results.setdefault(address, qualifier)
    if redirect is not None and not ends:  # section 6.1: ignored where there is an "all"
        tally.lookups += 1
        beyond = yield from _elsewhere(redirect, senders, tally, path)
        for address, qualifier in beyond.items():
            results.setdefault(address, qualifier)
    return results


def _match(
    domain: str, term: str, senders: Sequence[IPAddress], tally: _Tally, path: tuple[str, ...]
) -> Inquiry[tuple[str, list[IPAddress]]]:
    """The term's qualifier and the senders that it matches."""
    if network := _NETWORK.fullmatch(term):
        qualifier = network[1] or "+"
        return qualifier, _in_network(network[2], qualifier, senders, tally)
    parts = _TERM.fullmatch(term)
    mechanism = parts[2].lower() if parts else ""
    if parts is None or mechanism not in _MECHANISMS or (mechanism in _NEEDY and not parts[3]):
        tally.faults.append(f'"{short(term, 40)}" is no term of SPF')
        return "?", []
    qualifier, target = parts[1] or "+", parts[3] or domain
    if mechanism == "all":
        tally.open = tally.open or qualifier == "+"
        return qualifier, list(senders)
    tally.lookups += 1
    if tally.lookups >= _GIVE_UP:
        return "?", []
    if "%" in target or mechanism == "ptr":  # section 7: who knows what a macro stands for
        tally.unsure.append(f'"{short(term, 40)}" depends on each message')
        return "?", []
    if mechanism == "include":
        results = yield from _elsewhere(target, senders, tally, path)
        return qualifier, [address for address, result in results.items() if result == "+"]
    hosts = (yield from _exchanges(target, tally)) if mechanism == "mx" else [target]
    own = yield from _hosts(hosts, tally)
    if mechanism == "exists":
        return qualifier, list(senders) if own else []
    return qualifier, _near(own, parts[4], senders)


def _in_network(written: str, qualifier: str, senders: Sequence[IPAddress], tally: _Tally) -> list[IPAddress]:
    try:
        network = ip_network(written, strict=False)
    except ValueError:
        tally.faults.append(f'"{short(written, 40)}" is no network')
        return []
    tally.open = tally.open or (qualifier == "+" and network.prefixlen == 0)
    return [address for address in senders if address in network]


def _elsewhere(
    target: str, senders: Sequence[IPAddress], tally: _Tally, path: tuple[str, ...]
) -> Inquiry[Results]:
    """What another domain's record says, for include and redirect."""
    target = target.rstrip(".").lower()
    if target in path:
        tally.faults.append(f"{target} includes itself")
        return {}
    answer = yield from ask(target, Kind.TXT)
    if isinstance(answer, Silence):
        tally.silent.append(f"{target}: {answer.why}")
        return {}
    records = _spf_among(answer.values)
    if len(records) != 1:  # section 5.2: a permanent error of the whole
        tally.faults.append(f"{target} has {len(records) or 'no'} SPF record{'s' if records else ''}")
        return {}
    return (yield from _evaluate(target, records[0], senders, tally, (*path, target)))


def _exchanges(domain: str, tally: _Tally) -> Inquiry[list[str]]:
    answer = yield from ask(domain, Kind.MX)
    if isinstance(answer, Silence):
        tally.silent.append(f"{domain}: {answer.why}")
        return []
    if not answer.values:
        tally.void += 1
    if len(answer.values) > MOST_EXCHANGES:
        tally.faults.append(f"{domain} has more than {MOST_EXCHANGES} mail exchanges")
    return list(answer.values[:MOST_EXCHANGES])


def _hosts(names: Iterable[str], tally: _Tally) -> Inquiry[list[IPAddress]]:
    found: list[IPAddress] = []
    for name in names:
        here: list[str] = []
        silent = False
        for kind in (Kind.A, Kind.AAAA):
            match (yield from ask(name, kind)):
                case Found(values=values):
                    here += values
                case Silence(why=why):
                    silent = True
                    tally.silent.append(f"{name}: {why}")
        tally.void += not here and not silent
        found += [ip_address(one) for one in here]
    return found


def _near(own: Iterable[IPAddress], lengths: str, senders: Sequence[IPAddress]) -> list[IPAddress]:
    """The senders within the prefix of an address; `lengths` as in "/24//64" (section 5.6)."""
    v4, _, v6 = lengths.partition("//")
    prefix = {4: v4.strip("/") or "32", 6: v6 or "128"}
    try:
        networks = [ip_network(f"{one}/{prefix[one.version]}", strict=False) for one in own]
    except ValueError:
        return []
    return [address for address in senders if any(address in network for network in networks)]
