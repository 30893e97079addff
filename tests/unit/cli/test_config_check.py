"""`digest config check` says what would keep the service from starting, and what is still the example's."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.adapters.config.packaged import copy_config
from digest.app.directory import configured
from digest.cli.main import app
from digest.errors import ConfigError

IMAP = "\nreceiving:\n  domain: noon.council.uk\n  imap:\n    host: imap.council.uk\n    username: digest\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    copy_config(tmp_path)
    return tmp_path


def check(config: Path, *more: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["config", "check", "--config", str(config), *more])
    return found.exit_code, found.output


def test_what_keeps_the_service_from_starting_is_told_before_it_starts(config: Path) -> None:
    """`check` called sound what `status` then refused."""
    path = config / "digest.yaml"
    path.write_text(path.read_text() + IMAP)

    code, said = check(config)

    assert code == 2
    assert "DIGEST_IMAP_PASSWORD" in said
    assert "sound" not in said
    with pytest.raises(ConfigError) as refused:
        configured(config, {})
    assert str(refused.value) in said


@pytest.mark.parametrize(
    ("written", "missing"),
    [
        ("relay:\n  username: noon", "DIGEST_RELAY_PASSWORD"),
        (
            "relay:\n  fallbacks: [{host: b.council.uk, tls: starttls, username: noon}]",
            "DIGEST_FALLBACK_PASSWORD",
        ),
    ],
)
def test_an_account_without_its_password_is_told_before_noon(
    config: Path, written: str, missing: str
) -> None:
    path = config / "digest.yaml"
    path.write_text(path.read_text().replace("relay:", written, 1))

    code, said = check(config)
    assert code == 2
    assert f"{missing}: found nothing" in said

    with (config / "secrets.env").open("a") as secrets:
        secrets.write(f"{missing}=open sesame\n")
    assert check(config)[0] == 0


def test_files_and_secrets_are_told_of_together(config: Path) -> None:
    path = config / "digest.yaml"
    path.write_text(path.read_text().replace("noon:", "nooon:"))
    (config / "secrets.env").write_text("DIGEST_SECRET_KEY=short\n")

    with pytest.raises(ConfigError) as refused:
        configured(config, {})

    assert "nooon" in str(refused.value)
    assert "at least 32" in str(refused.value)
    assert all(line in check(config)[1] for line in str(refused.value).splitlines())


def test_files_may_be_checked_where_the_secrets_are_not(config: Path) -> None:
    (config / "secrets.env").unlink()

    code, said = check(config)

    assert code == 0
    assert "the files are sound" in said
    assert "to run, the service needs its secrets as well" in said
    assert "DIGEST_SECRET_KEY" in said


def test_what_is_still_the_examples_is_told_and_no_error(config: Path) -> None:
    code, said = check(config)

    assert code == 0
    for key in ("service.url", "service.contact", "sender.address", "sender.reply_to", "sender.bounces"):
        assert f"{key} still has the value of the example" in said
    assert len(json.loads(check(config, "--json")[1])["warnings"]) == 5


def test_each_inspectorate_that_no_source_covers_is_named_and_is_no_error(config: Path) -> None:
    code, said = check(config)
    [note] = json.loads(check(config, "--json")[1])["notes"]

    assert code == 0
    assert f"note: {note}" in said
    assert "estyn" in note
    assert "hmi-probation" not in note

    path = config / "sources.yaml"
    of = "inspectorate: hmi-probation\n"
    path.write_text(path.read_text().replace(of, "inspectorate: estyn\n    shadow: 14d\n", 1))
    none, shadowed = json.loads(check(config, "--json")[1])["notes"]
    assert "hmi-probation" in none
    assert "all sources for estyn begin in shadow" in shadowed


def test_a_service_of_ones_own_is_warned_of_nothing(config: Path) -> None:
    path = config / "digest.yaml"
    path.write_text(path.read_text().replace("digest.example.org", "noon.council.uk"))

    assert check(config)[1].startswith("config is sound")
    assert "example" not in check(config)[1]


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_what_a_file_hides_is_printed_as_an_escape(config: Path, more: tuple[str, ...]) -> None:
    path = config / "digest.yaml"
    path.write_text(path.read_text() + '\n"no\u202ehtrowyek": 1\n"red\\e[31m": 1\n')

    code, said = check(config, *more)

    assert code == 2
    assert "\\u202ehtrowyek" in said
    assert not {"\u202e", "\x1b"} & set(said)


@pytest.mark.parametrize("written", ["~\n", "null # nothing yet\n"])
def test_a_file_that_says_nothing_is_told_like_an_empty_one(config: Path, written: str) -> None:
    (config / "digest.yaml").write_text(written)

    code, said = check(config)

    assert code == 2
    assert "service: found nothing" in said


def test_a_number_too_long_to_be_written_out_is_told(config: Path) -> None:
    path = config / "digest.yaml"
    path.write_text(path.read_text().replace("port: 25", f"port: 0x{'f' * 5000}", 1))

    code, said = check(config)

    assert code == 2
    assert "relay.port: found a very long number" in said


def test_a_config_file_whose_writer_was_killed_is_written_again(tmp_path: Path) -> None:
    (tmp_path / ".digest.yaml.part").write_text("service:\n  na")

    copy_config(tmp_path)

    assert check(tmp_path)[0] == 0
    assert not list(tmp_path.rglob("*.part"))


def test_a_disk_that_fills_up_leaves_no_half_of_a_config_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fdopen(handle: int, mode: str) -> object:
        os.write(handle, b"service:")
        os.close(handle)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", fdopen)
        with pytest.raises(OSError, match="No space"):
            copy_config(tmp_path)

    copy_config(tmp_path)

    assert check(tmp_path)[0] == 0


DATASET = """
  - id: homes
    name: Homes
    url: https://homes.example/file.csv
    kind: dataset
    dataset:
      key: Number
      name: Name
      ratings:
        - scale: {scale}
          grades: {{ "1": {grade} }}
          aspects: {{ {aspect}: Safe }}
    authority: official
    inspectorate: cqc
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({}, "sound"),
        ({"scale": "cqc-5"}, 'dataset.ratings.1.scale: found "cqc-5"; expected "cqc-4" (did you'),
    ],
    ids=["sound", "scale"],
)
def test_words_of_a_dataset_that_no_scale_has_are_told(
    config: Path, words: dict[str, str], said: str
) -> None:
    path = config / "sources.yaml"
    written = {"scale": "cqc-4", "grade": "good", "aspect": "safe"} | words
    path.write_text(path.read_text().rstrip() + DATASET.format(**written))

    assert said in check(config)[1].replace("\n", " ")


def test_newsletters_that_cannot_come_in_are_a_warning(config: Path) -> None:
    path = config / "sources.yaml"
    text = path.read_text()
    begin = text.index("- id: hmicfrs-news")
    path.write_text(text[:begin] + text[begin:].replace("enabled: false", "enabled: true", 1))

    code, said = check(config)
    assert code == 0
    assert (
        "sources.hmicfrs-news: its newsletters come to this service (here: true), which receives no" in said
    )

    (config / "digest.yaml").write_text((config / "digest.yaml").read_text() + "\nreceiving: { lmtp: {} }\n")
    assert "hmicfrs-news: its newsletters" not in check(config)[1]
