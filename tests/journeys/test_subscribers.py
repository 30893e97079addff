"""Operators look after subscribers: one by one, as lists, many at once, and back."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from builders import KENT, a_provider
from journey_place import SUBSCRIBERS, Place
from sqlalchemy import select
from test_calendar import at, live, started

from digest.app.directory import configured, open_database
from digest.cli import main
from digest.cli.common import opened
from digest.membership.enrolment import NEVER_AGAIN
from digest.store.tables import letters
from digest.subscriptions import Channel, Evidence, Suppression
from digest.tokens import mailbox_seal

DAY = date(2020, 3, 3)


def digest(place: Place, *arguments: str, expect: int = 0) -> str:
    """What a command printed, errors included; in this process, for there are many of them."""
    printed = io.BytesIO()

    def run() -> int:
        out = io.TextIOWrapper(printed, encoding="utf-8", newline="", write_through=True)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            try:
                code = main.run_main()
            except SystemExit as left:
                code = left.code if isinstance(left.code, int) else int(left.code is not None)
        out.detach()
        return code

    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(1) as thread:  # whose loop is not ours
        patched.setattr(sys, "argv", ["digest", *arguments, "--config", str(place.config)])
        patched.setenv("LOGNAME", "ada")
        code = thread.submit(run).result()
    said = printed.getvalue().decode()
    assert code == expect, said
    return said


def subscribers(place: Place, *arguments: str, expect: int = 0) -> str:
    return place.digest("subscribers", *arguments, expect=expect)


def listed(place: Place, *where: str) -> dict[str, str]:
    rows = json.loads(subscribers(place, "list", "--json", "--in-clear", *where))
    return {row["address"].partition("@")[0]: row["standing"] for row in rows}


async def written(place: Place) -> list[tuple[str, str]]:
    """The letters that there are, by kind and address."""
    settings, secrets = configured(place.config)
    database = open_database(settings, secrets, place.config)
    async with database.read() as connection:
        rows = await connection.execute(select(letters.c.kind, letters.c.address).order_by(letters.c.id))
        found = [(row.kind, row.address) for row in rows]
    await database.dispose()
    return found


async def test_one_subscriber_is_added_shown_ended_and_asked_back(place: Place) -> None:
    """Nobody is subscribed without a basis, and nobody who left without one of their own."""
    subscribers(place, "add", "dan@example.org", expect=2)
    subscribers(
        place, "add", "dan@example.org", "--basis", "by telephone, 3 March", "--by", "eve", "--movements-only"
    )

    said = subscribers(place, "show", "DAN@example.org")
    assert "subscriber 4: d…@example.org" in said
    assert 'confirmed by operator (eve), "by telephone, 3 March"' in said
    assert "wishes: movements only" in said
    assert "dan@" not in said

    subscribers(place, "end", "4", "--why", "wrote to us")
    assert "cannot be removed" in subscribers(place, "end", "4", "--why", "again", expect=1)
    said = subscribers(place, "add", "dan@example.org", "--basis", "by telephone", expect=2)
    assert "removed on" in said
    subscribers(place, "add", "dan@example.org", "--basis", "wrote again", "--again")
    history = json.loads(subscribers(place, "show", "4", "--json"))["history"]
    assert [(taken["step"], taken["generation"], taken["wording"]) for taken in history] == [
        ("confirmed", 1, "by telephone, 3 March"),
        ("removed", 1, "wrote to us"),
        ("confirmed", 2, "wrote again"),
    ]


async def test_many_end_after_a_preview_and_come_back(place: Place) -> None:
    meant = ("--where", "standing=active", "--where", "domain=example.org")
    said = subscribers(place, "end", *meant, "--why", "the wrong list")
    assert "3 subscriptions would end (3 active)" in said
    assert set(listed(place).values()) == {"active"}

    assert "as bulk 1" in subscribers(place, "end", *meant, "--why", "the wrong list", "--yes")
    assert set(listed(place).values()) == {"ended"}
    assert "can be undone until" in subscribers(place, "bulks")

    assert "3 restored" in subscribers(place, "undo", "1")
    assert set(listed(place).values()) == {"active"}
    assert "was undone" in subscribers(place, "undo", "1", expect=2)
    for wrong in ((), ("--where", "standing=gone"), ("ada@example.org", "--where", "standing=active")):
        subscribers(place, "end", *wrong, "--why", "x", expect=2)


async def test_an_action_on_many_is_undone_for_28_days_and_no_longer(place: Place) -> None:
    old = datetime.now(UTC) - timedelta(days=28)
    async with place.opened() as store:
        await store.bulks.open(what="end --where standing=active", by="ada", why="x", now=old)

    assert "could be undone until" in subscribers(place, "undo", "1", expect=2)
    assert "there is no bulk 2" in subscribers(place, "undo", "2", expect=2)


async def test_erasing_many_says_that_it_is_for_good(place: Place) -> None:
    meant = ("--where", "domain=example.org", "--why", "asked by letter")
    assert "cannot be undone" in subscribers(place, "erase", *meant)
    assert "3 subscriptions erased" in subscribers(place, "erase", *meant, "--yes")

    assert "nothing is left" in subscribers(place, "undo", "1", expect=2)
    assert "3 subscriptions" in (said := subscribers(place, "list"))
    assert "(erased)" in said


async def test_a_list_is_imported_whole_or_not_at_all_and_taken_back(place: Place) -> None:
    subscribers(place, "end", "cleo@example.org", "--why", "wrote to us")
    subscribers(place, "suppress", "never@example.org", "--why", "asked by letter")
    file = place.config.parent / "people.csv"
    file.write_text(
        "E-mail;Movements only\nada@example.org;yes\nCLEO@example.org;\nnever@example.org;\n"
        "dan@example.org;yes\neve@example.org;\ndan@EXAMPLE.org;\nnobody;\n",
        encoding="utf-8-sig",
    )
    basis = ("--basis", "signed up at the conference, 3 March")

    said = subscribers(place, "import", str(file), *basis, "--confirmed", "--yes", expect=2)
    assert "people.csv:8: address" in said
    assert "nothing was written" in said
    assert len(listed(place)) == 3

    said = subscribers(place, "import", str(file), *basis, "--confirmed", "--skip-bad", "--yes")
    assert re.findall(r"(?m)^ +(\d+) ", said) == ["2", "1", "1", "1", "1", "1"]
    assert "as bulk 1" in said
    assert listed(place) == {
        "ada": "active", "ben": "active", "cleo": "ended", "dan": "active", "eve": "active",
    }  # fmt: skip
    taken = json.loads(subscribers(place, "show", "dan@example.org", "--json"))["history"]
    assert [(t["step"], t["channel"], t["wording"]) for t in taken] == [
        ("confirmed", "import", "signed up at the conference, 3 March")
    ]
    assert json.loads(subscribers(place, "show", "ada@example.org", "--json"))["wishes"] == "everything"

    assert "2 removed again" in subscribers(place, "undo", "1")
    assert {n for n in listed(place) if n} == {"ada", "ben", "cleo"}.union({"(erased)"})


async def test_an_import_without_their_own_yes_asks_each_of_them_once(place: Place) -> None:
    """Nothing is sent before they confirm but the letter to confirm by, and that one once."""
    file = place.config.parent / "people.csv"
    file.write_text("dan@example.org\nada@example.org\neve@example.org\n")
    taking_in = ("import", str(file), "--basis", "a list of ours", "--yes", "--json")

    subscribers(place, *taking_in[:4])
    assert await written(place) == []
    said = json.loads(subscribers(place, *taking_in))

    assert said["counts"] == {"new": 2, "known": 1, "ended": 0, "suppressed": 0}
    assert said["letters"] == {"asked": 2}
    assert listed(place)["dan"] == "pending"
    assert await written(place) == [("confirm", "dan@example.org"), ("confirm", "eve@example.org")]

    shown = subscribers(place, "show", "dan@example.org")
    assert re.search(r"latest letters:\n  .*  confirm planned", shown)
    assert "the letter to confirm, a" in subscribers(place, "why", "dan@example.org")

    assert json.loads(subscribers(place, *taking_in))["letters"] == {"known": 2}
    assert len(await written(place)) == 2
    assert "2 removed again" in subscribers(place, "undo", "1")
    assert [address for _, address in await written(place)] == ["", ""]


async def test_an_import_leaves_most_of_a_days_letters_to_people_who_ask_for_themselves(place: Place) -> None:
    settings = place.config / "digest.yaml"
    settings.write_text(settings.read_text().replace("per_day: 2000", "per_day: 10"))
    file = place.config.parent / "people.csv"
    file.write_text("dan@example.org\neve@example.org\nfay@example.org\n")

    said = subscribers(place, "import", str(file), "--basis", "a list of ours", "--yes")

    assert "2  letters to confirm" in said
    assert "1  without a letter yet" in said
    assert "run it again tomorrow" in said
    assert len(await written(place)) == 2


async def test_wishes_that_an_operator_types_are_kept_and_slips_of_the_pen_are_named(place: Place) -> None:
    providers = (a_provider("merseyside-crc", "Merseyside CRC", kind="CRC"), a_provider(KENT, "Kent PDU"))
    async with place.opened() as store:
        await store.providers.load(providers, ())
    basis = ("--basis", "by telephone")
    wishes = ("--area", "Kent", "--area", "Kentt", "--watch", "Merseyside CRC", "--alerts", "--proof-of-life")
    wishes += ("--weekly", "Friday", "--brief")

    said = subscribers(place, "add", "dan@example.org", *basis, *wishes)

    assert "Kentt: no provider's name contains this area" in said
    assert "Kent: no" not in said
    said = subscribers(place, "show", "dan@example.org")
    assert "wishes: Kent, Kentt, watches merseyside-crc, alerts, a weekly proof of life, once" in said
    assert "once a week, on Friday, in brief" in said
    dan = json.loads(subscribers(place, "export", "--json"))[-1]
    assert (dan["areas"], dan["watched"], dan["alerts"], dan["weekly"], dan["brief"]) == (
        "Kent|Kentt", "Merseyside CRC", "yes", "friday", "yes",
    )  # fmt: skip
    for wrong in (("--watch", "Nowhere CRC"), ("--kind", "nothing"), ("--inspectorate", "nobody")):
        subscribers(place, "add", "eve@example.org", *basis, *wrong, expect=2)

    file = place.config.parent / "people.csv"
    file.write_text("address,areas\nfay@example.org,Kentt|Kent\ngil@example.org,Kentt\n")
    said = subscribers(place, "import", str(file), *basis)
    assert said.count("no provider's name contains this area") == 1


async def test_of_somebody_who_is_in_only_what_is_said_changes(place: Place) -> None:
    adding = ("add", "dan@example.org", "--basis", "by telephone")
    said = subscribers(place, *adding, "--area", "Kent", "--movements-only")
    assert "d…@example.org is active as subscriber 4; wishes: Kent, movements only" in said

    said = subscribers(place, *adding, "--no-commentary")
    assert "wishes: Kent, movements only, no commentary (before: Kent, movements only)" in said
    assert "as before" in subscribers(place, *adding)
    said = subscribers(place, *adding, "--area", "", "--no-movements-only", "--commentary")
    assert "wishes: everything (before: " in said
    assert "dan@" not in said


async def test_nobody_is_alerted_of_nothing(place: Place) -> None:
    said = subscribers(place, "add", "dan@example.org", "--basis", "by telephone", "--alerts", expect=2)

    assert "no provider is watched" in said
    assert "dan" not in listed(place)


async def test_what_is_exported_is_for_its_owner_alone_and_can_be_imported(place: Place) -> None:
    subscribers(place, "add", "dan@example.org", "--basis", "x", "--no-commentary")
    subscribers(place, "end", "ada@example.org", "--why", "x")
    file = place.config.parent / "out.csv"
    file.write_text("old")
    os.chmod(file, 0o644)  # noqa: PTH101

    subscribers(place, "export", "--csv", str(file))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_bytes().decode()
    assert "ada@" not in text
    assert text == subscribers(place, "export", "--csv", "-")
    [_, dan] = json.loads(subscribers(place, "export", "--json"))[-2:]
    assert (dan["address"], dan["commentary"]) == ("dan@example.org", "no")
    said = json.loads(subscribers(place, "import", str(file), "--basis", "x", "--json"))
    assert said["counts"] == {"new": 0, "known": 3, "ended": 0, "suppressed": 0}
    assert said["bad"] == []


async def test_a_suppressed_address_is_never_subscribed(place: Place) -> None:
    subscribers(place, "suppress", "Ada@Example.org", "--why", "asked by letter")

    assert listed(place)["ada"] == "ended"
    said = subscribers(place, "add", "ada@example.org", "--basis", "x", "--again", expect=2)
    assert "must not be written to" in said
    assert "asked by letter" in subscribers(place, "why", "ada@example.org")

    subscribers(place, "unsuppress", "ada@example.org")
    subscribers(place, "unsuppress", "ada@example.org", expect=1)
    subscribers(place, "add", "ada@example.org", "--basis", "x", "--again")


async def test_a_mailbox_whose_owner_wants_no_email_is_left_alone(
    place: Place,
) -> None:
    async with opened(place.config) as (_, store):
        seal = configured(place.config)[1].seal
        never = Suppression(why=NEVER_AGAIN, since=datetime.now(UTC))
        evidence = Evidence(channel=Channel.WEB, wording="Never write to me again")
        assert await store.subscriptions.suppress_mailbox(
            mailbox_seal(seal)("ada@example.org"), never, evidence
        )
    file = place.config / "people.csv"
    file.write_text("ada+work@example.org\n")

    assert listed(place)["ada"] == "ended"
    said = subscribers(place, "import", str(file), "--basis", "a list", "--yes")
    assert "1  must not be written to" in said
    said = subscribers(place, "add", "ada+home@example.org", "--basis", "x", expect=2)
    assert "its owner wants no email from us" in said
    assert "its owner wants no email from us" in subscribers(place, "why", "ada@example.org")
    said = subscribers(place, "unsuppress", "ada+work@example.org", expect=1)
    assert "digest subscribers unsuppress ada@example.org" in said
    subscribers(place, "unsuppress", "ada@example.org")
    subscribers(place, "add", "ada@example.org", "--basis", "she telephoned", "--again")


async def test_who_was_erased_is_brought_back_by_no_list_and_by_no_slip(place: Place) -> None:
    subscribers(place, "erase", "ada@example.org", "--why", "asked by letter", "--yes")
    file = place.config / "people.csv"
    file.write_text("ada@example.org\n")

    said = subscribers(place, "import", str(file), "--basis", "an old list", "--confirmed", "--yes")
    assert "1  ended before; left as is" in said

    said = subscribers(place, "add", "ada@example.org", "--basis", "x", expect=2)
    assert "left, complained or had it erased" in said
    assert "--again" in said
    subscribers(place, "add", "ada@example.org", "--basis", "asked to come back", "--again")
    assert listed(place)["ada"] == "active"


async def test_a_new_secret_key_does_not_lose_suppressions_unnoticed(place: Place) -> None:
    subscribers(place, "suppress", "never@example.org", "--why", "asked by letter")
    secrets = place.config / "secrets.env"
    before = secrets.read_text()
    old = re.search(r"(?m)^DIGEST_SECRET_KEY=(.*)$", before)
    assert old is not None
    secrets.write_text(before.replace(old[0], f"DIGEST_SECRET_KEY={'k' * 40}"))

    assert "sealed with another key" in subscribers(place, "list", expect=3)
    assert "sealed with another key" in place.digest("poll", expect=3)

    with secrets.open("a") as file:
        file.write(f"\nDIGEST_SUPPRESSION_KEY={old[1]}\n")
    assert "must not be written to" in subscribers(
        place, "add", "never@example.org", "--basis", "x", expect=2
    )
    secrets.write_text(secrets.read_text().replace("DIGEST_SUPPRESSION_KEY", "# lost"))
    assert "1 sealed address dropped" in subscribers(place, "unsuppress", "--all", "--yes")
    subscribers(place, "list")


async def test_why_tells_what_became_of_each(place: Place) -> None:
    place.server.answers["ben@example.org"] = "550 5.1.1 <ben@example.org> no such user"
    await place.file(1, at(DAY, "09:00"))
    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "13:00"))

    day = ("--day", "2020-03-03")
    assert "the relay took it" in subscribers(place, "why", "ada@example.org", *day)
    said = subscribers(place, "why", "ben@example.org", *day)
    assert 'refused Tue 03 Mar 2020 12:00 UTC: "550 5.1.1 <b…@example.org> no such user"' in said
    assert "there is no edition of 2020-03-02" in subscribers(place, "why", "1", "--day", "2020-03-02")
    assert "not subscribed" in subscribers(place, "why", "nobody@example.org", *day)
    assert "2020-03-03  refused: 550" in subscribers(place, "show", "ben@example.org")


async def test_a_pause_ends_in_time_for_its_days_edition(place: Place) -> None:
    """The day came, the edition came: no step of the subscriber's own was needed."""
    async with started(place, at(DAY, "11:00")) as (it, clock):
        one = await it.store.subscriptions.find(SUBSCRIBERS[0])
        assert one is not None
        await _pause(it.store, one.subscriber, DAY + timedelta(days=1), clock.now())
        for number in range(2):
            day = DAY + timedelta(days=number)
            await place.file(number + 1, at(day, "09:00"))
            await live(it, clock, at(day, "13:00"))

    assert [day for address, day in place.received() if address == SUBSCRIBERS[0]] == [
        DAY + timedelta(days=1)
    ]


async def _pause(store: Any, subscriber: int, until: date, now: datetime) -> None:
    from digest.subscriptions import Channel, Evidence, Step

    evidence = Evidence(channel=Channel.WEB)
    assert await store.subscriptions.take(subscriber, 1, Step.PAUSED, evidence, now, until=until)


async def test_the_service_lets_go_daily_and_says_how_much(place: Place) -> None:
    subscribers(place, "end", "ada@example.org", "--why", "wrote to us")
    assert json.loads(place.digest("prune", "--dry-run", "--json"))["ended"] == 0

    async with started(place, datetime.now(UTC) + timedelta(days=29)) as (it, clock):
        await it.prune()
        clock.move_to(clock.now() + timedelta(minutes=5))
        await it.prune()

    said = subscribers(place, "show", "1")
    assert "subscriber 1: (erased)" in said
    assert json.loads(place.digest("prune", "--json"))["ended"] == 0
