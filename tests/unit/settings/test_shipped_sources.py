"""The sources that come with the service: what is known of each stands before it, and what it reads."""

# ruff: noqa: E501, SIM905 -- the markup and headings of publishers are given whole

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from datasets import table

from digest.adapters.config.files import load_sources
from digest.adapters.config.packaged import packaged
from digest.adapters.config.packaged_scales import packaged_scales
from digest.listing import unpacked
from digest.parse.dataset import Document, read_dataset
from digest.parse.govuk import parse_search
from digest.parse.json_records import Answer, records_of
from digest.parse.listing import parse_listing
from digest.parse.sitemap import parse_sitemap
from digest.records import Place, Record
from digest.settings.sources import SourceDefaults, SourceEntry
from digest.source_specs import DatasetSpec, GovukSpec, JsonSpec, ListingSpec, SitemapSpec, SourceKind

LONDON = ZoneInfo("Europe/London")
CONTRACT: Final = Path(__file__).parents[2] / "contract"
FIELDS: Final = ("Address", "Licence", "Cadence", "Key", "Sure")

TRIED: Final = {
    SourceKind.FEED: "test_listed_again.py",
    SourceKind.LISTING: "test_listings_and_sitemaps.py",
    SourceKind.SITEMAP: "test_listings_and_sitemaps.py",
    SourceKind.DATASET: "test_files_of_data.py",
    SourceKind.JSON: "test_an_api_of_records.py",
    SourceKind.GOVUK: "test_pages_of_govuk.py",
    SourceKind.MAILBOX: "test_newsletters_that_come_here.py",
}
"""Where a publisher of each kind that is shipped is served and polled."""


@dataclass(frozen=True)
class Shipped:
    """An entry, with the comment before it on one line."""

    entry: SourceEntry
    comment: str

    def field(self, name: str) -> str:
        found = re.search(rf"{name}: (.+?)(?= (?:{'|'.join(FIELDS)}): |$)", self.comment)
        return found[1] if found else ""


def shipped() -> list[Shipped]:
    lines = (packaged("config") / "sources.yaml").read_text(encoding="utf-8").splitlines()
    comments: dict[str, str] = {}
    before: list[str] = []
    for line in lines:
        if line.startswith("  # ") and not line.startswith("  # --"):
            before.append(line.removeprefix("  # "))
            continue
        if line.startswith("  - id: "):
            comments[line.removeprefix("  - id: ")] = " ".join(before)
        before = []
    found = load_sources(packaged("config")).sources
    return [Shipped(entry=one, comment=comments[one.id]) for one in found]


ALL: Final = shipped()


def named(id: str) -> SourceEntry:
    return next(one.entry for one in ALL if one.entry.id == id)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.entry.id)
def test_before_each_stands_what_is_known_of_it_and_why_it_is_on_or_off(one: Shipped) -> None:
    assert [name for name in FIELDS if not one.field(name)] == []
    said = {word for word in ("On", "Off") if re.search(rf"\b{word}\b", one.field("Sure"))}
    assert said == ({"On"} if one.entry.enabled else {"Off"})


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.entry.id)
def test_what_is_a_guess_is_switched_off(one: Shipped) -> None:
    guessed = re.search(r"\ba guess\b|was not\b|not verified", one.field("Sure") + one.field("Licence"))

    assert not (one.entry.enabled and guessed and one.entry.authority == "official")


def test_every_inspectorate_has_a_source_that_can_be_switched_on() -> None:
    known = {one.key for one in packaged_scales()}
    of = {one.entry.inspectorate for one in ALL if one.entry.authority == "official"}

    assert known - of == set()
    assert of - known == set()


def test_each_makes_a_source_and_its_secrets_are_named_and_not_written() -> None:
    for one in ALL:
        source = one.entry.source(SourceDefaults())
        assert source.url.startswith("https://")
        if secrets := getattr(source.spec, "secret_headers", ()):
            assert not one.entry.enabled
            assert all(name.startswith("DIGEST_SOURCE_") for name in dict(secrets).values())


def test_each_kind_that_is_shipped_is_served_and_polled_by_a_test() -> None:
    for kind in {one.entry.kind for one in ALL}:
        assert (CONTRACT / TRIED[kind]).exists(), kind


# -- what they read: the publishers' own markup, with other words -------------------------------------------

