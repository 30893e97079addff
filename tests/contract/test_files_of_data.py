"""Files of data as publishers put them out, over HTTP: the first is a baseline, each change one story."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from datasets import (
    CARE_INSPECTORATE,
    CARE_INSPECTORATE_HEADINGS,
    CQC_DIRECTORY,
    CQC_DIRECTORY_2020,
    CQC_DIRECTORY_2026,
    CQC_RATINGS,
    CQC_RATINGS_HEADINGS,
    NHS_OVERSIGHT,
    NHS_OVERSIGHT_HEADINGS,
    OFSTED,
    OFSTED_BEFORE,
    OFSTED_SINCE,
    spec,
    table,
)
from feed_cases import Stage, a_feed, stage
from mailed import mail_of
from servers.publisher import say
from sheets import ods_of, xlsx

from digest.adapters.config.files import load_scales
from digest.adapters.workers import DATA_LIMIT, ProcessWorkers
from digest.changes import Movement
from digest.jobs.listers.dataset import DatasetLister
from digest.jobs.poll import Polling
from digest.records import Cause
from digest.source_specs import SourceKind
from digest.store.sql import SqlStore

BEGIN: Final = datetime(2026, 2, 2, 8, tzinfo=UTC)
MONTH: Final = timedelta(days=29)
SCALES: Final = load_scales(Path(__file__).parents[2] / "config")


@dataclass
class Files:
    """A publisher of a file, and the real poller, which looks once a month."""

    site: Stage
    months: int = 0

    def serve(self, path: str, body: bytes | str, **headers: str) -> None:
        body = body.encode() if isinstance(body, str) else body
        self.site.publisher.routes[path] = say(200, body, **headers)

    def bind(self, text: str) -> None:
        """Let the operator say in another way how rows are read."""
        [source] = self.site.poller.sources
        self.site.poller = replace(self.site.poller, sources=(replace(source, spec=spec(text)),))

    async def poll(self) -> Polling:
        """Poll what is due, a month after the last time."""
        self.months += 1
        [polling] = await self.site.poll(BEGIN + (self.months - 1) * MONTH)
        return polling

    async def news(self) -> dict[str, tuple[str, Cause | None]]:
        """By provider: what is told of its grades that moved, and the cause."""
        found = {}
        for story in await self.site.stories():
            moved = [one for one in (story.change, *story.aspects) if one and one.movement in _MOVED]
            told = "; ".join(f"{one.aspect}: {one.before} to {one.after}" for one in moved)
            found[str(story.provider)] = told, story.origin.cause if story.origin else None
        return found


_MOVED: Final = {Movement.UPGRADE, Movement.DOWNGRADE, Movement.FIRST_RATING}


@asynccontextmanager
async def files(
    store: SqlStore, path: str, inspectorate: str, text: str, **more: Any
) -> AsyncIterator[Files]:
    """A source of data at a path, which an operator describes by this text."""
    told = spec(text, **more)
    known = SCALES.named(inspectorate)
    assert known is not None
    async with stage(
        "", store, path=path, spec=told, inspectorate=inspectorate, name=known.name, known=SCALES, begin=BEGIN
    ) as made:
        yield Files(made)


# -- Ofsted, through GOV.UK's content API ------------------------------------------------------------------

API: Final = "/api/content/government/statistical-data-sets/monthly-management-information"


def school(urn: int, **cells: Any) -> dict[str, Any]:
    """A school with a report card of November 2025."""
    return {
        "Web link": f"https://reports.ofsted.gov.uk/provider/21/{urn}",
        "URN": urn,
        "School name": f"School {urn}",
        "Ofsted phase": "Primary",
        "Local authority": "Kent",
        "Inspection number of latest full inspection": 10_000_000 + urn,
        "Inspection start date": "18/11/2025",
        "Inspection end date": "19/11/2025",
        "Publication date": "15/12/2025",
        "URN at time of latest full inspection": urn,
        "Inclusion": "Expected standard",
        "Inclusion - date of grade": "19/11/2025",
        "Achievement": "Needs attention",
        "Achievement - date of grade": "19/11/2025",
        "Early years (where applicable)": "NULL",
    } | cells


def inspected(urn: int, achievement: str, **cells: Any) -> dict[str, Any]:
    """The school after another full inspection."""
    return (
        school(urn)
        | {
            "Inspection number of latest full inspection": 10_900_000 + urn,
            "Inspection start date": "10/02/2026",
            "Inspection end date": "11/02/2026",
            "Publication date": "20/02/2026",
            "Achievement": achievement,
            "Inclusion - date of grade": "11/02/2026",
            "Achievement - date of grade": "11/02/2026",
        }
        | cells
    )


def publish(
    made: Files, rows: Sequence[Mapping[str, Any]], month: str, headings: Sequence[str] = OFSTED_SINCE
) -> None:
    """A new file of a month, beside the older ones, as the content API tells of it."""
    path = f"/media/{len(made.site.publisher.routes)}/Management_information.csv"
    made.serve(path, table(headings, rows))
    title = "Management information - state-funded schools - latest inspections as at {}"
    others = [("31 Dec 2024", "/media/old.csv"), (month, path), (month, "/media/same.ods")]
    attachments = [
        {"title": title.format(date), "url": made.site.publisher.url(url), "content_type": "text/csv"}
        for date, url in others
    ]
    attachments.append(
        {"title": "Management information - independent schools as at 1 Jan 2030", "url": "/x.csv"}
    )
    made.serve(
        API, json.dumps({"schema_name": "statistical_data_set", "details": {"attachments": attachments}})
    )


async def test_schools_move_with_a_cause_and_each_is_told_once(store: SqlStore) -> None:
    async with files(store, API, "ofsted", OFSTED) as made:
        rows = [school(n) for n in range(100001, 100013)]
        publish(made, rows, "31 Jan 2026")
        assert (await made.poll()).trouble is None
        assert await made.site.stories() == ()

        now = {row["URN"]: row for row in rows}
        now[100001] = inspected(100001, "Strong standard")
        now[100002] = school(100002, Achievement="Expected standard") | {
            "Achievement - date of grade": "04/02/2026"
        }
        now[100003] = school(100003, Achievement="Urgent improvement")
        now[100004] = inspected(100004, "Strong standard") | {"URN at time of latest full inspection": 99999}
        now[100005] = school(100005) | {"Publication date": "19/12/2025", "School name": "Fifth School"}
        now[100006] = inspected(100006, "Needs attention")
        now[100007] = school(100007) | {"Postcode": "ME1 1AA", "Ofsted phase": "Secondary"}
        del now[100008]
        now[100099] = inspected(100099, "Expected standard")
        now[100098] = school(100098) | {"Publication date": "15/06/2024"}
        publish(made, list(now.values()), "28 February 2026")
        assert (await made.poll()).trouble is None
        assert await made.site.mail() == mail_of("ofsted-schools")
        publish(made, [*reversed(now.values()), rows[7]], "31 Mar 2026")
        await made.poll()
        assert await made.site.mail() is None
        publish(
            made,
            [row | {"Publication date": "01/04/2026"} for row in [*now.values(), rows[7]]],
            "30 Apr 2026",
        )
        await made.poll()

        assert await made.site.mail() is None
        register = await store.providers.register()
        learnt = register.get("ofsted:100005")
        assert learnt is not None
        assert learnt.name == "Fifth School"


async def test_a_grade_that_goes_to_and_fro_is_told_each_time_with_the_grade_before(store: SqlStore) -> None:
    async with files(store, API, "ofsted", OFSTED) as made:
        first, again = school(1), inspected(1, "Strong standard")
        rows = [school(n) for n in range(2, 20)]
        for month, row in enumerate(
            [first, again, again | {"Achievement": "Needs attention"}, again], start=1
        ):
            publish(made, [row, *rows], f"{month} May 2026")
            await made.poll()

        told = [
            (one.before, one.after, story.origin.cause if story.origin else None)
            for story in sorted(await made.site.stories(), key=lambda one: one.key.item)
            for one in story.aspects
            if one.movement in _MOVED
        ]
        assert told == [
            ("needs attention", "strong standard", Cause.INSPECTION),
            ("strong standard", "needs attention", Cause.CORRECTION),
            ("needs attention", "strong standard", Cause.CORRECTION),
        ]


async def test_the_file_of_the_new_framework_in_place_of_the_old_one_moves_nobody(store: SqlStore) -> None:
    before = [
        {
            "URN": urn,
            "School name": f"School {urn}",
            "Ofsted phase": "Primary",
            "Local authority": "Kent",
            "Inspection number of latest graded inspection": urn,
            "Inspection start date": "09-05-2023",
            "Publication date": "13-06-2023",
            "URN at time of latest graded inspection": urn,
            "Overall effectiveness": 2,
            "Quality of education": 2,
            "Effectiveness of leadership and management": 9,
            "Previous graded inspection overall effectiveness": "NULL",
        }
        for urn in range(1, 30)
    ]
    since = [
        {
            "URN": urn,
            "School name": f"School {urn}",
            "Ofsted phase": "Primary",
            "Local authority": "Kent",
            "Inspection number of latest OEIF graded inspection": urn,
            "Inspection start date of latest OEIF graded inspection": "09/05/2023",
            "Publication date of latest OEIF graded inspection": "13/06/2023",
            "URN at time of latest OEIF graded inspection": urn,
            "Latest OEIF overall effectiveness": 2,
            "Latest OEIF quality of education": 2,
            "Latest OEIF effectiveness of  leadership and management": "Not judged",
        }
        for urn in range(1, 30)
    ]
    async with files(store, API, "ofsted", OFSTED) as made:
        publish(made, before, "31 Oct 2025", OFSTED_BEFORE)
        await made.poll()
        publish(made, [since[0] | inspected(1, "Strong standard"), *since[1:]], "30 Nov 2025")
        assert (await made.poll()).trouble is None

        [story] = await made.site.stories()
        assert story.provider == "ofsted:1"
        assert {one.movement for one in story.aspects} <= {Movement.NOT_COMPARABLE, Movement.FIRST_RATING}
        assert await made.site.mail() == mail_of("ofsted-new-framework")
        assert len(await store.records.kept("feed")) == 29


async def test_an_operator_who_changes_the_columns_mails_nobody_and_hears_how_many_rows_differ(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    async with files(store, API, "ofsted", OFSTED) as made:
        alike = school(2, Achievement="Expected standard")  # both columns say the same of it
        rows = [school(1), alike, *(school(n) for n in range(3, 30))]
        publish(made, rows, "31 Jan 2026")
        await made.poll()
        swapped = OFSTED.replace("{ grade: Achievement,", "{ grade: Inclusion,")
        made.bind(swapped)
        publish(made, [inspected(1, "Needs attention"), *rows[1:], school(99)], "28 Feb 2026")
        assert (await made.poll()).held == 0

        assert list(await made.news()) == ["ofsted:1"]
        [told] = [one for one in caplog.records if one.message == "records are read in another way"]
        assert (
            told.__dict__["count"] == 28
        )  # 27 that were known, and one that may be new by the columns alone
        history = await store.providers.history("ofsted:3")
        assert {one.aspect: one.grade for one in history}["achievement"] == "expected standard"

        publish(made, [school(2, Inclusion="Needs attention"), *rows[2:]], "31 Mar 2026")
        await made.poll()
        assert (await made.news())["ofsted:2"][1] is Cause.CORRECTION


async def test_a_file_without_a_bound_column_stops_its_source_by_name_and_loses_nothing(
    store: SqlStore,
) -> None:
    async with files(store, API, "ofsted", OFSTED) as made:
        publish(made, [school(n) for n in range(1, 20)], "31 Jan 2026")
        await made.poll()
        broken = ["Achievement of pupils" if one == "Achievement" else one for one in OFSTED_SINCE]
        publish(made, [inspected(1, "Strong standard")], "28 Feb 2026", broken)

        trouble = (await made.poll()).trouble
        assert trouble is not None
        assert 'found as the nearest "Achievement of pupils"' in trouble
        assert 'expected a column headed "Achievement"' in trouble
        publish(made, [inspected(1, "Strong standard"), *(school(n) for n in range(2, 20))], "28 Feb 2026")
        assert (await made.poll()).trouble is None
        assert list(await made.news()) == ["ofsted:1"]


async def test_a_page_in_the_place_of_the_file_is_said_to_be_one(store: SqlStore) -> None:
    async with files(store, "/file.csv", "ofsted", OFSTED, find=None) as made:
        made.serve("/file.csv", "<!doctype html><title>Sorry</title><h1>Sorry</h1>", Content_Type="text/html")

        trouble = (await made.poll()).trouble
        assert trouble == (
            'file.csv: found an HTML page with the title "Sorry"; expected a table: CSV, XLSX, XLS or ODS'
        )


async def test_an_answer_without_the_attachment_names_those_that_it_has(store: SqlStore) -> None:
    async with files(store, API, "ofsted", OFSTED) as made:
        made.serve(API, json.dumps({"details": {"attachments": [{"title": "Notes", "url": "/n.pdf"}]}}))

        trouble = (await made.poll()).trouble
        assert trouble is not None
        assert 'found 1 others, such as "Notes"; expected an attachment that fits' in trouble


# -- the Care Quality Commission: a workbook found through a page -----------------------------------------

PAGE: Final = "/about-us/transparency/using-cqc-data"
RATINGS: Final = CQC_RATINGS + 'find: { link: "Latest_ratings", ending: .xlsx }'


def ratings(
    number: int, overall: str, safe: str, published: str = "05/06/2024", **more: str
) -> list[list[str]]:
    """The rows of one location."""
    cells = {
        "Location ID": f"1-{number}",
        "Location Name": f"House {number}",
        "Location Primary Inspection Category": "Residential social care",
        "Location Local Authority": "Kent",
        "Service / Population Group": "Overall",
        "Publication Date": published,
        "Inherited Rating (Y/N)": "N",
        "URL": f"https://www.cqc.org.uk/location/1-{number}",
        "Brand Name": "-",
    } | more
    rows = [
        cells | {"Domain": "Safe", "Latest Rating": safe},
        cells | {"Domain": "Overall", "Latest Rating": overall},
    ]
    return [[row.get(one, "") for one in CQC_RATINGS_HEADINGS] for row in rows]


async def test_ratings_in_a_workbook_that_a_page_links_to_are_read_and_told(store: SqlStore) -> None:
    async with files(store, PAGE, "cqc", RATINGS) as made:

        def offer(name: str, rows: list[list[str]]) -> None:
            sheets = {"README": [["How to read this file"]], "Locations": [CQC_RATINGS_HEADINGS, *rows]}
            made.serve(f"/sites/{name}", xlsx(sheets))
            links = "".join(
                f'<a href="/sites/{one}">Ratings</a>'
                for one in ("01_December_2025_Latest_ratings.xlsx", name, "01_May_2026_Latest_ratings.ods")
            )
            made.serve(PAGE, f"<html><body>{links}</body></html>", Content_Type="text/html")

        rows = [row for n in range(1, 15) for row in ratings(n, "Good", "Good")]
        offer("01_January_2026_Latest_ratings.xlsx", rows)
        assert (await made.poll()).trouble is None
        changed = [
            *ratings(1, "Requires improvement", "Inadequate", "27/02/2026"),
            *ratings(2, "Outstanding", "Good", "27/02/2026", **{"Inherited Rating (Y/N)": "Y"}),
            *ratings(3, "No published rating", "No published rating"),
        ]
        offer("02_March_2026_Latest_ratings.xlsx", [*rows[6:], *changed])
        assert (await made.poll()).trouble is None

        assert await made.site.mail() == mail_of("cqc-ratings")
        offer("01_April_2026_Latest_ratings.xlsx", [*rows[6:], *changed])
        assert (await made.poll()).trouble is None
        assert await made.site.mail() is None


def a_directory(headings: str, *rows: str) -> str:
    """CQC's file of all locations, with lines above the headings and no ratings."""
    return "\n".join(("CQC care directory,", "Updated weekly,", ",", "See notes,", headings, *rows, ""))


