"""Mail that real servers bring: Postfix over LMTP, with its own reports in it, and Dovecot over IMAP."""

from __future__ import annotations

import asyncio
import imaplib
import smtplib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from journey_place import SUBSCRIBERS, Place
from receiving import receives, receiving
from servers import dovecot, postfix
from servers.certificates import Authority
from servers.dovecot import PASSWORD, PERSON, Dovecot
from servers.ports import free_port, free_ports
from servers.wanted import skipped
from test_a_real_relay import subscribe, through
from test_calendar import at, live, started

from digest.adapters.imap import ImapMailbox, ImapOptions
from digest.adapters.newsletters import ImapFolders
from digest.app.directory import configured
from digest.app.edges import imap_mailbox
from digest.app.service import Service
from digest.deliveries import State
from digest.errors import MailboxError
from digest.ports import Mail, Reception
from digest.settings import Tls
from digest.source_specs import MailAccount
from digest.subscriptions import Standing, Step, Subscription

DAY = date(2020, 3, 3)
A_DAY = timedelta(days=1)
GONE = "gone@example.net"
NO_POSTFIX = skipped("postfix", postfix.missing())
NO_DOVECOT = skipped("dovecot", dovecot.missing())
with_postfix = [
    pytest.mark.skipif(NO_POSTFIX is not None, reason=NO_POSTFIX or ""),
    pytest.mark.parametrize("kind", ["sqlite"], indirect=True),
]
with_dovecot = pytest.mark.skipif(NO_DOVECOT is not None, reason=NO_DOVECOT or "")


# -- Postfix --------------------------------------------------------------------------------------------


def bouncing(place: Place) -> dict[str, str]:
    """Transports of a Postfix behind which `GONE` is refused, and whose reports come back to us."""
    place.server.answers[GONE] = "550 5.1.1 nobody of that name"
    port = free_port()
    receives(place, port=port)
    return {
        "example.net": f"smtp:[{place.server.host}]:{place.server.port}",
        "digest.example.org": f"lmtp:inet:127.0.0.1:{port}",
    }