HALE: Final = b"""<div class="listing-item-count">312 reports</div><div class="flexible-post-type-list">
<div class="list-item"><h2 class="list-item-title govuk-heading-m"><a href="/document/oakshire-pdu/">Oakshire PDU</a></h2>
<div class="list-item-detail detail-published-date"><div class="list-item-detail-label">Published:</div>
<time class="entry-date published-date" datetime="2026-11-24T00:01:00+00:00">24 November 2026</time></div>
<div class="list-item-detail detail-post_summary"><p>Oakshire PDU was inspected.</p></div></div></div>
<nav class="archive-pagination-nav"><ul class="archive-pagination"><li class="archive-pagination-current-page">Page 1 of 2</li>
<li class='archive-pagination-next-btn'><a href="/reports/page/2/" rel="next">Next</a></li></ul></nav>"""
HALE_NOTHING: Final = b'<h2 class="govuk-heading-l">Your search matched no reports</h2>'
SEARCH: Final = b"""<strong class="results-count">153</strong><ul class="results-list">
<li class="search-result"><h3 class="search-result__title heading--sub"><a href="/provider/44/80426">Oakshire</a></h3>
<ul class="search-result__provider-info"><li>Category: <strong>Children's services</strong></li></ul>
<ul class="search-result__provider-info"><li>Rating: <strong>Good</strong></li></ul>
<ul class="search-result__provider-info"><li>Latest report: <strong><time>23 October 2026</time></strong></li></ul></li></ul>
<a class="pagination__next" href="/search?start=100">Next</a>"""


def read(id: str, body: bytes) -> list[tuple[str, str | None, str]]:
    """Title, path of the link and day of what a shipped listing finds in a page."""
    entry = named(id)
    spec = entry.source(SourceDefaults()).spec
    assert isinstance(spec, ListingSpec)
    found = parse_listing(body, content_type=None, url=str(entry.url), spec=spec, zone=LONDON)
    return [
        (
            item.title,
            item.link and item.link.partition(".uk")[2],
            f"{item.published_at.astimezone(LONDON):%Y-%m-%d}",
        )
        for item in found.items
        if item.published_at
    ]


@pytest.mark.parametrize("id", ["hmi-probation-reports", "hmi-prisons-reports"])
def test_the_platform_of_the_justice_inspectorates_is_read(id: str) -> None:
    assert read(id, HALE) == [("Oakshire PDU", "/document/oakshire-pdu/", "2026-11-24")]
    assert read(id, HALE_NOTHING) == []


def test_ofsteds_search_for_councils_is_read() -> None:
    assert read("ofsted-councils", SEARCH) == [("Oakshire", "/provider/44/80426", "2026-10-23")]


def test_of_an_ombudsmans_sitemap_the_decisions_are_read() -> None:
    spec = named("housing-ombudsman").source(SourceDefaults()).spec
    assert isinstance(spec, SitemapSpec)
    host = "https://www.housing-ombudsman.org.uk"
    places = ("/decisions/oakshire-homes-202331162/", "/news/a-speech/", "/decisions/")
    body = "".join(f"<url><loc>{host}{place}</loc></url>" for place in places)
    found = parse_sitemap(
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>'.encode(),
        url=f"{host}/decision-sitemap.xml",
        spec=spec,
    )

    assert [item.link for item in found.items] == [f"{host}{places[0]}"]


# -- files of data: the publishers' own headings, with invented providers -----------------------------------

OFSTED_HEADINGS: Final = (
    "Web link, URN, LAESTAB, School name, Ofsted phase, Type of education, School open date, Admissions policy, "
    "Sixth form, Designated religious character, Religious ethos, Faith grouping, Ofsted region, Region, "
    "Local authority, Parliamentary constituency, Multi-academy trust UID, Multi-academy trust name, "
    "Academy sponsor UID, Academy sponsor name, Postcode, Total number of pupils, Statutory lowest age, "
    "Statutory highest age, Inspection number of latest full inspection, Inspection type, "
    "Inspection type grouping, Inspection start date, Inspection end date, Publication date, "
    "URN at time of latest full inspection, Category of concern, Safeguarding standards, "
    "Safeguarding standards - date of grade, Inclusion, Inclusion - date of grade, Curriculum and teaching, "
    "Curriculum and teaching - date of grade, Achievement, Achievement - date of grade, "
    "Attendance and behaviour, Attendance and behaviour - date of grade, Personal development and wellbeing, "
    "Personal development and wellbeing - date of grade, Early years (where applicable), "
    "Early years - date of grade, Post-16 provision (where applicable), Post-16 provision - date of grade, "
    "Leadership and governance, Leadership and governance - date of grade, "
    "Inspection number of latest OEIF graded inspection, Inspection type of latest OEIF graded inspection, "
    "Inspection start date of latest OEIF graded inspection, "
    "Publication date of latest OEIF graded inspection, URN at time of latest OEIF graded inspection, "
    "Latest OEIF overall effectiveness, Latest OEIF category of concern, Latest OEIF quality of education, "
    "Latest OEIF behaviour and attitudes, Latest OEIF personal development, "
    "Latest OEIF effectiveness of leadership and management, Latest OEIF  safeguarding is effective?, "
    "Latest OEIF early years provision (where applicable), Latest OEIF sixth form provision (where applicable), "
    "Latest ungraded inspection number, Date of latest ungraded inspection, Most recent category of concern"
).split(", ")