def in_the_directory(number: int, name: str, also: str, checked: str) -> str:
    here = f"https://www.cqc.org.uk/location/1-{number},1-{number}"
    return f"{name},{also},1 High St,AB1 2CD,020,{checked},Acorn Ltd,Kent,South East,{here}"


async def test_a_directory_tells_nobody_anything_and_a_report_is_told_under_the_name_that_it_gives(
    store: SqlStore,
) -> None:
    async with files(store, PAGE, "cqc", CQC_DIRECTORY + 'find: { link: "CQC_directory" }') as made:

        def offer(name: str, directory: str) -> None:
            made.serve(f"/sites/{name}", directory)
            made.serve(PAGE, f'<html><a href="/sites/{name}">Directory</a></html>', Content_Type="text/html")

        rows = [in_the_directory(n, f"House {n}", "", "15/04/2020 - 00:00") for n in range(1, 20)]
        offer("15_January_2026_CQC_directory.csv", a_directory(CQC_DIRECTORY_2020, *rows))
        assert (await made.poll()).trouble is None
        now = in_the_directory(1, "Oak House Care Home", "House 1", "25/Feb/2026 - 00:00")
        new = in_the_directory(99, "Elm House", "", "25/Feb/2026 - 00:00")
        offer("25_February_2026_CQC_directory.csv", a_directory(CQC_DIRECTORY_2026, now, *rows[1:], new))
        assert (await made.poll()).trouble is None
        assert await made.site.mail() is None

        register = await store.providers.register()
        known = [register.get(f"cqc:1-{number}") for number in (1, 99)]
        assert [one and one.name for one in known] == ["Oak House Care Home", "Elm House"]

    begin, about = BEGIN + 3 * MONTH, {"inspectorate": "cqc", "name": "Care Quality Commission"}
    async with stage("", store, known=SCALES, begin=begin, **about) as made:
        made.publisher.routes["/feed"] = say(200, a_feed("known"))
        await made.poll(begin)
        made.publisher.routes["/feed"] = say(200, a_feed("oak"))
        made.publisher.routes["/oak"] = say(200, OAK, Content_Type="text/html")
        await made.poll(begin + timedelta(hours=1))
        assert await made.mail() == mail_of("cqc-report")


