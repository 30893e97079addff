"""A subscriber's choices as a form shows and reads them; what we do not know is named in an error."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from digest.ports import Clock, Store
from digest.present.tidy import one_line
from digest.providers import Register, normal_name
from digest.subscriptions import Wishes
from digest.web.forms import Form, Message
from digest.wishes import unmatched

log = logging.getLogger(__name__)

MOST_BOXES: Final = 12
"""Kinds of providers that the form offers as boxes; with more kinds, people type them."""

MOST_NAMED: Final = 100
"""The most areas, kinds or watched services that a form takes, each."""

_FRESH: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The choices in a form, as we understand them and as they were typed."""

    wishes: Wishes
    typed: Mapping[str, str]  # the text of the fields areas, kinds and watched
    boxes: Mapping[str, str] = field(
        default_factory=dict
    )  # kinds with the words beside their boxes; empty: kinds are typed
    errors: Mapping[str, Message] = field(default_factory=dict)  # by field

    @property
    def more(self) -> bool:
        """Whether any of the choices is made that the form hides at first."""
        mails = self.wishes.alerts or self.wishes.proof_of_life
        return mails or any(self.typed.values()) or bool(self.wishes.kinds or self.errors)

    @property
    def chosen(self) -> bool:
        return self.more or self.wishes != Wishes()


def is_complete(form: Form) -> bool:
    """Whether this is our whole form: then a box that is absent was unticked."""
    return form.has("watched")


@dataclass(slots=True, kw_only=True)
class Catalogue:
    """The register as the form needs it, read at most once a minute."""

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
        """The register for a page; as last read, or empty, while the store cannot be reached."""
        try:
            return await self.register()
        except Exception:
            log.warning("the register cannot be read: the form offers less", exc_info=True)
            return self._held[1] if self._held else Register()

    def called(self, kind: str) -> str:
        """A kind of service in plain words; abbreviations are written out."""
        parts = (part.strip().casefold() for part in kind.split("/"))
        words = " or ".join(self.initials[part] for part in parts if part in self.initials)
        return f"{words} ({kind})" if words else f"{kind[:1].upper()}{kind[1:]}"

    def held(self, wishes: Wishes, register: Register) -> Choices:
        """Choices as the form first shows them."""
        typed = {
            "areas": ", ".join(wishes.areas),
            "kinds": ", ".join(wishes.kinds),
            "watched": "\n".join(_name(id, register) for id in wishes.watched),
        }
        return Choices(wishes=wishes, typed=typed, boxes=_boxes(register, wishes.kinds, self.called))

    def read(self, form: Form, inspectorates: Collection[str], register: Register, before: Wishes) -> Choices:
        """The choices in a form; choices without a field stay as they were. All boxes ticked means no filter.

        If there are `errors`, do not save the wishes: what we did not understand is missing in them.
        """
        shown = self.held(before, register)
        chosen = form.chosen("inspectorate", inspectorates)
        ours = is_complete(form)
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
        return Choices(wishes=wishes, typed=typed, boxes=shown.boxes, errors=errors)


# -- within ---------------------------------------------------------------------------------------------


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
    unknown = unmatched(Wishes(kinds=kinds), register, ()) if len(register) else ()
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
    """The kinds to offer as boxes, in plain words, each once; the subscriber's own kinds are among them."""
    once = {**register.kinds, **{normal_name(kind): kind for kind in own}}
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
