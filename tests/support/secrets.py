"""Secrets in the places of specs where people write them. They are made here, and are in no file of this repository."""

from __future__ import annotations

import base64
import json
import random
import string
from dataclasses import dataclass
from typing import Final

LOWER: Final = string.ascii_lowercase + string.digits
LETTERS: Final = string.ascii_letters + string.digits
HEX: Final = "0123456789abcdef"
_random: Final = random.Random()


def _some(length: int, characters: str = LETTERS) -> str:
    """Return random characters, with at least one digit and one letter."""
    return "a7" + "".join(_random.choices(characters, k=length - 2))


def _digits(length: int) -> str:
    return "".join(_random.choices(string.digits, k=length))


def _aws() -> str:
    return "AK" + "IA" + _some(16, "ABCDEFGHJKLMNPQR234567").upper()


def _hub() -> str:
    return "h" + "f_" + "".join(_random.choices(string.ascii_letters, k=34))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _pem(kind: str, mark: str) -> str:
    lines = [_some(64) for _ in range(4)]
    return "\n".join([f"{mark}BEGIN {kind}PRIVATE KEY{mark}", *lines, f"{mark}END {kind}PRIVATE KEY{mark}"])


@dataclass(frozen=True)
class Leak:
    """A secret in a spec: `text` is the file with `§` in its place, `parts` are its lines, which nobody may print.

    `file` is the kind of file: a service `m`, `models/m` or `project`. `at` is the text that a report points at, if
    it is not the secret.
    """

    name: str
    file: str
    text: str
    secret: str
    at: str = ""

    @property
    def content(self) -> str:
        """The file: each line of the secret has the indentation of the first."""
        line = next(line for line in self.text.split("\n") if "§" in line)
        indent = " " * (len(line) - len(line.lstrip()))
        return self.text.replace("§", self.secret.replace("\n", f"\n{indent}"))

    @property
    def place(self) -> tuple[int, int]:
        """The line and column of the secret."""
        before = self.content[: self.content.index(self.at or self.secret.split("\n")[0])]
        return before.count("\n") + 1, len(before) - before.rfind("\n")

    @property
    def parts(self) -> list[str]:
        """What must not be in any output."""
        return self.secret.split("\n")


def _env(name: str, secret: str, variable: str = "VALUE") -> Leak:
    return Leak(name, "m", f"env:\n  LOG: info\n  {variable}: §\n", secret)


def _config(name: str, text: str, secret: str) -> Leak:
    lines = "".join(f"    {line}\n" for line in text.split("\n"))
    return Leak(name, "m", f"config:\n  settings: |\n    # generated\n{lines}", secret)


