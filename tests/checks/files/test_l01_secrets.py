"""L01 finds a secret wherever it is in a spec, at its place and once, and no output shows it."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given

from generator.checks.files import check_files
from generator.core.finding import Finding
from generator.repo.spec_files import read_spec_files
from generator.report import FORMATS
from tests.conftest import ROOT
from tests.support.command import servegen
from tests.support.fleets import repositories
from tests.support.prepared import minimal
from tests.support.secrets import Leak, leaks

LEAKS = leaks()
_BASE = {
    "m": "model: m\nversion: v1\ntype: triton-server\nenvironments: {prod: }\n",
    "models/m": "",
    "project": "",
}


def _content(leak: Leak) -> str:
    return leak.content + _BASE[leak.file]


def _path(leak: Leak, number: int) -> str:
    """Each leak has a project of its own."""
    file = {"m": "a/m-1", "models/m": "models/m", "project": "project"}[leak.file]
    return f"services/p{number}/{file}.yaml"


def _repository(root: Path, files: dict[str, str]) -> None:
    minimal(root)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def test_there_are_at_least_29_kinds() -> None:
    assert len({leak.name for leak in LEAKS}) == len(LEAKS) >= 29


@pytest.mark.parametrize("output", FORMATS)
def test_every_secret_is_found_at_its_place_and_in_no_output(output: str, tmp_path: Path) -> None:
    files = {_path(leak, number): _content(leak) for number, leak in enumerate(LEAKS)}
    _repository(tmp_path, files)
    done = servegen(tmp_path, "validate", "--engine", "embedded", "--output", output)
    assert done.returncode == 1
    printed = done.stdout + done.stderr
    shown = [leak.name for leak in LEAKS for part in leak.parts if part in printed or json.dumps(part)[1:-1] in printed]
    assert shown == []
    found = check_files(read_spec_files(tmp_path).contents)
    assert {(f.position.file, f.position.line, f.position.column) for f in found} == {
        (_path(leak, number), *leak.place) for number, leak in enumerate(LEAKS)
    }
    assert len(found) == len(LEAKS)
    if output == "text":
        for finding in found:
            assert f"{finding.position}: {finding.severity}: {finding.message} [L01]\n" in printed


def _messages(files: dict[str, str]) -> list[Finding]:
    return check_files({name: text.encode() for name, text in files.items()})


@pytest.mark.parametrize(
    "text",
    [
        f'config: {{a.json: \'{{"sha256": "{hashlib.sha256(b"model").hexdigest()}"}}\'}}',
        "env: {RUN: 3f2504e0-4f89-11d3-9a0c-0305e82c3301}",
        f"env: {{COMMIT: {hashlib.sha1(b'commit').hexdigest()}}}",
        f"config: {{text: {base64.b64encode(b'a picture of a cat on a table').decode()}}}",
        f"image: example.com/m:1@sha256:{hashlib.sha256(b'image').hexdigest()}",
        f"annotations: {{example.com/md5: md5:{hashlib.md5(b'model').hexdigest()}}}",
        "env: {DB_PASSWORD: changeme, HF_TOKEN: <token>, API_KEY: xxx, A_SECRET: '${SECRET}', B_TOKEN: $(HF_TOKEN)}",
        "env: {HF_TOKEN: {secret: hub/token}, DB_PASSWORD: {secret: db/password}}",
        "env:\n  HF_TOKEN:\n    secret: hub/token\n  OTHER_KEY:\n    configmap: a/b",
        "config:\n  id.pub: |\n    -----BEGIN PUBLIC KEY-----\n    MFkwEwYHKoZIzj0CAQYI\n    -----END PUBLIC KEY-----",
        "env: {ACCOUNT: '123456789012345678901234567890', PASSWORD: '12345678', USE_TOKEN: 'true'}",
        "env: {TOKEN_FILE: /var/run/secrets/token, DB_PASSWORD_FILE: /run/pw, SSL_KEY: /tls/tls.key}",
        'config:\n  tokenizer.json: |\n    {"eos_token": "</s>", "pad_token": "[PAD]", "max_tokens": 512}',
        "command: vllm serve --max-tokens 512 --tokenizer /models/tokenizer --api-key $API_KEY --hf-token ${HF_TOKEN}",
        "command: python -c 'import os; token = os.environ[\"TOKEN\"]; password = getpass(); key=args.key'",
        "command: serve --disable-token-auth --ts-config a.b --use-password run --enable-auth yes --auth-key --verbose",
        "command: [serve, --no-api-key, run, --api-key, --verbose]",
        "annotations: {secret: models-s3-readonly-2026, token: hub-token-2026-11-v2, credentials: resnet50-202208014}",
        "env: {A: {secret: wandb-credentials-2026-v2/api-key-2}, SSL_KEY: /mnt/2026.11/tls-1, B_KEY: a1-b2-c3-d4}",
        "env: {A_PASSWORD: 'ENC[AES256_GCM,data:a7Gd83kd9Dk3sW2k]', B_TOKEN: 'vault:secret/data/hub#token'}",
        "volumes: hub(secret):/secrets",
        "pull_secrets: [hubsecret]",
        'config:\n  config.pbtxt: |\n    parameters { key: "intra_op_thread_count" value: { string_value: "10" } }',
        "host: http://user.example.com/a@b:c",
        "description: 'the password: see the wiki. Use basic authentication; bearer tokens are refused'",
        "env: {HTTPS_PROXY: 'http://proxy.example.com:3128', DB: 'postgres://app:$(DB_PASSWORD)@db/app'}",
        "env: {PARTITION_KEY: customer, CACHE_KEY: v1-2026, PUBLIC_KEY: abcdefgh, NEXT_TOKEN: abc, SECRET_NAME: hub}",
        "config: {a.yaml: 'auth: none', b.json: '{\"auth\": \"required-by-proxy\"}'}",
        "command: curl -u $USER:$PASSWORD https://models.example.com/m",
    ],
)
def test_harmless_lines_have_no_finding(text: str) -> None:
    assert _messages({"services/p/a/m-1.yaml": f"{text}\n{_BASE['m']}"}) == []


def test_the_example_fleet_has_no_finding() -> None:
    files = {str(path.relative_to(ROOT)): path.read_bytes() for path in (ROOT / "services").rglob("*.yaml")}
    assert len(files) > 10
    assert check_files(files) == []


@given(repositories())
def test_random_specs_have_no_finding(files: dict[str, bytes]) -> None:
    assert check_files(files) == []


@pytest.mark.parametrize(
    "case", sorted((ROOT / "tests" / "cases").glob("import*/*/expected")), ids=lambda p: p.parent.name
)
def test_imported_specs_have_no_finding(case: Path) -> None:
    files = {f"services/{path.relative_to(case)}": path.read_bytes() for path in case.rglob("*.yaml")}
    assert files
    assert check_files(files) == []
