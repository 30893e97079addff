"""The units of systemd, as systemd and the command line read them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from deploy_files import DEPLOY, UNITS, Takes, read, sections, settings_in_readme, unit, yaml
from ruamel.yaml import YAML

from digest.adapters.config.files import load
from digest.adapters.config.packaged import copy_config
from digest.adapters.stopping import LAST_RESORT
from digest.cli.common import Exit
from digest.errors import ConfigError, Problem

ALL = sorted(path.name for path in UNITS.glob("*.service"))
RUNNING = [name for name in ALL if name != "digest-backup.service"]
BIN = "/opt/digest/bin"


def command(name: str) -> list[str]:
    (line,) = unit(name)["ExecStart"]
    return shlex.split(line)


@pytest.mark.parametrize("name", RUNNING)
def test_the_command_line_takes_each_command(name: str, takes: Takes):
    program, *arguments = [word.replace("%i", "1") for word in command(name)]

    assert program == f"{BIN}/digest"
    takes(arguments)


def test_nine_deliverers_of_one_machine_and_the_other_roles_have_an_address_each():
    given = [re.findall(r"--health (\S+)", " ".join(command(name))) for name in RUNNING]
    addresses = [address for (address,) in filter(None, given)]
    every = [a for a in addresses if "%i" not in a] + [
        a.replace("%i", str(n)) for a in addresses if "%i" in a for n in range(1, 10)
    ]

    assert len(every) == len(set(every)) == 12
    assert all(int(address.rpartition(":")[2]) < 65_536 for address in every)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_finds_nothing_wrong(tmp_path: Path):
    """It wants the programs to be there, so they are where the test can put them."""
    shutil.copytree(UNITS, tmp_path / "units", symlinks=False)
    for program in ("digest", "digest-backup"):
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    for path in (tmp_path / "units").glob("*.service"):
        path.write_text(path.read_text().replace(f"{BIN}/", f"{tmp_path}/"))
    names = [name.replace("@.", "@1.") for name in ALL] + ["digest-backup.timer"]

    run = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / "units" / name) for name in names)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path / 'units'}:"},
    )

    said = [line for line in run.stderr.splitlines() if "digest" in line]
    assert said == []


@pytest.mark.parametrize("name", RUNNING)
def test_a_unit_has_time_to_finish_its_messages_and_starts_again(name: str):
    said = unit(name)

    assert int(said["TimeoutStopSec"][0]) >= LAST_RESORT + 15
    assert said["KillSignal"] == ["SIGTERM"]
    assert said["Restart"] == ["always"]
    assert int(said["RestartSec"][0]) >= 1
    # A database that is away ends it with 3, and comes back; a wrong file stays wrong.
    assert said["RestartPreventExitStatus"] == [str(int(Exit.WRONG))]
    assert sections(name)["Unit"]["StartLimitIntervalSec"] == "0"


@pytest.mark.parametrize("name", ALL)
def test_a_unit_may_do_little(name: str):
    said = unit(name)

    for key, value in {
        "User": "digest",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "StateDirectory": "digest",
        "UMask": "0077",
    }.items():
        assert said[key] == [value], key
    assert said["SystemCallFilter"][0] == "@system-service"
    assert re.fullmatch(r"\d+[MG]", said["MemoryMax"][0])


@pytest.mark.parametrize("name", ALL)
def test_the_processes_that_read_pages_may_limit_themselves(name: str):
    """setrlimit is of @resources; without it nothing is ever read."""
    taken_away = " ".join(one for one in unit(name)["SystemCallFilter"] if one.startswith("~"))

    assert "@resources" not in taken_away
    assert "setrlimit" not in taken_away


@pytest.mark.parametrize("name", ALL)
def test_the_secrets_are_lent_to_the_unit(name: str):
    said = unit(name)
    (lent,) = said["LoadCredential"]

    assert f"DIGEST_SECRETS_FILE=%d/{lent.partition(':')[0]}" in said["Environment"]


def test_the_settings_for_systemd_keep_all_state_where_the_units_may_write():
    said = dict(settings_in_readme())["with systemd"]["store"]

    assert said["journal"].startswith("/var/lib/digest/")
    assert said["url"].startswith("sqlite:////var/lib/digest/")
    assert "ReadWritePaths" not in unit("digest.service")


@pytest.mark.parametrize(("title", "said"), list(settings_in_readme()))
def test_the_settings_of_the_readme_are_sound(title: str, said: dict[str, dict[str, object]], tmp_path: Path):
    """In the place of what the packaged file says."""
    copy_config(tmp_path)
    file = tmp_path / "digest.yaml"
    whole = yaml(file.read_text(encoding="utf-8"))
    for section, keys in said.items():
        whole[section] = {**(whole[section] or {}), **keys}
    YAML().dump(whole, file)

    problems: tuple[Problem, ...] = ()
    try:
        load(tmp_path)
    except ConfigError as error:
        problems = error.problems

    # The relay's certificate is made where the relay runs.
    assert [problem for problem in problems if problem.key != "relay.ca_file"] == [], title


def test_the_backup_runs_each_night_where_it_may_write():
    said = unit("digest-backup.service")
    program, directory, keep = command("digest-backup.service")

    assert program == f"{BIN}/digest-backup"
    assert said["ReadWritePaths"] == [directory]
    assert directory in read("systemd/tmpfiles.d/digest.conf")
    assert int(keep) >= 7
    assert sections("digest-backup.timer")["Timer"]["Persistent"] == "true"
    assert f"PATH={BIN}:/usr/bin:/bin" in said["Environment"]


def test_every_file_that_the_readme_names_is_there():
    readme = read("README.md")

    for path in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (DEPLOY / path).exists(), path
    for path in re.findall(r"\bdeploy/[\w./-]*\w", readme):
        assert list(DEPLOY.parent.glob(path.rstrip("*"))) or list(DEPLOY.parent.glob(f"{path}*")), path