def leaks() -> list[Leak]:
    """Return one leak of each kind, the same in each run."""
    _random.seed(20261129)
    dash = "-" * 5
    jwt = ".".join(["ey" + _some(40), "ey" + _some(60), _some(43)])
    docker = json.dumps({"auths": {"registry.example.com": {"auth": "§"}}}, ensure_ascii=False)
    return [
        _env("AWS access key", _aws(), "AWS_ACCESS_KEY_ID"),
        _env("AWS secret key", _some(40, LETTERS + "+/"), "AWS_SECRET_ACCESS_KEY"),
        _env("Google API key", "AI" + "za" + _some(35)),
        _env("Hugging Face token", _hub(), "HF_TOKEN"),
        _env("Hugging Face token in a harmless name", _hub()),
        _env("GitHub token", "g" + "hp_" + _some(36)),
        _env("fine-grained GitHub token", "github" + "_pat_" + _some(82)),
        _env("GitLab token", "gl" + "pat-" + _some(20)),
        _env("Slack token", "-".join(["xo" + "xb", _digits(12), _digits(12), _some(24)])),
        _env("OpenAI key", "s" + "k-" + _some(20) + "T3Blbk" + "FJ" + _some(20)),
        _env("Stripe key", "sk" + "_live_" + _some(24)),
        _env("npm token", "np" + "m_" + _some(36, LOWER)),
        _env("a JSON Web Token", jwt),
        _env("W&B key", _some(40, HEX), "WANDB_API_KEY"),
        _env("a password", "correct horse battery " + _some(4), "DB_PASSWORD"),
        _env("a short password", "s0m" + "mer", "ADMIN_PASSWD"),
        Leak(
            "a UUID as a token",
            "m",
            'env: {LOG: info, HUB_TOKEN: "§"}\n',
            "-".join(_some(n, HEX) for n in (8, 4, 4, 4, 12)),
        ),
        Leak("a variable in lines", "m", "env: |\n  LOG=info\n  SMTP_PASSWORD=§\n", _some(14)),
        Leak("Postgres address", "m", "env:\n  DB: postgres://app:§@db.example.com/app\n", _some(12)),
        Leak("Redis address", "m", "config:\n  a.yaml: |\n    url: redis://:§@cache:6379/0\n", _some(12)),
        Leak("proxy", "m", "env:\n  HTTPS_PROXY: http://proxy:§@proxy.example.com:3128\n", _some(10) + "!~"),
        Leak("signed address", "m", "env:\n  MODEL: https://a.example.com/m?sv=2026&sig=§&se=1\n", _some(43) + "%3D"),
        _config("XML", "<property><name>fs.s3a.secret.key</name><value>§</value></property>", _some(30)),
        _config("config.pbtxt", 'parameters { key: "api_key" value: { string_value: "§" } }', _some(9)),
        _config("JSON with names and values", '[{"name": "DB_PASSWORD", "value": "§"}]', _some(9)),
        Leak("curl in a list", "m", "command:\n  - curl\n  - -u\n  - reader:§\n", _some(9)),
        Leak("RSA key", "m", "config:\n  tls.pem: |\n    §\n", _pem("RSA ", dash)),
        Leak("SSH key", "m", "env:\n  SSH: |-\n    §\n", _pem("OPENSSH ", dash)),
        _config(".netrc", "machine models.example.com login reader password §", _some(10)),
        _config("docker's file", docker, _base64(f"robot:{_some(9)}")),
        Leak(
            "docker's file with escapes",
            "m",
            f"config: {{a.json: {json.dumps(docker, ensure_ascii=False)}}}\n",
            _base64(f"robot:{_some(9)}"),
            '{\\"auths',
        ),
        _config("properties", "db.user=app\ndb.password=§", _some(8) + "!x"),
        _config("JSON", json.dumps({"user": "app", "client_secret": "§"}, ensure_ascii=False), _some(22)),
        Leak(
            "curl in a command",
            "m",
            "command: curl -fsSL -u reader:§ -o /tmp/m https://models.example.com/m\n",
            _some(9),
            "reader:",
        ),
        Leak(
            "Bearer in a command",
            "m",
            "command: 'wget --header=\"Authorization: Bearer §\" https://m.example.com/m'\n",
            _some(32),
        ),
        Leak("an argument", "m", "command: [vllm, serve, --api-key, §]\n", _some(24)),
        Leak("an argument with =", "m", "command:\n  - vllm\n  - --api-key=§\n", _some(24)),
        Leak("Basic in an annotation", "m", "annotations:\n  example.com/header: Basic §\n", _base64(f"ci:{_some(9)}")),
        Leak("a label", "m", "labels:\n  token: §\n", _some(32, HEX)),
        Leak("a description", "m", "description: 'log in with glab, token: §'\n", "gl" + "pat-" + _some(20)),
        Leak("a comment", "m", "# HF_TOKEN=§\nreplicas: 1\n", _hub()),
        Leak(
            "a patch",
            "m",
            "patches:\n  - kind: Deployment\n    spec:\n      template:\n        spec:\n"
            "          containers: [{name: main, env: [{name: A_PASSWORD, value: §}]}]\n",
            _some(11),
        ),
        Leak(
            "a tag", "models/m", "versions:\n  v1:\n    path: /mnt/m/m.onnx\n    tags: {tracking_token: §}\n", _some(30)
        ),
        Leak(
            "a parameter",
            "models/m",
            "versions:\n  v1:\n    path: /mnt/m/m.onnx\n    origin: {parameters: {wandb_api_key: §}}\n",
            _some(40, HEX),
        ),
        Leak(
            "metrics",
            "models/m",
            "versions:\n  v1:\n    path: /mnt/m/m.onnx\n    metrics: {note: 's3 key §'}\n",
            _aws(),
        ),
        Leak(
            "a download",
            "models/m",
            "versions:\n  v1:\n    path: /mnt/m/m.onnx\n    download: https://reader:§@models.example.com/m\n",
            _some(12),
        ),
        Leak("a project", "project", "defaults:\n  env: {SENTRY_TOKEN: §}\n", _some(32, HEX)),
    ]
