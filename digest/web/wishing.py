"""A subscriber's choices as a form shows and reads them; what we do not know is named in an error.

A form offers what is covered. It also shows what its reader has chosen before and is no longer covered, so
that saving it unchanged keeps that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from digest.coverage import Coverage, coverage_of
from digest.membership.coverage import Covering
from digest.ports import Clock, Store
from digest.present.tidy import one_line
from digest.providers import Register, normal_name
from digest.schedule import Weekday
from digest.subscriptions import Wishes
from digest.web.bringing import Brings, Lately
from digest.web.finding import Finder, Match
from digest.web.forms import Form, Message
from digest.wishes import LENGTHS, Gap, gap_in, unmatched

log = logging.getLogger(__name__)

MOST_BOXES: Final = 12
"""Kinds of providers that the form offers as boxes; with more kinds, people type them."""

MOST_NAMED: Final = 100
"""The most areas, kinds or watched services that a form takes, each."""

BRINGS: Final = "brings"
"""The value of the button that shows what the choices would have brought."""

_FRESH: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The choices in a form, as we understand them and as they were typed."""

    wishes: Wishes
    typed: Mapping[str, str]  # the text of the fields areas, kinds and watched
    inspectorates: Mapping[str, str] = field(default_factory=dict)  # the names beside their boxes, by key
    uncovered: frozenset[str] = frozenset()  # their keys, and the kinds, that are not covered
    only: str = ""  # the name of the one inspectorate that is covered; empty if there are boxes
    boxes: Mapping[str, str] = field(
        default_factory=dict
    )  # kinds with the words beside their boxes; empty: kinds are typed
    errors: Mapping[str, Message] = field(default_factory=dict)  # by field
    sought: str = ""  # what was searched for among the services
    matches: tuple[Match, ...] = ()  # the services that were found for it and are not watched
    all_watched: bool = False  # some were found, and all of them are watched
    brings: Brings | None = None  # what these wishes would have brought lately, if that was asked
    folded: bool = False  # whether the form to join hides them at first

    @property
    def more(self) -> bool:
        """Whether any of the choices is made that the form hides at first."""
        if self.sought:
            return True
        mails = self.wishes.alerts or self.wishes.proof_of_life
        return mails or any(self.typed.values()) or bool(self.wishes.kinds or self.errors)

    @property
    def chosen(self) -> bool:
        made = self.more or self.brings is not None or self.wishes != Wishes()
        return made and not self.folded


