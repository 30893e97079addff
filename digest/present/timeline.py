"""A service's grades over time, as figures for a drawing.

Places are in percent of its width and in pixels from its top, so that words keep their size on every screen.

Each scale has a band of its own, the best grade at the top. No line leads from one band to another: grades of
different scales are not compared. A dot stands for the grade of an inspection. Where only a month, a year or
a round is known, it is as long as the time in which the inspection may have been.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Final

from digest.changes import Movement
from digest.grade_periods import DayOf, Given, GradePeriod
from digest.present.tidy import web_link
from digest.present.times import first_of
from digest.ratings import Inspectorates, Precision, Scale

FIRST, LAST = 3.0, 97.5
"""Where the first and the last day stand, in percent of the width: a dot at an end is not cut."""

_SEEN: Final = 2.0
"""Percent of the width: a dot that is less long looks like any other."""

MOST_TICKS, MOST_TICKS_IF_SMALL = 7, 4
_STEPS: Final = (1, 2, 5, 10, 20, 50)  # years between two ticks

ROW, SMALL_ROW = 40, 36
"""Pixels of a grade's row: its name stands nearer to its own line than to the one above."""

_LETTER: Final = 2.5
"""Percent of the narrowest drawing that a letter of a name takes."""

_TITLE: Final = 26  # pixels above a band that has a title
_APART: Final = 22  # more of them between two bands
_LABEL: Final = 24  # above the best grade, for its name
_FOOT: Final = 30  # below the last band, for the years


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One inspection, or the earliest and latest place where it may be."""

    x: float  # percent
    end: float  # percent; equal to `x` if the day is known
    y: int  # pixels
    grade: str
    movement: Movement | None
    since: date
    precision: Precision
    day_of: DayOf | None
    withdrawn: bool
    link: str | None  # the report
    page: str  # the place in an edition that told it, below the home page; empty: none did
    owner: str = ""  # the predecessor whose grade it is; empty: it is the service's own

    @property
    def long(self) -> bool:
        """Whether it is drawn longer than a dot."""
        return self.end - self.x > _SEEN

    @property
    def evidence(self) -> bool:
        """Whether it leads to what states the grade; if not, none of our sources has a link."""
        return bool(self.link or self.page)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A level line: for so long the grade counted. Or an upright one: the grade moved."""

    x: float
    end: float
    y: int
    foot: int
    former: bool = False  # a predecessor's
    withdrawn: bool = False
    outlived: bool = False  # its scale was out of use by then

    @property
    def upright(self) -> bool:
        return self.y != self.foot


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A grade of a band's scale, with its name above the line."""

    name: str
    y: int
    right: bool = False  # whether its name stands at the right end: at the left one more lines would cross it


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The grades on one scale."""

    scale: str
    top: int
    bottom: int
    levels: tuple[Level, ...]  # the best first
    lines: tuple[Line, ...]
    dots: tuple[Dot, ...]
    used_from: date | None  # of its scale; known only if there are several
    used_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    year: int
    x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The grades of one aspect over time."""

    aspect: str
    bands: tuple[Band, ...]  # the earliest scale first
    ticks: tuple[Tick, ...]
    height: int
    ended: float | None = None  # where grades on a scale without this aspect took its place

    @property
    def dots(self) -> tuple[Dot, ...]:
        return tuple(dot for band in self.bands for dot in band.dots)

    @property
    def uncertain(self) -> bool:
        """Whether the day of any inspection is not known."""
        return any(dot.precision is not Precision.DAY for dot in self.dots)

    @property
    def withdrawn(self) -> bool:
        """Whether any of the grades was withdrawn."""
        return any(dot.withdrawn for dot in self.dots)

    @property
    def former(self) -> bool:
        """Whether any of the grades is a predecessor's."""
        return any(dot.owner for dot in self.dots)

    @property
    def linked(self) -> bool:
        """Whether any dot leads to what states its grade."""
        return any(dot.evidence for dot in self.dots)

    @property
    def unlinked(self) -> bool:
        """Whether any dot leads nowhere."""
        return not all(dot.evidence for dot in self.dots)

    @property
    def outlived(self) -> bool:
        """Whether any grade counted on when its scale was out of use."""
        return any(line.outlived for band in self.bands for line in band.lines)

    @property
    def inspected(self) -> bool:
        """Whether any dot stands at the day of an inspection."""
        return any(dot.day_of is DayOf.INSPECTED for dot in self.dots)

    @property
    def published(self) -> bool:
        """Whether any dot stands at the day when its grade was published."""
        return any(dot.day_of is DayOf.PUBLISHED for dot in self.dots)

    @property
    def several(self) -> bool:
        """Whether there is more than one scale."""
        return len(self.bands) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time that a chart shows."""

    first: date
    last: date

    def place(self, day: date) -> float:
        """Where a day stands, in percent; days outside stand at the ends."""
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(FIRST + (LAST - FIRST) * min(max(share, 0), 1), 2)

    def ticks(self, most: int) -> tuple[Tick, ...]:
        """At most so many years, evenly apart."""
        years = range(self.first.year, self.last.year + 1)
        step = next((one for one in _STEPS if len(years) <= one * most), _STEPS[-1])
        return tuple(Tick(year=y, x=self.place(date(y, 1, 1))) for y in years if y % step == 0)


def span_of(periods: Iterable[GradePeriod], until: date) -> Span | None:
    """From the year of the first grade to the first day of the month of `until`; None if no grade has a date.

    It ends later if a grade is of a later day. So it shows no future, and stays the same for a month.
    """
    dated = [one.since for one in periods if one.since is not None]
    if not dated:
        return None
    return Span(first=date(min(dated).year, 1, 1), last=max(first_of(until), *dated))


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A predecessor: its name, and its grades of the chart's aspect."""

    name: str
    periods: Sequence[GradePeriod]
    gone: date | None  # when the service's own grades begin; None: it has none


