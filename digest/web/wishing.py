"""Wishes as a form shows and takes them: what was typed is kept, and what nothing answers to is named."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from digest.ports import Clock, Store
from digest.providers import Register, normal_name
from digest.subscriptions import Wishes
from digest.web.forms import Form, Message
from digest.wishes import unanswered

log = logging.getLogger(__name__)

MOST_BOXES: Final = 12
"""Kinds of providers to tick; of more, one writes which."""

MOST_NAMED: Final = 100
"""Areas, kinds, or services to watch, that a form takes of each."""

_FRESH: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a form wishes for, as it is understood and as it was typed."""

    wishes: Wishes
    typed: Mapping[str, str]  # areas, kinds and watched, by field
    boxes: Mapping[str, str] = field(default_factory=dict)  # kinds to tick, in words; none: they are typed
    errors: Mapping[str, Message] = field(default_factory=dict)  # by field

    @property
    def more(self) -> bool:
        """Whether anything is chosen that most people leave alone."""
        mails = self.wishes.alerts or self.wishes.proof_of_life
        return mails or any(self.typed.values()) or bool(self.wishes.kinds or self.errors)

    @property
    def chosen(self) -> bool:
        return self.more or self.wishes != Wishes()


def whole(form: Form) -> bool:
    """Whether it is one of ours, of which a tick that is absent was taken away."""
    return form.has("watched")


@dataclass(slots=True, kw_only=True)
class Catalogue:
    """The register as of a minute ago: a busy form need not read all of it for each visitor."""

    store: Store
    clock: Clock
    initials: Mapping[str, str] = field(default_factory=dict)  # what they stand for, by those in lower case
    _held: tuple[datetime, Register] | None = field(default=None, init=False)

    async def register(self) -> Register:
        now = self.clock.now()
        if self._held is None or not timedelta() <= now - self._held[0] < _FRESH:
            self._held = now, await self.store.providers.register()
        return self._held[1]

    async def to_show(self) -> Register:
        """For a page that must be there while the store is not: then as it was, or empty."""
        try:
            return await self.register()
        except Exception:
            log.warning("the register cannot be read: the form offers less", exc_info=True)
            return self._held[1] if self._held else Register()

    def called(self, kind: str) -> str:
        """A kind of service in plain words: initials alone tell few people anything."""
        parts = (part.strip().casefold() for part in kind.split("/"))
        words = " or ".join(self.initials[part] for part in parts if part in self.initials)
        return f"{words} ({kind})" if words else f"{kind[:1].upper()}{kind[1:]}"

    def held(self, wishes: Wishes, register: Register) -> Wanted:
        """Wishes as a form shows them before anybody typed."""
        typed = {
            "areas": ", ".join(wishes.areas),
            "kinds": ", ".join(wishes.kinds),
            "watched": "\n".join(_name(id, register) for id in wishes.watched),
        }
        return Wanted(wishes=wishes, typed=typed, boxes=_boxes(register, wishes.kinds, self.called))

    def read(self, form: Form, inspectorates: Collection[str], register: Register, before: Wishes) -> Wanted:
        """What a form wishes for; what it does not speak of stays. To tick all is to wish for everything.

        With `errors`, its wishes are not to be kept: they leave out what was not understood.
        """
        shown = self.held(before, register)
        chosen = form.chosen("inspectorate", inspectorates)
        ours = whole(form)
        wishes = replace(
            before,
            inspectorates=chosen if len(chosen) < len(inspectorates) else (),
            movements_only=form.ticked("movements_only"),
            commentary=form.ticked("commentary") or (before.commentary and not ours),
            proof_of_life=form.ticked("proof_of_life"),
        )
        if not ours:
            return replace(shown, wishes=wishes)
        typed = {
            "areas": form.text("areas", most=4000),
            "kinds": form.text("kinds", most=4000),
            "watched": "\n".join(form.lines("watched")),
        }
        errors: dict[str, Message] = {}
        wishes = replace(
            wishes,
            areas=_areas(typed["areas"], shown, register, errors),
            kinds=_kinds(form, shown, register, self.called, errors),
            watched=_watched(form.lines("watched"), before, register, errors),
            alerts=form.ticked("alerts"),
        )
        if wishes.alerts and not wishes.watched:
            errors.setdefault("watched", Message("alerts-without-services"))
        return Wanted(wishes=wishes, typed=typed, boxes=shown.boxes, errors=errors)


