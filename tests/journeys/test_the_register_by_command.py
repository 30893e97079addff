"""`digest register`: an operator loads a file, finds providers, and says which of them are one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders import KENT, a_provider, a_rating
from journey_place import Place

HEAD = "URN,School name,Local authority,Overall effectiveness,Publication date\n"
SOURCE = """
sources:
  - id: schools
    name: Ofsted
    url: https://inspectorate.example/schools.csv
    authority: official
    inspectorate: ofsted
    kind: dataset
    dataset:
      key: URN
      name: School name
      area: Local authority
      ratings:
        - scale: ofsted-4
          published: Publication date
          aspects: { overall: Overall effectiveness }
"""


@pytest.fixture
def schools(place: Place, tmp_path: Path) -> Path:
    """A file of schools, and a source that says what its columns are."""
    (place.config / "sources.yaml").write_text(SOURCE)
    file = tmp_path / "schools.csv"
    file.write_text(HEAD + "100001,Oak Lane Primary School,Kent,Good,2024-05-06\n140001,Oak Academy,Kent,,\n")
    return file


async def test_a_file_is_loaded_once_and_its_schools_are_found(place: Place, schools: Path) -> None:
    said = place.digest("register", "load", "schools", schools)
    assert said == "schools: 2 providers, 2 new or changed, 0 gone; nobody is told\n"
    again = json.loads(place.digest("register", "load", "schools", schools, "--json"))
    assert again == {"source": "schools", "rows": 2, "changed": 0, "gone": 0}

    [found] = json.loads(place.digest("register", "find", "oak lane primry", "--json"))
    assert (found["id"], found["area"]) == ("ofsted:100001", "Kent")
    shown = place.digest("register", "show", "ofsted:100001")
    assert "number       100001, of ofsted" in shown
    assert "2024-05-06  overall: good, on ofsted-4" in shown
    assert place.digest("register", "find", "xylophone", expect=1) == "no provider is like that\n"


async def test_a_file_of_links_says_who_came_after_whom(place: Place, schools: Path, tmp_path: Path) -> None:
    place.digest("register", "load", "schools", schools)
    links = tmp_path / "links.csv"
    links.write_text("URN,LinkURN,LinkName,LinkType\n140001,100001,Oak,Predecessor\n9,8,Elm,Predecessor\n")

    loaded = json.loads(place.digest("register", "load", "schools", links, "--json"))

    assert (loaded["links"], loaded["not_in_the_register"]) == (1, 1)
    assert "before       ofsted:100001  Oak Lane" in place.digest("register", "show", "ofsted:140001")
    place.digest("register", "unlink", "ofsted:100001", "ofsted:140001")
    assert json.loads(place.digest("register", "show", "ofsted:140001", "--json"))["predecessors"] == []
    said = place.digest("register", "link", "ofsted:100001", "ofsted:140001", "--as", "merged")
    assert said == "ofsted:140001 came after ofsted:100001 (merged)\n"


async def test_two_entries_are_merged_and_split_again(place: Place, schools: Path) -> None:
    async with place.opened() as store:
        await store.providers.load([a_provider()], [a_rating()])
    place.digest("register", "load", "schools", schools)

    said = place.digest("register", "merge", "ofsted:100001", KENT, "--why", "the same")
    assert said.startswith("kent-pdu leads to ofsted:100001 from now on")
    shown = place.digest("register", "show", KENT)
    assert "merged       kent-pdu" in shown
    assert "by ada: the same" in shown
    assert "is merged into" in place.digest("register", "merge", KENT, "ofsted:140001", expect=2)

    assert place.digest("register", "split", KENT) == "kent-pdu is a provider of its own again\n"
    assert "is not merged" in place.digest("register", "split", KENT, expect=2)


@pytest.mark.parametrize("what", ["nothing", "hmi-prisons/nothing-4.csv"])
async def test_what_cannot_be_loaded_is_named(place: Place, tmp_path: Path, what: str) -> None:
    assert what in place.digest("register", "load", what, expect=2)
    own = tmp_path / "elsewhere.csv"
    own.write_text("provider\n")
    assert "INSPECTORATE/SCALE.csv" in place.digest("register", "load", own, expect=2)