OAK: Final = b"""<!doctype html><title>House 1 rated requires improvement</title><main>
<h1>House 1 rated requires improvement</h1><p>Published: 29 April 2026</p>
<p>The Care Quality Commission (CQC) has rated House 1, a care home in Kent, as requires improvement, after
an inspection in March.</p>
<p>Inspectors spoke with people who live there, with their relatives and with staff. Some medicines were not
stored safely, and records of care were not complete.</p></main>"""


# -- the Care Inspectorate --------------------------------------------------------------------------------


def service(number: int, wellbeing: int = 5, published: str = "15/08/2024") -> dict[str, str]:
    return {
        "CareService": "Care Home Service",
        "CSNumber": f"CS{2018000000 + number}",
        "ServiceName": f"Café {number}",
        "Service_Postcode": "G81 0ZZ",
        "Council_Area_Name": "Fife",
        "Publication_of_Latest_Grading": published,
        "KQ_Support_Wellbeing": str(wellbeing),
        "KQ_Staff_Team": "NA",
        "KQ_Leadership": "4",
    }


async def test_a_file_of_windows_that_loses_its_numbers_for_a_month_tells_only_what_moved(
    store: SqlStore,
) -> None:
    async with files(store, "/datastore.csv", "care-inspectorate", CARE_INSPECTORATE) as made:

        def offer(headings: Sequence[str], *first: Mapping[str, str]) -> None:
            rows = [*first, *map(service, range(10, 60))]
            made.serve("/datastore.csv", table(headings, rows).encode("cp1252"))

        later = [one.replace("2425", "2526") for one in CARE_INSPECTORATE_HEADINGS]
        without = [one for one in later if one != "CSNumber"]
        offer(CARE_INSPECTORATE_HEADINGS, service(1), service(2))
        assert (await made.poll()).trouble is None
        offer(later, service(1, 3, "20/02/2026"), service(2))
        assert (await made.poll()).trouble is None
        assert await made.site.mail() == mail_of("care-inspectorate-1")
        offer(without, service(1, 3, "20/02/2026"), service(2, 2, "20/03/2026"), service(3, 5, "20/03/2026"))
        assert (await made.poll()).trouble is None
        assert await made.site.mail() == mail_of("care-inspectorate-2")
        offer(later, service(1, 3, "20/02/2026"), service(2, 2, "20/03/2026"), service(3, 5, "20/03/2026"))
        assert (await made.poll()).trouble is None
        assert await made.site.mail() is None


