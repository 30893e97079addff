"""The register: rows of providers and past ratings, as operators keep them in a spreadsheet."""

from __future__ import annotations

from datetime import date

import pytest
from builders import PROBATION, inspectorates

from digest.adapters.config.packaged import packaged
from digest.errors import ConfigError
from digest.parse.register import read_register
from digest.providers import Provider
from digest.ratings import Precision, Rating

HEAD = (
    "provider,provider_type,inspectorate,date_published,overall_rating,source_url,basis,predecessors,aliases"
)
BODY = "HM Inspectorate of Probation"


def read(*rows: str, head: str = HEAD) -> tuple[tuple[Provider, ...], tuple[Rating, ...]]:
    text = "\n".join([head, *rows])
    return read_register(text, inspectorate="hmi-probation", scale=PROBATION, known=inspectorates())


def row(
    provider: str = "Kent PDU",
    kind: str = "PDU",
    dated: str = "2020-06",
    grade: str = "Good",
    more: str = ",",
) -> str:
    name = f'"{provider}"' if "," in provider else provider
    return f"{name},{kind},{BODY},{dated},{grade},https://example.org/r,league table,{more}"


def problems(*rows: str, head: str = HEAD) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(*rows, head=head)
    return [str(problem) for problem in caught.value.problems]


def test_a_row_is_a_provider_and_a_rating() -> None:
    (provider,), (rating,) = read(row())

    assert (provider.id, provider.name, provider.kind) == ("kent-pdu", "Kent PDU", "PDU")
    assert "Kent Probation Delivery Unit" in provider.aliases
    assert (rating.provider, rating.grade, rating.published_on) == ("kent-pdu", "good", date(2020, 6, 1))
    assert "2020-06" in rating.evidence


@pytest.mark.parametrize(
    ("written", "meant", "precision"),
    [
        ("2020-06-17", date(2020, 6, 17), Precision.DAY),
        ("2020-06", date(2020, 6, 1), Precision.MONTH),
        ("2018", date(2018, 1, 1), Precision.YEAR),
        ("2018/2019", date(2018, 1, 1), Precision.ROUND),
        ("", None, Precision.DAY),
    ],
)
def test_a_vague_date_is_the_earliest_it_can_mean_and_says_how_much_is_known(
    written: str, meant: date | None, precision: Precision
) -> None:
    _, (rating,) = read(row(dated=written))

    assert (rating.published_on, rating.published_precision) == (meant, precision)
    assert meant is None or precision.written(meant) == written


def test_an_undated_row_below_a_dated_one_came_after_it() -> None:
    _, ratings = read(row(dated="2020-06-17", grade="Inadequate"), row(dated="", grade="Good"))

    assert [(r.published_on, r.published_precision) for r in ratings] == [
        (date(2020, 6, 17), Precision.DAY),
        (date(2020, 6, 18), Precision.NOT_BEFORE),
    ]


def test_a_name_with_its_parts_in_another_order_is_the_same_provider() -> None:
    providers, ratings = read(
        row("Derby, Leicester and Rutland CRC", "CRC"), row("Leicester, Derby and Rutland CRC", "CRC")
    )

    assert len(providers) == 1
    assert {r.provider for r in ratings} == {providers[0].id}


def test_a_forerunner_is_linked_and_stays_another_body() -> None:
    providers, _ = read(
        row("Durham Tees Valley CRC", "CRC"), row("Durham PDU", more="Durham Tees Valley CRC,")
    )

    assert [p.predecessors for p in providers] == [(), ("durham-tees-valley-crc",)]


def test_a_name_two_providers_go_by_belongs_to_neither() -> None:
    providers, _ = read(row("Kent PDU", more=",The Garden"), row("Essex PDU", more=",The Garden"))

    assert all("The Garden" not in p.aliases for p in providers)


def test_a_row_without_a_grade_counts_for_its_provider_only() -> None:
    providers, ratings = read(row(grade=""))

    assert (len(providers), ratings) == (1, ())


def test_every_row_that_does_not_fit_is_named_at_once() -> None:
    told = problems(row(grade="Super"), row(kind="club"), row(dated="last June"), row(more="Nobody CRC,"))

    assert [line.split(":")[1] for line in told] == ["2", "3", "4"]
    assert 'overall_rating: found "Super"' in told[0]
    assert "one of CRC" in told[1]


def test_a_forerunner_that_is_not_in_the_register_is_named() -> None:
    [told] = problems(row(more="Nobody CRC,"))
    assert "predecessors" in told


def test_a_missing_column_is_named() -> None:
    [told] = problems(row(), head=HEAD.replace("overall_rating", "grade"))
    assert "overall_rating" in told


def test_a_row_with_a_comma_too_many_is_named() -> None:
    [told] = problems(row() + ",,,")
    assert "one for each column" in told


def test_the_register_that_comes_with_the_program_reads_whole() -> None:
    path = packaged("seeds") / "register" / "hmi-probation" / "hmi-probation-4.csv"
    providers, ratings = read_register(
        path.read_text(encoding="utf-8"), inspectorate="hmi-probation", scale=PROBATION
    )

    assert len({p.id for p in providers}) == len(providers)
    assert {r.provider for r in ratings} <= {p.id for p in providers}
    assert {r.grade for r in ratings} == {"outstanding", "good", "requires improvement", "inadequate"}
