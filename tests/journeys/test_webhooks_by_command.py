"""An operator sets up a webhook, tries it, and sees what comes of it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command import Ended, digest, run
from journey_place import Place
from servers.receiver import Receiver, slow_body, status
from test_calendar import started
from test_many_machines import let_noon_be_now
from webhook_signatures import KNOWN, as_documented

from digest import serving
from digest.adapters.config.packaged import copy_config
from digest.adapters.http import hook_post
from digest.adapters.stopping import Stopping
from digest.app.service import Service
from digest.roles import Role


def set_up(config: Path, url: str, *, secret: str = KNOWN, more: str = "") -> None:
    file = config / "digest.yaml"
    hook = f"webhooks:\n  - {{ id: crm, url: '{url}', private: true, secret: DIGEST_WEBHOOK_CRM{more} }}\n"
    text = file.read_text()
    assert "webhooks: [] #" in text
    file.write_text(text.replace("webhooks: [] #", f"{hook}#"))
    with (config / "secrets.env").open("a") as secrets:
        secrets.write(f"DIGEST_WEBHOOK_CRM='{secret}'\n")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A directory without a state: a hook can be tried before the service runs."""
    copy_config(tmp_path / "config")
    return tmp_path / "config"


async def tried(config: Path, *arguments: str) -> Ended:
    """`digest webhooks test`, while the receiver answers."""
    return await asyncio.to_thread(run, "webhooks", "test", *arguments, "--config", config)


async def test_a_hook_is_tried_with_a_made_up_story(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook_post, "BODY_SECONDS", 0.1)
    async with Receiver(status(200, "thank\x1byou"), slow_body(), status(401, "who are you?")) as receiver:
        set_up(config, receiver.url, secret=f"whsec_{'A' * 32} {KNOWN}")
        taken = await tried(config, "crm")
        slow = await tried(config, "crm", "--json")
        refused = await tried(config, "crm")

    assert (taken.code, taken.out) == (0, "127.0.0.1 took it: 200 OK\n  thank\ufffdyou\n")
    assert (slow.code, json.loads(slow.out)["body"]) == (0, "it was")
    assert (refused.code, refused.out) == (1, "127.0.0.1 did not take it: 401 Unauthorized\n  who are you?\n")
    [posted, *_] = receiver.posts
    assert posted.event["type"] == "webhook.test"
    assert posted.event["data"]["changes"][0]["movement"] == "upgrade"
    sent = datetime.fromtimestamp(int(posted.headers["webhook-timestamp"]), UTC)
    assert as_documented(sent)(KNOWN, posted.headers, posted.body)


async def test_a_hook_that_nobody_answers_for_is_said_without_its_address(config: Path) -> None:
    async with Receiver() as receiver:
        url = receiver.url
    set_up(config, url)

    ended = await tried(config, "crm")

    assert ended.code == 1
    assert "Connection refused" in ended.out
    assert "a-secret-path" not in ended.out + ended.err
    assert (await tried(config, "other")).code == 2


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        ("id: crm, url: 'http://crm.example/', secret: DIGEST_WEBHOOK_CRM", 'begins with "https://"'),
        ("id: crm, url: 'https://crm.example/', secret: whsec_abc", "DIGEST_WEBHOOK_ and capitals"),
        ("id: crm, url: 'https://crm.example/', secret: DIGEST_WEBHOOK_X", "the secret of a webhook"),
        ("id: crm, url: 'https://crm.example/', secret: DIGEST_WEBHOOK_BAD", "in base64"),
        (
            "id: crm, url: 'https://crm.example/', secret: DIGEST_WEBHOOK_CRM, inspectorates: [ofstead]",
            '"ofsted" (did you mean that?)',
        ),
        (
            "id: crm, url: 'https://a.example/', secret: DIGEST_WEBHOOK_CRM }\n"
            "  - { id: crm, url: 'https://b.example/', secret: DIGEST_WEBHOOK_CRM",
            "one that no other entry has",
        ),
    ],
)
def test_what_is_wrong_in_a_hook_is_named(config: Path, hook: str, said: str) -> None:
    set_up(config, "https://crm.example/")
    file = config / "digest.yaml"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(f"  - {{ {hook} }}\n" if "id: crm, url" in line else line for line in lines))
    with (config / "secrets.env").open("a") as secrets:
        secrets.write("DIGEST_WEBHOOK_BAD=secret-and-not-base64\n" if "BAD" in hook else "")

    found = digest("config", "check", "--config", config, expect=2)

    assert said in found
    assert "secret-and-not" not in found


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_running_service_posts_what_its_edition_tells(place: Place) -> None:
    let_noon_be_now(place)
    now = datetime.now(UTC)
    await place.file(1, now - timedelta(hours=1))
    async with Receiver(status(410), status(200)) as receiver:
        set_up(place.config, receiver.url, more=", what: reports")
        assert "crm (127.0.0.1, reports): not begun" in place.digest("webhooks", "list")
        place.digest("webhooks", "resend", "crm", expect=2)
        async with started(place, now) as (it, clock):
            await it.store.webhooks.begin(["crm"], after=now.date() - timedelta(days=2), now=now)
            await it.recover()
            await it.public_keeper.keep()
            await until_posted(it, receiver)
            off = place.digest("status")
            assert "THE WEBHOOK crm (127.0.0.1, reports): OFF since" in off
            assert "410 Gone, 1 story waits (`digest webhooks resend crm`)" in off
            assert "OFF since" in place.digest("webhooks", "list", expect=1)
            assert place.digest("webhooks", "resend", "crm") == "crm is on; 1 story waits\n"
            clock.move_to(datetime.now(UTC))
            await until_posted(it, receiver)
        first, second = receiver.posts
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert first.event["type"] == "story.told"
    assert first.event["data"]["name"] == "Provider 1 CRC"
    assert first.event["data"]["page"].startswith("https://digest.example.org/edition/")
    [told] = json.loads(place.digest("webhooks", "list", "--json"))
    assert (told["state"], told["waiting"], told["unknown"]) == ("on", 0, [])
    place.digest("webhooks", "resend", "crm", "--since", "2020-01-01", expect=2)


async def until_posted(it: Service, receiver: Receiver) -> None:
    """Serve as far as webhooks go, until a post came; the one under way is finished."""
    run = serving._Run(stop=asyncio.Event(), stopping=Stopping())
    async with asyncio.timeout(60), serving._posting_to_webhooks(it, Role.ALL, run):
        await receiver.came.wait()
    receiver.came.clear()
    assert run.stopping.cut == []