# -- the NHS Oversight Framework --------------------------------------------------------------------------


async def test_two_quarters_of_the_oversight_framework_tell_the_trusts_that_moved(store: SqlStore) -> None:
    async with files(store, "/acute-trust-data.csv", "nhs-england", NHS_OVERSIGHT) as made:

        def offer(day: str, segments: Mapping[str, str]) -> None:
            rows: list[dict[str, str]] = []
            for code, segment in segments.items():
                cells = {
                    "Region": "South East",
                    "Trust_type": "Acute trust",
                    "Trust_code": code,
                    "Trust_name": f"{code} NHS Trust",
                    "Reporting_date": day,
                }
                rows.append(cells | {"Metric_ID": "OF0003", "Value": "61.2"})
                rows.append(cells | {"Metric_ID": "SEGMENT", "Value": segment})
            made.serve("/acute-trust-data.csv", table(NHS_OVERSIGHT_HEADINGS, rows))

        trusts = {f"R{n:02}": "2" for n in range(20)}
        offer("2025-09-30", trusts)
        assert (await made.poll()).trouble is None
        offer("2025-12-31", trusts | {"R00": "3.0", "R01": "1"})
        assert (await made.poll()).trouble is None
        assert await made.site.mail() == mail_of("nhs-oversight")
        offer("2026-03-31", trusts | {"R00": "3", "R01": "1"})
        assert (await made.poll()).trouble is None
        assert await made.site.mail() is None


