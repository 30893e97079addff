"""The operator's files and secrets: read whole, and every mistake named at once with file, line and key."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from digest.adapters.config.files import load
from digest.adapters.config.packaged import copy_config, packaged
from digest.adapters.config.schemas import write_schemas
from digest.adapters.config.secrets import load_secrets
from digest.app.directory import check_directory
from digest.errors import ConfigError, Problem
from digest.membership.letters import CONFIRM_WITHIN

KEY = "k" * 40
Edit = Callable[[str, str, str], None]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An operator's own copy."""
    copy_config(tmp_path)
    return tmp_path


@pytest.fixture
def edit(config: Path) -> Edit:
    def edit(file: str, old: str, new: str) -> None:
        text = (config / file).read_text(encoding="utf-8")
        assert old in text
        (config / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def problems(config: Path) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        load(config)
    return caught.value.problems


# -- settings -------------------------------------------------------------------------------------------


def test_the_packaged_files_are_sound(config: Path) -> None:
    settings = load(config)

    assert settings.edition.timetable.noon.hour == 12
    assert settings.edition.lateness == timedelta(hours=6)
    assert any(source.inspectorate == "hmi-probation" for source in settings.sources)


def test_an_edition_may_be_six_hours_late_unless_the_operator_says_otherwise(config: Path) -> None:
    file = config / "digest.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(line for line in lines if "lateness:" not in line), encoding="utf-8")

    assert load(config).edition.lateness == timedelta(hours=6)


def test_a_kind_of_source_that_nobody_knows_is_named_with_those_we_know(config: Path, edit: Edit) -> None:
    edit("sources.yaml", "    authority: official\n", "    authority: official\n    kind: telepathy\n")

    [problem] = problems(config)

    assert 'sources.1.kind: found "telepathy"; expected one of these words: feed, listing, ' in str(problem)
    line = int(str(problem).split("sources.yaml:")[1].split(":")[0])
    assert "telepathy" in (config / "sources.yaml").read_text(encoding="utf-8").splitlines()[line - 1]


def test_a_source_says_where_it_differs_from_the_defaults(config: Path) -> None:
    (config / "sources.yaml").write_text(
        "defaults: {every: 1h}\n"
        "sources:\n"
        "  - {id: a, name: A, url: 'https://a.example/feed', authority: blog}\n"
        "  - {id: b, name: B, url: 'https://b.example/feed', authority: blog, every: 5m}\n"
        "  - {id: c, name: C, url: 'https://c.example/feed', authority: blog, enabled: false}\n",
        encoding="utf-8",
    )

    assert {s.id: s.every for s in load(config).sources} == {
        "a": timedelta(hours=1),
        "b": timedelta(minutes=5),
    }


def test_mistakes_in_several_files_are_named_at_once(config: Path, edit: Edit) -> None:
    edit("digest.yaml", "zone:", "zoen:")
    edit("sources.yaml", "    authority: official", "    authority: offical")

    told = [(Path(p.file).name, p.key) for p in problems(config)]

    assert ("digest.yaml", "edition.zoen") in told
    assert any(file == "sources.yaml" and key.endswith("authority") for file, key in told)
    assert all(p.line for p in problems(config))


def test_an_unknown_key_is_told_with_the_one_that_was_meant(config: Path, edit: Edit) -> None:
    edit("digest.yaml", "zone:", "zoen:")

    [told] = problems(config)
    line = (config / "digest.yaml").read_text(encoding="utf-8").split("zoen:")[0].count("\n") + 1
    assert told.line == line
    assert 'expected "zone" (did you mean that?)' in str(told)


def test_of_very_many_unknown_keys_a_hundred_are_named_and_the_others_counted(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To look for what was meant takes a millisecond for each."""
    looks: list[str] = []
    close = difflib.get_close_matches
    monkeypatch.setattr(difflib, "get_close_matches", lambda *a, **m: looks.append(a[0]) or close(*a, **m))
    with (config / "digest.yaml").open("a", encoding="utf-8") as file:
        file.writelines(f"unknown_{n}: 1\n" for n in range(300))

    *named, last = problems(config)

    assert len(named) == len(looks) == 100
    assert (last.key, last.found) == ("unknown_100", "200 more unknown keys")
    assert last.line == named[-1].line + 1


@pytest.mark.parametrize("key", ["url", "journal"])
def test_a_nul_in_a_name_of_the_store_is_told_with_its_line_and_key(
    config: Path, edit: Edit, key: str
) -> None:
    before = {"url": "sqlite:///var/digest.db", "journal": "var/journal"}[key]
    edit("digest.yaml", f"  {key}: {before}", f'  {key}: "{before}\\0"')

    [told] = problems(config)
    assert told.key == f"store.{key}"
    assert told.line is not None


def test_a_source_listed_twice_is_told_with_both_places(config: Path) -> None:
    sources = config / "sources.yaml"
    sources.write_text(
        "sources:\n"
        "  - {id: a, name: A, url: 'https://a.example/feed', authority: blog}\n"
        "  - {id: a, name: B, url: 'https://b.example/feed', authority: blog}\n",
        encoding="utf-8",
    )

    [told] = problems(config)
    assert (told.line, told.found) == (3, '"a"')
    assert f"{sources}:2" in told.expected


def test_two_searches_or_files_may_be_found_at_one_address_but_not_the_same_one_twice(config: Path) -> None:
    def entry(id: str, title: str) -> str:
        wanted = f"{{organisations: [ofsted], document_types: [decision], title: {title}}}"
        known = "name: A, url: 'https://a.example/', authority: blog, kind: govuk"
        return f"  - {{id: {id}, {known}, govuk: {wanted}}}\n"

    (config / "sources.yaml").write_text(
        "sources:\n" + entry("a", "one") + entry("b", "two"), encoding="utf-8"
    )
    assert len(load(config).sources) == 2

    (config / "sources.yaml").write_text(
        "sources:\n" + entry("a", "one") + entry("b", "one"), encoding="utf-8"
    )
    assert [one.key for one in problems(config)] == ["sources.2.url"]


def test_a_source_of_an_unknown_inspectorate_is_told_which_there_are(config: Path, edit: Edit) -> None:
    edit("sources.yaml", "inspectorate: hmi-probation", "inspectorate: hmi-probaton")

    [told] = problems(config)
    assert "hmi-probation" in told.expected


def test_a_list_of_which_every_entry_is_wrong_is_not_called_too_short_as_well(config: Path) -> None:
    (config / "sources.yaml").write_text(
        "sources:\n  - {id: a, name: A, url: 'https://a.example/feed', authority: blgo}\n", encoding="utf-8"
    )
    assert [p.key for p in problems(config)] == ["sources.1.authority"]

    (config / "sources.yaml").write_text("sources: []\n", encoding="utf-8")
    [told] = problems(config)
    assert (told.key, told.expected) == ("sources", "at least 1 in this list")


def test_a_file_named_in_place_of_its_directory_is_not_called_missing(config: Path) -> None:
    [told] = problems(config / "digest.yaml")
    assert told.found == "a file"
    assert told.expected.startswith("a directory")


def test_a_password_in_the_settings_is_refused_and_not_repeated(config: Path, edit: Edit) -> None:
    edit("digest.yaml", "relay:", "relay:\n  password: hunter2")

    [told] = problems(config)
    assert "secrets.env" in told.expected
    assert "hunter2" not in str(told)


def test_a_cutoff_after_noon_is_refused(config: Path, edit: Edit) -> None:
    edit("digest.yaml", 'cutoff: "11:45"', 'cutoff: "12:30"')

    [told] = problems(config)
    assert "not after edition.noon" in told.expected


def test_who_was_asked_is_not_ended_before_their_link_is(config: Path, edit: Edit) -> None:
    edit("digest.yaml", "  # unconfirmed: 7d", "  unconfirmed: 2d")

    [told] = problems(config)
    assert told.key == "retention.unconfirmed"
    assert f"the link to confirm by is good for {CONFIRM_WITHIN.days} days" in told.expected


def test_a_proxy_is_named_by_its_number(config: Path, edit: Edit) -> None:
    """A name that resolves to anything would have anybody's word taken."""
    edit("digest.yaml", "  port: 8080", "  port: 8080\n  proxies: [10.0.0.0/8, proxy.example.org]")

    [told] = problems(config)
    assert "proxy.example.org" in told.expected


@pytest.mark.parametrize("header", ["Authorization", "cookie", "Host", "X-Forwarded-For"])
def test_a_header_that_everybody_sends_says_no_login(config: Path, edit: Edit, header: str) -> None:
    edit("digest.yaml", "  port: 8080", f"  port: 8080\n  operators:\n    login_header: {header}")

    [told] = problems(config)
    assert "who has logged in" in told.expected


@pytest.mark.parametrize("everybody", ["0.0.0.0/0", "::/0"])
def test_not_everybody_is_a_proxy(config: Path, edit: Edit, everybody: str) -> None:
    edit("digest.yaml", "  port: 8080", f"  port: 8080\n  proxies: ['{everybody}']")

    [told] = problems(config)
    assert everybody in told.expected


def test_a_relay_elsewhere_needs_protection(config: Path, edit: Edit) -> None:
    edit("digest.yaml", "host: localhost", "host: mail.example.org")

    assert any(p.key == "relay.tls" for p in problems(config))


@pytest.mark.parametrize("text", ["[", "a: b: c", "- x\n", "key: &a [*a]\n", "", "\x00"])
def test_a_file_that_is_no_settings_at_all_is_named(config: Path, text: str) -> None:
    (config / "sources.yaml").write_text(text, encoding="utf-8")

    assert all(Path(p.file).name == "sources.yaml" for p in problems(config))


def test_a_key_written_twice_is_refused(config: Path) -> None:
    with (config / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write("\nservice:\n  name: Another\n")

    assert any("service" in str(p) for p in problems(config))


@pytest.mark.parametrize("name", ["digest.yaml", "sources.yaml", "scales/ofsted.yaml", "secrets.env"])
def test_what_is_no_file_of_words_is_named_and_not_waited_for(config: Path, name: str) -> None:
    path = config / name
    path.unlink()
    os.mkfifo(path, mode=0o600)
    assert f"{name}: found an error (it is a pipe" in str(_wrong(config))

    path.unlink()
    path.symlink_to("/dev/zero")
    assert f"{name}: found an error (it is a pipe, a socket or a device)" in str(_wrong(config))

    path.unlink()
    with path.open("wb") as file:
        file.truncate(30_000_000)
    path.chmod(0o600)
    assert f"{name}: found an error (it has more than 1,000,000 octets)" in str(_wrong(config))


def _wrong(config: Path) -> str:
    return "\n".join(str(problem) for problem in check_directory(config, {}).problems)


def test_a_secret_in_the_wrong_file_is_not_repeated(config: Path) -> None:
    secret = (config / "secrets.env").read_text()
    for name in ("sources.yaml", "digest.yaml"):
        (config / name).write_text(
            "\n".join(one for one in secret.splitlines() if "=" in one and one[0] != "#")
        )

    key = secret.partition("DIGEST_SECRET_KEY=")[2][:12]
    assert "sources.yaml" in _wrong(config)
    assert key not in _wrong(config)


def test_a_missing_file_is_named(config: Path) -> None:
    (config / "sources.yaml").unlink()

    assert any(Path(p.file).name == "sources.yaml" for p in problems(config))


def test_the_schemas_beside_the_files_are_those_of_the_models(tmp_path: Path) -> None:
    for path in write_schemas(tmp_path):
        ours = packaged("config") / "schema" / path.name
        assert json.loads(path.read_text("utf-8")) == json.loads(ours.read_text("utf-8"))


# -- secrets --------------------------------------------------------------------------------------------


def secrets_file(directory: Path, text: str, *, mode: int = 0o600) -> Path:
    path = directory / "secrets.env"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def secret_problems(directory: Path, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_secrets(directory, environ)
    return [str(p) for p in caught.value.problems]


def test_init_makes_a_key_that_nobody_else_can_read(config: Path) -> None:
    assert (config / "secrets.env").stat().st_mode & 0o777 == 0o600
    assert len(load_secrets(config, {}).secret_key.get_secret_value()) >= 32


def test_no_two_services_share_a_key(tmp_path: Path) -> None:
    keys = set()
    for name in ("a", "b"):
        copy_config(tmp_path / name)
        keys.add(load_secrets(tmp_path / name, {}).secret_key.get_secret_value())
    assert len(keys) == 2


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    secrets_file(tmp_path, f"DIGEST_SECRET_KEY={'f' * 40}\nDIGEST_RELAY_PASSWORD='a ${{b}} c'\n")

    found = load_secrets(tmp_path, {"DIGEST_SECRET_KEY": KEY})

    assert found.secret_key.get_secret_value() == KEY
    assert found.relay_password is not None
    assert found.relay_password.get_secret_value() == "a ${b} c"


def test_a_secrets_file_in_others_reach_is_refused(tmp_path: Path) -> None:
    secrets_file(tmp_path, f"DIGEST_SECRET_KEY={KEY}\n", mode=0o644)

    [told] = secret_problems(tmp_path)
    assert "chmod 600" in told


def test_a_misspelt_secret_is_told_with_its_line(tmp_path: Path) -> None:
    path = secrets_file(tmp_path, f"# ours\nDIGEST_SECRET_KY={KEY}\n")

    told = secret_problems(tmp_path)
    assert told[0].startswith(f"{path}:2:")
    assert "DIGEST_SECRET_KEY (did you mean that?)" in told[0]
    assert KEY not in " ".join(told)


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "digest init"),
        ({"DIGEST_SECRET_KEY": "short"}, "at least 32"),
        ({"DIGEST_SECRET_KEY": KEY, "DIGEST_DATABASE_URL": "mysql://me:hunter2@db/x"}, "postgresql://"),
        ({"DIGEST_SECRET_KEY": KEY, "DIGEST_SECRETS_FILE": "/nowhere/secrets"}, "/nowhere/secrets"),
    ],
)
def test_a_secret_that_will_not_do_is_named_and_not_shown(
    tmp_path: Path, environ: dict[str, str], says: str
) -> None:
    told = " ".join(secret_problems(tmp_path, **environ))

    assert says in told
    assert "hunter2" not in told


def test_secrets_are_stars_wherever_they_are_printed() -> None:
    found = load_secrets(Path("/nowhere"), {"DIGEST_SECRET_KEY": KEY, "DIGEST_RELAY_PASSWORD": "hunter2"})

    assert KEY not in repr(found) + str(found)
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("mode", "lent", "sound"),
    [
        (0o440, True, True),
        (0o400, True, True),
        (0o444, True, False),
        (0o460, True, False),
        (0o440, False, False),
    ],
)
def test_a_file_that_systemd_lends_may_seem_readable_by_its_group(
    tmp_path: Path, mode: int, lent: bool, sound: bool
) -> None:
    """From 254 on it shows the mask of an access list there (systemd#29435)."""
    file = tmp_path / "digest.env"
    file.write_text(f"DIGEST_SECRET_KEY={KEY}\n", encoding="utf-8")
    file.chmod(mode)
    environ = {"DIGEST_SECRETS_FILE": str(file)} | ({"CREDENTIALS_DIRECTORY": str(tmp_path)} if lent else {})

    if sound:
        assert load_secrets(tmp_path, environ).secret_key.get_secret_value() == KEY
    else:
        with pytest.raises(ConfigError, match="mode 0600"):
            load_secrets(tmp_path, environ)


