"""Alerts, the proxy, the relay's file, and the dated backups."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import a_timetable
from deploy_files import DEPLOY, read, yaml

from digest.adapters.clock import SystemClock
from digest.store.sql import SqlStore
from digest.web.metrics import Metrics

pytestmark = pytest.mark.slow

RULES = [rule for group in yaml(read("prometheus/alerts.yml"))["groups"] for rule in group["rules"]]
TIMETABLE = a_timetable()

CLEAN = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}


async def test_every_metric_that_an_alert_asks_for_is_told(store: SqlStore):
    """A rule about a metric that is not there never wakes anybody."""
    text = (await Metrics(store=store, timetable=TIMETABLE, clock=SystemClock()).text()).decode()
    told = set(re.findall(r"(?m)^# TYPE (\w+) gauge$", text))

    asked = {name for rule in RULES for name in re.findall(r"\bdigest_\w+", rule["expr"])}
    assert asked
    assert asked - told == set()


def test_every_alert_says_what_is_wrong_and_what_to_do():
    for rule in RULES:
        assert set(rule["annotations"]) == {"summary", "action"}, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "warn"}, rule["alert"]
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on this machine")
def test_prometheus_finds_nothing_wrong():
    subprocess.run(["promtool", "check", "config", str(DEPLOY / "prometheus/prometheus.yml")], check=True)


@pytest.mark.parametrize("path", ["proxy/nginx.conf", "proxy/Caddyfile"])
def test_a_proxy_passes_the_pages_alone(path: str):
    said = read(path)

    assert "127.0.0.1:8080" in said
    assert "/metrics" in said
    assert "/health/" in said


@pytest.mark.parametrize(
    ("path", "limits"),
    [
        ("proxy/nginx.conf", ["client_max_body_size 16k;", "limit_conn digest_visitors 20;"]),
        ("proxy/Caddyfile", ["max_size 16KB", "read_header 10s", "write 60s", "unhealthy_request_count 200"]),
    ],
)
def test_a_proxy_limits_what_visitors_may_take(path: str, limits: list[str]):
    assert all(limit in read(path) for limit in limits)


@pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not on this machine")
def test_caddy_understands_its_file():
    file = str(DEPLOY / "proxy/Caddyfile")
    subprocess.run(["caddy", "validate", "--adapter", "caddyfile", "--config", file], check=True)


def test_nginx_logs_no_readers_link_and_believes_no_client():
    said = read("proxy/nginx.conf")
    (form,) = re.findall(r"(?m)^log_format digest_page (.*)$", said)

    assert not re.search(r"\$(request|request_uri|uri|args|http_referer)\b", form)
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in said


@pytest.mark.skipif(shutil.which("postconf") is None, reason="Postfix is not on this machine")
def test_postfix_knows_every_word_of_the_relays_file(tmp_path: Path):
    shutil.copy(DEPLOY / "relay/main.cf", tmp_path / "main.cf")
    (tmp_path / "master.cf").write_text("smtp inet n - n - - smtpd\nsmtp unix - - n - - smtp\n")

    run = subprocess.run(["postconf", "-c", str(tmp_path), "-n"], capture_output=True, text=True, check=True)

    assert run.stderr == ""


@pytest.mark.parametrize("path", ["bin/digest-backup", "bin/digest-as-service", "relay/start"])
def test_the_shell_understands_every_script(path: str):
    assert os.access(DEPLOY / path, os.X_OK)
    subprocess.run(["sh", "-n", str(DEPLOY / path)], check=True)


def backed_up(place: Path, *, keep: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(DEPLOY / "bin/digest-backup"), str(place / "backups"), str(keep)],
        capture_output=True,
        text=True,
        check=False,
        env=CLEAN | {"DIGEST_CONFIG": str(place / "config")},
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Five older backups, and something that is none."""
    (tmp_path / "backups").mkdir()
    for day in range(1, 6):
        (tmp_path / "backups" / f"digest-2026-01-0{day}T033000Z.gz").touch()
    (tmp_path / "backups" / "notes.txt").touch()
    return tmp_path


def test_a_dated_backup_is_made_and_the_last_few_are_kept(place: Path):
    made = subprocess.run(
        ["digest", "init", str(place / "config")], capture_output=True, text=True, check=False, env=CLEAN
    )
    assert made.returncode == 0, made.stderr

    run = backed_up(place, keep=3)

    assert run.returncode == 0, run.stderr
    new, *older = sorted((path.name for path in (place / "backups").glob("*.gz")), reverse=True)
    assert new.startswith(f"digest-{datetime.now(UTC):%Y-}")
    assert older == ["digest-2026-01-05T033000Z.gz", "digest-2026-01-04T033000Z.gz"]
    assert (place / "backups" / "notes.txt").exists()


def test_a_backup_that_fails_takes_no_older_one_away(place: Path):
    run = backed_up(place, keep=1)

    assert run.returncode != 0
    assert len(list((place / "backups").glob("*.gz"))) == 5
