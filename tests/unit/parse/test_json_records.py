"""Answers of an API, as records."""

from __future__ import annotations

import pytest

from digest.parse.json_records import shown_call


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("https://a.example/1?page=2&perPage=50", "https://a.example/1?page=2&perPage=50"),
        ("https://a.example/1?subscription-key=s3cret&page=2", "https://a.example/1?page=2"),
        ("https://a.example/1?partnerCode=s3cret", "https://a.example/1"),
        ("https://a.example/1?api%5Fkey=s3cret#s3cret", "https://a.example/1"),
        ("https://me:s3cret@a.example:444/1", "https://a.example:444/1"),
        ("https://b.example/x?X-Amz-Signature=s3cret&X-Amz-Credential=s3cret", "https://b.example/x"),
        ("https://b.example/x?sv=2024&sig=s3cret", "https://b.example/x?sv=2024"),
    ],
)
def test_readers_see_a_call_without_its_secrets(call: str, shown: str) -> None:
    assert shown_call(call) == shown
