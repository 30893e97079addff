"""What operators look at: the message of one reader as files, and what has changed since the last look."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, Final

from digest.adapters.config.secrets import Secrets
from digest.addresses import allowed_by
from digest.app.composing import composer, part_of, previewer
from digest.compose import Rendition
from digest.deliveries import Message
from digest.errors import Refused
from digest.jobs.next_message import NOBODY, ReadersEdition
from digest.settings import Settings
from digest.store.codec import EDITION
from digest.store.files import whole
from digest.store.sql import SqlStore

_PARTS: Final = (("html", "html"), ("txt", "plain"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One reader's message as operators look at it."""

    found: ReadersEdition
    message: Message | None  # None: they get none
    values: Mapping[str, Any]  # the same as JSON

    @property
    def text(self) -> str:
        return part_of(self.message, "plain") if self.message else ""

    def write(self, folder: Path, name: str) -> tuple[Path, ...]:
        """Write it as `name`.html, .txt, .eml and .json, which only their owner may read; the paths."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shown = json.dumps(self.values, indent=2, ensure_ascii=False, default=str) + "\n"
        contents: dict[str, bytes] = {"json": shown.encode()}
        if self.message is not None:
            contents["eml"] = self.message.content
            contents |= {end: part_of(self.message, kind).encode() for end, kind in _PARTS}
        for end in {"html", "txt", "eml"} - contents.keys():
            (folder / f"{name}.{end}").unlink(missing_ok=True)  # of an earlier look: it would mislead
        paths = {end: folder / f"{name}.{end}" for end in sorted(contents)}
        for end, path in paths.items():
            with whole(path) as file:
                file.write(contents[end])
        return tuple(paths.values())


def look_at(
    found: ReadersEdition, settings: Settings, secrets: Secrets, directory: Path, *, working: bool
) -> Look:
    """The reader's message. Only with `working` its links and addresses are the reader's own."""
    composing = composer(settings, secrets, directory) if working else previewer(settings, directory)
    reader, message = found.reader, None
    if found.edition is not None:
        own = (found.edition, reader.wishes.of_editions, found.register, found.at, found.carried)
        rendition: Rendition = composing.render(*own)
        tokens = composing.tokens(reader.subscriber, reader.generation)
        message = rendition.copy_for(reader.subscriber, reader.address, tokens)
    return Look(found=found, message=message, values=_values(found, message, working=working))


async def sample_for(
    to: str, found: ReadersEdition, settings: Settings, directory: Path, store: SqlStore
) -> Message:
    """The message as a sample for one address.

    No link in it works, it belongs to no list, and its return path is empty: it is about no subscriber.
    `Refused` if there is nothing to send, or the address must not be written to.
    """
    if found.edition is None:
        raise Refused("there is no message to send: nothing in the edition is for this reader")
    if not allowed_by(settings.relay.only_to)(to):
        raise Refused(f"{to} is not among those of relay.only_to")
    if await store.subscriptions.suppressed(to) is not None:
        raise Refused(f"{to} must not be written to (`digest subscribers show`)")
    composing, wishes = previewer(settings, directory), found.reader.wishes.of_editions
    rendition = composing.render(found.edition, wishes, found.register, found.at, found.carried, sample=True)
    message = rendition.copy_for(NOBODY, to, composing.tokens(NOBODY, 0))
    return message._replace(envelope=message.envelope._replace(bounce_to=""))


def changes_since(last: Path, look: Look) -> Iterator[str]:
    """What has changed since the look that was written to a JSON file, a line for each story."""
    try:
        before = json.loads(last.read_text("utf-8"))
        old, at, day = _stories(before), before["looked_at"], before["day"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
    new = _stories(look.values)
    turns = [("new", key, new) for key in new if key not in old]
    turns += [("gone", key, old) for key in old if key not in new]
    turns += [("changed", key, new) for key in new if key in old and old[key] != new[key]]
    counts = ", ".join(
        f"{sum(turn == one for turn, *_ in turns)} {one}" for one in ("new", "gone", "changed")
    )
    yield f"since the preview of {at}, of the edition of {day}: {counts}"
    for turn, key, among in turns:
        yield f"  {turn:<8} {_named(among[key])}"


def _values(found: ReadersEdition, message: Message | None, *, working: bool) -> dict[str, Any]:
    edition = found.edition or replace(found.whole, sections=())
    subject = message_from_bytes(message.content, policy=default)["Subject"] if message else None
    values: dict[str, Any] = EDITION.dump(edition)
    return values | {
        "date": found.at.isoformat(),
        "held": found.held,
        "delivery": found.state,
        "subject": subject,
        "message_id": message.message_id if message else None,
        "working_links": working,
    }


def _stories(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {json.dumps(one["key"]): one for section in values["sections"] for one in section["stories"]}


def _named(story: Mapping[str, Any]) -> str:
    return f"{story.get('provider_name') or story['source_name']}: {story['title']}"
