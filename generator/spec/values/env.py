"""`env:` a mapping, or lines KEY=value: environment variables, and references to Secrets and ConfigMaps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.mistake import MistakeError

RESERVED: Final = frozenset(
    [
        "KUBEFLOW_ENV",
        "KUBEFLOW_MODEL_PATH",
        "KUBEFLOW_MODEL_VERSION",
        "KUBEFLOW_MODEL_IMAGES",
        "KUBEFLOW_MODEL_NAME",
        "KUBEFLOW_AREA",
        "K8S_NODE_NAME",
        "K8S_POD_NAMESPACE",
        "K8S_POD_IP",
        "K8S_HOST_IP",
        "K8S_POD_NAME",
    ]
)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_REFERENCE: Final = re.compile(r"([a-z0-9](?:[-.a-z0-9]*[a-z0-9])?)/([-._a-zA-Z0-9]+)\Z")


@dataclass(frozen=True, slots=True)
class Reference:
    """A key of a Secret or a ConfigMap in the service's namespace."""

    kind: Literal["secret", "configmap"]
    name: str
    key: str


def parse(value: object) -> dict[str, str | Reference | None]:
    """Names to texts or references; None removes a variable that an earlier layer set. Raises MistakeError."""
    if isinstance(value, dict):
        return {_name(name, at=(name,)): _value(name, item) for name, item in value.items()}
    if not isinstance(value, str):
        raise MistakeError(value, "a mapping of names to texts, or lines KEY=value")
    out: dict[str, str | Reference | None] = {}
    for line in filter(str.strip, value.splitlines()):
        name, sign, text = line.strip().partition("=")
        if not sign:
            raise MistakeError(line.strip(), "a line KEY=value", hint=f"write {name}=…, or remove the line")
        if name in out:
            raise MistakeError(line.strip(), f"{name} once", hint="keep the line that shall hold")
        out[_name(name)] = text
    return out


def _name(name: str, at: tuple[str, ...] = ()) -> str:
    if name in RESERVED:
        raise MistakeError(name, "another name: servegen sets this variable", hint="remove it, or rename yours", at=at)
    if not _NAME.match(name):
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name.strip()).lstrip("0123456789")
        hint = f"for example {plain}" if plain else ""
        raise MistakeError(name, "a name of letters, digits and _, no digit first", hint=hint, at=at)
    return name


def _value(name: str, value: object) -> str | Reference | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict) and len(value) == 1:
        kind, text = next(iter(value.items()))
        match = _REFERENCE.match(text) if isinstance(text, str) else None
        if kind == "secret" and match:
            return Reference("secret", match[1], match[2])
        if kind == "configmap" and match:
            return Reference("configmap", match[1], match[2])
    hint = (
        "write {secret: name/key} or {configmap: name/key}" if isinstance(value, dict) else 'write "" for an empty text'
    )
    raise MistakeError(value, "a text, or a reference", hint=hint, at=(name,))


_REFERENCE_SCHEMA: Final = {
    "type": "object",
    "properties": {"secret": {"type": "string"}, "configmap": {"type": "string"}},
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
}
EnvField = Annotated[
    dict[str, str | Reference],  # and None for what is removed, until the layers are merged
    PlainValidator(parse),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "additionalProperties": {
                        "anyOf": [{"type": ["string", "number", "boolean", "null"]}, _REFERENCE_SCHEMA]
                    },
                },
            ]
        }
    ),
]
