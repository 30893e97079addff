"""SPF (RFC 7208): whether receivers find one sound record, and whether the addresses we send from pass it.

All lookups behind a record are counted, not only those that one address needs: the next may need them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from digest.diagnose import Check, Found, Inquiry, Kind, Silence
from digest.diagnose.checks import ASK_AGAIN, IPAddress, ask, each, short, unknown, warning, well, wrong

_MOST_LOOKUPS: Final = 10  # section 4.6.4: terms that ask the DNS
_MOST_VOID: Final = 2  # likewise: lookups that find nothing
_MOST_EXCHANGES: Final = 10  # likewise: of one mx
_GIVE_UP: Final = 40  # lookups counted before we leave a record alone

# Section 12; macros are those of section 7.2 that may stand outside an explanation.
_DOMAIN: Final = r"(?P<domain>(?:[!-$&-.0-~]|%(?:\{[slodiphv]\d*r?[.\-+,/_=]*\}|[%_-]))+)"
_LENGTH4: Final = r"(?:/(?P<length4>\d|[12]\d|3[0-2]))?"
_LENGTH6: Final = r"(?:/(?P<length6>\d|[1-9]\d|1[01]\d|12[0-8]))?"
_HOSTS: Final = rf"(?::{_DOMAIN})?{_LENGTH4}(?:/{_LENGTH6})?"
_FORMS: Final = {
    "all": "",
    "include": f":{_DOMAIN}",
    "a": _HOSTS,
    "mx": _HOSTS,
    "ptr": f"(?::{_DOMAIN})?",
    "ip4": rf":(?P<address>[\d.]+){_LENGTH4}",
    "ip6": rf":(?P<address>[\da-f.]*:[\da-f.:]*){_LENGTH6}",
    "exists": f":{_DOMAIN}",
    "redirect": f"={_DOMAIN}",
    "exp": f"={_DOMAIN}",
}
_ANY_CASE: Final = re.IGNORECASE | re.ASCII
_MODIFIERS: Final = {"redirect", "exp"}
_WORD: Final = re.compile(r"([+?~-]?)([a-z][a-z0-9_.-]*)(.*)", _ANY_CASE)
_UNKNOWN: Final = re.compile(r"(?!redirect=|exp=)[a-z][a-z0-9_.-]*=.*", _ANY_CASE)
"""A modifier that receivers do not know, either; they pass over it (section 6)."""

_Results = dict[IPAddress, str]  # the qualifier of the first term that matches


@dataclass(frozen=True, slots=True, kw_only=True)
class _Term:
    """A mechanism, or a modifier that we know."""

    text: str
    qualifier: str
    name: str
    domain: str | None  # None: the record's own
    address: IPAddress | None  # of ip4 and ip6
    lengths: dict[int, str]  # of prefixes, by the version of IP

    def network(self, address: IPAddress) -> IPv4Network | IPv6Network:
        return ip_network(f"{address}/{self.lengths[address.version]}", strict=False)


@dataclass(slots=True)
class _Tally:
    """What was met on the way through a record and those that it includes."""

    lookups: int = 0
    void: int = 0
    open: bool = False  # some term passes every address
    faults: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)  # lookups without an answer
    unsure: list[str] = field(default_factory=list)  # terms that depend on each message

    @property
    def broken(self) -> bool:
        """Whether receivers take none of it (permerror)."""
        return bool(self.faults) or self.lookups > _MOST_LOOKUPS or self.void > _MOST_VOID


def inspect(domain: str, senders: Sequence[IPAddress], *, certain: bool) -> Inquiry[list[Check]]:
    """The checks of the domain of MAIL FROM.

    `senders` are the addresses that mail leaves from. `certain` is true where the operator named them, false
    where they are the relay's own addresses: a relay may send from others than those it takes mail at.
    """
    text = yield from _published(domain)
    if isinstance(text, Check):
        return [text]
    tally = _Tally()
    terms = _terms(text, tally)
    results = yield from _evaluate(terms, senders, tally, (domain,))
    checks = [
        well("SPF record", f"{domain}: {short(text)}"),
        _lookups(domain, tally),
        _ending(terms, tally),
    ]
    if tally.faults:
        found, expected = "; ".join(dict.fromkeys(tally.faults)), "a record that receivers can evaluate"
        advice = "correct the record: with a fault in it, receivers take none of it (permerror)"
        checks.append(wrong("SPF syntax", found, expected, advice))
    if not senders:
        found = "the relay is on this machine or has no address, so where mail leaves from is not seen"
        expected = "the record passes every address that your mail leaves from"
        advice = "name them: digest doctor --sends-from ADDRESS"
        checks.append(unknown("SPF of the relay", found, expected, advice))
    checks += [_of_sender(address, results.get(address), tally, certain=certain) for address in senders]
    return checks


def _published(domain: str) -> Inquiry[str | Check]:
    """The domain's record, or what is wrong with it."""
    name = "SPF record"
    answer = yield from ask(domain, Kind.TXT)
    if isinstance(answer, Silence):
        return unknown(name, f"{domain}: {answer.why}", "one SPF record", ASK_AGAIN)
    match _spf_among(answer.values):
        case []:
            advice = f'publish one TXT record at {domain}, such as "v=spf1 mx -all"'
            return wrong(name, f"none at {domain}", "one SPF record for the domain of sender.bounces", advice)
        case [text]:
            return text
        case texts:  # section 4.5: a permanent error
            found = f"{len(texts)} at {domain}: {short(' | '.join(texts))}"
            return wrong(name, found, "exactly one SPF record", "put what they say into one of them")


