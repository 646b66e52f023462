"""compose.yaml and the image say what the program understands: settings, verbs, ports, secrets."""

import ast
import configparser
import json
import re
import stat
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema  # type: ignore[import-untyped] # its stubs are no requirement of ours
import pytest
import yaml

from console import settings as configuration
from console.wiring import WORK
from tests.unit.docs.shown_commands import find

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "coedi"}
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")

_TEXTS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_MAP = {"type": "object", "additionalProperties": {"type": "string"}}
_NAMED = {"type": "object", "additionalProperties": {"type": ["object", "null"]}}
_DURATION = {"type": "string", "pattern": "^[0-9]+(ms|s|m|h)$"}
# the part of the Compose Specification (compose-spec.json) that this file uses; anything else is a mistake in spelling
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["services"],
    "patternProperties": {"^x-": {}},
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "volumes": _NAMED,
        "secrets": {"type": "object", "additionalProperties": {
            "type": "object", "required": ["file"], "additionalProperties": False, "properties": {"file": {"type": "string"}}}},
        "services": {"type": "object", "additionalProperties": {
            "type": "object",
            "required": ["image"],
            "additionalProperties": False,
            "properties": {
                "image": {"type": "string", "pattern": "^[a-z0-9./-]+(:[A-Za-z0-9._-]+)?$"},
                "build": {"type": "object", "additionalProperties": False, "properties": {
                    "context": {"type": "string"}, "dockerfile": {"type": "string"}, "args": _MAP}},
                "command": _TEXTS,
                "environment": _MAP,
                "hostname": {"type": "string"},
                "init": {"type": "boolean"},
                "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
                "stop_grace_period": _DURATION,
                "stop_signal": {"type": "string", "pattern": "^SIG[A-Z]+$"},
                "volumes": _TEXTS,
                "ports": {"type": "array", "items": {"type": "string", "pattern": r"^127\.0\.0\.1:[0-9]+:[0-9]+$"}},
                "ulimits": {"type": "object", "additionalProperties": {"type": "integer"}},
                "secrets": {"type": "array", "items": {"anyOf": [{"type": "string"}, {
                    "type": "object", "required": ["source", "target"], "additionalProperties": False,
                    "properties": {"source": {"type": "string"}, "target": {"type": "string"}}}]}},
                "deploy": {"type": "object", "additionalProperties": False,
                           "properties": {"replicas": {"type": "integer", "minimum": 1}}},
                "healthcheck": {"type": "object", "required": ["test"], "additionalProperties": False, "properties": {
                    "test": _TEXTS, "interval": _DURATION, "timeout": _DURATION, "start_period": _DURATION,
                    "retries": {"type": "integer"}}},
                "depends_on": {"type": "object", "additionalProperties": {
                    "type": "object", "required": ["condition"], "additionalProperties": False, "properties": {
                        "condition": {"enum": ["service_started", "service_healthy", "service_completed_successfully"]}}}},
            }}},
    },
}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What deploy/make-secrets makes."""
    folder = tmp_path_factory.mktemp("made") / "secrets"
    subprocess.run([ROOT / "deploy" / "make-secrets", folder], check=True, stdout=subprocess.DEVNULL)
    return folder


def test_the_file_is_made_of_keys_that_compose_knows() -> None:
    jsonschema.validate(COMPOSE, SCHEMA)


def test_a_misspelt_key_would_be_found() -> None:
    wrong = json.loads(json.dumps(COMPOSE))
    wrong["services"]["worker"]["depend_on"] = {}
    with pytest.raises(jsonschema.ValidationError, match="depend_on"):
        jsonschema.validate(wrong, SCHEMA)


def test_everything_a_service_names_is_defined() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", {})) <= set(SERVICES), name
        asked = {secret if isinstance(secret, str) else secret["source"] for secret in service.get("secrets", [])}
        assert asked <= set(COMPOSE["secrets"]), name
        sources = {volume.split(":")[0] for volume in service.get("volumes", [])}
        assert {source for source in sources if not source.startswith(".")} <= set(COMPOSE["volumes"]), name
        for condition, waited_for in ((d["condition"], SERVICES[other]) for other, d in service.get("depends_on", {}).items()):
            assert "healthcheck" in waited_for or condition != "service_healthy", name


@pytest.mark.parametrize("name", OURS)
def test_the_settings_of_a_container_are_settings_of_coedi(name: str) -> None:
    known = {variable for variable, _ in configuration.NAMES.values()}
    assert {variable.removesuffix("_FILE") for variable in OURS[name]["environment"]} <= known


@pytest.mark.parametrize("name", OURS)
def test_the_command_of_a_container_can_be_given(name: str) -> None:
    command, arguments = find(tuple(OURS[name]["command"]))
    command.make_context(name, arguments)


def test_the_workers_host_every_stage() -> None:
    assert OURS["worker"]["command"][1:] == list(WORK) and OURS["worker"]["deploy"]["replicas"] == 2


def test_the_secrets_are_those_that_are_made_and_coedi_reads_them(secrets: Path) -> None:
    files = {name: secrets / Path(secret["file"]).name for name, secret in COMPOSE["secrets"].items()}
    assert all(path.is_file() for path in files.values())
    environment = {
        variable: str(files[Path(value).name]) if variable.endswith("_FILE") else value
        for variable, value in OURS["worker"]["environment"].items()}
    settings = configuration.load(environment)
    for url, port in ((settings.amqp_url, 5672), (settings.admin_url, 15672), (settings.database_url, 5432)):
        host = urlsplit(url).hostname
        assert host in SERVICES and urlsplit(url).port == port, host
        assert f"127.0.0.1:{port}:{port}" in SERVICES[host]["ports"]
    assert urlsplit(settings.database_url).path == f"/{SERVICES['postgres']['environment']['POSTGRES_DB']}"
    assert f"default_pass = {urlsplit(settings.amqp_url).password}\n" in files["broker-login"].read_text(encoding="utf-8")


def test_secrets_that_are_there_stay_and_nobody_else_may_enter(secrets: Path) -> None:
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    subprocess.run([ROOT / "deploy" / "make-secrets", secrets], check=True, stdout=subprocess.DEVNULL)
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700


def test_the_broker_listens_where_the_ports_are() -> None:
    text = (ROOT / "deploy" / "rabbitmq.conf").read_text(encoding="utf-8")
    ports = set(re.findall(r"\.port = (\d+)$|^listeners\.tcp\.default = (\d+)$", text, re.M))
    assert {a or b for a, b in ports} == {port.rsplit(":", 1)[1] for port in SERVICES["rabbitmq"]["ports"]}


def test_the_entry_point_of_the_image_is_the_command() -> None:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    [line] = parser["options.entry_points"]["console_scripts"].split("\n")[1:]
    found = re.search(r"^ENTRYPOINT (.*)$", DOCKERFILE, re.M)
    assert found and ast.literal_eval(found[1]) == [line.partition(" = ")[0]]


def test_the_image_runs_without_rights_and_on_the_python_that_is_tested() -> None:
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, re.M)
    assert users == ["coedi"] and "FROM python:3.11-slim\n" in DOCKERFILE
    assert (ROOT / OURS["worker"]["build"]["dockerfile"]).is_file()


def test_everything_the_package_needs_is_copied_into_the_image() -> None:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    packages = {line.split(".")[0] for line in parser["options"]["packages"].split()}
    copied = set(re.findall(r"^!(.*)$", (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8"), re.M))
    assert packages | {"setup.cfg", "pyproject.toml", "README.md", "LICENSE"} <= copied
