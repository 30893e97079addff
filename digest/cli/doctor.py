"""`digest doctor`: what receivers will make of our mail, looked up and tried before they are asked to."""

from __future__ import annotations

import ipaddress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from digest.cli.common import DEFAULT_CONFIG, AsJson, ConfigDirectory, Exit, complain, say, say_json, waiting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.diagnose import Check

DNS_PORT: Final = 53


def doctor(  # noqa: PLR0917 - typer's options
    sends_from: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="An IP address that your mail leaves from; may be repeated."),
    ] = None,
    message: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="A message of ours as it arrived somewhere (.eml): check it too.",
        ),
    ] = None,
    send: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Send a sample edition there, to be saved and given to --message."
        ),
    ] = None,
    resolver: Annotated[
        str | None,
        typer.Option(metavar="HOST[:PORT]", help="Ask this resolver of the DNS, not this machine's own."),
    ] = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Check what decides whether mail arrives.

    That is SPF, DKIM, DMARC, names, the relay, one-click and the state. Nothing is changed, and no message
    is sent but by --send. What nobody could tell is "not known" and no failure. Exit code 1 if anything is
    wrong.

    Examples: digest doctor; digest doctor --sends-from 192.0.2.25;
    digest doctor --send me@example.net, then save what arrives: digest doctor --message arrived.eml
    """
    from digest.cli.doctor_rounds import Visit, rounds

    visit = Visit(
        directory=config,
        senders=tuple(_address(one) for one in sends_from or ()),
        resolver=_resolver(resolver) if resolver else None,
        message=message.read_bytes() if message else None,
        send=send,
    )
    found = waiting(rounds(visit))
    if as_json:
        say_json(_plain(found))
    else:
        say("\n".join(_table(found)))
    if _counts(found)["wrong"]:
        raise typer.Exit(Exit.FAILED)


def _address(given: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(given)
    except ValueError:
        complain(f"--sends-from {given}: expected an IP address, such as 192.0.2.25")
        raise typer.Exit(Exit.WRONG) from None


def _resolver(given: str) -> tuple[str, int]:
    """Host and port; "::1", "[::1]:53", "127.0.0.1" and "127.0.0.1:53" are all meant."""
    host, port = given, str(DNS_PORT)
    if given.startswith("[") or given.count(":") == 1:
        host, _, port = given.rpartition(":") if not given.endswith("]") else (given, "", port)
    try:
        number = int(port) if port.isascii() and port.isdigit() else 0
        numeric = str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        number, numeric = 0, ""
    if not 0 < number < 65_536:
        complain(f"--resolver {given}: expected an IP address, and a port if it is not 53")
        raise typer.Exit(Exit.WRONG)
    return numeric, number


# -- what is said ---------------------------------------------------------------------------------------


def _counts(found: Mapping[str, Sequence[Check]]) -> dict[str, int]:
    from digest.diagnose import Outcome

    outcomes = [check.outcome for checks in found.values() for check in checks]
    order = (Outcome.WRONG, Outcome.WARNING, Outcome.UNKNOWN, Outcome.WELL)
    return {outcome.value: outcomes.count(outcome) for outcome in order}


def _plain(found: Mapping[str, Sequence[Check]]) -> dict[str, object]:
    from digest.diagnose.checks import worst

    return {
        "outcome": worst(check for checks in found.values() for check in checks),
        "counts": _counts(found),
        "checks": [{"area": area, **asdict(check)} for area, checks in found.items() for check in checks],
    }


def _table(found: Mapping[str, Sequence[Check]]) -> list[str]:
    """For people: an area's name, and a line for each check; three where something is to be done."""
    from digest.diagnose import Outcome

    width = max((len(check.name) for checks in found.values() for check in checks), default=0)
    lines = []
    for area, checks in found.items():
        lines.append(area)
        for check in checks:
            bad = check.outcome is Outcome.WRONG
            outcome = check.outcome.value.upper() if bad else check.outcome.value
            lines.append(f"  {outcome:<9}  {check.name:<{width}}  {check.found}")
            if check.outcome is not Outcome.WELL:
                lines.append(f"{'':<13}expected: {check.expected}")
                lines.append(f"{'':<13}to do: {check.advice}")
    counts = [f"{count} {outcome}" for outcome, count in _counts(found).items() if count]
    return [*lines, "", ", ".join(counts)]