def _spf_among(values: Iterable[str]) -> list[str]:
    return [value for value in values if re.match(r"v=spf1(?: |$)", value, re.IGNORECASE)]


# -- the checks -----------------------------------------------------------------------------------------


def _lookups(domain: str, tally: _Tally) -> Check:
    name, found = "SPF lookups", f"{tally.lookups} lookups behind the record of {domain}"
    if tally.lookups >= _GIVE_UP:
        found = f"at least {found}"
    expected = f"at most {_MOST_LOOKUPS}; beyond them receivers give up (RFC 7208 section 4.6.4)"
    if tally.lookups > _MOST_LOOKUPS:
        advice = "drop includes that are not needed, or name addresses by ip4 and ip6"
        return wrong(name, found, expected, advice)
    if tally.void > _MOST_VOID:
        found = f"{tally.void} lookups that find nothing"
        return wrong(name, found, f"at most {_MOST_VOID} of those", "drop the terms that lead nowhere")
    if tally.silent:
        return unknown(name, f"{found}, and {tally.silent[0]}", expected, ASK_AGAIN)
    if tally.lookups > _MOST_LOOKUPS - 2:
        return warning(name, found, expected, "one more include by a third party and the record is of no use")
    return well(name, f"{found}, of {_MOST_LOOKUPS}")


def _ending(terms: Sequence[_Term], tally: _Tally) -> Check:
    name = "SPF ends"
    expected, advice = "a record that ends with -all or ~all", "end the record with ~all, later with -all"
    if tally.open:
        found = "the record passes every address there is"
        return wrong(name, found, expected, "take +all, and networks as wide as the Internet, out of it")
    last = terms[-1].text if terms else "v=spf1"
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
    effect = {"-": "fails", "~": "fails softly"}.get(result or "", "is neither passed nor failed")
    found = f"{address} {effect}"
    if certain:
        return wrong(name, found, expected, f"add ip{address.version}:{address} or the relay's include")
    advice = "a relay may send from other addresses than it takes mail at: name those with --sends-from"
    return warning(name, found, expected, advice)


# -- the record -----------------------------------------------------------------------------------------


def _terms(text: str, tally: _Tally) -> list[_Term]:
    """The terms in the order of their evaluation: up to "all", or the mechanisms and then a redirect."""
    terms: list[_Term] = []
    for word in text.split()[1:]:
        if _UNKNOWN.fullmatch(word):
            continue
        if (term := _term(word)) is None:
            tally.faults.append(f'"{short(word, 40)}" is no term of SPF')
        elif term.name in _MODIFIERS and term.name in {other.name for other in terms}:
            tally.faults.append(f"{term.name}= stands more than once")
        else:
            terms.append(term)
    terms.sort(key=lambda term: term.name in _MODIFIERS)
    ends = next((place for place, term in enumerate(terms, 1) if term.name == "all"), None)
    return [term for term in terms[:ends] if term.name != "exp"]


def _term(word: str) -> _Term | None:
    qualifier, name, rest = found.groups() if (found := _WORD.fullmatch(word)) else ("", "", "")
    name = name.lower()
    parameters = re.fullmatch(_FORMS[name], rest, _ANY_CASE) if name in _FORMS else None
    if parameters is None or (qualifier and name in _MODIFIERS):
        return None
    given = parameters.groupdict()
    try:
        address = ip_address(given["address"]) if "address" in given else None
    except ValueError:
        return None
    return _Term(
        text=word.lower(),
        qualifier=qualifier or "+",
        name=name,
        domain=given.get("domain"),
        address=address,
        lengths={4: given.get("length4") or "32", 6: given.get("length6") or "128"},
    )


