"""`env:` a mapping, or lines KEY=value: environment variables, and references to Secrets and ConfigMaps."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from msgspec import Struct

from generator.core.limits import MAX_KEYS
from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import check_keys, prefix_errors

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
_NAME: Final = regex(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_REFERENCE: Final = regex(r"([a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?)/([-._a-zA-Z0-9]{1,253})\Z")
# A reference that was put in quotes, because YAML refuses it without braces.
_QUOTED: Final = regex(r"(secret|configmap):\s+([^\s/]+/\S+)\s*\Z")
_REFERENCE_HINT: Final = "write {secret: name/key} or {configmap: name/key}"


class KeyReference(Struct, frozen=True):
    """A key of a Secret or a ConfigMap in the service's namespace."""

    kind: Literal["secret", "configmap"]
    name: str
    key: str


def parse(value: object) -> dict[str, str | KeyReference | None]:
    """Return names to strings or references; None removes a variable that an earlier layer set.

    In lines, spaces before the name are dropped, and everything after the first `=` is the value, including quotes and
    spaces. Raises InvalidValueError.
    """
    if isinstance(value, dict):
        return {name: _variable(name, item) for name, item in value.items()}
    if not isinstance(value, str):
        hint = _listed(value) if isinstance(value, list) else ""
        raise InvalidValueError(value, "a mapping of names to strings, or lines KEY=value", hint=hint)
    out: dict[str, str | KeyReference | None] = {}
    for line in value.split("\n"):
        if line.strip():
            name, text = _line(line.removesuffix("\r").lstrip())
            if name in out:
                raise InvalidValueError(f"{name}={text}", f"{name} only once", hint="remove one of the two lines")
            out[name] = text
    if len(out) > MAX_KEYS:
        raise InvalidValueError(len(out), f"at most {MAX_KEYS:,} variables", hint="remove those that are not needed")
    return out


def _line(line: str) -> tuple[str, str]:
    if line.startswith("#"):
        raise InvalidValueError(line, "a line KEY=value", hint="write comments outside the string, as YAML comments")
    name, sign, text = line.partition("=")
    if not sign:
        raise InvalidValueError(line, "a line KEY=value", hint=f"write {name.strip()}=…, or remove the line")
    _check_name(name)
    return name, text


def _variable(name: str, value: object) -> str | KeyReference | None:
    with prefix_errors(name):
        _check_name(name)
        if isinstance(value, dict):
            return _reference(value)
        if isinstance(value, str) and (quoted := _QUOTED.match(value)):
            expected = "a reference without quotes, or a string that does not look like one"
            raise InvalidValueError(value, expected, hint=f"write {{{quoted[1]}: {quoted[2]}}}")
        if value is None or isinstance(value, str):
            return value
        hint = 'write "" for an empty string' if not isinstance(value, list) else ""
        raise InvalidValueError(value, "a string, or a reference", hint=hint)


def refuse_name(name: str) -> InvalidValueError | None:
    """Return why a variable cannot have a name, or None if it can."""
    try:
        _check_name(name)
    except InvalidValueError as mistake:
        return mistake
    return None


def _check_name(name: str) -> None:
    if name in RESERVED:
        raise InvalidValueError(name, "another name: servegen sets this variable", hint="remove it, or rename yours")
    if not _NAME.match(name):
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name.strip().removeprefix("export ").strip()).lstrip("0123456789")
        hint = f"for example {plain}" if plain else ""
        raise InvalidValueError(name, "a name of letters, digits and _ that does not start with a digit", hint=hint)


def _reference(value: dict[str, object]) -> KeyReference:
    if (better := _of_kubernetes(value)) is not None:
        raise InvalidValueError(value, "a reference such as {secret: hub/token}", hint=f"write {better}")
    check_keys(value, ("secret", "configmap"))
    if len(value) != 1:
        raise InvalidValueError(value, "one reference", hint=_REFERENCE_HINT)
    kind, place = next(iter(value.items()))
    match = _REFERENCE.match(place) if isinstance(place, str) else None
    if match is None:
        raise InvalidValueError(place, "a name and a key, such as hub/token", hint=_REFERENCE_HINT, at=(kind,))
    return KeyReference("secret" if kind == "secret" else "configmap", match[1], match[2])


def _of_kubernetes(value: dict[str, object]) -> str | None:
    """Return the reference that `valueFrom` of a Kubernetes object means, or None for any other mapping."""
    source = value["valueFrom"] if len(value) == 1 and "valueFrom" in value else value
    if not isinstance(source, dict):
        return None
    for kind, key in (("secret", "secretKeyRef"), ("configmap", "configMapKeyRef")):
        place = source.get(key)
        if isinstance(place, dict):
            return f"{{{kind}: {place.get('name', 'name')}/{place.get('key', 'key')}}}"
    return None


def _listed(value: list[object]) -> str:
    """Return the hint for a list of names with values, as Kubernetes objects have it."""
    first = value[0] if value else None
    if isinstance(first, dict) and isinstance(name := first.get("name"), str):
        reference = _of_kubernetes(source) if isinstance(source := first.get("valueFrom"), dict) else None
        return f"write a mapping, such as {name}: {reference or '…'}"
    return ""


_REFERENCE_SCHEMA: Final = {
    "type": "object",
    "properties": {"secret": {"type": "string"}, "configmap": {"type": "string"}},
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
}
EnvField = Annotated[
    dict[str, str | KeyReference],  # values may be None (removed) until the layers are merged
    Parser(parse),
    JsonSchema(
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
