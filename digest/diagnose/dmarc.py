"""DMARC (RFC 9989): the policy, and whether the domains that SPF and DKIM vouch for align with From.

Organizational domains are found by walking the DNS (section 4.10), so that no list of public suffixes is
needed. Receivers that still go by RFC 7489 use such a list; the two agree where the organization publishes
its record at the name that it registered, which is what the advice asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from digest.diagnose.checks import Check, unknown, warning, well, wrong
from digest.diagnose.questions import ASK_AGAIN, Inquiry, Kind, Silence, ask, short, tags

_MOST_LABELS: Final = 8  # section 4.10: a longer name goes on with its last seven
POLICIES: Final = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A policy record and where it stands."""

    domain: str
    text: str
    tags: dict[str, str]

    @property
    def policy(self) -> str:
        return self.tags.get("p", "none").lower()

    def policy_for(self, domain: str) -> str:
        """What it asks for of mail from the domain: its own, or one below it."""
        return self.policy if domain == self.domain else self.tags.get("sp", self.policy).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The records met from a domain up to the top, the domain's own first."""

    start: str
    records: tuple[Record, ...]
    several: tuple[str, ...]  # where there was more than one, so that none counts

    @property
    def organization(self) -> str:
        """The organizational domain (section 4.10.2)."""
        for record in self.records:
            psd = record.tags.get("psd", "").lower()
            if psd == "n":
                return record.domain
            if psd == "y" and record.domain != self.start:
                below = len(record.domain.split(".")) + 1
                return ".".join(self.start.split(".")[-below:])
        return self.records[-1].domain if self.records else self.start

    @property
    def policy(self) -> Record | None:
        """The record that holds for the start (section 4.10.1)."""
        own = [r for r in self.records if r.domain in {self.start, self.organization}]
        return (
            own[0] if own else next((r for r in self.records if r.tags.get("psd", "").lower() == "y"), None)
        )


def walk(domain: str) -> Inquiry[Walk | Silence]:
    """Up the tree from a domain (section 4.10)."""
    domain = domain.rstrip(".").lower()
    records, several = [], []
    for name in _names(domain):
        answer = yield from ask(f"_dmarc.{name}", Kind.TXT)
        if isinstance(answer, Silence):
            return answer
        found = [value for value in answer.values if tags(value.partition(";")[0]) == {"v": "DMARC1"}]
        if len(found) > 1:
            several.append(name)
        elif found:
            records.append(Record(domain=name, text=found[0], tags=tags(found[0])))
            if records[-1].tags.get("psd", "").lower() in {"y", "n"}:
                break
    return Walk(start=domain, records=tuple(records), several=tuple(several))


def _names(domain: str) -> list[str]:
    labels = domain.split(".")
    starts = range(max(1, len(labels) - _MOST_LABELS + 1), len(labels))
    return [domain, *(".".join(labels[start:]) for start in starts)]


def inspect(sender: str, bounces: str, signs: str | None) -> Inquiry[list[Check]]:
    """The checks of a From domain, with the domains of the return path and of the signature, if known."""
    walked = yield from walk(sender)
    if isinstance(walked, Silence):
        found = f"_dmarc.{sender}: {walked.why}"
        return [unknown("DMARC record", found, "a DMARC record", ASK_AGAIN)]
    record = walked.policy
    checks = [_policy(sender, walked)]
    checks.append((yield from _alignment(_BY_SPF, sender, bounces, record)))
    if signs is not None:
        checks.append((yield from _alignment(_BY_DKIM, sender, signs, record)))
    return checks


def _policy(sender: str, walked: Walk) -> Check:
    name, record = "DMARC record", walked.policy
    advice = f'publish a TXT record at _dmarc.{sender}, such as "v=DMARC1; p=none; rua=mailto:dmarc@{sender}"'
    if walked.several:
        found = f"more than one at _dmarc.{walked.several[0]}: none of them counts"
        return wrong(name, found, "exactly one", "keep one of them")
    if record is None:
        expected = "a record; large receivers refuse mail in bulk without one"
        return wrong(name, f"none at _dmarc.{sender} or above", expected, advice)
    policy, found = record.policy_for(sender), f"_dmarc.{record.domain}: {short(record.text)}"
    if policy not in POLICIES:
        return wrong(name, found, f"a policy (p or sp) of {', '.join(POLICIES)}", "correct the record")
    if policy == "none":
        expected = "p=quarantine or p=reject, once the reports show that your own mail passes"
        return warning(name, found, expected, "enough for now: forged mail is still delivered")
    if "rua" not in record.tags:
        expected = "rua=, an address for the receivers' daily reports"
        return warning(
            name, found, expected, "add rua=mailto:ADDRESS: nothing else shows mail that does not pass"
        )
    return well(name, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """One of the two ways to pass."""

    name: str
    key: str  # of digest.yaml, where the other domain comes from
    tag: str  # of the record, that asks for more than relaxed alignment


_BY_SPF: Final = _Way(name="DMARC by SPF", key="sender.bounces", tag="aspf")
_BY_DKIM: Final = _Way(name="DMARC by DKIM", key="dkim.domain", tag="adkim")


def _alignment(way: _Way, sender: str, other: str, record: Record | None) -> Inquiry[Check]:
    """Whether another domain speaks for the From domain (section 4.4)."""
    strict = record is not None and record.tags.get(way.tag, "r").lower() == "s"
    verdict = yield from aligned(sender, other, strict=strict)
    mode = "strictly" if strict else "by their organization"
    found, expected = f"{other} and {sender}", f"{other} aligns with {sender}, {mode} ({way.tag})"
    if isinstance(verdict, Silence):
        return unknown(way.name, f"{found}: {verdict.why}", expected, ASK_AGAIN)
    if verdict:
        return well(way.name, f"{found} align")
    found = f"{found} do not align"
    advice = f"choose {way.key} of {sender}" + (
        "" if strict else ", or of a domain under the same DMARC record"
    )
    if way is _BY_SPF:  # one way is enough, and the other cannot always be seen from here
        return warning(way.name, found, expected, f"{advice}; else DMARC passes by DKIM alone")
    return wrong(way.name, found, expected, advice)


def aligned(sender: str, other: str, *, strict: bool) -> Inquiry[bool | Silence]:
    sender, other = sender.rstrip(".").lower(), other.rstrip(".").lower()
    if strict or sender == other:
        return sender == other
    organizations = []
    for domain in (sender, other):
        walked = yield from walk(domain)
        if isinstance(walked, Silence):
            return walked
        organizations.append(walked.organization)
    return organizations[0] == organizations[1]
