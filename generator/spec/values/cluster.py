"""The facts of a cluster that must have one form: its domain, its gateways, its Kubernetes version."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values import host
from generator.spec.values.mistake import MistakeError
from generator.spec.values.text import each, scalar

_GATEWAY: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?\Z")
_MINOR: Final = re.compile(r"v?(1\.[0-9]{1,3})(\.[0-9]+)?\Z")
_NAMESPACE: Final = re.compile(r"(?:[-a-z0-9]|\{project\}|\{environment\})+\Z")


def domain(value: object) -> str:
    """A domain under which services get their hosts, lower case. Raises MistakeError."""
    found = host.parse(value)
    if found.domain is None or found.path is not None or found.port is not None:
        raise MistakeError(value, "a domain such as service.example.com")
    return found.domain


def domains(value: object) -> tuple[str, ...]:
    """Domains from a comma-separated text or a list. Raises MistakeError."""
    return each(value, "a domain such as vision.example.com", domain)


def gateway(value: object) -> str:
    """An Istio Gateway as namespace/name. Raises MistakeError."""
    text = scalar(value, "a gateway as namespace/name")
    if not _GATEWAY.match(text):
        hint = f"write istio-system/{text}" if re.fullmatch(r"[-a-z0-9]+", text) else ""
        raise MistakeError(value, "a gateway as namespace/name", hint=hint)
    return text


def minor(value: object) -> str:
    """A Kubernetes minor version such as 1.36. Raises MistakeError."""
    text = scalar(value, "a Kubernetes minor version such as 1.36")
    match = _MINOR.match(text)
    if match is None or match[1] != text:
        hint = f"write {match[1]}" if match else ""
        raise MistakeError(value, "a Kubernetes minor version such as 1.36", hint=hint)
    return text


def namespace(value: object) -> str:
    """A namespace; {project} and {environment} are filled in. Raises MistakeError."""
    text = scalar(value, "a namespace")
    if not _NAMESPACE.match(text):
        raise MistakeError(value, "a namespace of lower-case letters, digits, -, {project} and {environment}")
    return text


Domain = Annotated[str, PlainValidator(domain), WithJsonSchema({"type": "string"})]
Domains = Annotated[
    tuple[str, ...],
    PlainValidator(domains),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
GatewayName = Annotated[str, PlainValidator(gateway), WithJsonSchema({"type": "string", "pattern": "^[^/]+/[^/]+$"})]
Minor = Annotated[
    str,
    PlainValidator(minor),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^1\.[0-9]+$"}, {"type": "number"}]}),
]
Namespace = Annotated[str, PlainValidator(namespace), WithJsonSchema({"type": "string"})]
