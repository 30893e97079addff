"""How claims are counted, so that a score means what it says."""

from __future__ import annotations

from typing import Any

import pytest

from digest.evaluation.labels import Label
from digest.evaluation.marks import (
    EXACT,
    FALSE_ALARM,
    FINDING,
    FORMER,
    JUDGEMENT,
    KIND,
    MOVEMENT,
    OVERALL,
    PROVIDER,
    PUBLISHED,
    Mark,
    Result,
    marks,
)
from digest.evaluation.scores import Scores, below, in_part, interval, scored, scored_by, speaker

KENT = {"provider": "Kent PDU", "overall": "good", "direction": "upgrade"}


def label(*reports: dict[str, Any], kind: str = "single", **facts: Any) -> Label:
    usual = {"id": "t1", "file": "texts/t1.txt", "scale": "hmi-probation-4", "inspectorate": "hmi-probation"}
    return Label.model_validate(usual | {"kind": kind, "reports": reports} | facts)


def told(*reports: dict[str, Any], kind: str = "inspection", published: str | None = None) -> dict[str, Any]:
    empty = {"provider": None, "scale": "hmi-probation-4", "overall": None, "previous": None}
    empty |= {"direction": "unknown", "judgements": [], "findings": [], "evidence": {}}
    return {"kind": kind, "published": published, "reports": [empty | report for report in reports]}


def judged(previous: str | None = None, **grades: str) -> list[dict[str, Any]]:
    return [
        {"aspect": aspect, "grade": grade, "previous": previous, "evidence": "So it was."}
        for aspect, grade in grades.items()
    ]


@pytest.fixture
def verdicts(inspectorates):
    def of(label: Label, read: dict[str, Any]) -> dict[str, list[Result]]:
        found: dict[str, list[Result]] = {}
        for mark in marks(label, read, inspectorates):
            found.setdefault(mark.measure, []).append(mark.result)
        return found

    return of


@pytest.fixture
def scores(inspectorates):
    def of(*pairs: tuple[Label, dict[str, Any]]) -> Scores:
        found = [mark for one, read in pairs for mark in marks(one, read, inspectorates)]
        return scored([one for one, _ in pairs], found)

    return of


def test_what_is_right_is_counted_claim_by_claim(verdicts):
    found = verdicts(label(KENT), told(KENT))

    assert found == {m: [Result.RIGHT] for m in (KIND, PROVIDER, OVERALL, MOVEMENT)}


def test_what_is_not_announced_is_missed_and_what_is_not_so_is_wrong(verdicts):
    found = verdicts(label(KENT), told({"provider": "Kent PDU", "overall": "inadequate"}))

    assert (found[OVERALL], found[MOVEMENT]) == ([Result.WRONG], [Result.MISSED])


def test_a_guess_where_the_text_says_nothing_is_wrong(verdicts):
    found = verdicts(label({"provider": "Kent PDU"}), told(KENT))

    assert (found[OVERALL], found[MOVEMENT]) == ([Result.WRONG], [Result.WRONG])


def test_an_alias_is_the_same_grade(verdicts):
    found = verdicts(label({"provider": None, "overall": "Excellent"}), told({"overall": "outstanding"}))

    assert found[OVERALL] == [Result.RIGHT]


def test_a_rating_of_somebody_else_is_wrong_even_if_the_text_gives_it_in_passing(verdicts):
    essex = {"provider": "Essex PDU", "overall": "good"}

    assert verdicts(label(KENT), told(KENT, essex))[OVERALL] == [Result.RIGHT, Result.WRONG]
    passing = label(KENT, others_rated=[{"provider": "Essex PDU"}])
    assert verdicts(passing, told(KENT, essex))[OVERALL] == [Result.RIGHT, Result.WRONG]


def test_anything_announced_of_a_text_without_an_inspection_is_a_false_alarm(verdicts):
    assert verdicts(label(kind="other"), told(KENT, kind="other"))[FALSE_ALARM] == [Result.WRONG] * 2


def test_a_label_may_name_several_aspects_in_the_texts_words(verdicts):
    want = label({"provider": "Kent PDU", "judgements": {"Case supervision (all four aspects)": "good"}})
    read = {"provider": "Kent PDU", "judgements": judged(assessment="good", planning="good")}

    assert verdicts(want, told(read))[JUDGEMENT] == [Result.RIGHT]
    read["judgements"] = judged(assessment="good", planning="inadequate")
    assert verdicts(want, told(read))[JUDGEMENT] == [Result.WRONG]


def test_ambiguous_texts_do_not_count(inspectorates):
    one = label(KENT, ambiguous=True)

    scores = scored([one], marks(one, told(), inspectorates))
    assert (scores.texts, scores.misses) == (0, ())


