"""Containers as `deploy/` describes them: nothing here starts one."""

from __future__ import annotations

import fnmatch
import re
import shlex
from typing import Any

import pytest
from deploy_files import DEPLOY, ROOT, UNITS, Takes, read, settings_in_readme, yaml
from starlette.routing import Route

from digest import __version__
from digest.adapters.stopping import LAST_RESORT
from digest.roles import Role
from digest.web.health import health_routes

COMPOSE: dict[str, Any] = yaml(read("compose.yaml"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
RUNNING = {name: said for name, said in SERVICES.items() if said.get("command", [""])[0] == "run"}
OURS = {name: said for name, said in SERVICES.items() if said["image"].startswith("noon-digest:")}
JOURNAL = "/var/lib/digest/journal"


def option(command: list[str], name: str) -> str | None:
    return command[command.index(name) + 1] if name in command else None


def settings_in_containers() -> dict[str, Any]:
    return dict(settings_in_readme())["in containers"]


def mounts(service: dict[str, Any]) -> dict[str, str]:
    """By place within, what is mounted there, and how."""
    return {
        parts[1]: ":".join([parts[0], *parts[2:]])
        for parts in (one.split(":") for one in service.get("volumes", []))
    }


def certificate(service: dict[str, Any]) -> dict[str, str]:
    return {place: what for place, what in mounts(service).items() if "certificate" in what}


async def ready() -> bool:
    return True


def test_every_image_has_a_version_and_every_foreign_one_a_digest():
    """A moving tag migrated data unasked; and a tag that is pushed again is another image."""
    for name, said in SERVICES.items():
        tag = said["image"].partition(":")[2]
        assert re.match(r"\d+\.\d+", tag), name
    bases = re.findall(r"(?m)^ARG \w+_IMAGE=(\S+)", read("Dockerfile"))
    bases += re.findall(r"(?m)^FROM (?!\$\{)(\S+)", read("Dockerfile") + read("relay/Dockerfile"))
    foreign = [said["image"] for said in SERVICES.values() if not said["image"].startswith("noon-digest")]
    for image in (*bases, *foreign):
        assert re.fullmatch(r"[a-z]+:[a-z0-9.-]*\d[a-z0-9.-]*@sha256:[0-9a-f]{64}", image), image
    assert (len(bases), len(foreign)) == (2, 1)
    used = re.findall(r"(?m)^FROM \$\{(\w+)\}", read("Dockerfile"))
    assert used == ["PYTHON_IMAGE"] * 2
    assert {said["image"] for said in OURS.values()} == {f"noon-digest:{__version__}"}
    assert f"noon-digest:{__version__}" in read("Dockerfile")


def test_each_role_runs_and_two_deliver():
    roles = {option(said["command"], "--role"): name for name, said in RUNNING.items()}

    assert set(roles) == {role.value for role in Role} - {"all"}
    assert SERVICES["receive"]["profiles"] == ["receive"], "without `receiving` it would only end"
    assert SERVICES["deliver"]["deploy"]["replicas"] == 2


@pytest.mark.parametrize("name", [*RUNNING, "init", "upgrade"])
def test_the_command_line_takes_each_command(name: str, takes: Takes):
    takes(SERVICES[name]["command"])


@pytest.mark.parametrize("name", RUNNING)
def test_each_health_check_asks_where_the_role_answers(name: str):
    """Without curl: the image has none."""
    command, check = SERVICES[name]["command"], SERVICES[name]["healthcheck"]["test"]
    (address,) = re.findall(r"http://([\d.]+:\d+)(/[a-z/]+)", check[-1])
    routes = {route.path for route in health_routes(ready, None) if isinstance(route, Route)}
    pages = "127.0.0.1:8080" if option(command, "--role") == "web" else None

    assert check[:3] == ["CMD", "python", "-c"]
    compile(check[-1], name, "exec")
    assert address[0] == (pages or option(command, "--health"))
    assert address[1] in routes


@pytest.mark.parametrize("name", RUNNING)
def test_a_worker_has_time_to_finish_its_messages_and_is_started_again(name: str):
    said = SERVICES[name]

    assert int(said["stop_grace_period"].removesuffix("s")) >= LAST_RESORT + 15
    assert said["init"] is True
    assert said["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", OURS)
def test_the_service_may_do_little(name: str):
    said = SERVICES[name]

    assert said["user"].split(":")[0] not in {"", "0", "root"}
    assert said["read_only"] is True
    assert said["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in said["security_opt"]
    writable = {place for place, what in mounts(said).items() if not what.endswith(":ro")}
    assert writable <= {JOURNAL, "/var/backups/digest"} | ({"/etc/digest"} if name == "init" else set())


def test_all_workers_of_the_machine_share_one_journal_that_outlives_them():
    """A lock of the kernel tells them who lives, and a dead worker's notes are read by any other at once."""
    kept = {mounts(said).get(JOURNAL) for said in RUNNING.values()}
    (volume,) = kept

    assert volume in COMPOSE["volumes"]
    assert not COMPOSE["volumes"][volume]  # local, with no driver of a network's
    assert not [one for said in RUNNING.values() for one in said["tmpfs"] if one.startswith(JOURNAL)]
    assert JOURNAL in read("Dockerfile")  # so that the new volume belongs to the service's user


def test_every_volume_secret_and_network_is_declared():
    for name, said in SERVICES.items():
        for what in mounts(said).values():
            source = what.partition(":")[0]
            assert source.startswith("./") or source in COMPOSE["volumes"], name
        for secret in said.get("secrets", []):
            assert (secret if isinstance(secret, str) else secret["source"]) in COMPOSE["secrets"], name
        for other in said.get("depends_on", {}):
            assert other in SERVICES, name
        assert set(said["networks"]) <= set(COMPOSE["networks"]), name


@pytest.mark.parametrize("name", OURS)
def test_secrets_are_a_file_that_the_service_is_told_of(name: str):
    said = SERVICES[name]
    (secret,) = said["secrets"]

    assert said["environment"]["DIGEST_SECRETS_FILE"] == f"/run/secrets/{secret['target']}"
    assert not [key for key in said["environment"] if key in {"DIGEST_SECRET_KEY", "DIGEST_DATABASE_URL"}]
    assert COMPOSE["secrets"]["digest"]["file"].removeprefix("./").split("/")[0] + "/" in {
        line.removeprefix("deploy/") for line in (ROOT / ".gitignore").read_text().splitlines()
    }


READ_BY_POSTGRES = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE"}  # as its image documents
READ_BY_PYTHON = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def variables_that_we_read() -> set[str]:
    """The names of variables as the program's code and the scripts in `deploy/` hold them."""
    code = [path.read_text(encoding="utf-8") for path in (ROOT / "digest").rglob("*.py")]
    scripts = [read(path) for path in ("bin/digest-backup", "bin/digest-as-service")]
    return set(re.findall(r'"(DIGEST_[A-Z_]+)"', "".join(code))) | set(
        re.findall(r"\$\{?(DIGEST_[A-Z_]+)", "".join(scripts))
    )


@pytest.mark.parametrize("name", SERVICES)
def test_every_variable_that_is_set_is_read_by_something(name: str):
    """One that nothing reads looks like protection and is none."""
    relay = set(re.findall(r"\$\{(RELAY_[A-Z_]+)", read("relay/start")))
    known = {"postgres": READ_BY_POSTGRES, "relay": relay}.get(name) or variables_that_we_read()

    assert set(SERVICES[name].get("environment", {})) <= known


def test_every_variable_of_the_images_and_units_is_read_by_something():
    final = read("Dockerfile").split("\nFROM ")[2]
    (said,) = re.findall(r"(?m)^ENV (.+)$", final)
    units = [read(f"systemd/{path.relative_to(UNITS)}") for path in UNITS.rglob("*") if path.is_file()]
    set_by = {word.partition("=")[0] for word in said.split()}
    set_by |= set(re.findall(r"(?m)^Environment=(\w+)=", "\n".join(units)))

    assert {"DIGEST_CONFIG", "DIGEST_SECRETS_FILE"} <= set_by
    assert set_by <= variables_that_we_read() | READ_BY_PYTHON


def test_every_variable_that_the_operator_gives_is_told_of():
    asked = set(re.findall(r"\$\{([A-Z_]+)", read("compose.yaml")))

    assert asked
    for name in asked:
        assert f"`{name}" in read("README.md") or f"{name}=" in read("README.md"), name


def test_the_schema_changes_by_command_alone():
    """`up` with a newer version must not migrate before there is a backup."""
    for command in ("init", "upgrade"):
        assert [n for n, said in OURS.items() if said.get("command", [""])[0] == command] == [command]
        assert SERVICES[command]["profiles"] == ["tools"]
        assert SERVICES[command]["restart"] == "no"
        assert not [name for name, said in SERVICES.items() if command in said.get("depends_on", {})]
        assert command not in read("Dockerfile").partition("ENTRYPOINT")[2]
    assert mounts(SERVICES["upgrade"])["/var/backups/digest"] == "./backups"


def test_nothing_is_open_to_the_world_but_what_stands_behind_the_proxy():
    published = {name: said["ports"] for name, said in SERVICES.items() if "ports" in said}

    assert published == {"web": ["127.0.0.1:8080:8080"]}


def test_the_relay_takes_mail_from_the_network_of_the_service_alone():
    (subnet,) = COMPOSE["networks"]["digest"]["ipam"]["config"]

    assert SERVICES["relay"]["environment"]["RELAY_NETWORKS"] == subnet["subnet"]
    assert settings_in_containers()["web"]["proxies"] == [subnet["gateway"]]
    assert "reject_unauth_destination" in read("relay/main.cf")
    # Of 1 it would turn the limit for each domain into one for each mailbox.
    assert "destination_recipient_limit" not in read("relay/main.cf")


def test_the_settings_for_containers_fit_what_is_mounted():
    settings = settings_in_containers()
    (within,) = {tuple(sorted(m.items())) for m in map(certificate, OURS.values())}

    assert settings["store"]["journal"] == JOURNAL
    # By all of them: the settings are read as a whole, also by those who dial nobody.
    assert within == ((settings["relay"]["ca_file"].rpartition("/")[0], "relay-certificate:ro"),)
    assert mounts(SERVICES["relay"])["/var/lib/relay/public"] == "relay-certificate"
    assert "public/relay.pem" in read("relay/main.cf")
    assert settings["relay"]["host"] == SERVICES["relay"]["hostname"]
    assert settings["web"] == {
        "host": "0.0.0.0",
        "port": 8080,
        "proxies": ["172.30.53.1"],
        "metrics": True,
    }
    deliverers = SERVICES["deliver"]["deploy"]["replicas"]
    (most,) = re.findall(r"(?m)^smtpd_client_connection_count_limit = (\d+)", read("relay/main.cf"))
    assert settings["relay"]["connections"] * deliverers <= int(most)


@pytest.mark.parametrize(
    ("dockerfile", "context"), [("Dockerfile", ROOT), ("relay/Dockerfile", DEPLOY / "relay")]
)
def test_what_is_copied_into_an_image_is_there_and_not_kept_out(dockerfile: str, context: Any):
    ignore = context / ".dockerignore"
    let_in = (
        [line[1:] for line in ignore.read_text().splitlines() if line.startswith("!")]
        if ignore.exists()
        else ["*"]
    )
    for line in re.findall(r"(?m)^COPY (.+)", read(dockerfile)):
        words = shlex.split(line)
        if words[0].startswith("--from="):
            continue
        for source in words[:-1]:
            assert (context / source).exists(), source
            assert any(fnmatch.fnmatch(source, one) or source.startswith(f"{one}/") for one in let_in), source


def test_the_image_is_built_from_the_lock_by_hash_and_runs_as_nobody_much():
    stages = read("Dockerfile").split("\nFROM ")

    assert "--require-hashes" in stages[1]
    assert "pip install" not in stages[2]
    assert "\nUSER digest\n" in stages[2]
    assert all("--no-index" in line for line in re.findall(r"pip install [^\\\n]+", stages[1]))


def test_no_secret_can_come_into_an_image():
    lines = (ROOT / ".dockerignore").read_text().splitlines()

    assert lines[1] == "*"
    assert "**/secrets.env" in lines
    assert "deploy" not in [line.strip("!") for line in lines]
