"""Texts in other languages are known by their letters and words; a text in doubt has no tag."""

from __future__ import annotations

import pytest
from shelf import arabic, chinese, welsh

from digest.present.tongue import tongue


@pytest.mark.parametrize(("edition", "tag"), [(welsh(), "cy"), (arabic(), "ar"), (chinese(), "zh")])
def test_names_sentences_and_findings_of_three_languages_are_known(edition, tag):
    for story in edition.stories[:2]:
        texts = (story.provider_name, story.evidence, story.title, *(one.text for one in story.findings))
        assert [tongue(text) for text in texts] == [tag] * len(texts)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("", ""),
        ("HMP Eastmoor", ""),
        ("Ysgol Bro Pedr", "cy"),
        ("Heddlu De Cymru", "cy"),
        ("Ysgol Bro Pedr was rated good", ""),
        ("Ynys Môn YJS", "cy"),
        ("Yr Hafan", "cy"),
        ("Oak Plant Hire", ""),
        ("Café Zürich", ""),
        ("Dôl-y-Bryn", ""),
        ("مدرسة النور (London School)", ""),
        ("یہ اسکول اچھا ہے", "ur"),
        ("مدرسه پارس", "fa"),
        ("בית ספר", "he"),
        ("ロンドン日本人学校", "ja"),
        ("런던 한국 학교", "ko"),
        ("Школа", "und-Cyrl"),
        ("42 – 17%", ""),
        ("🎉", ""),
    ],
)
def test_a_text_has_the_tag_that_its_letters_show(text, tag):
    assert tongue(text) == tag