# -- much of it, and too much -----------------------------------------------------------------------------

ALL: Final = 22_000
FEW: Final = [one for one in OFSTED_SINCE if "where applicable" not in one and "Early years -" not in one]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)  # what it costs on the other is the same
async def test_of_a_months_file_of_22_000_schools_the_200_that_changed_are_told_once(store: SqlStore) -> None:
    async with files(store, API, "ofsted", OFSTED.replace(_EARLY_YEARS, "")) as made:
        first = [school(urn) for urn in range(ALL)]
        publish(made, first, "31 Jan 2026", FEW)
        assert (await made.poll()).baseline == 0

        rows = dict(enumerate(first))
        regraded = {"Achievement": "Expected standard", "Achievement - date of grade": "04/02/2026"}
        for urn in range(200):
            rows[urn] = (
                inspected(urn, "Strong standard")
                if urn < 120
                else school(urn, **regraded)
                if urn < 160
                else school(urn, Achievement="Urgent improvement")
                if urn < 190
                else inspected(urn, "Strong standard") | {"URN at time of latest full inspection": ALL + urn}
            )
        for urn in range(200, 800):
            rows[urn] = school(urn, **{"School name": f"New name {urn}", "Publication date": "16/12/2025"})
        for urn in range(800, 850):
            del rows[urn]
        rows |= {urn: school(urn, **{"Publication date": "15/12/2023"}) for urn in range(90_000, 90_060)}
        publish(made, list(rows.values()), "28 Feb 2026", FEW)
        assert (await made.poll()).listed == 200

        news, again = await made.news(), rows.values()
        assert Counter(cause for _, cause in news.values()) == {
            Cause.INSPECTION: 120,
            Cause.REGRADED: 40,
            Cause.CORRECTION: 30,
            Cause.INHERITED: 10,
        }
        assert news["ofsted:0"] == ("achievement: needs attention to strong standard", Cause.INSPECTION)
        assert news["ofsted:170"] == ("achievement: needs attention to urgent improvement", Cause.CORRECTION)

        moved = [row | {"Publication date": "01/03/2026"} for row in [*again][:1_000]]
        later = [*first[800:850], *reversed([*again][1_000:]), *moved]  # those that were gone are back
        publish(made, later, "31 Mar 2026", FEW)
        last = await made.poll()
        assert (last.trouble, last.listed, last.held) == (None, 0, 0)


