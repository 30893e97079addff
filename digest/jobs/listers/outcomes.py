"""What all listers make of an answer that is no document, and of a document that is not what it should be."""

from __future__ import annotations

from digest.errors import OverrunError
from digest.extract.page_floors import bot_check
from digest.listing import Listing, NotAsked, NotListed, Unchanged
from digest.ports import Blocked, Fetched, HostShut, NotModified, Outcome, Unreached, Workers


def not_fetched(outcome: Outcome) -> Listing:
    """The listing of a source that brought no document."""
    match outcome:
        case NotModified(took=took, moved_to=moved_to):
            return Unchanged(took=took, moved_to=moved_to)
        case HostShut(reason=reason, wait=left):
            return NotAsked(reason=reason, wait=left)
        case Blocked(reason=reason, wait=wait, by_server=refused):
            return NotListed(reason=reason, wait=wait, refused=refused)
        case Unreached(reason=reason, wait=wait, answered=answered):
            return NotListed(reason=reason, wait=wait, answered=answered)
        case Fetched():
            raise AssertionError("a document was fetched")


async def in_its_place(workers: Workers, fetched: Fetched, reason: str) -> NotListed:
    """What stands in a document's place: a check for bots refuses us, whatever its status."""
    try:
        wall = await workers.run(bot_check, fetched.body, fetched.content_type)
    except OverrunError:
        wall = None
    return NotListed(reason=wall or reason, refused=wall is not None)