def recorded(id: str, headings: Sequence[str], *rows: Mapping[str, object]) -> dict[str, Record]:
    """The records that a shipped source makes of a file with these headings and rows."""
    spec = named(id).source(SourceDefaults()).spec
    assert isinstance(spec, DatasetSpec)
    document = Document(file="file.csv", publisher="It", inspectorate=named(id).inspectorate or "")
    body = table(headings, rows).encode("windows-1252")
    found = read_dataset(body, spec, document, inspectorates=packaged_scales(), kept={}, others={})
    assert found.told == ()
    return {one.record.key: one.record for part in found.changed for one in unpacked(part)}


def grades(record: Record) -> dict[str, str]:
    return {one.aspect: one.grade for one in record.grades}


def test_ofsteds_file_is_read_by_report_card_and_else_by_the_four_grades() -> None:
    oak = {"URN": 100001, "School name": "Oak School", "Local authority": "Kent"}
    card = oak | {
        "Inspection number of latest full inspection": 10012345,
        "Inspection start date": "18/11/2025",
        "Publication date": "15/12/2025",
        "Safeguarding standards": "Met",
        "Inclusion": "Expected standard",
        "Curriculum and teaching": "Strong standard",
        "Achievement": "Needs attention",
        "Achievement - date of grade": "04/03/2026",
        "Attendance and behaviour": "Exceptional",
        "Personal development and wellbeing": "Strong standard",
        "Leadership and governance": "Urgent improvement",
    }
    elm = {
        "URN": 100002,
        "School name": "Elm School",
        "Publication date of latest OEIF graded inspection": "13/06/2023",
        "Latest OEIF overall effectiveness": 2,
        "Latest OEIF quality of education": 1,
        "Latest OEIF sixth form provision (where applicable)": 9,
    }
    found = recorded("ofsted-schools", OFSTED_HEADINGS, card, elm)

    assert (found["100001"].scale, found["100002"].scale) == ("ofsted-reportcard-5", "ofsted-4")
    assert grades(found["100001"]) == {
        "inclusion": "expected standard",
        "curriculum and teaching": "strong standard",
        "achievement": "needs attention",
        "attendance and behaviour": "exceptional",
        "personal development and well-being": "strong standard",
        "leadership and governance": "urgent improvement",
    }
    assert grades(found["100002"]) == {"overall": "good", "quality of education": "outstanding"}


def test_the_care_inspectorates_file_is_read_with_its_key_questions() -> None:
    headings = (
        "CareService,Subtype,ServiceType,CSNumber,ServiceName,Service_Postcode,Council_Area_Name,GradeSpread,MinGrade,"
        "Publication_of_Latest_Grading,KQ_Support_Wellbeing,KQ_Care_and_Support_Planning,KQ_Setting,KQ_Staff_Team,"
        "KQ_Leadership,KQ_Care_Play_and_Learning,Complaints_upheld_2425,ServiceStatus"
    ).split(",")
    oak = {
        "CareService": "Care Home Service",
        "CSNumber": "CS2018000001",
        "ServiceName": "Caf\xe9 Oak",
        "Publication_of_Latest_Grading": "15/08/2026",
        "KQ_Support_Wellbeing": 5,
        "KQ_Setting": 4,
        "KQ_Leadership": 6,
        "KQ_Care_Play_and_Learning": "NA",
    }
    [found] = recorded("care-inspectorate", headings, oak).values()

    assert found.subject.name == "Caf\xe9 Oak"
    assert grades(found) == {"wellbeing": "very good", "setting": "good", "leadership": "excellent"}


def test_cqcs_files_are_read_row_by_row() -> None:
    headings = (
        "Location ID,Location Name,Location Primary Inspection Category,Location Local Authority,"
        "Service / Population Group,Domain,Latest Rating,Publication Date,Inherited Rating (Y/N),URL"
    ).split(",")
    oak = {
        "Location ID": "1-1000000001",
        "Location Name": "Oak House",
        "Service / Population Group": "Overall",
    }
    rows = [
        oak | {"Domain": domain, "Latest Rating": rating, "Publication Date": "27/11/2026"}
        for domain, rating in (
            ("Overall", "Good"),
            ("Safe", "Requires improvement"),
            ("Caring", "No published rating"),
        )
    ]
    [found] = recorded("cqc-ratings", headings, *rows).values()
    assert grades(found) == {"overall": "good", "safe": "requires improvement"}

    for heading in ("CQC Location ID (for office use only)", "CQC Location (for office use only"):
        known = recorded(
            "cqc-directory",
            ("Name", "Also known as", "Local authority", "Location URL", heading),
            {"Name": "Oak House", heading: "1-1000000001"},
        )
        assert [one.subject.name for one in known.values()] == ["Oak House"]