class TestPostfix:
    """Our relay, and what hands us the mail for our domain."""

    pytestmark = with_postfix

    async def test_what_bounces_behind_the_relay_ends_the_subscription_in_the_end(self, place: Place) -> None:
        """The relay takes each edition, the next server refuses it, and its report comes back."""
        subscriber = await subscribe(place, GONE)
        elsewhere = bouncing(place)
        async with postfix.running(people=SUBSCRIBERS, elsewhere=elsewhere) as relay:
            through(place, relay)
            async with receiving(place, at(DAY, "11:45")) as (it, clock, _):
                for n in range(8):
                    day = DAY + n * A_DAY
                    assert await standing(it, subscriber) is Standing.ACTIVE
                    await place.file(n + 1, at(day, "09:00"))
                    await live(it, clock, at(day, "12:30"))
                    await until_bounced(it, day, subscriber, relay)
                    clock.move_to(at(day + A_DAY, "11:45"))

                found = await it.store.subscriptions.get(subscriber)
                others = [await it.store.subscriptions.find(address) for address in SUBSCRIBERS]

        assert found is not None
        assert found.ended_reason is Step.BOUNCED
        assert {one.standing for one in others if one} == {Standing.ACTIVE}

    async def test_a_confirmation_that_bounces_behind_the_relay_settles_its_request(
        self, place: Place
    ) -> None:
        """It was asked for by mail, and the answer goes out with a return path that names it."""
        elsewhere = bouncing(place)
        async with postfix.running(people=[], elsewhere=elsewhere) as relay:
            through(place, relay)
            async with receiving(place, at(DAY, "09:00")) as (it, _, _):
                await asyncio.to_thread(write, relay.port, "join@digest.example.org", sender=GONE)
                asked = await until_found(it, Standing.PENDING)
                async with asyncio.timeout(60):
                    while not await it.letter_sender.send():  # noqa: ASYNC110 - a table tells nobody
                        await asyncio.sleep(0.05)
                found = await until_found(it, Standing.ENDED)
                [letter] = await it.store.letters.latest(asked.subscriber, 5)

        assert found.ended_reason is Step.LAPSED
        assert (letter.state, letter.code) == (State.BOUNCED, 550)

    async def test_it_keeps_what_we_cannot_take_yet_and_brings_it_again(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        port = free_port()
        receives(place, port=port)
        again = {"minimal_backoff_time": "1s", "queue_run_delay": "1s", "maximal_backoff_time": "1s"}
        elsewhere = {"digest.example.org": f"lmtp:inet:127.0.0.1:{port}"}
        async with (
            postfix.running(people=[], elsewhere=elsewhere, settings=again) as relay,
            receiving(place, at(DAY, "09:00")) as (it, _, _),
        ):
            away = asyncio.Event()

            async def trouble(*_: object) -> None:
                away.set()
                raise OSError("no database")

            with monkeypatch.context() as broken:
                broken.setattr(it.store.mail, "park", trouble)
                broken.setattr(it.store.counts, "add", trouble)
                await asyncio.to_thread(write, relay.port, "help@digest.example.org")
                await asyncio.wait_for(away.wait(), 60)
            async with asyncio.timeout(60):
                while not await it.store.mail.parked_count():  # noqa: ASYNC110 - a table tells nobody
                    await asyncio.sleep(0.1)

            assert "status=deferred" in relay.log()
            assert await it.store.mail.parked_count() == 1

    async def test_strangers_at_our_domain_are_nobody(self, place: Place) -> None:
        port = free_port()
        receives(place, port=port)
        elsewhere = {"digest.example.org": f"lmtp:inet:127.0.0.1:{port}"}
        async with (
            postfix.running(people=["mina@council.example"], elsewhere=elsewhere) as relay,
            receiving(place, at(DAY, "09:00")),
        ):
            await asyncio.to_thread(write, relay.port, "stranger@digest.example.org")
            [report] = await relay.until("mina")

        assert b"5.1.1" in report

    async def test_strangers_are_turned_away_at_the_door_by_the_map_of_the_docs(self, place: Place) -> None:
        port = free_port()
        receives(place, port=port)
        text = (Path(__file__).parents[2] / "docs" / "receiving.md").read_text(encoding="utf-8")
        [row] = [line.strip() for line in text.splitlines() if line.startswith("    /^(bounces|")]
        inline = row.replace("$", "$$")  # which means something in main.cf, and in a table only itself
        known = {"relay_recipient_maps": f"regexp:{{ {{{inline}}} }}"}
        elsewhere = {"digest.example.org": f"lmtp:inet:127.0.0.1:{port}"}
        async with (
            postfix.running(people=[], elsewhere=elsewhere, settings=known) as relay,
            receiving(place, at(DAY, "09:00")) as (it, _, _),
        ):
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                await asyncio.to_thread(write, relay.port, "stranger@digest.example.org")
            await asyncio.to_thread(write, relay.port, "help+me@digest.example.org")
            async with asyncio.timeout(60):
                while not await it.store.mail.parked_count():  # noqa: ASYNC110 - likewise
                    await asyncio.sleep(0.1)


async def until_bounced(it: Service, day: date, subscriber: int, relay: postfix.Postfix) -> None:
    async with asyncio.timeout(60):
        while await it.store.deliveries.state(day, subscriber) is not State.BOUNCED:
            assert "fatal" not in relay.log(), relay.log()
            await asyncio.sleep(0.05)


async def until_found(it: Service, standing: Standing) -> Subscription:
    async with asyncio.timeout(60):
        while True:
            found = await it.store.subscriptions.find(GONE)
            if found is not None and found.standing is standing:
                return found
            await asyncio.sleep(0.05)


async def standing(it: Service, subscriber: int) -> Standing:
    found = await it.store.subscriptions.get(subscriber)
    assert found is not None
    return found.standing


def write(port: int, to: str, text: str = "Who are you?", *, sender: str = "mina@council.example") -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        content = f"From: {sender}\r\nTo: {to}\r\nSubject: A question\r\n\r\n{text}\r\n"
        client.sendmail(sender, [to], content.encode())


# -- Dovecot --------------------------------------------------------------------------------------------


@dataclass
class Office:
    """Whom the mailbox hands messages to."""

    verdicts: list[Reception] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)

    def ours(self, address: str) -> bool:
        return address.endswith("@digest.example.org")

    async def receive(self, mail: Mail) -> Reception:
        self.mails.append(mail)
        return self.verdicts.pop(0) if self.verdicts else Reception.TAKEN


