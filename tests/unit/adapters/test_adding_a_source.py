"""An entry is added to a file that a person has written: the rest of it stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.adapters.config.adding import Entry, add_source, new_id, with_entry
from digest.adapters.config.files import load_sources
from digest.adapters.config.packaged import copy_config
from digest.errors import ConfigError, Refused

ENTRY = Entry(
    comment="Seen.",
    keys=(("id", "new"), ("name", "New"), ("url", "https://new.example/feed"), ("authority", "blog")),
)
BLOCK = """  # Seen.
  - id: new
    name: New
    url: https://new.example/feed
    authority: blog
"""
OLD = "  - { id: old, name: Old, url: https://old.example/, authority: blog } # kept\n"


def test_an_entry_stands_at_the_end_of_the_list() -> None:
    assert with_entry(f"# mine\nsources: # all\n{OLD}", ENTRY) == f"# mine\nsources: # all\n{OLD}\n{BLOCK}"
    assert with_entry(f"sources:\n{OLD.rstrip()}", ENTRY) == f"sources:\n{OLD}\n{BLOCK}"


def test_an_entry_stands_before_the_key_that_follows_and_the_comment_of_that_key() -> None:
    text = f"sources:\n{OLD}\n# what holds for all\ndefaults:\n  every: 1h\n"

    assert (
        with_entry(text, ENTRY) == f"sources:\n{OLD}\n{BLOCK}\n# what holds for all\ndefaults:\n  every: 1h\n"
    )


def test_an_entry_begins_in_the_column_of_the_others() -> None:
    flush = "sources:\n- id: old\n  name: Old\n"

    assert with_entry(flush, ENTRY).endswith(
        "\n\n# Seen.\n- id: new\n  name: New\n" + BLOCK[36:].replace("    ", "  ")
    )


def test_a_list_in_brackets_is_left_to_a_person() -> None:
    with pytest.raises(Refused, match="by hand"):
        with_entry("sources: [{ id: old }]\n", ENTRY)


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"]), min_size=1, max_size=40))
def test_a_name_means_itself_whatever_is_in_it(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    directory = tmp_path_factory.mktemp("config")
    entry = Entry(comment="Seen.", keys=(("id", "new"), ("name", name), *ENTRY.keys[2:]))
    (directory / "sources.yaml").write_text(with_entry(f"sources:\n{OLD}", entry), encoding="utf-8")

    assert [one.name for one in load_sources(directory).sources] == ["Old", name]


def test_a_file_that_would_be_wrong_is_not_written(tmp_path: Path) -> None:
    copy_config(tmp_path)
    before = (tmp_path / "sources.yaml").read_text()
    twice = Entry(comment="Seen.", keys=(("id", "ofsted"), *ENTRY.keys[1:]))

    with pytest.raises(ConfigError, match=r"sources\.yaml:\d+: sources\.\d+\.id: found \"ofsted\""):
        add_source(tmp_path, twice)
    assert (tmp_path / "sources.yaml").read_text() == before
    assert not list(tmp_path.glob(".sources*"))


def test_what_a_link_leads_to_is_written_and_the_link_stays(tmp_path: Path) -> None:
    copy_config(tmp_path / "config")
    file = tmp_path / "config" / "sources.yaml"
    file.rename(tmp_path / "elsewhere.yaml")
    file.symlink_to(tmp_path / "elsewhere.yaml")

    assert add_source(tmp_path / "config", ENTRY) == tmp_path / "elsewhere.yaml"
    assert file.is_symlink()
    assert load_sources(tmp_path / "config").sources[-1].id == "new"


@pytest.mark.parametrize(
    ("url", "taken", "id"),
    [
        ("https://www.russellwebster.com/feed/", set(), "russellwebster"),
        ("https://blog.example.org.uk/rss", set(), "example"),
        ("https://www.gov.uk/government/organisations/ofsted.atom", set(), "ofsted"),
        ("https://www.gov.uk/government/organisations/ofsted.atom", {"ofsted", "ofsted-2"}, "ofsted-3"),
        ("http://localhost:8000/feed", set(), "localhost"),
        ("http://192.0.2.7/feed", set(), "192-0-2-7"),
        ("https://xn--bcher-kva.example/", set(), "xn-bcher-kva"),
    ],
)
def test_a_source_gets_a_short_name_that_no_other_has(url: str, taken: set[str], id: str) -> None:
    assert new_id(url, taken) == id
