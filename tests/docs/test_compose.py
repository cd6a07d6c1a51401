"""The containers: no password has a default, images are pinned, and every command is one that exists."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image", "").startswith("shouwang:")}
SECRET_NAME = re.compile(r"PASSWORD|TOKEN|SECRET|KEY", re.IGNORECASE)
REQUIRED = re.compile(r"\$\{[A-Z_]+:\?[^}]+\}")
BROKER_PASSWORDS = ("BROKER_INGEST_PASSWORD", "BROKER_DEVICE_PASSWORD")


@pytest.mark.parametrize("service", SERVICES)
def test_no_secret_of_a_service_has_a_default(service):
    secrets = {
        name: str(value) for name, value in SERVICES[service].get("environment", {}).items() if SECRET_NAME.search(name)
    }
    assert [name for name, value in secrets.items() if not REQUIRED.fullmatch(value)] == []


def test_no_secret_is_written_into_a_command_or_an_address():
    for service in SERVICES.values():
        assert not any(SECRET_NAME.search(str(word)) for word in service.get("command", []))
        for value in service.get("environment", {}).values():
            assert not re.search(r"://[^/]*@", str(value))


@pytest.mark.parametrize("service", SERVICES)
def test_every_image_is_pinned_to_a_release(service):
    assert re.search(r":\d+\.\d+\.\d+(-[a-z0-9.]+)?$", SERVICES[service]["image"])


@pytest.mark.parametrize("service", SERVICES)
def test_ports_are_published_on_this_machine_only_unless_somebody_says_otherwise(service):
    for port in SERVICES[service].get("ports", []):
        assert re.match(r"\$\{[A-Z_]+:-127\.0\.0\.1\}:\d+:\d+$", port)


@pytest.mark.parametrize("service", OURS)
def test_every_command_of_ours_is_a_subcommand_that_exists_with_its_options(service):
    subcommand, *words = OURS[service]["command"]
    asked = subprocess.run(
        [str(BIN / "shouwang"), subcommand, "--help"],
        env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
    )
    assert asked.returncode == 0, asked.stderr
    assert [word for word in words if word.startswith("--") and word not in asked.stdout] == []


def test_a_simulation_shares_neither_data_nor_broker_with_the_service_on_duty():
    simulated = [service for service in SERVICES.values() if "sim" in service.get("profiles", [])]
    on_duty = [service for service in SERVICES.values() if "profiles" not in service]
    assert simulated
    assert not {v for s in simulated for v in s["volumes"]} & {v for s in on_duty for v in s["volumes"]}
    assert all("SHOUWANG_MQTT_HOST" not in service.get("environment", {}) for service in simulated)
    assert "shouwang.clock" not in (ROOT / "docker" / "nats.conf").read_text("utf-8")


@pytest.mark.parametrize("service", OURS)
def test_every_setting_given_to_our_services_is_one_that_exists(service):
    from app.environment import ENV_PREFIX  # noqa: PLC0415 - only this test needs it
    from app.settings import Settings  # noqa: PLC0415 - only this test needs it

    known = {f"{ENV_PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert set(OURS[service].get("environment", {})) <= known


def test_the_broker_takes_its_configuration_and_refuses_to_start_without_passwords():
    command = [str(BIN / "nats-server"), "-t", "-c", str(ROOT / "docker" / "nats.conf")]
    bare = {name: value for name, value in os.environ.items() if name not in BROKER_PASSWORDS}
    given = bare | dict.fromkeys(BROKER_PASSWORDS, "a-password-of-this-test")
    assert subprocess.run(command, env=given, capture_output=True, check=False, timeout=30).returncode == 0
    assert subprocess.run(command, env=bare, capture_output=True, check=False, timeout=30).returncode != 0


def test_the_broker_gets_exactly_the_passwords_that_its_configuration_reads():
    configuration = (ROOT / "docker" / "nats.conf").read_text("utf-8")
    assert set(SERVICES["broker"]["environment"]) == set(BROKER_PASSWORDS)
    assert set(re.findall(r"password: \$(\w+)", configuration)) == set(BROKER_PASSWORDS)
    assert "sync_interval: always" in configuration


def test_the_image_installs_by_hash_without_development_tools_and_runs_as_nobody_in_particular():
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    final = dockerfile[dockerfile.rindex("FROM ") :]
    assert "--require-hashes -r /tmp/requirements.lock" in final
    assert "requirements-dev" not in dockerfile
    assert final.index("USER shouwang") < final.index("ENTRYPOINT")


def test_the_image_copies_every_package_of_the_wheel():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    copied = set(re.findall(r"^COPY (\w+) \1$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE))
    assert copied == packages


def test_what_builds_the_wheel_is_pinned_as_in_the_development_lock():
    def pins(path: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9.-]+==\S+)", (ROOT / path).read_text("utf-8"), re.MULTILINE))

    assert pins("docker/build.lock") <= pins("requirements-dev.lock")