def test_no_second_key_is_made_where_the_secrets_are_kept_elsewhere(tmp_path: Path) -> None:
    """Two files of secrets, one of them never read, lead operators astray."""
    written = copy_config(tmp_path, key=False)

    assert tmp_path / "digest.yaml" in written
    assert not (tmp_path / "secrets.env").exists()


# -- receiving ------------------------------------------------------------------------------------------


def receiving(config: Path, lines: str) -> None:
    with (config / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write(f"receiving:\n{lines}")


@pytest.mark.parametrize(
    ("lines", "key", "words"),
    [
        ("  lmtp: { host: 0.0.0.0 }\n", "receiving.lmtp.host", "anywhere: true"),
        ("  imap: { host: imap.example.org, username: d, tls: none }\n", "receiving.imap.tls", "protection"),
        (
            "  imap: { host: imap.example.org, username: d, handled: INBOX }\n",
            "receiving.imap.handled",
            "another folder",
        ),
        ("  domain: digest.example.org\n", "receiving", "lmtp, imap or both"),
    ],
)
def test_what_would_expose_a_port_or_lose_mail_is_refused(
    config: Path, lines: str, key: str, words: str
) -> None:
    receiving(config, lines)

    (problem,) = problems(config)

    assert problem.key == key
    assert words in problem.expected


def test_a_port_may_be_opened_on_purpose(config: Path) -> None:
    receiving(config, "  lmtp: { host: 0.0.0.0, anywhere: true }\n")

    found = load(config).receiving

    assert found is not None
    assert found.lmtp is not None
    assert found.lmtp.host == "0.0.0.0"
