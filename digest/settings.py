"""The operator's settings: what `digest.yaml`, `sources.yaml` and `scales/*.yaml` may say, as typed values.

Each model is the shape of a piece of a file and, once read, the value the program works with; the JSON
Schemas for editors are made from the same models, and the text under a field is its description there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    InstanceOf,
    ValidationInfo,
    field_validator,
    model_validator,
)

from digest.notation import (
    Address,
    ClockTime,
    Contact,
    Count,
    DatabaseUrl,
    Domain,
    Duration,
    Host,
    Key,
    Line,
    Paragraph,
    Port,
    Size,
    Switch,
    WebAddress,
    Word,
    Zone,
    expected,
    loopback,
    plain,
    within,
)
from digest.ratings import Aspect, Body, Grade, Inspectorate, Inspectorates, Scale
from digest.retention import Retention
from digest.schedule import Timetable
from digest.sources import Authority, Source


class _Section(BaseModel):
    """A group of keys. An empty value counts as not given; an unknown key is an error."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        use_attribute_docstrings=True,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        return {k: v for k, v in given.items() if v is not None or k not in cls.model_fields}


# -- digest.yaml ----------------------------------------------------------------------------------------


class ServiceSettings(_Section):
    """What the service is called and where people find it."""

    name: Line
    """The name of the service, as subscribers read it."""
    url: AnyHttpUrl
    """The public web address of the service; the links in every message begin with it."""
    contact: Contact
    """A mail or web address for publishers and readers; every request and message of ours shows it."""

    @field_validator("url")
    @classmethod
    def _is_safe(cls, url: AnyHttpUrl) -> AnyHttpUrl:
        if url.username or url.password or url.query is not None or url.fragment is not None:
            raise expected('an address without name, password, "?" and "#"')
        # One-click links must be https (RFC 8058 section 3.1); only a trial on this machine may do without.
        if url.scheme != "https" and not loopback(url.host):
            raise expected('an address that begins with "https://" (only a trial on localhost may use http)')
        return url


class EditionSettings(_Section):
    """When the one daily edition is closed and sent."""

    zone: Zone = ZoneInfo("Europe/London")
    """The time zone in which the two times below are meant."""
    noon: ClockTime = time(12, 0)
    """When sending begins."""
    cutoff: ClockTime = time(11, 45)
    """What is discovered up to this time enters today's edition; not after noon."""
    lateness: Duration = timedelta(hours=6)
    """How long after noon an edition may still be sent; what is left comes with the next one."""

    @field_validator("cutoff")
    @classmethod
    def _is_before_noon(cls, cutoff: time, others: ValidationInfo) -> time:
        noon = others.data.get("noon")
        if noon is not None and cutoff > noon:
            raise expected(f"a time not after edition.noon, which is {noon:%H:%M}")
        return cutoff

    @field_validator("lateness")
    @classmethod
    def _is_less_than_a_day(cls, lateness: timedelta) -> timedelta:
        if not timedelta(0) < lateness < timedelta(days=1):
            raise expected('a stretch of time above 0 and below 24 hours, such as "6h"')
        return lateness

    @property
    def timetable(self) -> Timetable:
        return Timetable(zone=self.zone, cutoff=self.cutoff, noon=self.noon, lateness=self.lateness)


class AlertSettings(_Section):
    """Alerts: mails at once to those who watch a service and asked for them."""

    per_day: Annotated[Count, Field(ge=0, le=100)] = 3
    """How many alerts one subscriber gets in a day, at the most; the edition tells the rest. 0: no alerts."""
    earliest: ClockTime = time(7, 0)
    """When alerts begin in the morning, in edition.zone; what is found at night waits for it."""
    latest: ClockTime = time(22, 0)
    """When they end in the evening."""

    @field_validator("latest")
    @classmethod
    def _is_after_earliest(cls, latest: time, others: ValidationInfo) -> time:
        earliest = others.data.get("earliest")
        if earliest is not None and latest <= earliest:
            raise expected(f"a time after alerts.earliest, which is {earliest:%H:%M}")
        return latest


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class ProofSettings(_Section):
    """The weekly mail to those who asked for one when there was no edition."""

    day: Weekday = Weekday.FRIDAY
    """On which day it is sent."""
    at: ClockTime = time(12, 0)
    """When, in edition.zone; not before the day's edition is made."""