# -- within ---------------------------------------------------------------------------------------------


def _areas(typed: str, shown: Wanted, register: Register, errors: dict[str, Message]) -> tuple[str, ...]:
    if typed == shown.typed["areas"]:
        return shown.wishes.areas  # as they are: one that an operator wrote may hold a comma
    areas = _listed(typed)
    if len(areas) > MOST_NAMED:
        errors["areas"] = Message("too-many-areas", str(MOST_NAMED))
        return shown.wishes.areas
    # Where we know of nobody, nothing can be said of a place.
    unknown = unanswered(Wishes(areas=areas), register, ()) if len(register) else ()
    unknown = tuple(area for area in unknown if area not in shown.wishes.areas)
    unknown += tuple(area for area in areas if not normal_name(area) and area not in unknown)
    if unknown:
        errors["areas"] = Message("unknown-areas", _quoted(unknown))
    return areas


def _kinds(
    form: Form,
    shown: Wanted,
    register: Register,
    called: Callable[[str], str],
    errors: dict[str, Message],
) -> tuple[str, ...]:
    if shown.boxes:
        chosen = form.chosen("kind", shown.boxes)
        if {*map(normal_name, chosen)} == {*map(normal_name, shown.wishes.kinds)}:
            return shown.wishes.kinds
        return chosen if len(chosen) < len(shown.boxes) else ()
    typed = form.text("kinds", most=4000)
    if typed == shown.typed["kinds"]:
        return shown.wishes.kinds
    plain = {normal_name(called(kind).partition(" (")[0]): kind for kind in register.kinds.values()}
    kinds = tuple(dict.fromkeys(plain.get(normal_name(kind), kind) for kind in _listed(typed)))
    if len(kinds) > MOST_NAMED:
        errors["kinds"] = Message("too-many-kinds", str(MOST_NAMED))
        return shown.wishes.kinds
    unknown = unanswered(Wishes(kinds=kinds), register, ()) if len(register) else ()
    unknown = tuple(kind for kind in unknown if kind not in shown.wishes.kinds)
    if unknown:
        errors["kinds"] = Message("unknown-kinds", _quoted(unknown))
    return kinds


def _watched(
    names: list[str], before: Wishes, register: Register, errors: dict[str, Message]
) -> tuple[str, ...]:
    if len(names) > max(MOST_NAMED, len(before.watched)):
        errors["watched"] = Message("too-many-services", str(MOST_NAMED))
        return before.watched
    found: dict[str, None] = {}
    unknown: list[str] = []
    for name in names:
        known = register.get(name) or register.named(name)
        id = known.id if known else name if name in before.watched else None
        if id is None:
            unknown.append(name)
        else:
            found[id] = None
    if unknown:
        errors["watched"] = Message("unknown-services", _quoted(unknown))
    return tuple(found)


def _boxes(register: Register, own: Iterable[str], called: Callable[[str], str]) -> dict[str, str]:
    """The kinds to tick in plain words, each once however it is spelt, a subscriber's own among them."""
    once = {**register.kinds, **{normal_name(kind): kind for kind in own}}
    if len(once) > MOST_BOXES:
        return {}
    return dict(sorted(((kind, called(kind)) for kind in once.values()), key=lambda one: one[1].casefold()))


def _name(id: str, register: Register) -> str:
    """What to call a service by, such that it is found by it again."""
    known = register.get(id)
    again = register.named(known.name) if known else None
    return known.name if known and again is not None and again.id == id else id


def _listed(text: str) -> tuple[str, ...]:
    """What stands between commas, each once."""
    parts = (" ".join(part.split()) for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"“{name[:60]}”" for name in list(names)[:8])
