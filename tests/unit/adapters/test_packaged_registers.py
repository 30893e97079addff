"""The registers that come with the program: each is read for what its path says it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.adapters.config.files import load
from digest.adapters.config.packaged import copy_config, packaged_register, registers_in
from digest.errors import ConfigError

HEAD = "provider,provider_type,inspectorate,date_published,overall_rating,source_url,basis\n"
A_ROW = "Kent,PDU,HM Inspectorate of Probation,2025-03-05,Good,https://inspectorate.example/1,in the text\n"


def register(directory: Path, path: str, text: str) -> None:
    (directory / path).parent.mkdir(parents=True, exist_ok=True)
    (directory / path).write_text(HEAD + text, encoding="utf-8")


def test_every_register_in_the_directory_is_read_by_the_keys_in_its_path(tmp_path: Path) -> None:
    register(tmp_path, "hmi-probation/hmi-probation-4.csv", A_ROW)
    register(tmp_path, "another/another-4.csv", A_ROW.replace("Kent", "Essex"))

    providers, ratings = registers_in(tmp_path)

    assert [(p.name, p.inspectorate) for p in providers] == [
        ("Essex PDU", "another"),
        ("Kent PDU", "hmi-probation"),
    ]
    assert [rating.scale for rating in ratings] == ["another-4", "hmi-probation-4"]


def test_a_row_that_does_not_fit_is_named_with_its_file(tmp_path: Path) -> None:
    register(tmp_path, "another/another-4.csv", A_ROW.replace("PDU", "cafe"))

    with pytest.raises(ConfigError) as caught:
        registers_in(tmp_path)
    assert caught.value.problems[0].file.endswith("another/another-4.csv")


def test_the_packaged_registers_name_inspectorates_and_scales_that_we_know(tmp_path: Path) -> None:
    copy_config(tmp_path)
    known = load(tmp_path).inspectorates

    providers, ratings = packaged_register()

    assert providers
    assert all(known.named(provider.inspectorate) for provider in providers)
    assert all(known.scale(rating.scale) for rating in ratings)
