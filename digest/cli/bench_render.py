"""`digest bench render`: what personal messages cost, by the number of their readers and of their choices."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, islice
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from digest.cli.common import AsJson, say, say_json

if TYPE_CHECKING:
    from digest.edition import Edition, Story
    from digest.providers import Provider
    from digest.subscriptions import Wishes

DAY: Final = date(2020, 3, 3)
_STORIES: Final = 12
_PROVIDERS: Final = 150


def render(
    people: Annotated[int, typer.Option(metavar="N", help="The number of readers.", min=10)] = 100_000,
    sets: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="How many sets of wishes they have. Default: 200, then 5000."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how fast personal messages are made.

    They are made of one edition, and not sent. Readers with the same wishes share a rendition, and each gets
    a copy of it. The edition has 12 stories, and each set of wishes watches two services. Each
    measurement has a process of its own, and counts the time of the processor. The first line is for a tenth
    of the readers.

    Example: digest bench render --people 20000 --sets 200 --sets 1000
    """
    import multiprocessing

    few, *more = sets or [200, 5000]
    plans = [(people // 10, few), (people, few), *((people, number) for number in more)]
    context = multiprocessing.get_context("spawn")
    found = []
    for plan in plans:
        with context.Pool(1) as pool:
            found.append(pool.apply(measured, plan))
    if as_json:
        say_json({"measurements": found})
    else:
        say("\n".join(_table(found)))


def measured(people: int, sets: int) -> dict[str, Any]:
    """The cost of so many messages for readers with so many sets of wishes."""
    import tempfile
    from pathlib import Path

    from digest.adapters.config.packaged import copy_config
    from digest.app.composing import composer
    from digest.app.directory import configured
    from digest.providers import Register
    from digest.wishes import personal_edition

    at = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
    providers = list(_providers())
    edition, register = _edition(providers), Register(providers)
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder:
        copy_config(Path(folder))
        settings, secrets = configured(Path(folder))
        compose = composer(settings, secrets, Path(folder))
        rendering = copying = 0.0
        octets, subscriber = 0, 0
        for number, wishes in enumerate(islice(_wishes(providers), sets)):
            began = time.process_time()
            own = personal_edition(edition, (), wishes, register)
            assert own is not None
            rendition = compose.render(own, wishes, register, at)
            rendered = time.process_time()
            for _ in range(number * people // sets, (number + 1) * people // sets):
                subscriber += 1
                copy = rendition.copy_for(
                    subscriber, f"{subscriber}@inbox.example", compose.tokens(subscriber, 1)
                )
                octets += len(copy.wire)
            copying += time.process_time() - rendered
            rendering += rendered - began
    return {
        "people": people,
        "sets": sets,
        "seconds": round(rendering + copying, 2),
        "milliseconds_a_set": round(rendering / sets * 1e3, 2),
        "microseconds_a_copy": round(copying / people * 1e6, 1),
        "octets_a_message": octets // people,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _table(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield (
        f"{'readers':>9}{'sets':>7}{'seconds':>9}{'ms a set':>10}{'µs a copy':>11}{'octets':>8}{'peak MB':>9}"
    )
    for one in found:
        yield (
            f"{one['people']:>9,}{one['sets']:>7,}{one['seconds']:>9.1f}{one['milliseconds_a_set']:>10.1f}"
            f"{one['microseconds_a_copy']:>11.1f}{one['octets_a_message']:>8,}{one['peak_memory_mb']:>9}"
        )


# -- the edition, and who wants what ------------------------------------------------------------------------


def _providers() -> Iterator[Provider]:
    from digest.cli.made_up import made_up_names
    from digest.providers import Provider, provider_id

    for name, _, _ in islice(made_up_names(), _PROVIDERS):
        yield Provider(id=provider_id(name), name=name, kind="PDU", inspectorate="hmi-probation")


def _wishes(providers: list[Provider]) -> Iterator[Wishes]:
    """Sets of wishes, each another: everything, with a pair of services to watch."""
    from digest.subscriptions import Wishes

    for one, other in combinations([each.id for each in providers], 2):
        yield Wishes(watched=(one, other))


def _edition(providers: list[Provider]) -> Edition:
    from digest.edition import Edition, Section, SectionKind

    stories = tuple(_story(number, provider) for number, provider in enumerate(providers[:_STORIES]))
    kinds = (SectionKind.UPGRADES, SectionKind.DOWNGRADES)
    return Edition(
        day=DAY,
        cutoff=datetime(DAY.year, DAY.month, DAY.day, 11, 45, tzinfo=UTC),
        sections=tuple(
            Section(kind=kind, stories=tuple(story for story in stories if story.section is kind))
            for kind in kinds
        ),
    )


def _story(number: int, provider: Provider) -> Story:
    """A move up or down with nine findings."""
    from digest.changes import Certainty, Change, Movement
    from digest.edition import SectionKind, Story, StoryKey
    from digest.ratings import OVERALL
    from digest.reports import Finding, FindingKind

    fell = number % 3 == 0
    kinds = (FindingKind.STRENGTH, FindingKind.IMPROVEMENT, FindingKind.RECOMMENDATION)
    return Story(
        key=StoryKey(item=number + 1, place=0),
        section=SectionKind.DOWNGRADES if fell else SectionKind.UPGRADES,
        title=f"{provider.name}: an inspection",
        link=f"https://inspectorate.example/reports/{number}/",
        source_name="HM Inspectorate of Probation",
        inspectorate="hmi-probation",
        inspectorate_name="HM Inspectorate of Probation",
        provider=provider.id,
        provider_name=provider.name,
        published=DAY,
        found_at=datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=UTC),
        change=Change(
            provider=provider.id,
            aspect=OVERALL,
            scale="hmi-probation-4",
            movement=Movement.DOWNGRADE if fell else Movement.UPGRADE,
            before="good" if fell else "requires improvement",
            before_on=DAY - timedelta(days=700),
            after="inadequate" if fell else "good",
            certainty=Certainty.AGREED,
        ),
        evidence=f"{provider.name} was rated ‘{'Inadequate' if fell else 'Good'}’ at this inspection.",
        findings=tuple(
            Finding(
                heading=None,
                kind=kind,
                text=f"Staff at {provider.name} met {one + 3} in ten of the standards for a {kind}.",
            )
            for kind in kinds
            for one in range(3)
        ),
    )
