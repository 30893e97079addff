"""Operators' lists of people: what is taken, and how what is not is named."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.characters import guarded, unguarded
from digest.parse.people import COLUMNS, Names, People, read_people, written
from digest.schedule import Weekday
from digest.subscriptions import Standing, Subscription, Wishes

PROVIDERS = {"Kent CRC": "kent-crc", "kent-crc": "kent-crc", "Leeds, West PDU": "leeds-west-pdu"}
NAMES = Names(inspectorates={"ofsted", "hmi-probation"}, kinds={"CRC", "PDU"}, provider=PROVIDERS.get)


def read(text: str | bytes) -> People:
    content = text.encode() if isinstance(text, str) else text
    return read_people(content, "people.csv", NAMES)


def addresses(people: People) -> list[str]:
    return [row.newcomer.address for row in people.rows]


def problems(people: People) -> list[str]:
    return [str(problem) for problem in people.bad]


@pytest.mark.parametrize(
    "text",
    [
        "address\na@example.org\nb@example.org\n",
        "\ufeffE-Mail\r\na@example.org\r\n\r\nb@example.org",
        "EMAIL ADDRESS;movements-only\na@example.org;\nb@example.org; \n",
        'alerts\tmail\n\t"a@example.org"\nno\tb@example.org\n',
        "a@example.org\nb@example.org\n",
        " a@example.org \n\n b@example.org",
    ],
)
def test_lists_of_many_shapes_are_read(text: str) -> None:
    people = read(text)

    assert (addresses(people), problems(people)) == (["a@example.org", "b@example.org"], [])
    assert all(row.newcomer.wishes == Wishes() for row in people.rows)


def test_a_list_from_a_spreadsheet_in_its_own_letters_is_read() -> None:
    assert addresses(read("address\nzoe@bücher.example\n".encode("utf-16"))) == ["zoe@bücher.example"]


def test_wishes_are_read_by_name() -> None:
    [row] = read(
        "address,inspectorates,areas,kinds,providers,watched,movements_only,commentary,alerts\n"
        'a@example.org,ofsted | hmi-probation,Kent,crc,"Leeds, West PDU",kent-crc,yes,No,1\n'
    ).rows

    assert row.newcomer.wishes == Wishes(
        inspectorates=("ofsted", "hmi-probation"),
        areas=("Kent",),
        kinds=("CRC",),
        providers=("leeds-west-pdu",),
        watched=("kent-crc",),
        movements_only=True,
        commentary=False,
        alerts=True,
    )


def test_every_bad_row_is_named_with_its_line_and_column_and_the_good_ones_are_read() -> None:
    people = read(
        "address,inspectorates,movements_only,standing\n"
        "a@example.org,,,\n"
        "nobody,,,\n"
        "b@example.org,ofstd,,\n"
        '"c@example.org",,perhaps,\n'
        "d@example.org,,,ended\n"
        "e@example.org,,\n"
        ",ofsted,,\n"
        "f@exa mple.org,,,\n"
        "g@example.org,,,Active\n"
    )

    assert addresses(people) == ["a@example.org", "g@example.org"]
    assert problems(people) == [
        'people.csv:3: address: found "n…"; expected an email address: an address has an @',
        'people.csv:4: inspectorates: found "ofstd"; expected one of hmi-probation, ofsted',
        'people.csv:5: movements_only: found "perhaps"; expected yes or no, or nothing for what is usual',
        'people.csv:6: standing: found "ended"; expected active, or nothing: people with any other '
        "standing have not agreed",
        "people.csv:7: found 3 cells; expected 4, as many as the first line names",
        "people.csv:8: address: found nothing; expected an email address: an address has an @",
        "people.csv:9: address: found f…@exa mple.org; expected an email address: what stands after the @ is "
        "not a domain, such as example.org",
    ]


def test_a_row_over_several_lines_is_named_by_its_first() -> None:
    people = read('address,areas\n"a@example.org","Kent\nand Sussex"\nnobody,\n')

    assert [p.line for p in people.bad] == [4]


def test_one_mailbox_twice_is_taken_once_and_said() -> None:
    people = read("address\na@example.org\nb@example.org\nA@Example.ORG\n")

    assert addresses(people) == ["a@example.org", "b@example.org"]
    assert people.again == ((4, 2),)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"address\n\xe9@example.org\n", "a CSV file in UTF-8"),
        (b"", 'a first line that names the columns, "address" among them'),
        (b"name,phone\nx,y\n", "one of address"),
        (b"address,movments_only\na@example.org,\n", "movements_only (did you mean that?)"),
        (b"address,email\na@example.org,b@example.org\n", "each column once"),
        (b"a@example.org,b@example.org\n", "one of address"),
    ],
)
def test_what_is_no_list_of_people_is_refused_whole(content: bytes, expected: str) -> None:
    people = read(content)

    assert people.rows == ()
    [problem] = people.bad
    assert expected in problem.expected


def test_a_quote_that_never_ends_is_named_and_nothing_behind_it_is_guessed() -> None:
    people = read('address\na@example.org\n"b@example.org\nc@example.org\n')

    assert addresses(people) == ["a@example.org"]
    assert [p.line for p in people.bad] == [3]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_named(content: bytes) -> None:
    """Nothing is raised, whatever an operator takes for a list."""
    people = read(content)

    assert all(problem.expected for problem in people.bad)
    assert len({row.line for row in people.rows}) == len(people.rows)


_WISHES = st.builds(
    Wishes,
    inspectorates=st.sets(st.sampled_from(["ofsted", "hmi-probation"])).map(tuple),
    areas=st.sets(st.sampled_from(["Kent", "Hull, York", 'the "North"'])).map(tuple),
    kinds=st.sets(st.sampled_from(["CRC", "PDU"])).map(tuple),
    providers=st.sets(st.sampled_from(["kent-crc", "leeds-west-pdu"])).map(tuple),
    watched=st.sets(st.sampled_from(["kent-crc"])).map(tuple),
    movements_only=st.booleans(),
    commentary=st.booleans(),
    alerts=st.booleans(),
    proof_of_life=st.booleans(),
    weekly=st.none() | st.sampled_from(Weekday),
    brief=st.booleans(),
)


@given(st.lists(_WISHES, min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_what_is_written_is_read_again_as_it_was(wishes: list[Wishes], separator: str) -> None:
    names = {"kent-crc": "Kent CRC", "leeds-west-pdu": "Leeds, West PDU"}
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, delimiter=separator)
    writer.writeheader()
    for number, one in enumerate(wishes):
        subscription = Subscription(
            subscriber=number,
            address=f"p{number}@example.org",
            standing=Standing.ACTIVE,
            generation=1,
            wishes=one,
            since=datetime(2020, 3, 3, tzinfo=UTC),
        )
        writer.writerow(written(subscription, names.__getitem__))

    people = read(out.getvalue())

    assert problems(people) == []
    assert [row.newcomer.wishes for row in people.rows] == wishes


_LED = st.text(alphabet="=+-@'\t\r\n ;,|＝a", max_size=6)


@given(_LED)
def test_no_cell_is_worked_out_by_a_spreadsheet_and_each_is_read_as_it_was(cell: str) -> None:
    """Strangers choose addresses and areas; a list with commas is cut at semicolons in some countries."""
    kept = guarded(cell)

    assert kept[:1] not in tuple("\t\r\n")
    for part in re.split(r"[;,\t\r\n|]", kept):
        assert part.strip()[:1] not in tuple("=+-@＝")
    assert unguarded(kept) == cell


@pytest.mark.parametrize(
    "address", ["=1+1@example.org", "'=a@example.org", "+a@example.org", "-a@example.org"]
)
def test_a_guarded_address_is_imported_as_it_was(address: str) -> None:
    assert addresses(read(f"address\n{guarded(address)}\n")) == [address]


def test_a_separator_in_a_name_does_not_make_two_of_it() -> None:
    named = Names(inspectorates=(), kinds=(), provider=lambda name: name)
    areas = ("Hull | York", "a\\b", "=1|=2", "Kent\\|")
    subscription = Subscription(
        subscriber=1,
        address="a@example.org",
        standing=Standing.ACTIVE,
        generation=1,
        wishes=Wishes(areas=areas, providers=("St Mary | All Saints", "x")),
        since=datetime(2020, 3, 3, tzinfo=UTC),
    )
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerow({name: guarded(cell) for name, cell in written(subscription, str).items()})

    [row] = read_people(out.getvalue().encode(), "people.csv", named).rows
    assert row.newcomer.wishes == subscription.wishes
