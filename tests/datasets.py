"""Data of publishers in the shapes that they have: what an operator says of each, and rows to fill it with.

The headings are the publishers' own, the providers are invented.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML

from digest.settings.dataset_section import DatasetSection
from digest.source_specs import DatasetSpec

OFSTED = """
find: { attachment: "state-funded schools.*latest inspections", ending: .csv }
key: URN
name: School name
provider_kind: [Ofsted phase, Type of education]
area: Local authority
link: [Web link, "Web Link (opens in new window)"]
ratings:
  - scale: ofsted-reportcard-5
    optional: true
    number: Inspection number of latest full inspection
    inspected: [Inspection end date, Inspection start date]
    published: Publication date
    inspected_as: URN at time of latest full inspection
    aspects:
      inclusion: { grade: Inclusion, dated: Inclusion - date of grade }
      achievement: { grade: Achievement, dated: Achievement - date of grade }
      early years: { grade: Early years (where applicable), dated: Early years - date of grade }
  - scale: ofsted-4
    optional: true
    number: Inspection number of latest OEIF graded inspection
    inspected: Inspection start date of latest OEIF graded inspection
    published: Publication date of latest OEIF graded inspection
    inspected_as: URN at time of latest OEIF graded inspection
    grades: { "1": outstanding, "2": good, "3": requires improvement, "4": inadequate }
    no_grade: [0, 9, Not judged]
    aspects:
      overall: Latest OEIF overall effectiveness
      quality of education: Latest OEIF quality of education
      leadership and management: Latest OEIF effectiveness of leadership and management
  - scale: ofsted-4
    optional: true
    number: Inspection number of latest graded inspection
    inspected: Inspection start date
    published: Publication date
    inspected_as: URN at time of latest graded inspection
    grades: { "1": outstanding, "2": good, "3": requires improvement, "4": inadequate }
    no_grade: [0, 9, Not judged]
    aspects:
      overall:
        grade: Overall effectiveness
        previous: Previous graded inspection overall effectiveness
      quality of education: Quality of education
      leadership and management: Effectiveness of leadership and management
"""

OFSTED_BEFORE = (
    "Web Link (opens in new window)",
    "URN",
    "School name",
    "Ofsted phase",
    "Local authority",
    "Inspection number of latest graded inspection",
    "Inspection start date",
    "Publication date",
    "URN at time of latest graded inspection",
    "Overall effectiveness",
    "Quality of education",
    "Effectiveness of leadership and management",
    "Previous graded inspection overall effectiveness",
)

OFSTED_SINCE = (
    "Web link",
    "URN",
    "School name",
    "Ofsted phase",
    "Local authority",
    "Postcode",
    "Inspection number of latest full inspection",
    "Inspection start date",
    "Inspection end date",
    "Publication date",
    "URN at time of latest full inspection",
    "Inclusion",
    "Inclusion - date of grade",
    "Achievement",
    "Achievement - date of grade",
    "Early years (where applicable)",
    "Early years - date of grade",
    "Inspection number of latest OEIF graded inspection",
    "Inspection start date of latest OEIF graded inspection",
    "Publication date of latest OEIF graded inspection",
    "URN at time of latest OEIF graded inspection",
    "Latest OEIF overall effectiveness",
    "Latest OEIF quality of education",
    "Latest OEIF effectiveness of  leadership and management",  # with two spaces, as Ofsted has them
    "Previous graded inspection overall effectiveness",
)

CQC_RATINGS = """
sheet: Locations
key: Location ID
name: Location Name
provider_kind: Location Primary Inspection Category
area: Location Local Authority
link: URL
only: { "Service / Population Group": Overall }
ratings:
  - scale: cqc-4
    aspect: Domain
    grade: Latest Rating
    published: Publication Date
    inherited: Inherited Rating (Y/N)
    no_grade: [Inspected but not rated, No published rating, Insufficient evidence to rate]
"""

CQC_RATINGS_HEADINGS = (
    "Location ID",
    "Location Name",
    "Location Primary Inspection Category",
    "Location Local Authority",
    "Service / Population Group",
    "Domain",
    "Latest Rating",
    "Publication Date",
    "Report Type",
    "Inherited Rating (Y/N)",
    "URL",
    "Provider ID",
    "Brand Name",
)

CQC_DIRECTORY = """
key: [CQC Location ID (for office use only), CQC Location (for office use only]
name: Name
former_names: Also known as
area: Local authority
link: Location URL
"""

CQC_DIRECTORY_2020 = (
    "Name,Also known as,Address,Postcode,Phone number,Date of latest check,Provider name,Local Authority,"
    "Region,Location URL,CQC Location (for office use only"
)
CQC_DIRECTORY_2026 = (
    "Name,Also known as,Address,Postcode,Phone number,Date of latest check,Provider name,Local authority,"
    "Region,Location URL,CQC Location ID (for office use only)"
)

CARE_INSPECTORATE = """
key: CSNumber
else_by: [ServiceName, Service_Postcode]
name: ServiceName
provider_kind: CareService
area: Council_Area_Name
ratings:
  - scale: ci-6
    published: Publication_of_Latest_Grading
    aspects:
      wellbeing: KQ_Support_Wellbeing
      leadership: KQ_Leadership
      staff: KQ_Staff_Team
"""

CARE_INSPECTORATE_HEADINGS = (
    "CareService",
    "CSNumber",
    "ServiceName",
    "Service_Postcode",
    "Council_Area_Name",
    "Publication_of_Latest_Grading",
    "KQ_Support_Wellbeing",
    "KQ_Staff_Team",
    "KQ_Leadership",
    "Complaints_upheld_2425",
)

NHS_OVERSIGHT = """
key: Trust_code
name: Trust_name
provider_kind: Trust_type
area: Region
only: { Metric_ID: SEGMENT }
ratings:
  - scale: nhs-segment-5
    grade: Value
    inspected: Reporting_date
"""

NHS_OVERSIGHT_HEADINGS = (
    "Region",
    "Trust_type",
    "Trust_code",
    "Trust_name",
    "Domain",
    "Metric_ID",
    "Reporting_date",
    "Units",
    "Value",
    "Rank",
)


def spec(text: str, **more: Any) -> DatasetSpec:
    """What an operator says of a dataset, from the text of its section."""
    return DatasetSection.model_validate(YAML(typ="safe").load(text) | more).spec()


def table(headings: Sequence[str], rows: Iterable[Mapping[str, object] | Sequence[object]]) -> str:
    """A CSV; a row may name its cells by their headings."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(headings)
    for row in rows:
        writer.writerow([row.get(one, "") for one in headings] if isinstance(row, Mapping) else row)
    return made.getvalue()