def options(it: Dovecot, tls: Tls = Tls.NONE, ca_file: Path | None = None, **more: str) -> ImapOptions:
    return ImapOptions(
        host=it.host,
        port=it.imaps if tls is Tls.IMPLICIT else it.imap,
        tls=tls,
        username=PERSON,
        password=more.get("password", PASSWORD),
        folder="INBOX",
        handled="Digest",
        ca_file=ca_file,
    )


def drop(it: Dovecot, to: str, text: str = "Who are you?", sender: str = "mina@council.example") -> None:
    with smtplib.LMTP(it.host, it.lmtp) as client:
        content = f"From: mina@council.example\r\nDelivered-To: forged@digest.example.org\r\n\r\n{text}\r\n"
        client.sendmail(sender, [to], content.encode())


@contextmanager
def looking(it: Dovecot) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4(it.host, it.imap) as client:
        client.login(PERSON, PASSWORD)
        yield client


def folders(it: Dovecot) -> dict[str, tuple[int, int]]:
    """Of each folder: how many messages are in it, and how many of them unseen."""
    with looking(it) as client:
        found = {}
        for folder in ("INBOX", "Digest"):
            if client.select(folder, readonly=True)[0] == "OK":
                counts = [len(client.search(None, what)[1][0].split()) for what in ("ALL", "UNSEEN")]
                found[folder] = (counts[0], counts[1])
        return found


