"""The demo's publishers of data: an API in the shape of CQC's, and a file in the shape of Ofsted's."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from typing import Any, Final, Literal, Self

from pydantic import Field

from digest.changes import Movement
from digest.demo.world_model import SLUG, WorldModel
from digest.edition import SectionKind
from digest.parse.register import dated
from digest.providers import Provider
from digest.ratings import OVERALL, Rating
from digest.records import register_id

_INSPECTED: Final = timedelta(days=30)
"""So long before its publication an inspection ended."""


class ExpectedChange(WorldModel):
    """What the story of a record should say first."""

    section: SectionKind
    aspect: str = OVERALL
    movement: Movement
    before: str
    after: str


class State(WorldModel):
    """What the data states of a provider from a day on."""

    id: str
    name: str
    area: str
    grades: Mapping[str, str]  # the publisher's words, by field
    published: date
    since: date | None = None  # None: before the first day
    expect: ExpectedChange | None = None  # in the edition of that day; None: it is no news


class Earlier(WorldModel):
    """Grades that a provider had before those of the data, as an operator's register knows them."""

    id: str
    scale: str
    published: str = Field(pattern=r"^[0-9]{4}(-[0-9]{2}){0,2}$")  # a day, a month or a year
    grades: Mapping[str, str]  # by aspect


class DataPublisher(WorldModel):
    """A publisher whose ratings are data: `json` has an API, `dataset` a file."""

    key: str = Field(pattern=SLUG)  # the first segment of its paths
    name: str
    inspectorate: str
    kind: Literal["json", "dataset"]
    of: str  # the kind of its providers
    unchanged: int = Field(ge=0)  # how many other providers it has, of which there is no news
    states: tuple[State, ...]
    earlier: tuple[Earlier, ...] = ()

    def providers(self) -> Iterator[Provider]:
        """Those of which earlier grades are known."""
        known = {one.id for one in self.earlier}
        for one in {state.id: state for state in self.states if state.id in known}.values():
            id = register_id(self.inspectorate, one.id)
            yield Provider(id=id, name=one.name, kind=self.of, inspectorate=self.inspectorate, area=one.area)

    def ratings(self, site: str) -> Iterator[Rating]:
        """The earlier grades. `site` is the URL of the demo's site."""
        for one in self.earlier:
            when = dated(one.published)
            assert when is not None  # its pattern says so
            for aspect, grade in one.grades.items():
                yield Rating(
                    provider=register_id(self.inspectorate, one.id),
                    aspect=aspect,
                    scale=one.scale,
                    grade=grade,
                    inspected_on=None,
                    published_on=when[0],
                    published_precision=when[1],
                    evidence=f"{aspect}: {grade}",
                    link=f"{site}/{self.key}/provider/{one.id}",
                )

    def on(self, day: date) -> list[State]:
        """What it states on a day, of each provider."""
        latest = {one.id: one for one in self.states if one.since is None or one.since <= day}
        return [*latest.values(), *self._others()]

    def _others(self) -> Iterator[State]:
        first = self.states[0]
        for number in range(1, self.unchanged + 1):
            id = f"{first.id[:-3]}{number + 100}"
            yield first.model_copy(update={"id": id, "name": f"{self.of} number {number}"})

    def moved(self, by: timedelta) -> Self:
        """The same publisher with all its days moved."""

        def move(one: State) -> State:
            since = one.since and one.since + by
            return one.model_copy(update={"since": since, "published": one.published + by})

        return self.model_copy(update={"states": tuple(move(one) for one in self.states)})

    def source(self, site: str) -> dict[str, Any]:
        """Its entry in sources.yaml. `site` is the URL of the demo's site."""
        entry = {"id": self.key, "name": self.name, "authority": "official", "every": "12h"}
        kind = {"json": _api, "dataset": _file}[self.kind](f"{site}/{self.key}", self)
        return {**entry, "inspectorate": self.inspectorate, "recent": "60d", "kind": self.kind, **kind}


