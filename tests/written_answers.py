"""Answers to a confirmation, as whole messages, each with what it must mean (`fixtures/inbound/answers`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML
from sample_editions import SENDER

from digest.adapters.templates import TemplateRenderer
from digest.compose import Correspondence
from digest.inbound.own_words import Quotable, quotable
from digest.letter_kinds import Confirm
from digest.letters import Letter
from digest.present.links import LetterLinks, SignedLinks
from digest.tokens import LinkTokens, address_seal, mailbox_seal

FOLDER: Final = Path(__file__).parent / "fixtures" / "inbound" / "answers"
TEMPLATES: Final = Path(__file__).parents[1] / "templates"
MINA: Final = "mina@council.example"
FAMILIES: Final = ("known", "first-look", "second-look")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenAnswer:
    """An answer as it was written, and what it means: "confirm", "leave" or "help"."""

    name: str
    means: str
    subject: str
    plain: str | None
    html: str | None
    writer: str

    def to_letter(self, letter: MailedLetter, to: str, sender: str = MINA) -> bytes:
        """The message, in answer to a letter."""
        places = {
            "{subject}": letter.subject,
            "{letter}": letter.plain,
            "{quoted}": "\n".join(f"> {row}".rstrip() for row in letter.plain.splitlines()),
            "{html}": letter.html,
        }
        message = EmailMessage(policy=SMTP)
        message["From"] = f'"{self.writer}" <{sender}>'
        message["To"] = to
        message["Subject"] = _filled(self.subject, places).strip()
        message["Message-ID"] = f"<{self.name}@council.example>"
        if self.plain is not None:
            message.set_content(_filled(self.plain, places))
        if self.html is not None and self.plain is None:
            message.set_content(_filled(self.html, places), subtype="html")
        elif self.html is not None:
            message.add_alternative(_filled(self.html, places), subtype="html")
        return message.as_bytes()


def _filled(text: str, places: dict[str, str]) -> str:
    for name, words in places.items():
        text = text.replace(name, words)
    return text


@cache
def words() -> dict[str, list[str]]:
    """Words of answers by their meaning."""
    read: dict[str, list[str]] = YAML(typ="safe").load((FOLDER / "words.yaml").read_text("utf-8"))
    return read


@cache
def near_misses() -> dict[str, dict[str, list[str]]]:
    """By language: phrases that confirm, and forms of them that must not."""
    read: dict[str, dict[str, list[str]]] = YAML(typ="safe").load(
        (FOLDER / "near-misses.yaml").read_text("utf-8")
    )
    return read


@cache
def written_answers() -> tuple[WrittenAnswer, ...]:
    return tuple(one for family in FAMILIES for one in answers_of(family))


def answers_of(family: str) -> list[WrittenAnswer]:
    read: dict[str, dict[str, Any]] = YAML(typ="safe").load((FOLDER / f"{family}.yaml").read_text("utf-8"))
    return [
        WrittenAnswer(
            name=name,
            means=said["means"],
            subject=said.get("subject", "Re: {subject}"),
            plain=said.get("plain"),
            html=said.get("html"),
            writer=said.get("name", "Mina Osei"),
        )
        for name, said in read.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedLetter:
    """A letter of ours as it was mailed, taken apart as a mail program does that quotes it."""

    subject: str
    plain: str
    html: str  # what stands in its body
    quotable: Quotable


def mailed(content: bytes) -> MailedLetter:
    message = message_from_bytes(content, policy=default)
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    [body] = re.findall(r"<body[^>]*>(.*)</body>", html.get_content(), re.DOTALL)
    return MailedLetter(
        subject=str(message["Subject"]), plain=plain.get_content(), html=body, quotable=quotable(content)
    )


@cache
def the_confirmation() -> MailedLetter:
    links = SignedLinks("https://digest.example.org", LinkTokens([b"a secret for tests"]))
    correspondence = Correspondence(
        sender=SENDER,
        renderer=TemplateRenderer((TEMPLATES,)),
        links=LetterLinks(
            links=links, mail_domain="digest.example.org", mailbox_seal=mailbox_seal(address_seal(b"a key"))
        ),
        zone=ZoneInfo("Europe/London"),
        key=b"a key",
    )
    now = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
    content = Confirm(subscriber=7, generation=1, occasion="on a day", code="123456", answer=True)
    return mailed(
        correspondence.compose(Letter(content=content, address=MINA, expires_at=now), now, 7).content
    )