@with_dovecot
class TestDovecot:
    """A mailbox that is read over IMAP."""

    @pytest.fixture
    async def box(self) -> AsyncIterator[Dovecot]:
        async with dovecot.running() as it:
            yield it

    async def test_what_is_dealt_with_is_moved_and_the_envelope_is_the_servers_word(
        self, box: Dovecot
    ) -> None:
        office = Office()
        await asyncio.to_thread(drop, box, "join+kent@digest.example.org")
        await asyncio.to_thread(drop, box, "bounces+1@digest.example.org", sender="")

        assert await ImapMailbox(options(box), office).look() == 2
        assert await ImapMailbox(options(box), office).look() == 0

        assert [(mail.sent_to, mail.sent_from) for mail in office.mails] == [
            ("join+kent@digest.example.org", "mina@council.example"),
            ("bounces+1@digest.example.org", ""),
        ]
        assert folders(box) == {"INBOX": (0, 0), "Digest": (2, 2)}

    async def test_what_is_not_ours_stays_untouched(self, box: Dovecot) -> None:
        """Unrelated mail in a shared mailbox is nobody's to move."""
        office = Office()
        await asyncio.to_thread(drop, box, "somebody@elsewhere.example")
        mailbox = ImapMailbox(options(box), office)

        assert [await mailbox.look(), await mailbox.look()] == [0, 0]

        assert office.mails == []
        assert folders(box)["INBOX"] == (1, 1)

    async def test_what_we_cannot_deal_with_yet_is_found_again(self, box: Dovecot) -> None:
        office = Office(verdicts=[Reception.LATER])
        await asyncio.to_thread(drop, box, "join@digest.example.org")
        mailbox = ImapMailbox(options(box), office)

        assert await mailbox.look() == 0
        assert folders(box)["INBOX"] == (1, 1)
        assert await mailbox.look() == 1
        assert len(office.mails) == 2

    async def test_of_a_huge_message_the_beginning_is_fetched(self, box: Dovecot) -> None:
        office = Office()
        await asyncio.to_thread(drop, box, "help@digest.example.org", "look\r\n" * 1_000_000)

        assert await ImapMailbox(options(box), office).look() == 1

        assert len(office.mails[0].content) == 1_000_000
        assert folders(box)["Digest"] == (1, 1)

    async def test_a_wrong_password_is_told_without_it(self, box: Dovecot) -> None:
        with pytest.raises(MailboxError) as told:
            await ImapMailbox(options(box, password="a secret"), Office()).look()

        assert "a secret" not in str(told.value)

    async def test_a_server_that_cannot_move_loses_nothing_of_others(self) -> None:
        """RFC 6851 is an extension; without it, what somebody else marked as deleted must stay."""
        async with dovecot.running(offered="IMAP4rev1 UIDPLUS") as box:
            await asyncio.to_thread(drop, box, "somebody@elsewhere.example")
            with looking(box) as client:
                client.select("INBOX")
                client.store("1", "+FLAGS", r"(\Deleted)")
            await asyncio.to_thread(drop, box, "join@digest.example.org")

            assert await ImapMailbox(options(box), Office()).look() == 1

            assert {name: count[0] for name, count in folders(box).items()} == {"INBOX": 1, "Digest": 1}

    @pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
    async def test_under_tls_the_server_must_prove_itself(self, tls: Tls, tmp_path: Path) -> None:
        authority = Authority(tmp_path)
        async with dovecot.running(chain=authority.server_file) as box:
            await asyncio.to_thread(drop, box, "join@digest.example.org")
            with pytest.raises(MailboxError, match="certificate"):
                await ImapMailbox(options(box, tls), Office()).look()

            assert await ImapMailbox(options(box, tls, authority.ca_file), Office()).look() == 1

    async def test_a_server_that_is_not_there_is_named_as_such(self) -> None:
        imap, imaps, lmtp = free_ports(3)
        there = Dovecot(Path(), imap=imap, imaps=imaps, lmtp=lmtp)

        with pytest.raises(MailboxError, match="refused"):
            await ImapMailbox(options(there), Office()).look()

    @pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
    async def test_a_subscription_is_asked_for_in_a_mailbox(self, place: Place, box: Dovecot) -> None:
        imap = f"  imap: {{ host: {box.host}, port: {box.imap}, tls: none, username: {PERSON} }}"
        receives(place, imap)
        with (place.config / "secrets.env").open("a", encoding="utf-8") as file:
            file.write(f"DIGEST_IMAP_PASSWORD='{PASSWORD}'\n")
        await asyncio.to_thread(drop, box, "join@digest.example.org")
        async with started(place, at(DAY, "09:00")) as (it, _):
            settings, secrets = configured(place.config)
            assert it.receiver is not None
            mailbox = imap_mailbox(settings, secrets, it.receiver)
            assert mailbox is not None
            assert await mailbox.look() == 1

            found = await it.store.subscriptions.find("mina@council.example")

        assert found is not None
        assert found.standing is Standing.PENDING
        assert folders(box) == {"INBOX": (0, 0), "Digest": (1, 1)}


@with_dovecot
async def test_newsletters_are_read_over_imap_and_nothing_is_changed_in_their_folder() -> None:
    async with dovecot.running() as it:
        account = MailAccount(
            host=it.host, port=it.imap, tls="none", username=PERSON, password="DIGEST_SOURCE_NEWS"
        )
        boxes, since = ImapFolders(), date(2020, 1, 1)
        drop(it, f"{PERSON}@digest.example.org", "The first.")
        first = await boxes.look(account, PASSWORD, since=since, known=())
        drop(it, f"{PERSON}@digest.example.org", "The second.")
        second = await boxes.look(account, PASSWORD, since=since, known=first.names)

        assert [len(first.names), len(second.names)] == [1, 2]
        assert ["The first." in content.decode() for _, content in first.new] == [True]
        assert ["The second." in content.decode() for _, content in second.new] == [True]
        assert folders(it) == {"INBOX": (2, 2)}
        with pytest.raises(MailboxError):
            await boxes.look(account, "another password", since=since, known=())
