"""Providers and their names: the same body under all of them, and never another one."""

from __future__ import annotations

import pickle
import re

import pytest
from builders import KENT, a_provider
from hypothesis import example, given
from hypothesis import strategies as st

from digest.providers import Finder, Register, Words, normal_name, provider_id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kent, Surrey and Sussex CRC", "KENT SURREY & SUSSEX  CRC"),
        ("Stockton-on-Tees YJS", "Stockton on Tees YJS"),
        ("St John’s House", "St John's House"),
        ("St John's House", "St Johns House"),
        ("Ynys Môn", "Ynys Mon"),
        ("Ｋent PDU", "Kent PDU"),
        ("Barking, Dagenham and Havering PDU", "Barking Dagenham and Havering PDU"),
    ],
)
def test_two_spellings_of_one_name_are_equal(one, other):
    assert normal_name(one) == normal_name(other)
    assert provider_id(one) == provider_id(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kent PDU", "Kent YJS"),
        ("North Kent", "Northkent"),
        ("South Tyneside and Gateshead PDU", "Gateshead and South Tyneside PDU"),
        ("Møre", "Mre"),
        ("Київ", "Львів"),
    ],
)
def test_two_names_that_are_merely_alike_are_not(one, other):
    assert normal_name(one) != normal_name(other)


@given(st.text())
@example("ŉ & İ ’ ß ǅ")
def test_the_normal_form_is_its_own_normal_form(name):
    assert normal_name(normal_name(name)) == normal_name(name)


@given(st.text())
def test_an_id_is_one_word_however_odd_the_name(name):
    assert re.fullmatch(r"[^\W_]*(-[^\W_]+)*", provider_id(name))
    assert provider_id(name).replace("-", " ") == normal_name(name)


def test_an_id_reads_like_the_name():
    assert provider_id("Kent, Surrey & Sussex CRC") == "kent-surrey-and-sussex-crc"


def test_a_provider_is_found_by_its_id_its_name_and_its_aliases():
    kent = a_provider(aliases=("Kent Probation Delivery Unit", "Kent PDU"))
    register = Register([kent, a_provider("essex-pdu", "Essex PDU")])

    assert register.get(KENT) is kent
    assert register.named("kent pdu") is kent
    assert register.named("Kent Probation  Delivery Unit") is kent
    assert [p.id for p in register] == [KENT, "essex-pdu"]
    assert len(register) == 2


@pytest.mark.parametrize("name", ["Kent", "East Kent PDU", "Kent PDUs", "", " – "])
def test_likeness_is_never_enough(name):
    register = Register([a_provider(aliases=("–", ""))])

    assert register.named(name) is None
    assert register.get("kent") is None


def test_a_name_goes_before_an_alias():
    region = a_provider("kss", "Kent, Surrey and Sussex", kind="region", aliases=("Kent PDU",))
    kent = a_provider()

    assert Register([region, kent]).named("Kent PDU") is kent


def test_the_operators_entry_goes_before_what_a_text_proposed():
    kent = a_provider("hmip-kent")
    proposed = a_provider(kind="", inspectorate="")

    assert Register([kent, proposed]).named("Kent PDU") is kent


def test_a_name_that_two_kinds_of_body_share_names_neither():
    """One inspectorate inspects Kent's delivery unit and its youth justice service: "Kent" may be either."""
    unit = a_provider(aliases=("Kent",))
    youth = a_provider("kent-yjs", "Kent YJS", kind="YJS", aliases=("Kent",))

    assert Register([unit, youth]).named("Kent") is None


def test_a_name_that_two_inspectorates_use_is_told_apart_by_who_inspected():
    unit = a_provider(aliases=("Kent",))
    council = a_provider(
        "kent-council", "Kent County Council", kind="", inspectorate="ofsted", aliases=("Kent",)
    )
    register = Register([unit, council])

    assert register.named("Kent") is None
    assert register.named("Kent", "ofsted") is council
    assert register.named("Kent", "hmi-probation") is unit
    assert register.named("Kent", "cqc") is None


def test_a_successor_goes_before_the_body_it_followed():
    """The wrong successor was named."""
    old = a_provider("kent-crc", "Kent", kind="CRC")
    new = a_provider("kent-pdu-2021", "Kent", predecessors=("kent-crc",))

    assert Register([old, new]).named("Kent") is new


