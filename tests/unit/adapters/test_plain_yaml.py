"""The quick way to the packaged scales: the same as the whole way, or none."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from digest.adapters.config.files import load, load_scales
from digest.adapters.config.packaged import packaged
from digest.adapters.config.packaged_scales import are_packaged, packaged_scales
from digest.adapters.config.plain_yaml import read_plain
from digest.adapters.config.yaml import read_yaml
from digest.errors import ConfigError

SCALES = sorted((packaged("config") / "scales").glob("*.yaml"))


def test_the_packaged_scales_are_what_their_files_say() -> None:
    assert packaged_scales() == load_scales(packaged("config")) == load(packaged("config")).inspectorates


def test_an_operators_scales_are_the_packaged_ones_only_word_for_word(tmp_path: Path) -> None:
    copytree(packaged("config"), tmp_path / "config")
    assert are_packaged(tmp_path / "config")

    with (tmp_path / "config" / "scales" / "ofsted.yaml").open("a") as file:
        file.write("# ours\n")
    assert not are_packaged(tmp_path / "config")
    assert load_scales(tmp_path / "config") == packaged_scales()
    assert not are_packaged(tmp_path / "nowhere")


def test_a_fault_is_named_with_its_line_however_plain_the_file(tmp_path: Path) -> None:
    copytree(packaged("config"), tmp_path / "config")
    path = tmp_path / "config" / "scales" / "ofsted.yaml"
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join([*lines, "colour: red", ""]), encoding="utf-8")

    with pytest.raises(ConfigError) as raised:
        load_scales(tmp_path / "config")

    assert [(p.file, p.line, p.key) for p in raised.value.problems] == [(str(path), len(lines) + 1, "colour")]


@pytest.mark.parametrize("path", SCALES, ids=lambda path: path.stem)
def test_every_packaged_file_is_plain(path: Path) -> None:
    """Else it is read all the same, and reading a page takes twice as long."""
    assert read_plain(path.read_text(encoding="utf-8")) == read_yaml(path).value != None  # noqa: E711


@pytest.mark.parametrize(
    "text",
    [
        "key: ofsted # a comment\nname: people's choice\n",
        'key: "a: b # c"\n',
        "on: 2025-11-10\nmay: false\nempty:\nlast: no\n",
        "list:\n  - { name: good, also: [grade two, grade 2], as: {} }\n  - one word\n",
        "list:\n  - name: good\n    also: []\n  - name: bad\n",
        "list: [one,\n  two, # three\n  four]\nend: here\n",
        "deep:\n    deeper:\n        deepest: yes\n",
        "- one\n- two\n",
    ],
)
def test_what_is_plain_means_what_yaml_says(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")

    assert read_plain(text) == read_yaml(tmp_path / "a.yaml").value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "key: 4",
        "key: 4.5",
        "key: null",
        "key: ~",
        "key: True",
        "key: 'single'",
        'key: "a\\tb"',
        "key: &name value",
        "key: *name",
        "key: !tag value",
        "key: |\n  text",
        "key: a: b",
        "key: one\nkey: two",
        "key: {a: b, a: c}",
        "key: [one, two",
        "key: one]",
        "key: 2025-02-30",
        "key:\n- one",
        "\tkey: one",
        "key: one\n  more of it",
        "---\nkey: one",
        "Key: one",
    ],
)
def test_anything_else_is_left_to_the_whole_parser(text: str) -> None:
    assert read_plain(text) is None
