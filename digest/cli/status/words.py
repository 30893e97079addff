"""What `digest status` says, from the facts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from digest.addresses import masked
from digest.cli.common import answered
from digest.wording import counted

_WAITING: Final = (
    ("reports that wait for your decision", "cases", "review list"),
    ("items that cannot be read", "parked_items", "sources parked"),
    ("items that were edited in the last seven days", "edited", "sources item"),
    ("received mail that waits for you", "parked", "received list"),
    ("newsletters that were not read, or ask you to confirm", "newsletters", "received newsletters"),
)

_WAYS: Final = {
    "web": "on the pages",
    "mail": "by mail",
    "subscribers": "by subscribers",
    "invitations": "imports and reminders",
}


def lines(found: dict[str, Any]) -> Iterator[str]:
    """All lines, what needs an operator first."""
    edition = found["edition"]
    yield from _urgent(found)
    yield f"edition of {edition['day']}: {_edition(edition)}"
    for line in _sending(edition):
        yield f"  {line}"
    for relay in found["relays"]:
        yield f"relay {relay['relay']}: {_relay(relay)}"
    yield f"waiting for the next one: {counted(found['waiting'], 'report')}"
    yield f"subscriptions: {found['active']} active"
    yield f"letters that were asked for today: {_shares(found['asked_today'])}"
    if found["came_back"]:
        back = counted(found["came_back"], "delivery", "deliveries")
        yield f"refused or returned, of the last seven days' editions: {back}"
    for hook in found["webhooks"]:
        if hook["state"] != "off":
            yield f"webhook {webhook_line(hook)}"
    for what, key, command in _WAITING:
        if found[key]:
            yield f"{what}: {found[key]} (`digest {command}`)"
    yield from _sources(found)


def _urgent(found: dict[str, Any]) -> list[str]:
    """Lines about what needs an operator or restricts the sending."""
    lines = []
    if found["files"]:
        lines.append(
            f"THE CONFIG FILES HERE ARE WRONG ({counted(len(found['files']), 'problem')}, named below): what "
            "they do not say is shown as the service last took it over, or left out"
        )
    lines += [_paused(found["paused"])] if found["paused"] else []
    if held := found["edition"]["held"]:
        lines.append(
            f"THE EDITION OF {held['day']} IS HELD until {_moment(held['until'])} by {held['by']}: "
            f"{masked(held['words'])} (`digest edition release`)"
        )
    lines += [
        f"NO PROCESS RUNS WITH --role {one['role']} or all: {one['follows']}" for one in found["lacking"]
    ]
    if found["site"]["behind"]:
        kept = found["site"]["kept_until"]
        shown = f"it shows what was public on {kept}" if kept else "it shows no edition and no service yet"
        lines.append(f"THE PUBLIC SITE IS BEHIND: {shown}; processes with --role publish or all keep it")
    lines += [_brake(brake) for brake in found["brakes"]]
    if ping := found["ping"]:
        lines.append(f"THE PING IS NOT HEARD by {ping['host']} since {_moment(ping['since'])}: {ping['why']}")
    lines += [
        f"THE CONFIG FILES in {wrong['where']} ARE WRONG since {_moment(wrong['since'])}; the last good ones "
        f"are in force: {wrong['why']}"
        for wrong in found["config"]
    ]
    if mail := found["operators_mail"]:
        lines.append(f"MAIL TO OPERATORS FAILS since {_moment(mail['since'])}: {mail['why']}")
    lines += [
        f"THE WEBHOOK {webhook_line(hook)} (`digest webhooks resend {hook['id']}`)"
        for hook in found["webhooks"]
        if hook["state"] == "off"
    ]
    lines += [f"RESTART {one['process']} to apply {', '.join(one['keys'])}" for one in found["restart"]]
    if line := found["line"]:
        lines.append(
            f"OUR OWN LINE SEEMS TO BE DOWN: no source has answered since {_moment(line['since'])}; "
            f"{counted(line['silent'], 'source was', 'sources were')} asked"
        )
    if found["only_to"]:
        lines.append(f"a trial: sending only to {', '.join(found['only_to'])}")
    return lines


def webhook_line(hook: dict[str, Any]) -> str:
    """Where a webhook stands, with its id and host."""
    parts = [f"{hook['id']} ({hook['host']}, {hook['what']}): {_webhook_state(hook)}"]
    if hook["waiting"]:
        parts.append(f"{counted(hook['waiting'], 'story waits', 'stories wait')}")
    if hook.get("left_out"):
        parts.append(f"{counted(hook['left_out'], 'story was', 'stories were')} left out")
    return ", ".join(parts)


def _webhook_state(hook: dict[str, Any]) -> str:
    if hook["state"] == "off":
        return f"OFF since {_moment(hook['since'])}: {hook['why']}"
    if hook["state"] == "failing":
        again = f"tried again at {hook['next_try_at']:%H:%M UTC}"
        return f"failing since {_moment(hook['since'])}: {hook['why']}, {again}"
    if hook["state"] == "not begun":
        return "not begun: the service has not run with it yet"
    return f"last taken {_moment(hook['last_taken_at'])}" if hook["last_taken_at"] else "nothing posted yet"


def _brake(brake: dict[str, Any]) -> str:
    from digest.ports import Words

    words = "; ".join(masked(str(Words(**one))) for one in brake["words"])
    return (
        f"THE BRAKE IS ON for the edition of {brake['edition']} since {_moment(brake['since'])}: "
        f"{brake['came_back']} came back, {brake['sent']} were sent, and it ends no subscription: {words}"
    )


def _sources(found: dict[str, Any]) -> Iterator[str]:
    for source in found["sources"]:
        yield f"  {_source(source)}"
    for source in found["moved"]:
        yield f"  {source['name']} has moved permanently: change its url in sources.yaml to {source['to']}"
    if keys := found["not_covered"]:
        yield f"no live source, so not offered to readers: {', '.join(keys)}"


def _source(source: dict[str, Any]) -> str:
    checked = _moment(source["checked_at"]) if source["checked_at"] else "never"
    parts = [f"{source['name']}: {source['health']}", f"last good check {checked}"]
    if source["health"] == "quiet":
        usual = f"usually every {source['usual_gap_days']:g} days"
        parts.append(f"nothing new since {source['last_new_on']}, {usual}")
    if source["held"]:
        held = counted(source["held"], "item is", "items are")
        parts.append(f"{held} held (`digest sources show {source['id']}`)")
    if source["shadow"] and source["health"] != "shadow":
        parts.append("in shadow")
    if source["parked"]:
        parts.append(f"{counted(source['parked'], 'page', 'pages')} could not be read")
    return ", ".join(parts) + (f" - {source['trouble']}" if source["trouble"] else "")


def _moment(at: datetime) -> str:
    return f"{at:%a %d %b %H:%M UTC}"


def _shares(shares: list[dict[str, Any]]) -> str:
    """How much of each way's share of the day's letters is used."""
    return ", ".join(_share(one) for one in shares)


def _share(one: dict[str, Any]) -> str:
    used = f"{_WAYS[one['share']]} {one['used']:,} of {one['most']:,}"
    return f"{used} (and {one['refused']:,} that were not written)" if one["refused"] else used


def _paused(pause: dict[str, Any]) -> str:
    said = f"by {pause['by']}: {masked(pause['why'])}"
    if pause["unknown_since"]:
        said += f"; who left after {pause['unknown_since']:%a %d %b %H:%M UTC} is not known"
    if pause["until"]:
        said += f"; it starts by itself at {pause['until']:%a %d %b %H:%M UTC}"
    return f"SENDING IS PAUSED since {pause['since']:%a %d %b %H:%M UTC} {said}"


def _relay(relay: dict[str, Any]) -> str:
    if relay["up"] is None:
        return "not dialled lately"
    when = f"since {relay['since']:%a %d %b %H:%M UTC}, last dialled at {relay['at']:%H:%M UTC}"
    if relay["up"]:
        return f"reachable {when}"
    of = f" by {relay['without']} of {relay['workers']} workers" if relay["workers"] > 1 else ""
    return f"NOT REACHABLE{of} {when}: {answered(relay['code'], relay['trouble'])}"


def _edition(edition: dict[str, Any]) -> str:
    if not edition["sealed"]:
        return "not assembled yet"
    counts = ", ".join(f"{count} {state}" for state, count in edition["deliveries"].items())
    dropped = f", {edition['dropped']} dropped" if edition["dropped"] else ""
    return f"{counted(edition['stories'], 'story', 'stories')}{dropped}; {counts or 'no recipients'}"


def _sending(edition: dict[str, Any]) -> list[str]:
    """Lines about the sending while it goes on."""
    lines = []
    if edition["left"]:
        pace = f"{edition['a_minute']} in the last minute"
        if edition["seconds_left"] is not None:
            pace += f", done in about {max(1, round(edition['seconds_left'] / 60))} min"
        if edition["over"]:
            lines.append(f"{edition['left']} not made in time; they come with the next edition, marked late")
        else:
            lines.append(f"{edition['left']} not sent yet; {pace}")
    if edition["oldest_waiting_seconds"] >= 1 and not edition["over"]:
        minutes, seconds = divmod(round(edition["oldest_waiting_seconds"]), 60)
        lines.append(f"the one that waits longest has been due for {minutes} min {seconds} s")
    if edition["left"] and edition["next_retry"]:
        lines.append(f"the next retry of a deferred one is at {edition['next_retry']:%H:%M UTC}")
    for worker in edition["workers"]:
        until = f"{worker['lease_until']:%H:%M:%S UTC}"
        lines.append(f"{worker['name']} holds batch {worker['batch']} until {until}")
    if edition["last_trouble"]:
        code = edition["last_trouble"]["code"] or "no answer"
        lines.append(f"the last try that failed: {code}, at {edition['last_trouble']['at']:%H:%M UTC}")
    return lines