def test_segments_are_read_on_their_scale() -> None:
    headings = ("Region", "Trust_type", "Trust_code", "Trust_name", "Metric_ID", "Reporting_date", "Value")
    trust = {
        "Trust_code": "RXX",
        "Trust_name": "Oakshire",
        "Metric_ID": "SEGMENT",
        "Reporting_date": "2026-09-30",
    }
    [found] = recorded("nhs-oversight", headings, trust | {"Value": 5}).values()
    assert grades(found) == {"overall": "segment 5"}


# -- answers of APIs ----------------------------------------------------------------------------------------


def answered(id: str, said: object) -> dict[str, Record]:
    """The records that a shipped source makes of an answer."""
    spec = named(id).source(SourceDefaults()).spec
    assert isinstance(spec, JsonSpec)
    found = records_of(
        [Answer(call="https://api.example/1", body=json.dumps(said).encode())],
        spec,
        source=Place(publisher="It", document="its API"),
        inspectorate=named(id).inspectorate or "",
        zone=LONDON,
        inspectorates=packaged_scales(),
    )
    assert found.troubles == ()
    return {record.key: record for record in found.records}


def test_cqcs_api_is_read_by_its_assessments_and_else_by_its_ratings() -> None:
    asked = [{"name": "Safe", "rating": "Requires improvement"}, {"name": "Well-led", "rating": "Good"}]
    oak = {
        "locationId": "1-1000000001",
        "name": "Oak House",
        "localAuthority": "Kent",
        "gacServiceTypes": [{"name": "Residential homes"}],
        "currentRatings": {
            "overall": {
                "rating": "Good",
                "reportDate": "2021-11-27",
                "reportLinkId": "f4fdb42e",
                "organisationId": "1-0900000001",
                "keyQuestionRatings": asked,
            }
        },
    }
    [before] = answered("cqc-api", oak).values()
    assert grades(before) == {"overall": "good", "safe": "requires improvement", "well-led": "good"}
    assert (before.inherited_from, before.number) == ("1-0900000001", "f4fdb42e")
    assert before.link == "https://www.cqc.org.uk/location/1-1000000001"

    plan = {
        "assessmentPlanId": "AP1",
        "assessmentDate": "2026-09-02",
        "name": "Care Homes",
        "keyQuestionRatings": [],
    }
    given = [
        plan | {"rating": "Outstanding", "status": "Current"},
        plan | {"rating": "Inadequate", "status": "Historic"},
    ]
    since = {
        "assessmentPlanPublishedDateTime": "2026-11-27 00:01:00",
        "ratings": {"overall": [], "asgRatings": given},
    }
    [after] = answered("cqc-api", oak | {"assessment": [since]}).values()
    assert (grades(after), after.number) == ({"overall": "outstanding"}, "AP1")

    unrated = oak | {
        "currentRatings": {"overall": {"rating": "No published rating", "keyQuestionRatings": []}}
    }
    [nothing] = answered("cqc-api", unrated).values()
    assert grades(nothing) == {}


def test_food_hygiene_ratings_are_read_on_the_scale_of_their_scheme() -> None:
    cafe = {"BusinessName": "Oak Cafe", "BusinessType": "Restaurant", "LocalAuthorityName": "Oakshire"}
    listed = [
        cafe | {"FHRSID": 1, "RatingValue": "5", "RatingDate": "2026-10-23T00:00:00"},
        cafe | {"FHRSID": 2, "RatingValue": "Pass", "RatingDate": "2026-10-23T00:00:00"},
        cafe | {"FHRSID": 3, "RatingValue": "AwaitingInspection", "RatingDate": None},
    ]
    found = answered("food-hygiene", {"establishments": listed, "meta": {"totalPages": 1}})

    assert [(one.scale, grades(one)) for one in found.values() if one.grades] == [
        ("fhrs-6", {"overall": "5 (very good)"}),
        ("fhis-2", {"overall": "pass"}),
    ]


# -- GOV.UK -------------------------------------------------------------------------------------------------


def test_of_a_regulators_pages_on_govuk_its_judgements_are_read() -> None:
    entry = named("regulator-of-social-housing")
    spec = entry.source(SourceDefaults()).spec
    assert isinstance(spec, GovukSpec)
    found = parse_search(
        json.dumps(
            {
                "total": 2,
                "results": [
                    {
                        "title": "Judgements for ten landlords",
                        "link": "/government/news/judgements-for-ten-landlords",
                    },
                    {"title": "A new chair", "link": "/government/news/a-new-chair"},
                ],
            }
        ).encode(),
        url=str(entry.url),
        spec=spec,
        page=1,
    )

    assert [item.title for item in found.items] == ["Judgements for ten landlords"]