def test_silence_is_precise_and_recalls_nothing(inspectorates):
    one = label(KENT)

    scores = scored([one], marks(one, told({"provider": "Kent PDU"}), inspectorates))
    assert (scores.rating.precision, scores.rating.recall) == (1.0, 0.0)


# -- what else is scored ----------------------------------------------------------------------------------


def test_an_aspect_is_known_by_the_scales_other_words_for_it(verdicts):
    want = label({"provider": "Kent PDU", "judgements": {"Leadership": "good"}})

    found = verdicts(want, told({"provider": "Kent PDU", "judgements": judged(leadership="good")}))
    assert found[JUDGEMENT] == [Result.RIGHT]


def test_an_aspect_that_nobody_graded_is_wrong_and_one_left_out_is_missed(verdicts):
    want = label({"provider": "Kent PDU", "judgements": {"leadership": "good"}})

    found = verdicts(want, told({"provider": "Kent PDU", "judgements": judged(staffing="good")}))
    assert sorted(found[JUDGEMENT]) == [Result.MISSED, Result.WRONG]


def test_one_aspect_is_not_taken_for_another_whose_words_it_shares(verdicts):
    want = label(
        {"provider": "Kent PDU", "judgements": {"case supervision": "good", "planning": "inadequate"}}
    )
    read = judged(assessment="good") + judged(planning="inadequate")

    found = verdicts(want, told({"provider": "Kent PDU", "judgements": read}))
    assert found[JUDGEMENT] == [Result.RIGHT] * 2


def test_former_grades_of_aspects_count_where_somebody_labelled_them(verdicts):
    read = {"provider": "Kent PDU", "judgements": judged("good", staffing="inadequate")}
    now = {"provider": "Kent PDU", "judgements": {"staffing": "inadequate"}}

    assert FORMER not in verdicts(label(now), told(read))
    right = now | {"previous_judgements": {"staffing": "good"}}
    assert verdicts(label(right), told(read))[FORMER] == [Result.RIGHT]
    none = now | {"previous_judgements": {}}
    assert verdicts(label(none), told(read))[FORMER] == [Result.WRONG]


def test_a_name_must_be_right_word_for_word_where_the_label_says_so(verdicts):
    trust = {"provider": "University Hospitals Dunmere Trust", "overall": "good"}
    read = told({"provider": "Dunmere Trust", "overall": "good"})

    assert EXACT not in verdicts(label(trust), read)
    assert verdicts(label(trust, exact=True), read)[EXACT] == [Result.WRONG]
    assert verdicts(label(trust, exact="Dunmere Trust"), read)[EXACT] == [Result.RIGHT]


def test_of_two_like_names_the_nearer_is_taken(verdicts):
    wanted = [
        {"provider": "Essex PDU", "overall": "good"},
        {"provider": "Essex North PDU", "overall": "inadequate"},
    ]

    assert (
        verdicts(label(*wanted, kind="multi"), told(*reversed(wanted), kind="multi"))[OVERALL]
        == [Result.RIGHT] * 2
    )


def test_findings_are_known_by_their_kind_and_how_they_begin(verdicts):
    staff = {"kind": "strength", "text": "Staff feel supported"}
    risk = {"kind": "improvement", "text": "Risk of harm is"}
    read = [
        {"heading": None, "kind": "strength", "text": "‘Staff’ feel supported, and they say so."},
        {"heading": None, "kind": "strength", "text": "Risk of harm is badly managed."},
        {"heading": None, "kind": "improvement", "text": "Read more about us."},
    ]
    found = told({"provider": "Kent PDU", "findings": read})

    assert FINDING not in verdicts(label({"provider": "Kent PDU"}), found)
    assert verdicts(label({"provider": "Kent PDU"}, findings=[staff, risk]), found)[FINDING] == [
        Result.RIGHT,
        Result.WRONG,  # a weakness told as a strength
        Result.WRONG,  # nobody's finding
    ]


def test_a_day_of_publication_that_the_text_lacks_is_wrong_where_the_label_says_so(verdicts):
    guess = told(KENT, published="2026-11-23")

    assert PUBLISHED not in verdicts(label(KENT), guess)
    assert verdicts(label(KENT, published=None), guess)[PUBLISHED] == [Result.WRONG]
    assert verdicts(label(KENT, published="2026-11-23"), guess)[PUBLISHED] == [Result.RIGHT]
    assert verdicts(label(KENT, published="2026-11-23"), told(KENT))[PUBLISHED] == [Result.MISSED]


# -- texts with a wrong claim -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "read",
    [
        {"overall": "inadequate"},
        {"previous": "inadequate"},
        {"direction": "downgrade"},
        {"judgements": judged(staffing="good")},
        {"provider": "Essex PDU"},
    ],
    ids=["grade", "former grade", "movement", "aspect", "name beside a grade"],
)
def test_one_wrong_claim_makes_a_wrong_text(scores, read):
    found = scores((label(KENT), told(KENT | read)))

    assert (found.wrong, found.wrong_texts.counted) == (("t1",), 1)