class SenderSettings(_Section):
    """Who the messages come from."""

    name: Line
    """The sender's name, as mail programs show it."""
    address: Address
    """The sender's address."""
    reply_to: Address | None = None
    """Where answers go; left out, they go to the sender's address."""
    bounces: Address
    """Where mail servers return what they could not deliver."""
    postal_address: Paragraph | None = None
    """A postal address for the foot of each message, where the law asks for one."""


class Tls(StrEnum):
    """How the connection to the relay is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


class MailServer(_Section):
    """A mail server that takes our messages and carries them on."""

    host: Host = "localhost"
    """Its name or number."""
    port: Port = 25
    """Its port: mostly 25 on this machine, 587 with starttls, 465 with implicit."""
    tls: Tls = Tls.NONE
    """How the connection is protected: starttls, implicit, or none (only for a relay on this machine)."""
    username: Line | None = None
    """The account to sign in with; its password is a secret, DIGEST_RELAY_PASSWORD."""
    token_file: Path | None = None
    """A file that holds the account's current OAuth token, instead of a password; read at each connection."""
    ca_file: Path | None = None
    """A file of certificates to trust instead of the system's, in PEM form."""
    client_cert: Path | None = None
    """A certificate to show to a server that asks for one, in PEM form."""
    client_key: Path | None = None
    """The key of client_cert, if it is not in the same file."""

    @field_validator("tls")
    @classmethod
    def _is_protected_outside(cls, tls: Tls, others: ValidationInfo) -> Tls:
        host = others.data.get("host")
        if tls is Tls.NONE and host is not None and not loopback(host):
            raise expected(
                f"starttls or implicit: {host} is not this machine, so the connection needs protection"
            )
        return tls

    @field_validator("token_file")
    @classmethod
    def _has_an_account(cls, token_file: Path | None, others: ValidationInfo) -> Path | None:
        if token_file is not None and others.data.get("username") is None:
            raise expected("username too: the token is for an account")
        return token_file

    @field_validator("client_cert")
    @classmethod
    def _has_tls(cls, client_cert: Path | None, others: ValidationInfo) -> Path | None:
        if client_cert is not None and others.data.get("tls") is Tls.NONE:
            raise expected("tls: starttls or implicit; without it nobody asks for a certificate")
        return client_cert