def chart_of(
    aspect: str,
    own: Sequence[GradePeriod],
    former: Sequence[Former],
    *,
    span: Span,
    known: Inspectorates,
    told: Callable[[GradePeriod], str],
    small: bool,
    ended: date | None = None,
) -> Chart | None:
    """The chart of one aspect; None if there is nothing to draw. `small` if it stands beside others.
    `ended` is when grades on a scale without this aspect took its place.

    `told` gives the place in an edition, below the home page, that told a grade; or "".
    """
    drawn = [one for one in own if _can_be_drawn(one, known)]
    before = [(each, one) for each in former for one in each.periods if drawn and _can_be_drawn(one, known)]
    row = SMALL_ROW if small else ROW
    scales = _scales([*(one for _, one in before), *drawn], known)
    bands: list[Band] = []
    top = 0
    for scale in scales:
        title = (_TITLE + _APART * bool(bands)) if len(scales) > 1 else 0
        layout = _Layout(scale=scale, top=top + title, row=row, span=span)
        bands.append(_band(layout, drawn, before, told, alone=len(scales) == 1))
        top = bands[-1].bottom
    if not bands:
        return None
    ticks = span.ticks(MOST_TICKS_IF_SMALL if small else MOST_TICKS)
    return Chart(
        aspect=aspect,
        bands=tuple(bands),
        ticks=ticks,
        height=top + _FOOT,
        ended=span.place(ended) if ended else None,
    )


def _can_be_drawn(period: GradePeriod, known: Inspectorates) -> bool:
    return period.since is not None and period.rank is not None and known.scale(period.scale) is not None


