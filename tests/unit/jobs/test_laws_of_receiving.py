"""A law of receiving: whatever comes, in whatever order, nobody is answered who must not be."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from receiving_setup import FIRST, KEY, OURS, Mail, ReceivingSetup, a_letter, noon

from digest.inbound import may_answer, parse_message
from digest.inbound.automatic import sender_of
from digest.ports import Reception
from digest.store.database import Database
from digest.store.sql import SqlStore
from digest.tokens import address_seal

FOLDER = Path(__file__).parents[2] / "fixtures" / "inbound"
NAMES = sorted(json.loads((FOLDER / "expected.json").read_text(encoding="utf-8")))
PLACES = ["join", "leave", "help", "confirm", "hello", "noon", "bounces", "bounces+1", "leave+leavetoken"]
MARKS = [
    "",
    "Auto-Submitted: auto-replied\n",
    "Auto-Submitted: no\n",
    "Precedence: bulk\n",
    "List-Id: <l.example>\n",
    "X-Loop: me\n",
    "X-Auto-Response-Suppress: All\n",
    "From: somebody@else.example\n",
]

to = st.sampled_from(PLACES).map(lambda name: f"{name}@digest.example.org")
senders = st.sampled_from(
    ["", "mina@council.example", "mailer-daemon@council.example", "noon@digest.example.org"]
)
written = st.builds(
    lambda to, subject, text, more, sent_from: a_letter(
        to, subject=subject, text=text, more=more, sent_from=sent_from
    ),
    to,
    st.sampled_from(
        ["", "help", "unsubscribe", "subscribe", "Out of office", "Re: The Noon Digest", "Hello"]
    ),
    st.sampled_from(["", "unsubscribe", "subscribe", "Who are you?"]),
    st.sampled_from(MARKS),
    senders,
)
shelved = st.builds(
    lambda name, to, sent_from: Mail(
        sent_from=sent_from, sent_to=to, content=(FOLDER / f"{name}.eml").read_bytes()[:100_000]
    ),
    st.sampled_from(NAMES),
    to,
    senders,
)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(written | shelved, min_size=1, max_size=6))
def test_no_sequence_of_mails_makes_us_answer_what_must_not_be_answered(
    blank_file: Path, mails: list[Mail]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(blank_file, Path(folder) / "state.db")
        answered = asyncio.run(brought(Path(folder), mails))

    allowed = {
        sender_of(parse_message(mail.content))
        for mail in mails
        if may_answer(parse_message(mail.content), sent_from=mail.sent_from, ours=OURS)
    }
    for asked in answered:
        match asked:
            case ("join" | "help" | "leave by address", address, *_):
                assert address in allowed
            case ("leave", 7, 1):  # by its token, in silence
                pass
            case _:
                raise AssertionError(asked)


async def brought(folder: Path, mails: list[Mail]) -> list[tuple[object, ...]]:
    database = Database("sqlite:///state.db", directory=folder)
    try:
        setup = ReceivingSetup(SqlStore(database, seal=address_seal(KEY)))
        setup.clock.move_to(noon(FIRST))
        for mail in mails:
            for _ in range(2):  # the one that brings it may do so twice
                assert await setup.receiver.receive(mail) is Reception.TAKEN
        return setup.enrolment.asked
    finally:
        await database.dispose()