# -- the evaluation -------------------------------------------------------------------------------------


def _evaluate(
    terms: Sequence[_Term], senders: Sequence[IPAddress], tally: _Tally, path: tuple[str, ...]
) -> Inquiry[_Results]:
    """The result of each sender, without those that no term matches.

    `path` are the domains from the first record to this one.
    """
    results: _Results = {}
    for term in terms:
        matches = yield from _match(term, senders, tally, path)
        results = matches | results  # the first term that matches decides
    return results


def _match(
    term: _Term, senders: Sequence[IPAddress], tally: _Tally, path: tuple[str, ...]
) -> Inquiry[_Results]:
    """The senders that one term matches."""
    if term.name == "all":
        tally.open |= term.qualifier == "+"
        return dict.fromkeys(senders, term.qualifier)
    if term.address is not None:
        return _within([term.address], term, senders, tally)
    tally.lookups += 1
    target = (term.domain or path[-1]).rstrip(".").lower()
    if tally.lookups >= _GIVE_UP:
        return {}
    if "%" in target or term.name == "ptr":  # section 7: what a macro stands for is not known here
        tally.unsure.append(f'"{short(term.text, 40)}" depends on each message')
        return {}
    if term.name in {"include", "redirect"}:
        results = yield from _other(target, senders, tally, path)
        if term.name == "redirect":
            return results
        return {address: term.qualifier for address, result in results.items() if result == "+"}
    if term.name == "exists":  # section 5.7: an A record, for IPv6 senders as well
        found = yield from _addresses([target], [Kind.A], tally)
        return dict.fromkeys(senders if found else (), term.qualifier)
    hosts = (yield from _exchanges(target, tally)) if term.name == "mx" else [target]
    found = yield from _addresses(hosts, [Kind.A, Kind.AAAA], tally)
    return _within(found, term, senders, tally)


def _within(
    addresses: Iterable[IPAddress], term: _Term, senders: Sequence[IPAddress], tally: _Tally
) -> _Results:
    """The senders in the networks around the addresses."""
    networks = [term.network(address) for address in addresses]
    tally.open |= term.qualifier == "+" and any(network.prefixlen == 0 for network in networks)
    inside = [sender for sender in senders if any(sender in network for network in networks)]
    return dict.fromkeys(inside, term.qualifier)


def _other(
    target: str, senders: Sequence[IPAddress], tally: _Tally, path: tuple[str, ...]
) -> Inquiry[_Results]:
    """The results of another domain's record, for include and redirect."""
    if target in path:
        tally.faults.append(f"{target} includes itself")
        return {}
    answer = yield from ask(target, Kind.TXT)
    if isinstance(answer, Silence):
        tally.silent.append(f"{target}: {answer.why}")
        return {}
    texts = _spf_among(answer.values)
    if len(texts) != 1:  # sections 5.2 and 6.1: a permanent error of the whole
        tally.faults.append(f"{target} has {len(texts) or 'no'} SPF record{'s' if texts else ''}")
        return {}
    return (yield from _evaluate(_terms(texts[0], tally), senders, tally, (*path, target)))


def _exchanges(domain: str, tally: _Tally) -> Inquiry[Sequence[str]]:
    answer = yield from ask(domain, Kind.MX)
    if isinstance(answer, Silence):
        tally.silent.append(f"{domain}: {answer.why}")
        return []
    tally.void += not answer.values
    if len(answer.values) > _MOST_EXCHANGES:
        tally.faults.append(f"{domain} has more than {_MOST_EXCHANGES} mail exchanges")
    return answer.values[:_MOST_EXCHANGES]


def _addresses(names: Iterable[str], kinds: Sequence[Kind], tally: _Tally) -> Inquiry[list[IPAddress]]:
    found: list[IPAddress] = []
    for name in names:
        answers = yield from each(ask(name, kind) for kind in kinds)
        values = [value for answer in answers if isinstance(answer, Found) for value in answer.values]
        silences = [f"{name}: {answer.why}" for answer in answers if isinstance(answer, Silence)]
        tally.void += not values and not silences
        tally.silent += silences
        found += map(ip_address, values)
    return found