def is_complete(form: Form) -> bool:
    """Whether this is our whole form: then a box that is absent was unticked."""
    return form.has("watched")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What people can choose from."""

    register: Register
    coverage: Coverage

    def gap(self, wishes: Wishes) -> Gap:
        """What of these wishes nothing that we read can answer."""
        return gap_in(wishes, self.coverage, self.register)


@dataclass(slots=True, kw_only=True)
class Catalogue:
    """What the form offers, read at most once a minute."""

    store: Store
    clock: Clock
    covering: Covering
    lately: Lately
    finder: Finder
    initials: Mapping[str, str] = field(default_factory=dict)  # what they stand for, by those in lower case
    _held: tuple[datetime, Offer] | None = field(default=None, init=False)

    async def offer(self) -> Offer:
        now = self.clock.now()
        if self._held is None or not timedelta() <= now - self._held[0] < _FRESH:
            coverage, register = await self.covering.now(), await self.store.providers.register()
            self._held = now, Offer(register=register, coverage=coverage)
        return self._held[1]

    async def to_show(self) -> Offer:
        """The offer for a page; as last read, or without the register, while the store cannot be reached."""
        try:
            return await self.offer()
        except Exception:
            log.warning("the register cannot be read: the form offers less", exc_info=True)
            if self._held:
                return self._held[1]
            known = self.covering
            coverage = coverage_of(known.inspectorates, known.sources, (), self.clock.now())
            return Offer(register=Register(), coverage=coverage)

    def called(self, kind: str) -> str:
        """A kind of service in plain words; abbreviations are written out."""
        parts = (part.strip().casefold() for part in kind.split("/"))
        words = " or ".join(self.initials[part] for part in parts if part in self.initials)
        return f"{words} ({kind})" if words else f"{kind[:1].upper()}{kind[1:]}"

    async def looked(self, form: Form, offer: Offer, wanted: Choices) -> Choices | None:
        """The choices with what a button other than the form's own asks for; None if it asks for nothing.

        A search that was typed and not done yet is done first, whatever button was pressed.
        """
        show, sought = form.text("show"), form.text("find")
        new = bool(sought) and sought != form.text("found")
        if not (new or show):
            return None
        if sought:
            matches = await self.finder.find(sought, lambda key: _called(key, offer), self.called)
            watched = set(offer.register.each_once(wanted.wishes.watched))
            others = tuple(one for one in matches if one.id not in watched)
            wanted = replace(wanted, sought=sought, matches=others, all_watched=bool(matches and not others))
        if show == BRINGS and not wanted.errors:
            wanted = replace(wanted, brings=await self.lately.brings(wanted.wishes, offer.register))
        return wanted

    def held(self, wishes: Wishes, offer: Offer) -> Choices:
        """Choices as the form first shows them."""
        register, offered, covers = offer.register, offer.coverage.offered, offer.coverage.covers_kind
        own = {key: _called(key, offer) for key in wishes.inspectorates if key not in offered}
        typed = {
            "areas": ", ".join(wishes.areas),
            "kinds": ", ".join(wishes.kinds),
            "watched": "\n".join(_name(id, register) for id in register.each_once(wishes.watched)),
        }
        only = len(offered) == 1 and not wishes.inspectorates
        return Choices(
            wishes=wishes,
            typed=typed,
            inspectorates={} if only else {**offered, **own},
            uncovered=frozenset(own).union(kind for kind in wishes.kinds if not covers(kind, register)),
            only=next(iter(offered.values())) if only else "",
            boxes=_boxes(offer, wishes.kinds, self.called),
        )

    def read(self, form: Form, offer: Offer, before: Wishes) -> Choices:
        """The choices in a form; choices without a field stay as they were. All boxes ticked means no filter.

        If there are `errors`, do not save the wishes: what we did not understand is missing in them.
        """
        register = offer.register
        shown = self.held(before, offer)
        ours = is_complete(form)
        wishes = replace(
            before,
            inspectorates=_inspectorates(form, shown, offer),
            movements_only=form.ticked("movements_only"),
            commentary=form.ticked("commentary") or (before.commentary and not ours),
            proof_of_life=form.ticked("proof_of_life"),
            weekly=_weekly(form, before),
            brief=_brief(form, before),
        )
        if not ours:
            return replace(shown, wishes=wishes)
        lines = [*form.lines("watched"), *_ticked(form, register)]
        typed = {
            "areas": form.text("areas", most=4000),
            "kinds": form.text("kinds", most=4000),
            "watched": "\n".join(lines),
        }
        errors: dict[str, Message] = {}
        wishes = replace(
            wishes,
            areas=_areas(typed["areas"], shown, register, errors),
            kinds=_kinds(form, shown, offer, self.called, errors),
            watched=_watched(lines, before, register, errors),
            alerts=form.ticked("alerts"),
        )
        if wishes.alerts and not wishes.watched:
            errors.setdefault("watched", Message("alerts-without-services"))
        return replace(shown, wishes=wishes, typed=typed, errors=errors)


# -- within ---------------------------------------------------------------------------------------------


def _called(key: str, offer: Offer) -> str:
    known = offer.coverage.inspectorates.named(key)
    return known.name if known else key


def _weekly(form: Form, before: Wishes) -> Weekday | None:
    """The day of a weekly edition; what is neither a day nor "daily" changes nothing."""
    often = form.text("often")
    if often in list(Weekday):
        return Weekday(often)
    return None if often == "daily" else before.weekly


def _brief(form: Form, before: Wishes) -> bool:
    """Whether editions are brief; what is neither "brief" nor "full" changes nothing."""
    length = form.text("length")
    return length == "brief" if length in LENGTHS else before.brief


def _inspectorates(form: Form, shown: Choices, offer: Offer) -> tuple[str, ...]:
    """Those that are ticked, also one that has lost its source since the form was shown."""
    if not shown.inspectorates and not form.has("inspectorate"):
        return shown.wishes.inspectorates
    known = dict.fromkeys((*(one.key for one in offer.coverage.inspectorates), *shown.inspectorates))
    chosen = form.chosen("inspectorate", known)
    return () if len(offer.coverage.offered) > 1 and _all_of(chosen, offer.coverage.offered) else chosen


def _all_of(chosen: Iterable[str], offered: Iterable[str]) -> bool:
    return set(offered) <= set(chosen)


def _areas(typed: str, shown: Choices, register: Register, errors: dict[str, Message]) -> tuple[str, ...]:
    if typed == shown.typed["areas"]:
        return shown.wishes.areas  # unchanged: an area that an operator wrote may hold a comma
    areas = _listed(typed)
    if len(areas) > MOST_NAMED:
        errors["areas"] = Message("too-many-areas", str(MOST_NAMED))
        return shown.wishes.areas
    # With an empty register, any place may be right.
    unknown = unmatched(Wishes(areas=areas), register, ()) if len(register) else ()
    unknown = tuple(area for area in unknown if area not in shown.wishes.areas)
    unknown += tuple(area for area in areas if not normal_name(area) and area not in unknown)
    if unknown:
        errors["areas"] = Message("unknown-areas", _quoted(unknown))
    return areas


def _kinds(
    form: Form,
    shown: Choices,
    offer: Offer,
    called: Callable[[str], str],
    errors: dict[str, Message],
) -> tuple[str, ...]:
    register = offer.register
    if shown.boxes:
        chosen = form.chosen("kind", {**dict.fromkeys(register.kinds.values()), **shown.boxes})
        if {*map(normal_name, chosen)} == {*map(normal_name, shown.wishes.kinds)}:
            return shown.wishes.kinds
        return () if len(shown.boxes) > 1 and _all_of(chosen, shown.boxes) else chosen
    typed = form.text("kinds", most=4000)
    if typed == shown.typed["kinds"]:
        return shown.wishes.kinds
    plain = {normal_name(called(kind).partition(" (")[0]): kind for kind in register.kinds.values()}
    kinds = tuple(dict.fromkeys(plain.get(normal_name(kind), kind) for kind in _listed(typed)))
    if len(kinds) > MOST_NAMED:
        errors["kinds"] = Message("too-many-kinds", str(MOST_NAMED))
        return shown.wishes.kinds
    unknown = unmatched(Wishes(kinds=kinds), register, ()) if len(register) else ()
    unknown = tuple(kind for kind in unknown if kind not in shown.wishes.kinds)
    if unknown:
        errors["kinds"] = Message("unknown-kinds", _quoted(unknown))
    return kinds


def _ticked(form: Form, register: Register) -> list[str]:
    """The names of the services whose boxes are ticked, as `_watched` understands them."""
    known = (register.get(id) for id in form.fields.get("watch", ())[:MOST_NAMED])
    return [_name(one.id, register) for one in known if one is not None]


def _watched(
    names: list[str], before: Wishes, register: Register, errors: dict[str, Message]
) -> tuple[str, ...]:
    if len(names) > max(MOST_NAMED, len(before.watched)):
        errors["watched"] = Message("too-many-services", str(MOST_NAMED))
        return before.watched
    own: dict[str, list[str]] = {}  # the ids watched before, by the one that counts: a split needs them all
    for id in before.watched:
        (counts,) = register.each_once([id])
        own.setdefault(counts, []).append(id)
    found: dict[str, None] = {}
    unknown: list[str] = []
    for name in names:
        known = register.get(name) or register.named(name)
        id = known.id if known else name
        if known is None and id not in before.watched:
            unknown.append(name)
        else:
            found |= dict.fromkeys(own.get(id, [id]))
    if unknown:
        errors["watched"] = Message("unknown-services", _quoted(unknown))
    return tuple(found)


def _boxes(offer: Offer, own: Iterable[str], called: Callable[[str], str]) -> dict[str, str]:
    """The kinds to offer as boxes, in plain words, each once; the subscriber's own kinds are among them."""
    register, coverage = offer.register, offer.coverage
    covered = {named: kind for named, kind in register.kinds.items() if coverage.covers_kind(kind, register)}
    once = {**covered, **{normal_name(kind): kind for kind in own}}
    if len(once) > MOST_BOXES:
        return {}
    return dict(sorted(((kind, called(kind)) for kind in once.values()), key=lambda one: one[1].casefold()))


def _name(id: str, register: Register) -> str:
    """The name of a service as readers see it, or its id if that name does not lead back to it."""
    known = register.get(id)
    name = one_line(known.name) if known else id
    again = register.named(name)
    return name if again is not None and again.id == id else id


def _listed(text: str) -> tuple[str, ...]:
    """The parts between commas, each once."""
    parts = (" ".join(part.split()) for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"“{name[:60]}”" for name in list(names)[:8])
