"""Through which server an edition leaves, and as whom, as digest.yaml says."""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta

import pytest
from journey_place import SUBSCRIBERS, Place
from servers.smtp import ScriptedSmtpServer
from test_calendar import at, live, started

DAY = date(2020, 3, 3)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_fallback_takes_the_edition_with_the_token_that_its_file_holds_then(place: Place) -> None:
    config, token = place.config / "digest.yaml", place.config / "token"
    token.write_text("a token of last week\n", encoding="utf-8")
    async with ScriptedSmtpServer(extensions=("AUTH XOAUTH2",)) as fallback:
        one = f"{{ host: 127.0.0.1, port: {fallback.port}, username: noon, token_file: token }}"
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace("relay:", f"relay:\n  fallbacks: [{one}]", 1), encoding="utf-8")
        await place.server.stop()
        tomorrow = DAY + timedelta(days=1)

        async with started(place, at(DAY, "11:45")) as (it, clock):
            for number, day in enumerate((DAY, tomorrow), start=1):
                token.write_text(f"token of {day}\n", encoding="utf-8")
                await place.file(number, at(day, "09:00"))
                await live(it, clock, at(day, "13:00"))
        await place.server.start()

    assert [m.recipients for m in fallback.messages] == [(address,) for address in SUBSCRIBERS] * 2
    shown = [line.split()[2] for line in fallback.commands if line.startswith("AUTH")]
    assert list(dict.fromkeys(base64.b64decode(one) for one in shown)) == [
        f"user=noon\x01auth=Bearer token of {day}\x01\x01".encode() for day in (DAY, tomorrow)
    ]
    relays = {one["relay"]: one["up"] for one in json.loads(place.digest("status", "--json"))["relays"]}
    assert relays == {f"127.0.0.1:{place.server.port}": False, f"127.0.0.1:{fallback.port}": True}