def test_a_predecessor_keeps_the_name_it_does_not_share():
    old = a_provider("gateshead", "Gateshead PDU")
    new = a_provider(
        "merged", "South Tyneside and Gateshead PDU", aliases=("Gateshead PDU",), predecessors=("gateshead",)
    )

    assert Register([old, new]).named("Gateshead PDU") is old


def test_a_register_whose_bodies_follow_one_another_in_a_ring_is_not_trusted():
    one = a_provider("one", "Kent", predecessors=("two",))
    two = a_provider("two", "Kent", predecessors=("one",))

    assert Register([one, two]).named("Kent") is None


def test_an_empty_register_knows_nobody():
    assert Register().named("Kent PDU") is None
    assert len(Register()) == 0


def test_of_two_entries_with_one_id_the_later_stands():
    later = a_provider(name="Kent Probation")
    register = Register([a_provider(), later])

    assert register.get(KENT) is later
    assert register.named("Kent PDU") is None


@given(
    st.lists(
        st.lists(st.sampled_from(["Kent", "Kentish", "Town", "and", "Park", "Home"]), min_size=1, max_size=4)
    ),
    st.lists(st.sampled_from(["kent", "KENTISH", "Town", "&", "Nowhere", "-"]), max_size=3),
)
def test_words_stand_in_a_name_where_any_name_holds_them_whole(
    names: list[list[str]], asked: list[str]
) -> None:
    register = Register(a_provider(f"p{n}", " ".join(words)) for n, words in enumerate(names))
    words = " ".join(asked)

    whole = f" {normal_name(words)} "
    said = [f" {normal_name(' '.join(name))} " for name in names]
    assert register.names_hold(words) == (whole.strip() != "" and any(whole in name for name in said))


def test_two_bodies_of_one_name_and_kind_are_not_told_apart_by_a_guess():
    register = Register([a_provider("leeds", "Oak House"), a_provider("york", "Oak House")])

    assert register.named("Oak House") is None
    assert [p.id for p in register.bearers("Oak House")] == ["leeds", "york"]


@pytest.mark.parametrize(
    "text",
    [
        "at St Mary's C of E School today",
        "at SAINT MARY’S Church of England School",
        "St. Marys CofE School's rating",
        "the St-Mary’s C.E. School.",
    ],
)
def test_a_name_stands_in_a_text_whatever_its_spelling(text):
    register = Register([a_provider("s", "St Mary's CE School")])
    words = Words(text)

    assert [(words.written[first], name) for first, _, name in register.standing_in(words)] == [
        (words.written[words.plain.index("st")], "st marys ce school")
    ]


@pytest.mark.parametrize("text", ["East Kenton PDU", "Kent PDUs", "Kent", "Kentish PDU", ""])
def test_only_whole_words_are_a_name(text):
    assert list(Register([a_provider()]).standing_in(Words(text))) == []


def test_names_side_by_side_are_all_found_and_of_two_that_begin_together_the_longer():
    names = ["kent pdu", "kent", "pdu essex", "essex"]
    words = Words("Kent PDU, Kent & Essex")

    assert [names[n] for n, _, _ in words.found_by(Finder(names))] == ["kent pdu", "kent", "essex"]


@given(
    st.lists(
        st.lists(
            st.sampled_from(["kent", "pdu", "st", "cofe", "c", "of", "e", "and"]), min_size=1, max_size=4
        )
    ),
    st.lists(st.sampled_from(["Kent", "PDU", "PDU's", "Saint", "C", "of", "E", "CE", "&", "½"]), max_size=9),
)
def test_names_are_found_where_one_word_after_the_other_is_compared(
    names: list[list[str]], said: list[str]
) -> None:
    """The law: at each word the longest name that begins there, and none within another."""
    sought = [" ".join(words) for words in names]
    words = Words(" ".join(said))
    found = words.found_by(Finder(sought))

    spans = [(first, last) for _, first, last in found]
    assert spans == sorted(spans, key=lambda span: (span[0], -span[1]))
    for n, first, last in found:
        alone = Words(words.text[words.starts[first] : words.ends[last - 1]]).found_by(Finder([sought[n]]))
        assert [place for _, *place in alone] == [[0, last - first]]


def test_a_register_is_the_same_in_another_process():
    register = Register([a_provider(), a_provider("essex-pdu", "Essex PDU", predecessors=(KENT,))])
    register.named("Kent PDU")  # what it has made for itself stays behind
    there = pickle.loads(pickle.dumps(register))

    assert list(there) == list(register)
    assert there.line_of("essex-pdu") == register.line_of("essex-pdu")
    assert there.named("Kent PDU") == register.named("Kent PDU")
