"""Matching: whether two candidates are about the same inspection, and whether one adds to the other."""

from __future__ import annotations

from datetime import date

from digest.changes import SAME_INSPECTION_WITHIN
from digest.edition import Candidate
from digest.items import canonical_link
from digest.ratings import OVERALL
from digest.reports import Kind
from digest.sources import Authority


def same_inspection(one: Candidate, other: Candidate) -> bool:
    """Whether two reports are about the same inspection: provider and time agree, or one links to the other.

    A link may also lead to an earlier inspection. So if the texts are more than `SAME_INSPECTION_WITHIN`
    apart, a link counts only if no grade differs. Between two official texts it never counts: they link to
    the past. What one publisher's data states at two times was compared when it was read.
    """
    if _of_one_data(one, other):
        return False
    if not (_reports_inspection(one) and _reports_inspection(other)) or _bodies_differ(one, other):
        return False
    if _visits_differ(one, other) or one.withdraws is not other.withdraws:
        return False
    official = one.authority is other.authority is Authority.OFFICIAL
    linked = not official and (links_to(one, other) or links_to(other, one))
    if one.provider is None or other.provider is None:
        return linked
    near = abs(one.dated - other.dated) <= SAME_INSPECTION_WITHIN
    return one.provider == other.provider and (near or (linked and not conflicts(one, other)))


def _of_one_data(one: Candidate, other: Candidate) -> bool:
    """Whether both are records of one publisher's data: each is a change from the one before."""
    return one.origin is not None and other.origin is not None and one.source == other.source


def _reports_inspection(candidate: Candidate) -> bool:
    """Whether it is a report of an inspection. Other texts, such as national reports, give no rating."""
    return candidate.report is not None and candidate.kind in (Kind.INSPECTION, Kind.MULTI)


def tells_inspection(candidate: Candidate) -> bool:
    """Whether it is a report of an inspection and names the provider."""
    return _reports_inspection(candidate) and candidate.provider is not None


def _visits_differ(one: Candidate, other: Candidate) -> bool:
    first, second = _visits(one, other)
    return first is not None and second is not None and abs(first - second) > SAME_INSPECTION_WITHIN


def _visits(one: Candidate, other: Candidate) -> tuple[date | None, date | None]:
    first, second = (f.report.inspected_on if f.report else None for f in (one, other))
    return first, second


def _bodies_differ(one: Candidate, other: Candidate) -> bool:
    return None not in (one.inspectorate, other.inspectorate) and one.inspectorate != other.inspectorate


def links_to(one: Candidate, other: Candidate) -> bool:
    target = canonical_link(other.link)
    return any(canonical_link(link) == target for link in one.links)


def grades_of(candidate: Candidate) -> dict[str, str]:
    """The grades that the candidate's report states, by aspect."""
    return {j.aspect: j.grade for j in candidate.report.graded()} if candidate.report else {}


def conflicts(one: Candidate, other: Candidate) -> list[str]:
    """The aspects that two candidates grade differently."""
    grades, others = grades_of(one), grades_of(other)
    return [aspect for aspect in grades if grades[aspect] != others.get(aspect, grades[aspect])]


def repeats(candidate: Candidate, other: Candidate) -> bool:
    """Whether two candidates are the same text, listed by two sources or under two links.

    The same link alone is no proof: some feeds give all their items one link. The same title alone is no
    proof either: "Reports published this week" comes every week.
    """
    if candidate.key.item == other.key.item or candidate.provider != other.provider:
        return False
    if _of_one_data(candidate, other):
        return False
    if candidate.withdraws is not other.withdraws:
        return False  # a page's link and title often stay when it withdraws its report
    title, told = (" ".join(f.title.split()).casefold() for f in (candidate, other))
    if canonical_link(candidate.link) == canonical_link(other.link):
        # GOV.UK's organisation feeds put the type of document before the title; its finders do not.
        same_title = title.endswith(told) or told.endswith(title)
        same_words = candidate.report is not None or candidate.lead == other.lead
        return same_title and same_words and grades_of(candidate).items() <= grades_of(other).items()
    words = candidate.published, candidate.lead, candidate.report
    return title == told and words == (other.published, other.lead, other.report) and any(words[1:])


def same_report(candidate: Candidate, other: Candidate) -> str | None:
    """What shows that two official candidates are one report, whatever their addresses; None if nothing does.

    Numbers alone show nothing: some publishers give one twice, in two years or by mistake. A candidate that
    has a grade more than the other, or another grade, is no repeat.
    """
    if candidate.key.item == other.key.item or _of_one_data(candidate, other):
        return None
    about_another = candidate.provider != other.provider is not None or _bodies_differ(candidate, other)
    if about_another or not (_reports_inspection(candidate) and _reports_inspection(other)):
        return None
    if candidate.authority is Authority.BLOG or other.authority is Authority.BLOG:
        return None
    grades, others = grades_of(candidate), grades_of(other)
    if candidate.withdraws is not other.withdraws or not grades.items() <= others.items():
        return None
    visits, numbers = _visits(candidate, other), (candidate.number, other.number)
    if _both_and_unequal(*visits) or _both_and_unequal(*numbers):
        return None
    if None not in visits and None not in numbers:
        return "provider, inspection date and report number"
    if not grades or grades != others:
        return None
    if None not in visits:
        return "provider, inspection date and grades"
    published = candidate.published, other.published
    if None not in published and published[0] == published[1]:
        return "provider, day of publication and grades"
    return None


def _both_and_unequal(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other


def adds_nothing(candidate: Candidate, other: Candidate) -> bool:
    """Whether a report of the same inspection has no grade that the other lacks."""
    if candidate.withdraws and other.withdraws:
        return True
    grades, others = grades_of(candidate), grades_of(other)
    if OVERALL in grades and OVERALL in others:
        return grades[OVERALL] == others[OVERALL]
    return bool(grades) and grades.items() <= others.items()


def comments_on(blog: Candidate, other: Candidate) -> bool:
    """Whether a blog's text belongs under the other: it is about the same inspection, or comments and links.

    A blog's report of another inspection does not belong under it, even if it links to it. Nothing belongs
    under a blog's opinion.
    """
    if other.authority is Authority.BLOG and not tells_inspection(other):
        return False
    if same_inspection(blog, other):
        return True
    return not tells_inspection(blog) and links_to(blog, other)
