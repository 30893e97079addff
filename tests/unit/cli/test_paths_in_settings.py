"""Files that `digest.yaml` names are checked when it is read: none is found missing at noon."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from servers.certificates import Authority
from typer.testing import CliRunner

from digest.adapters.config.files import load
from digest.adapters.config.packaged import copy_config
from digest.cli.main import app
from digest.errors import ConfigError

ACCOUNT = "tls: starttls, username: noon"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    copy_config(tmp_path)
    return tmp_path


HOOK = "id: crm, url: 'https://crm.council.uk', secret: DIGEST_WEBHOOK_CRM"


def write(config: Path, section: str) -> None:
    """Put a section, or keys of `relay`, into the operator's file."""
    path = config / "digest.yaml"
    text = path.read_text().replace("tls: none", "tls: starttls").replace("webhooks: []", "# webhooks")
    path.write_text(
        text.replace("relay:", section, 1) if section.startswith("relay:") else f"{text}\n{section}\n"
    )


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("relay:\n  ca_file: gone.pem", "relay.ca_file"),
        ("relay:\n  client_cert: gone.pem", "relay.client_cert"),
        ("relay:\n  client_cert: server.pem\n  client_key: gone.pem", "relay.client_key"),
        ("relay:\n  username: noon\n  token_file: gone", "relay.token_file"),
        (
            f"relay:\n  fallbacks: [{{host: b.council.uk, {ACCOUNT}, ca_file: gone.pem}}]",
            "relay.fallbacks.1.ca_file",
        ),
        (
            f"relay:\n  fallbacks: [{{host: b.council.uk, {ACCOUNT}, token_file: gone}}]",
            "relay.fallbacks.1.token_file",
        ),
        ("dkim: {domain: noon.council.uk, selector: noon, key_file: gone.pem}", "dkim.key_file"),
        ("receiving: {imap: {host: i.council.uk, username: n, ca_file: gone.pem}}", "receiving.imap.ca_file"),
        (
            f"webhooks: [{{{HOOK}, ca_file: gone.pem}}]",
            "webhooks.1.ca_file",
        ),
    ],
)
def test_a_file_that_is_missing_is_told_when_the_settings_are_read(
    config: Path, section: str, key: str
) -> None:
    Authority(config)
    write(config, section)

    found = CliRunner().invoke(app, ["config", "check", "--config", str(config)])

    assert found.exit_code == 2
    assert key in found.output
    assert "a file that we can read" in " ".join(found.output.split())
    assert "sound" not in found.output


@pytest.mark.parametrize("key", ["ca_file", "client_cert"])
def test_a_file_that_holds_no_certificate_is_told(config: Path, key: str) -> None:
    (config / "words.pem").write_text("no certificate\n")
    write(config, f"relay:\n  {key}: words.pem")

    with pytest.raises(ConfigError) as refused:
        load(config)

    assert [problem.key for problem in refused.value.problems] == [f"relay.{key}"]


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("named", ["client_cert", "client_key"])
def test_a_key_under_a_password_is_told_as_one(config: Path, named: str, form: PrivateFormat) -> None:
    """The service has nobody to ask for the password."""
    Authority(config)
    pem = (config / "server.pem").read_bytes()
    key = load_pem_private_key(pem, None).private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"word"))
    (config / "locked.pem").write_bytes(key + pem[pem.index(b"-----BEGIN CERTIFICATE") :])
    own = "  client_cert: server.pem\n" if named == "client_key" else ""
    write(config, f"relay:\n{own}  {named}: locked.pem")

    with pytest.raises(ConfigError) as refused:
        load(config)

    (problem,) = refused.value.problems
    assert problem.key == f"relay.{named}"
    assert problem.found.endswith('locked.pem", a key under a password')
    assert problem.expected.startswith("a key without a password")


def test_paths_are_counted_from_the_config_directory(config: Path) -> None:
    Authority(config)
    (config / "token").write_text("t")
    fallback = f"{{host: b.council.uk, {ACCOUNT}, token_file: token}}"
    write(config, f"relay:\n  client_cert: server.pem\n  fallbacks: [{fallback}]")

    settings = load(config)

    assert settings.relay.client_cert == config / "server.pem"
    assert settings.relay.fallbacks[0].token_file == config / "token"
    assert settings.store.journal == config / "var/journal"


def test_a_path_is_counted_from_the_config_directory_once(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(config.parent)

    settings = load(Path(config.name))

    assert settings.store.journal == config / "var" / "journal"
    assert Path(config.name) / settings.store.journal == config / "var" / "journal"