class RelaySettings(MailServer):
    """The mail server that takes our messages and carries them on, and how we treat it."""

    timeout: Annotated[Duration, within("1s", "10m")] = timedelta(seconds=60)
    """How long to wait for each answer."""
    connections: Annotated[Count, Field(ge=1, le=100)] = 4
    """How many connections to keep open at once, at the most; fewer while it is slow or turns us away."""
    per_connection: Annotated[Count, Field(ge=1)] = 100
    """How many messages to send on one connection before it is closed."""
    per_minute: Annotated[Count, Field(ge=1)] | None = None
    """How many messages to send a minute, all workers together; left out, as fast as it goes."""
    per_minute_and_domain: Annotated[Count, Field(ge=1)] | None = None
    """How many messages a minute to send to addresses of any one domain."""
    local_hostname: Host | None = None
    """The name we greet the relay with; left out, this machine's own."""
    only_to: tuple[Line, ...] = ()
    """Send to nobody but these addresses, or domains such as "@example.org": for a trial with real data."""
    fallbacks: tuple[MailServer, ...] = ()
    """Other mail servers for when this one is not to be had, in the order in which to try them."""

    @field_validator("only_to")
    @classmethod
    def _are_addresses_or_domains(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [one for one in given if one.count("@") != 1 or one.endswith("@")]
        if wrong:
            raise expected(f'addresses, or domains such as "@example.org"; "{wrong[0]}" is neither')
        return given


class DkimSettings(_Section):
    """Signing in this process, for a relay that does not sign (RFC 6376); RSA only."""

    domain: Domain
    """The domain that signs: the sender's, or one above it."""
    selector: Domain
    """The name under which the public key is published, in front of "._domainkey." and the domain."""
    key_file: Path
    """The private key, RSA in PEM form, that only its owner may read; counted from the config directory."""
    processes: Annotated[Count, Field(ge=1, le=64)] = 2
    """How many processes sign at once."""


class StoreSettings(_Section):
    """The database."""

    url: DatabaseUrl = "sqlite:///var/digest.db"
    """"sqlite:///" and a file name, counted from the config directory; or "postgresql://...", no password."""
    journal: Path = Path("var/journal")
    """A folder on this machine's own disk where workers note what they are doing, for those after them."""


class FetchSettings(_Section):
    """How we ask other people's servers."""

    timeout: Annotated[Duration, within("1s", "5m")] = timedelta(seconds=30)
    """How long one request may take as a whole."""
    max_bytes: Annotated[Size, Field(ge=1000, le=10**9)] = 10_000_000
    """The largest body we take."""
    max_redirects: Annotated[Count, Field(ge=0, le=20)] = 5
    """How many redirects we follow."""
    allow_private: Switch = False
    """Whether sources may live on private or local addresses; leave it off unless you run such a source."""
    per_host: Annotated[Duration, within("0s", "1h")] = timedelta(seconds=2)
    """The shortest pause between two requests to one host."""


class WebSettings(_Section):
    """Where the pages for subscribers and operators are served."""

    host: Host = "127.0.0.1"
    """The address to listen on; a reverse proxy with https stands before it."""
    port: Port = 8080
    """The port to listen on."""
    proxies: tuple[Line, ...] = ("127.0.0.1",)
    """Reverse proxies, or networks of them, whose word on visitors' addresses we take: limits go by it."""
    metrics: Switch = False
    """Whether /metrics tells Prometheus how things stand; keep the proxy from passing it on to everybody."""

    @field_validator("proxies")
    @classmethod
    def _are_numbers(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            try:
                ip_network(one)
            except ValueError:
                raise expected(
                    f'numbers of machines or networks, such as "10.0.0.1" or "10.0.0.0/8"; "{one}" is neither'
                ) from None
        return given


class SubscribingSettings(_Section):
    """How much strangers may ask of us: nobody is to fill others' mailboxes through our forms."""

    per_address: Annotated[Count, Field(ge=1, le=100)] = 4
    """How many letters an hour to one address that nobody has confirmed; twice as many a day."""
    per_network: Annotated[Count, Field(ge=1)] = 20
    """How many requests an hour from one network (/24 of IPv4, /48 of IPv6)."""
    per_day: Annotated[Count, Field(ge=1)] = 2000
    """How many such letters a day in all; at the last of them operators are called, and joining stops."""
    remind: Switch = True
    """Whether who has not confirmed after a day is reminded, once."""


class LmtpSettings(_Section):
    """A port for a mail server on this machine to hand messages to (LMTP, RFC 2033)."""

    anywhere: Switch = False
    """Whether `host` may be more than this machine: there is no login, so a firewall must stand before it."""
    host: Host = "127.0.0.1"
    """The address to listen on."""
    port: Port = 8024
    """The port to listen on."""
    max_bytes: Annotated[Size, Field(ge=100_000, le=10**9)] = 32_000_000
    """The largest message we take."""

    @field_validator("host")
    @classmethod
    def _is_this_machine(cls, host: str, others: ValidationInfo) -> str:
        if not loopback(host) and not others.data.get("anywhere"):
            raise expected("an address of this machine alone, such as 127.0.0.1, or anywhere: true")
        return host


class ImapSettings(_Section):
    """A mailbox to read, where no mail server hands messages over."""

    host: Host
    """The mailbox's server."""
    port: Port = 993
    """Its port: 993 with implicit, 143 with starttls or none."""
    tls: Tls = Tls.IMPLICIT
    """How the connection is protected: implicit, starttls, or none (only for a server on this machine)."""
    username: Line
    """The account; its password is a secret, DIGEST_IMAP_PASSWORD."""
    ca_file: Path | None = None
    """A file of certificates to trust instead of the system's, in PEM form; counted from this directory."""
    folder: Line = "INBOX"
    """The folder that is read."""
    handled: Line = "Digest"
    """The folder that what was dealt with is moved to; nothing is ever deleted."""
    every: Annotated[Duration, within("10s", "1h")] = timedelta(minutes=1)
    """How often we look."""

    @field_validator("tls")
    @classmethod
    def _is_protected_outside(cls, tls: Tls, others: ValidationInfo) -> Tls:
        host = others.data.get("host")
        if tls is Tls.NONE and host is not None and not loopback(host):
            raise expected(
                f"starttls or implicit: {host} is not this machine, so the password needs protection"
            )
        return tls

    @field_validator("handled")
    @classmethod
    def _is_another_folder(cls, handled: str, others: ValidationInfo) -> str:
        if handled == others.data.get("folder"):
            raise expected("another folder than `folder`: what was dealt with must leave it")
        return handled


class ReceivingSettings(_Section):
    """How mail to us comes in: by LMTP, by IMAP, or both."""

    domain: Domain | None = None
    """Where join@, leave@, help@ and confirm@ are; left out, the domain of sender.bounces."""
    lmtp: LmtpSettings | None = None
    """A port for a mail server to hand messages to."""
    imap: ImapSettings | None = None
    """A mailbox to read."""

    @model_validator(mode="after")
    def _comes_in(self) -> Self:
        if self.lmtp is None and self.imap is None:
            raise expected("lmtp, imap or both: how mail comes in")
        return self


class OperatorsSettings(_Section):
    """How operators hear of things that need them."""

    ping: WebAddress | None = None
    """An address to call after each complete edition; with "/fail" behind it, if something needs a person."""
    canary: Address | None = None
    """A subscriber of our own, who must have been sent each edition; if not, operators hear of it."""


Kept = Annotated[Duration, within("1d", "36500d")]
_KEPT = Retention()


class RetentionSettings(_Section):
    """For how long what we keep of people is kept; `digest prune` and the service itself see to it daily."""

    unconfirmed: Kept = _KEPT.unconfirmed
    """After it was asked for: a subscription that was never confirmed ends."""
    ended: Kept = _KEPT.ended
    """After a subscription ended: its address is erased, wherever it stands."""
    letters: Kept = _KEPT.letters
    """After a letter to one person was sent or given up: its address and content are erased."""
    answers: Kept = _KEPT.answers
    """What relays and returned reports said of a delivery, in words; the codes stay."""
    parked: Kept = _KEPT.parked
    """Received mail that could not be dealt with."""
    counts: Kept = _KEPT.counts
    """Counts by which requests are limited."""
    evidence: Kept = _KEPT.evidence
    """After a subscription ended: the words and the network that show that it was wanted."""
    deliveries: Annotated[Duration, within("60d", "36500d")] = _KEPT.deliveries
    """What became of each delivery; the editions themselves stay."""
    items: Kept = _KEPT.items
    """Title and summary of what was old news when a source was first seen; its keys stay."""

    @property
    def kept(self) -> Retention:
        return Retention(**dict(self))


class ServiceFile(_Section):
    """The file `digest.yaml`: the service as a whole."""

    service: ServiceSettings
    edition: EditionSettings = EditionSettings()
    alerts: AlertSettings = AlertSettings()
    proof_of_life: ProofSettings = ProofSettings()
    sender: SenderSettings
    relay: RelaySettings = RelaySettings()
    dkim: DkimSettings | None = None
    """Left out, the relay signs."""
    store: StoreSettings = StoreSettings()
    fetch: FetchSettings = FetchSettings()
    web: WebSettings = WebSettings()
    subscribing: SubscribingSettings = SubscribingSettings()
    receiving: ReceivingSettings | None = None
    """Left out, no mail is received: bounces and commands by mail are for somebody else to deal with."""
    operators: OperatorsSettings = OperatorsSettings()
    retention: RetentionSettings = RetentionSettings()


# -- sources.yaml ---------------------------------------------------------------------------------------


Every = Annotated[Duration, within("1m", "30d")]
Recent = Annotated[Duration, within("1h", "3650d")]
Pages = Annotated[Count, Field(ge=1, le=500)]


class SourceDefaults(_Section):
    """What holds for each source that does not say otherwise."""

    every: Every = timedelta(minutes=30)
    """How often we look."""
    recent: Recent = timedelta(days=14)
    """An item dated further back than this when we first see it is not news."""
    pages: Pages = 20
    """How many pages we fetch after one look, at the most; the rest waits for the next."""


class SourceEntry(_Section):
    """One place we look at for news."""

    id: Key
    """A short name that never changes: what we remember of the source is kept under it."""
    name: Line
    """Its name, as readers see it."""
    url: WebAddress
    """The address of its feed or listing page."""
    authority: Authority
    """"official" if the inspectorate itself speaks there, else "blog": a blog never moves a rating."""
    inspectorate: Key | None = None
    """The key of the inspectorate whose reports it carries; left out, it carries anybody's."""
    every: Every | None = None
    """How often we look, if not as the defaults say."""
    recent: Recent | None = None
    """How far back an item may be dated and still be news, if not as the defaults say."""
    pages: Pages | None = None
    """How many pages we fetch after one look, if not as the defaults say."""
    enabled: Switch = True
    """false: leave this source alone for now, and keep what we know of it."""

    def source(self, defaults: SourceDefaults) -> Source:
        return Source(
            id=self.id,
            name=self.name,
            url=self.url,
            authority=self.authority,
            inspectorate=self.inspectorate,
            every=self.every or defaults.every,
            recent=self.recent or defaults.recent,
            pages=self.pages or defaults.pages,
        )


class SourcesFile(_Section):
    """The file `sources.yaml`: the places we look at for news."""

    defaults: SourceDefaults = SourceDefaults()
    sources: Annotated[tuple[SourceEntry, ...], Field(min_length=1)]
    """The sources, in any order."""

    def polled(self) -> tuple[Source, ...]:
        """The sources that are switched on."""
        return tuple(entry.source(self.defaults) for entry in self.sources if entry.enabled)


# -- scales/*.yaml --------------------------------------------------------------------------------------


Entries = TypeVar("Entries", bound="tuple[GradeEntry | AspectEntry, ...]")


class GradeEntry(_Section):
    """One step of a scale."""

    name: Word
    """The grade, as the inspectorate says it."""
    aliases: tuple[Word, ...] = ()
    """Other words for it, as reports, blogs and papers use them."""


class AspectEntry(_Section):
    """One thing that is graded, other than the service as a whole."""

    name: Line
    """The aspect, as the inspectorate says it."""
    aliases: tuple[Line, ...] = ()
    """Other words for it."""
    domain: Line | None = None
    """The heading that the inspectorate groups it under."""


class ScaleEntry(_Section):
    """An ordered list of grades, in one version."""

    key: Key
    """A short name that never changes; a new version of a scale gets a new key."""
    grades: Annotated[tuple[GradeEntry, ...], Field(min_length=2)]
    """The grades, the best one first, whichever way the inspectorate's own numbers run."""
    aspects: tuple[AspectEntry, ...] = ()
    """What is graded besides the service as a whole."""
    overall: Switch = True
    """Whether the service as a whole gets a grade."""
    valid_from: date | None = None
    """The first day on which reports used it."""
    valid_until: date | None = None
    """The first day on which reports no longer used it."""
    compares_with: tuple[Key, ...] = ()
    """Other scales whose grades of the same name mean the same; all others are "not comparable"."""

    @field_validator("grades", "aspects")
    @classmethod
    def _say_each_word_once(cls, entries: Entries) -> Entries:
        twice = repeated(plain(word) for entry in entries for word in (entry.name, *entry.aliases))
        if twice:
            raise expected(f'each name and alias once in the list; "{twice[0]}" stands there twice')
        return entries

    @field_validator("valid_until")
    @classmethod
    def _ends_after_it_began(cls, until: date | None, others: ValidationInfo) -> date | None:
        began = others.data.get("valid_from")
        if until is not None and began is not None and until <= began:
            raise expected(f"a day after valid_from, which is {began}")
        return until

    def scale(self) -> Scale:
        return Scale(
            key=self.key,
            grades=tuple(
                Grade(name=grade.name, rank=rank, aliases=grade.aliases)
                for rank, grade in enumerate(self.grades, start=1)
            ),
            aspects=tuple(Aspect(name=a.name, aliases=a.aliases, domain=a.domain) for a in self.aspects),
            has_overall=self.overall,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            compares_with=self.compares_with,
        )


class BodyEntry(_Section):
    """One kind of body that is inspected, and how English names one of them."""

    kind: Line
    """A short name of the kind."""
    names: tuple[Line, ...] = ()
    """What comes after a body's own name, written out: "Primary School"."""
    short: tuple[Line, ...] = ()
    """Initials for it, in capitals: "PDU"."""
    leads: tuple[Line, ...] = ()
    """What comes right before a body's own name: "HMP"."""
    leads_to_parts: Switch = False
    """Whether `leads` count only before a part of the country: "NPS Wales"."""
    of_area: Switch = True
    """Whether the kind may come first, with "in" or "for": "probation unit for Kent"."""
    capitals: Switch = False
    """Whether the words count only with a capital: "Radcliffe House"."""
    loose: Switch = False
    """Whether the words are a name only where a text has nothing better."""
    form: Line | None = None
    """A tidy name made from "{area}"; left out, the name stays as the text writes it."""

    @field_validator("form")
    @classmethod
    def _has_a_place_for_the_area(cls, form: str | None) -> str | None:
        if form is not None and form.replace("{area}", "", 1).count("{") + form.count("{area}") != 1:
            raise expected('a form with "{area}" in it once, such as "{area} PDU"')
        return form

    @model_validator(mode="after")
    def _is_called_something(self) -> Self:
        if not (self.names or self.short or self.leads):
            raise expected("names, short or leads: how a body of this kind is called")
        return self

    def body(self) -> Body:
        return Body(**dict(self))


class ScalesFile(_Section):
    """A file of `scales/`: one inspectorate, whom it inspects and what it grades by."""

    key: Key
    """A short name that never changes; sources.yaml uses it."""
    name: Line
    """The inspectorate's name."""
    aliases: tuple[Line, ...] = ()
    """Other names for it."""
    scales: tuple[ScaleEntry, ...] = ()
    """The scales it has graded by, the newest first; none if it gives no grades."""
    borrows: tuple[Key, ...] = ()
    """Keys of other inspectorates' scales that it grades by too."""
    bodies: tuple[BodyEntry, ...] = ()
    """The kinds of bodies it inspects."""
    statuses: tuple[Word, ...] = ()
    """Words for standings that are no grades, such as "special measures"."""

    def inspectorate(self, scales: Mapping[str, Scale]) -> Inspectorate:
        """The inspectorate; `scales` must hold every scale it owns or borrows."""
        keys = (*(entry.key for entry in self.scales), *self.borrows)
        return Inspectorate(
            key=self.key,
            name=self.name,
            aliases=self.aliases,
            scales=tuple(scales[key] for key in keys),
            bodies=tuple(entry.body() for entry in self.bodies),
            statuses=self.statuses,
        )


def repeated(words: Iterable[str]) -> list[str]:
    """The words that come more than once, in order of their second coming."""
    seen: set[str] = set()
    return [word for word in words if word in seen or seen.add(word)]  # type: ignore[func-returns-value]


def inspectorates(files: Iterable[ScalesFile]) -> Inspectorates:
    """All inspectorates of the operator's scale files."""
    files = tuple(files)
    scales = {entry.key: entry.scale() for file in files for entry in file.scales}
    return Inspectorates(all=tuple(file.inspectorate(scales) for file in files))


# -- all together ---------------------------------------------------------------------------------------


class Settings(ServiceFile):
    """Everything the operator has set; secrets are kept apart."""

    sources: tuple[InstanceOf[Source], ...]
    inspectorates: InstanceOf[Inspectorates]

    @classmethod
    def of(cls, service: ServiceFile, sources: SourcesFile, scales: Iterable[ScalesFile]) -> Self:
        """The settings that three kinds of file make together."""
        return cls(**dict(service), sources=sources.polled(), inspectorates=inspectorates(scales))