def _api(base: str, _: DataPublisher) -> dict[str, Any]:
    overall = "currentRatings.overall"
    grades = "[[{aspect: 'overall', grade: rating}], keyQuestionRatings[].{aspect: name, grade: rating}][]"
    rating = {
        "scale": "cqc-4",
        "grades": f"{overall}.{grades}",
        "number": f"{overall}.reportLinkId",
        "published": f"{overall}.reportDate",
    }
    section = {
        "list": "locations",
        "id": "locationId",
        "detail": f"{base}/locations/{{id}}",
        "key": "locationId",
        "name": "name",
        "provider_kind": "gacServiceTypes[0].name",
        "area": "localAuthority",
        "link": f"{base}/provider/{{key}}",
        "ratings": [rating],
    }
    return {"url": f"{base}/locations", "json": section}


def _file(base: str, publisher: DataPublisher) -> dict[str, Any]:
    fields = sorted({field for one in publisher.states for field in one.grades})
    rating = {
        "scale": "ofsted-reportcard-5",
        "number": "Inspection number of latest full inspection",
        "inspected": "Inspection end date",
        "published": "Publication date",
        "aspects": {field.lower(): {"grade": field} for field in fields},
    }
    section = {
        "find": {"attachment": "state-funded schools", "ending": ".csv"},
        "key": "URN",
        "name": "School name",
        "provider_kind": "Ofsted phase",
        "area": "Local authority",
        "link": "Web link",
        "ratings": [rating],
    }
    return {"url": f"{base}/content", "dataset": section}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a publisher of data answers on a day; `base` is its URL."""

    publisher: DataPublisher
    day: date
    base: str

    def answer(self, path: str) -> tuple[bytes, str] | None:
        """The octets and media type at a path below `base`; None if there is nothing."""
        states = self.publisher.on(self.day)
        place, _, id = path.partition("/")
        own = next((one for one in states if one.id == id), None)
        match self.publisher.kind, place:
            case _, "provider" if own:
                return _page(own), "text/html"
            case "json", "locations" if own:
                return _json(_location(own, self.publisher)), "application/json"
            case "json", "locations" if not id:
                listed = {"locations": [{"locationId": one.id, "locationName": one.name} for one in states]}
                return _json(listed), "application/json"
            case "dataset", "content":
                return _json({"details": {"attachments": [self._attachment()]}}), "application/json"
            case "dataset", "files":
                return _rows(states, self.base, self.publisher), "text/csv"
        return None

    def _attachment(self) -> dict[str, str]:
        """The newest file. Its name has the day of its last change."""
        sinces = [one.since for one in self.publisher.states if one.since and one.since <= self.day]
        day = max(sinces, default=max(one.published for one in self.publisher.states if not one.since))
        title = f"State-funded schools: latest inspections as at {day.day} {day:%B %Y}"
        return {"title": title, "url": f"{self.base}/files/{day.isoformat()}.csv"}


def _location(one: State, publisher: DataPublisher) -> dict[str, Any]:
    questions = [{"name": name, "rating": word} for name, word in one.grades.items() if name != "Overall"]
    overall = {
        "rating": one.grades["Overall"],
        "reportDate": one.published.isoformat(),
        "reportLinkId": f"{one.id}-{one.published:%y%m%d}",
        "keyQuestionRatings": questions,
    }
    return {
        "locationId": one.id,
        "name": one.name,
        "gacServiceTypes": [{"name": publisher.of}],
        "localAuthority": one.area,
        "currentRatings": {"overall": overall},
    }


def _rows(states: Sequence[State], base: str, publisher: DataPublisher) -> bytes:
    text = io.StringIO()
    rows = [_row(one, base, publisher) for one in states]
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _row(one: State, base: str, publisher: DataPublisher) -> dict[str, str]:
    return {
        "Web link": f"{base}/provider/{one.id}",
        "URN": one.id,
        "School name": one.name,
        "Ofsted phase": publisher.of,
        "Local authority": one.area,
        "Inspection number of latest full inspection": f"{one.id}{one.published:%y%m}",
        "Inspection end date": f"{one.published - _INSPECTED:%d/%m/%Y}",
        "Publication date": f"{one.published:%d/%m/%Y}",
        **one.grades,
    }


def _page(one: State) -> bytes:
    grades = "".join(f"<li>{escape(name)}: {escape(word)}</li>" for name, word in one.grades.items())
    return (
        f"<!doctype html><html lang=en><title>{escape(one.name)}</title><h1>{escape(one.name)}</h1>"
        f"<p>{escape(one.area)}</p><ul>{grades}</ul></html>"
    ).encode()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
