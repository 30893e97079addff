"""What the database holds of each kind of letter. Databases in use hold it: it stays equal octet by octet."""

from __future__ import annotations

from datetime import timedelta

from desk import START, WEB, Service
from sqlalchemy import Text, cast, select

from digest.store.tables import letters
from digest.subscriptions import Channel, Evidence, Wishes

MINA = "mina@example.org"
NEW = "mina@work.example.org"
MAIL = Evidence(channel=Channel.MAIL, wording="help")
IMPORT = Evidence(channel=Channel.IMPORT, wording="a list of ours", by="ada")

Row = tuple[str, str, int | None, str, str]


async def stored(service: Service) -> list[Row]:
    """Kind, key, subscriber, address and content of every letter, as the table holds them."""
    columns = (letters.c.kind, letters.c.key, letters.c.subscriber_id, letters.c.address)
    query = select(*columns, cast(letters.c.content, Text)).order_by(letters.c.id)
    async with service.store.database.read() as connection:
        return [(row[0], row[1], row[2], row[3], row[4]) for row in await connection.execute(query)]


async def test_letters_about_joining_changing_and_leaving_are_stored_as_before(service: Service) -> None:
    service.clock.at = START + timedelta(seconds=5, microseconds=250_000)
    mina = await service.subscribed()
    own = (mina.subscriber, mina.generation)
    await service.enrolment.fresh_link(MINA, WEB)
    await service.enrolment.leave_by_address(MINA, MAIL)
    await service.owner_links.send(*own, "export")
    await service.address_changes.ask(*own, NEW)
    request = await service.store.requests.get(mina.subscriber)
    assert request is not None
    await service.address_changes.confirm(mina.subscriber, int(request.asked_at.timestamp()), WEB)
    await service.enrolment.leave(*own, WEB)
    await service.enrolment.join("dan@example.org", Wishes(), MAIL)
    unreminded = service.membership_with(reminds=False).enrolment
    await unreminded.join("eve@example.org", Wishes(), WEB)
    await service.enrolment.leave_by_address("eve@example.org", MAIL)
    fay = await service.store.subscriptions.ask("fay@example.org", Wishes(), IMPORT, service.clock.now())
    await service.enrolment.invite(fay.subscriber)

    assert await stored(service) == [
        (
            "confirm",
            "confirm 1 1 2026-03-03T14:00:05.250000+00:00",
            1,
            MINA,
            '{"generation": 1, "code": "123001", "reminder": true}',
        ),
        ("welcome", "welcome 1 1", 1, MINA, '{"generation": 1}'),
        ("fresh-link", "fresh-link 1 1 2026-03-03T14:00", 1, MINA, '{"generation": 1}'),
        (
            "fresh-link",
            "fresh-link 1 1 on 2026-03-03",
            1,
            MINA,
            '{"generation": 1, "leaving": true, "answer": true}',
        ),
        (
            "own-link",
            "own-link export 1 1 2026-03-03T14:00",
            1,
            MINA,
            '{"generation": 1, "to": "export", "until": "2026-03-04T14:00:05.250000+00:00"}',
        ),
        (
            "confirm-move",
            "confirm-move 1 1 2026-03-03T14:00:05.250000+00:00 2026-03-03T14:00",
            1,
            NEW,
            '{"generation": 1, "move": 1772546405, "old": "m\\u2026@example.org"}',
        ),
        (
            "moved",
            "moved 1 1 2026-03-03T14:00:05.250000+00:00",
            1,
            MINA,
            '{"generation": 1, "new": "m\\u2026@work.example.org"}',
        ),
        ("left", "left 1 1", 1, NEW, '{"generation": 1, "wishes": {}}'),
        (
            "confirm",
            "confirm 2 1 on 2026-03-03",
            2,
            "dan@example.org",
            '{"generation": 1, "code": "123003", "answer": true, "reminder": true}',
        ),
        (
            "confirm",
            "confirm 3 1 2026-03-03T14:00:05.250000+00:00",
            3,
            "eve@example.org",
            '{"generation": 1, "code": "123004"}',
        ),
        (
            "unconfirmed",
            "unconfirmed 3 1 on 2026-03-03",
            3,
            "eve@example.org",
            '{"generation": 1, "answer": true}',
        ),
        (
            "confirm",
            "confirm 4 1 2026-03-03T14:00:05.250000+00:00",
            4,
            "fay@example.org",
            '{"generation": 1, "code": "123005", "invited": true}',
        ),
    ]


async def test_help_letters_are_stored_as_before(service: Service) -> None:
    await service.enrolment.help(MINA, MAIL)
    service.clock.on(days=7)
    await service.enrolment.help(MINA, WEB)
    service.clock.on(days=7)
    await service.enrolment.help(MINA, MAIL, unknown=True)
    mina = service.enrolment.reference(MINA)

    assert await stored(service) == [
        ("help", f"help {mina} on 2026-03-03", None, MINA, '{"answer": true}'),
        ("help", f"help {mina} 2026-03-10T14:00", None, MINA, "{}"),
        (
            "help",
            f"help with what is unknown {mina} on 2026-03-17",
            None,
            MINA,
            '{"answer": true, "unknown": true}',
        ),
    ]


async def test_letters_after_an_old_link_to_leave_are_stored_as_before(service: Service) -> None:
    mina = await service.subscribed()
    own = (mina.subscriber, mina.generation)
    await service.enrolment.leave(*own, WEB)
    await service.enrolment.join(MINA, Wishes(), WEB)
    await service.enrolment.leave(*own, MAIL)
    await service.enrolment.confirm(mina.subscriber, 2, WEB)
    await service.enrolment.leave(*own, MAIL)

    assert [row for row in await stored(service) if row[0] in {"unconfirmed", "fresh-link"}] == [
        ("unconfirmed", "unconfirmed 1 2 on 2026-03-03", 1, MINA, '{"generation": 2}'),
        ("fresh-link", "fresh-link 1 2 on 2026-03-03", 1, MINA, '{"generation": 2, "leaving": true}'),
    ]