_EARLY_YEARS: Final = (
    "      early years: { grade: Early years (where applicable), dated: Early years - date of grade }\n"
)


async def test_a_file_in_which_most_grades_flip_is_held(store: SqlStore) -> None:
    async with files(store, API, "ofsted", OFSTED) as made:
        publish(made, [school(n) for n in range(200)], "31 Jan 2026")
        await made.poll()
        turned = [school(n, Inclusion="Needs attention", Achievement="Expected standard") for n in range(200)]
        publish(made, turned, "28 Feb 2026")

        polling = await made.poll()
        assert (polling.listed, polling.held) == (0, 200)
        assert await made.site.stories() == ()


@pytest.mark.slow
async def test_a_file_that_wants_too_much_costs_its_worker_alone(store: SqlStore) -> None:
    cells = (
        '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="10000"/>'
    )
    row = f'<table:table-row table:number-rows-repeated="9999">{cells}</table:table-row>'
    async with files(store, "/file.ods", "ofsted", OFSTED, find=None) as made, ProcessWorkers() as workers:
        lister = made.site.poller.listers[SourceKind.DATASET]
        assert isinstance(lister, DatasetLister)
        made.site.poller = replace(
            made.site.poller,
            listers={SourceKind.DATASET: replace(lister, workers=workers.with_limit(DATA_LIMIT))},
        )
        made.serve("/file.ods", table(OFSTED_SINCE, [school(n) for n in range(20)]))
        assert (await made.poll()).trouble is None
        made.serve("/file.ods", ods_of(f'<table:table table:name="a">{row}</table:table>'))

        trouble = (await made.poll()).trouble
        assert trouble is not None
        assert trouble.startswith("file.ods: read_dataset ")
        made.serve(
            "/file.ods", table(OFSTED_SINCE, [inspected(1, "Strong standard"), *map(school, range(2, 20))])
        )
        assert (await made.poll()).trouble is None
        assert list(await made.news()) == ["ofsted:1"]