def _scales(periods: Iterable[GradePeriod], known: Inspectorates) -> list[Scale]:
    """The scales of these grades, the one with the earliest grade first."""
    first: dict[str, date] = {}
    for one in periods:
        if one.since is not None:
            first[one.scale] = min(one.since, first.get(one.scale, one.since))
    scales = (known.scale(key) for key in sorted(first, key=lambda key: (first[key], key)))
    return [scale for scale in scales if scale is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Where things of one band stand."""

    scale: Scale
    top: int
    row: int
    span: Span

    def y(self, rank: int) -> int:
        return self.top + _LABEL + rank * self.row

    @property
    def bottom(self) -> int:
        return self.y(len(self.scale.grades) - 1) + 12


def _band(
    layout: _Layout,
    own: Sequence[GradePeriod],
    former: Sequence[tuple[Former, GradePeriod]],
    told: Callable[[GradePeriod], str],
    *,
    alone: bool,
) -> Band:
    mine = [one for one in own if one.scale == layout.scale.key]
    theirs = [(each, one) for each, one in former if one.scale == layout.scale.key]
    dots = [_dot(layout, one, told(one), each.name) for each, one in theirs]
    dots += [_dot(layout, one, told(one)) for one in mine]
    lines = [line for each, one in theirs for line in _runs(layout, one, each.gone or one.since, former=True)]
    lines += [line for one in mine for line in _runs(layout, one, one.until)]
    uprights = _uprights(layout, mine)
    return Band(
        scale=layout.scale.key,
        top=layout.top,
        bottom=layout.bottom,
        levels=tuple(_level(layout, grade.name, grade.rank - 1, uprights) for grade in layout.scale.grades),
        lines=(*lines, *uprights),
        dots=tuple(dots),
        used_from=None if alone else layout.scale.valid_from,
        used_until=None if alone else layout.scale.valid_until,
    )


def _dot(layout: _Layout, period: GradePeriod, page: str, owner: str = "") -> Dot:
    assert period.since is not None
    assert period.rank is not None
    latest = period.precision.last(period.since)
    if period.precision is Precision.NOT_BEFORE:
        latest = period.until or layout.span.last
    return Dot(
        x=layout.span.place(period.since),
        end=layout.span.place(max(latest, period.since)),
        y=layout.y(period.rank),
        grade=period.grade or "",
        movement=period.movement,
        since=period.since,
        precision=period.precision,
        day_of=period.day_of,
        withdrawn=period.given is Given.WITHDRAWN,
        link=web_link(period.link),
        page=page,
        owner=owner,
    )


def _level(layout: _Layout, name: str, rank: int, uprights: Iterable[Line]) -> Level:
    """A level, its name where fewer lines cross it."""
    y, width = layout.y(rank), len(name) * _LETTER
    across = [line.x for line in uprights if line.y < y <= line.foot]
    left, right = sum(x < width for x in across), sum(x > 100 - width for x in across)
    return Level(name=name, y=y, right=right < left)


def _runs(
    layout: _Layout, period: GradePeriod, until: date | None, *, former: bool = False
) -> tuple[Line, ...]:
    """The line of a grade, as long as it counted; a predecessor's ends where the service's own begin.

    There are two if it counted longer than its scale was used: what is later is another line.
    """
    assert period.since is not None
    assert period.rank is not None
    x, y = layout.span.place(period.since), layout.y(period.rank)
    out_of_use = layout.scale.valid_until or date.max
    end = max(x, layout.span.place(min((day for day in (until, period.until) if day), default=date.max)))
    cut = min(end, max(x, layout.span.place(out_of_use)))
    withdrawn = period.given is Given.WITHDRAWN
    used = Line(x=x, end=cut, y=y, foot=y, former=former, withdrawn=withdrawn)
    later = replace(used, x=cut, end=end, outlived=True)
    return (used, later) if cut < end else (used,)


def _uprights(layout: _Layout, periods: Sequence[GradePeriod]) -> list[Line]:
    """A line from each grade to the next one that took its place on the same scale."""
    found = []
    for before, after in pairwise(periods):
        follows = before.until is not None and before.until == after.since
        sure = before.given is after.given is Given.GRADE
        if follows and sure and before.rank is not None and after.rank is not None:
            x = layout.span.place(before.until or date.min)
            ends = sorted((layout.y(before.rank), layout.y(after.rank)))
            if ends[0] != ends[1]:
                found.append(Line(x=x, end=x, y=ends[0], foot=ends[1]))
    return found


def by_aspect(periods: Iterable[GradePeriod]) -> Mapping[str, list[GradePeriod]]:
    """The periods of each aspect, in their order."""
    found: dict[str, list[GradePeriod]] = {}
    for one in periods:
        found.setdefault(one.aspect, []).append(one)
    return found
