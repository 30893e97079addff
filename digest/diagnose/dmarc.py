"""DMARC (RFC 9989): the policy, and whether the domains that SPF and DKIM vouch for align with From.

The organizational domain is found by asking for records up the DNS tree (section 4.10), without a list of
public suffixes. Receivers of RFC 7489 use such a list; both find the same domain if the organization
publishes its record at its registered name, as our advice says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from digest.diagnose import Check, Inquiry, Kind, Silence
from digest.diagnose.checks import ASK_AGAIN, ask, short, tags, unknown, warning, well, wrong

_MOST_LABELS: Final = 8  # section 4.10: a longer name goes on with its last seven
_POLICIES: Final = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A policy record and where it stands."""

    domain: str
    text: str
    tags: dict[str, str]

    @property
    def psd(self) -> str:
        return self.tags.get("psd", "u").lower()

    def policy_for(self, domain: str) -> str:
        """The policy for mail from the record's own domain, or from one below it."""
        own = self.tags.get("p", "none")
        return (own if domain == self.domain else self.tags.get("sp", own)).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The records from a domain up to the top-level domain, its own first."""

    start: str
    records: tuple[Record, ...]
    several: tuple[str, ...]  # names with more than one record: none of theirs counts

    @property
    def organization(self) -> str:
        """The organizational domain (section 4.10.2)."""
        for record in self.records:
            if record.psd == "n":
                return record.domain
            if record.psd == "y" and record.domain != self.start:
                labels = record.domain.count(".") + 2  # one more than the public suffix has
                return ".".join(self.start.split(".")[-labels:])
        return self.records[-1].domain if self.records else self.start

    @property
    def policy(self) -> Record | None:
        """The record that applies to the start (section 4.10.1)."""
        own = (record for record in self.records if record.domain in {self.start, self.organization})
        suffix = (record for record in self.records if record.psd == "y")
        return next(own, None) or next(suffix, None)

    def strict(self, tag: str) -> bool:
        """Whether the policy demands the same domain, not only the same organization: "aspf" or "adkim"."""
        return self.policy is not None and self.policy.tags.get(tag, "r").lower() == "s"


def walk(domain: str) -> Inquiry[Walk | Silence]:
    """Ask for the records from a domain upwards (section 4.10)."""
    domain = domain.rstrip(".").lower()
    records, several = [], []
    for name in _names(domain):
        answer = yield from ask(f"_dmarc.{name}", Kind.TXT)
        if isinstance(answer, Silence):
            return answer
        texts = [text for text in answer.values if tags(text.partition(";")[0]) == {"v": "DMARC1"}]
        if len(texts) > 1:
            several.append(name)
        elif texts:
            records.append(Record(domain=name, text=texts[0], tags=tags(texts[0])))
            if records[-1].psd in {"y", "n"}:
                break
    return Walk(start=domain, records=tuple(records), several=tuple(several))


def _names(domain: str) -> list[str]:
    """The domain and those above it, eight at most (section 4.10)."""
    labels = domain.split(".")
    starts = range(max(1, len(labels) - _MOST_LABELS + 1), len(labels))
    return [domain, *(".".join(labels[start:]) for start in starts)]


def inspect(sender: str, bounces: str, signs: str | None) -> Inquiry[list[Check]]:
    """The checks of a From domain.

    `bounces` is the domain of MAIL FROM, which SPF proves; `signs` that of the DKIM signature, if we sign.
    """
    walked = yield from walk(sender)
    if isinstance(walked, Silence):
        found = f"_dmarc.{sender}: {walked.why}"
        return [unknown("DMARC record", found, "a DMARC record", ASK_AGAIN)]
    checks = [_policy(sender, walked), (yield from _alignment(_BY_SPF, sender, bounces, walked))]
    if signs is not None:
        checks.append((yield from _alignment(_BY_DKIM, sender, signs, walked)))
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
    if policy not in _POLICIES:
        return wrong(name, found, f"a policy (p or sp) of {', '.join(_POLICIES)}", "correct the record")
    if policy == "none":
        expected = "p=quarantine or p=reject, once the reports show that your own mail passes"
        return warning(name, found, expected, "enough for now: forged mail is still delivered")
    if "rua" not in record.tags:
        expected = "rua=, an address for the receivers' daily reports"
        advice = "add rua=mailto:ADDRESS: nothing else shows mail that does not pass"
        return warning(name, found, expected, advice)
    return well(name, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proof:
    """One of the two ways to pass."""

    name: str
    key: str  # the key in digest.yaml that gives the other domain
    tag: str  # the tag in the record that can demand strict alignment


_BY_SPF: Final = _Proof(name="DMARC by SPF", key="sender.bounces", tag="aspf")
_BY_DKIM: Final = _Proof(name="DMARC by DKIM", key="dkim.domain", tag="adkim")


def _alignment(proof: _Proof, sender: str, other: str, walked: Walk) -> Inquiry[Check]:
    strict = walked.strict(proof.tag)
    aligns = yield from aligned(walked, other, proof.tag)
    mode = "strictly" if strict else "by their organization"
    found, expected = f"{other} and {sender}", f"{other} aligns with {sender}, {mode} ({proof.tag})"
    if isinstance(aligns, Silence):
        return unknown(proof.name, f"{found}: {aligns.why}", expected, ASK_AGAIN)
    if aligns:
        return well(proof.name, f"{found} align")
    found = f"{found} do not align"
    advice = f"choose {proof.key} of {sender}"
    if not strict:
        advice += ", or of a domain under the same DMARC record"
    if proof is _BY_SPF:  # DKIM alone is enough, and we cannot always see SPF's result from here
        return warning(proof.name, found, expected, f"{advice}; else DMARC passes by DKIM alone")
    return wrong(proof.name, found, expected, advice)


def aligned(sender: Walk, other: str, tag: str) -> Inquiry[bool | Silence]:
    """Whether a domain that SPF (aspf) or DKIM (adkim) proves speaks for the From domain (section 4.4)."""
    other = other.rstrip(".").lower()
    if sender.start == other or sender.strict(tag):
        return sender.start == other
    walked = yield from walk(other)
    return walked if isinstance(walked, Silence) else walked.organization == sender.organization