def test_many_wrong_claims_make_one_wrong_text(scores):
    read = {"overall": "inadequate", "previous": "good", "judgements": judged(staffing="good")}

    assert scores((label(KENT), told(KENT | read))).wrong_texts.counted == 1


def test_silence_makes_no_wrong_text_and_neither_do_a_name_alone_a_date_or_a_kind(scores):
    silent = label(KENT, id="silent"), told(kind="other")
    named = label(KENT, id="named"), told({"provider": "Essex PDU"})
    dated = label(KENT, id="dated", published=None), told(KENT, published="2026-11-23")

    found = scores(silent, named, dated)
    assert found.wrong == ()
    assert (found.wrong_dates.counted, found.wrong_dates.of) == (1, 1)


def test_what_is_announced_of_a_text_that_only_mentions_a_rating_makes_it_wrong(scores):
    found = scores((label(kind="other"), told(KENT)), (label(KENT, id="t2"), told(KENT)))

    assert (found.wrong_quiet.counted, found.wrong_quiet.of) == (1, 1)
    assert (found.wrong_announcing.counted, found.wrong_announcing.of) == (0, 1)


def test_a_part_of_the_whole_is_announced_as_the_whole(scores):
    """Staffing was inadequate; that the unit is, nobody said."""
    want = label({"provider": "Kent PDU", "overall": None, "judgements": {"staffing": "inadequate"}})

    assert scores((want, told({"provider": "Kent PDU", "overall": "inadequate"}))).wrong == ("t1",)


# -- groups -----------------------------------------------------------------------------------------------


def test_the_inspectorates_own_pages_are_told_apart_from_what_others_retell(inspectorates):
    labels = [
        label(KENT, id="one", genre="release"),
        label(KENT, id="two", genre="report"),
        label(KENT, id="three", genre="news"),
        label(KENT, id="four"),
    ]
    found: list[Mark] = [
        mark for one in labels for mark in marks(one, told(KENT | {"overall": "inadequate"}), inspectorates)
    ]

    groups = scored_by(labels, found, speaker)
    assert {name: scores.wrong for name, scores in groups.items()} == {
        "official": ("one", "two"),
        "retelling": ("three",),
    }


@pytest.mark.parametrize(
    ("counted", "of", "low", "high"),
    [  # as R's binom.test gives them
        (0, 10, 0.0, 0.3085),
        (10, 10, 0.6915, 1.0),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (2, 100, 0.0024, 0.0704),
    ],
)
def test_intervals_are_those_of_clopper_and_pearson(counted, of, low, high):
    assert interval(counted, of) == pytest.approx((low, high), abs=5e-5)


def test_of_nothing_the_interval_is_everything():
    assert interval(0, 0) == (0.0, 1.0)


def test_of_149_texts_with_none_wrong_at_most_two_in_a_hundred_are():
    _, high = interval(0, 149, confidence=0.9)  # the upper end alone, with 95 %

    assert high < 0.02 < interval(0, 148, confidence=0.9)[1]


@pytest.mark.parametrize(
    ("floor", "fallen"),
    [
        ({"scores": {"overall": {"precision": 0.5, "recall": 0.5}}}, []),
        (
            {"scores": {"overall": {"precision": 0.5001, "recall": 0}}},
            ["overall precision fell: 0.5 < 0.5001"],
        ),
        ({"scores": {"rating": {"precision": 0, "recall": 0.6}}}, ["rating recall fell: 0.5 < 0.6"]),
        ({"scores": {}, "wrong_texts": 1, "false_alarms": 0}, []),
        ({"scores": {}, "wrong_texts": 0}, ["wrong texts rose: 1 > 0"]),
    ],
)
def test_each_score_below_its_floor_is_named(scores, floor, fallen):
    wrong = {"provider": "Kent PDU", "overall": "inadequate"}
    found = scores((label(KENT, id="a"), told(KENT)), (label(KENT, id="b"), told(wrong)))

    assert below(floor, found) == fallen


def test_each_text_is_in_exactly_one_part():
    texts = [f"t{n}" for n in range(100)]

    for text in texts:
        assert sum(in_part(text, n, 3) for n in (1, 2, 3)) == 1
    assert all(in_part(text, 1, 1) for text in texts)
    assert {n for text in texts for n in (1, 2, 3) if in_part(text, n, 3)} == {1, 2, 3}


def test_more_texts_make_an_interval_narrower():
    few, many = interval(2, 100), interval(40, 2000)

    assert few[0] < many[0] < 0.02 < many[1] < few[1]
