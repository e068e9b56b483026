"""The facts of a cluster that need a fixed form, such as its domain, its gateways and its Kubernetes version."""

from __future__ import annotations

import re
from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values import host
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import TEXTS_SCHEMA
from generator.spec.values.text import each, scalar

_GATEWAY: Final = regex(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?\Z")
_MINOR: Final = regex(r"v?(1\.[0-9]{1,3})(\.[0-9]+)?\Z")
_NAME: Final = regex(r"[a-z0-9](?:[-a-z0-9]{0,38}[a-z0-9])?\Z")
_PREFIX: Final = regex(r"(?:[a-z0-9](?:[-a-z0-9]{0,38}[a-z0-9])?\.)+\Z")
PROJECT: Final = "{project}"
"""In a granted domain: the name of the project that has the grant."""
_NAMESPACE: Final = regex(r"(?:[-a-z0-9]|\{project\}|\{environment\})+\Z")


def domain(value: object) -> str:
    """Return a domain under which services get their hosts, in lower case. Raises InvalidValueError."""
    try:
        found = host.parse(value)
    except InvalidValueError as mistake:
        hint = mistake.hint if "a domain of letters" in str(mistake) else ""
        raise InvalidValueError(value, "a domain such as service.example.com", hint=hint) from None
    if found.domain is None or found.path is not None or found.port is not None:
        raise InvalidValueError(value, "a domain such as service.example.com")
    return found.domain


def domains(value: object) -> tuple[str, ...]:
    """Parse domains from a comma-separated string or a list. Raises InvalidValueError."""
    return each(value, "a domain such as vision.example.com", domain)


def granted_domains(value: object) -> tuple[str, ...]:
    """Parse domains, or `*` for all, from a comma-separated string or a list; {project} may be a part between dots.

    Raises InvalidValueError.
    """
    if value == []:
        return ()
    return each(value, "a domain such as vision.example.com, or *", _granted_domain)


def _granted_domain(text: str) -> str:
    if text == "*":
        return text
    labels = text.split(".")
    if PROJECT not in labels:
        return domain(text)
    try:
        domain(".".join("p" if label == PROJECT else label for label in labels))
    except InvalidValueError as mistake:
        raise InvalidValueError(text, "a domain such as {project}.example.com", hint=mistake.hint) from None
    return ".".join(label if label == PROJECT else label.lower() for label in labels)


def name(value: object) -> str:
    """Check the name of a cluster or an environment: a DNS label, because it becomes a folder.

    Raises InvalidValueError.
    """
    found = scalar(value, "a name")
    if not _NAME.match(found):
        plain = re.sub(r"[^a-z0-9]+", "-", found.lower()).strip("-")[:40]
        expected = "a name of lower-case letters, digits and dashes, at most 40"
        raise InvalidValueError(value, expected, hint=f"for example {plain}" if plain else "")
    return found


def names(value: object) -> tuple[str, ...]:
    """Parse names of namespaces from a comma-separated string or a list. Raises InvalidValueError."""
    return each(value, "namespaces", name)


def prefix(value: object) -> str:
    """Check the prefix of hosts: empty, or labels that each end in a dot. Raises InvalidValueError."""
    found = scalar(value, "a prefix such as test.")
    if found and not _PREFIX.match(found):
        plain = re.sub(r"[^a-z0-9]+", "-", found.lower()).strip("-")
        raise InvalidValueError(value, "a prefix such as test., or nothing", hint=f"write {plain}." if plain else "")
    return found


def served_hosts(value: object) -> tuple[str, ...]:
    """Parse the hosts of a gateway: `*`, domains, and all hosts below a domain as `*.example.com`.

    Raises InvalidValueError.
    """
    return each(value, "hosts such as *.example.com", _served)


def _served(value: str) -> str:
    if value == "*":
        return value
    try:
        return f"*.{domain(value[2:])}" if value.startswith("*.") else domain(value)
    except InvalidValueError:
        raise InvalidValueError(value, "*, a domain, or a wildcard such as *.example.com") from None


def gateway(value: object) -> str:
    """Check the name of an Istio Gateway, namespace/name. Raises InvalidValueError."""
    text = scalar(value, "a gateway in the form namespace/name")
    if not _GATEWAY.match(text):
        hint = f"write istio-system/{text}" if re.fullmatch(r"[-a-z0-9]+", text) else ""
        raise InvalidValueError(value, "a gateway in the form namespace/name", hint=hint)
    return text


def minor(value: object) -> str:
    """Check a Kubernetes minor version such as 1.36. Raises InvalidValueError."""
    text = scalar(value, "a Kubernetes minor version such as 1.36")
    match = _MINOR.match(text)
    if match is None or match[1] != text:
        hint = f"write {match[1]}" if match else ""
        raise InvalidValueError(value, "a Kubernetes minor version such as 1.36", hint=hint)
    return text


def istio(value: object) -> str:
    """Check a minor version of Istio such as 1.30. Raises InvalidValueError."""
    try:
        return minor(value)
    except InvalidValueError as mistake:
        raise InvalidValueError(value, "a minor version of Istio such as 1.30", hint=mistake.hint) from None


def namespace(value: object) -> str:
    """Check a namespace, in which {project} and {environment} are placeholders. Raises InvalidValueError."""
    text = scalar(value, "a namespace")
    if not _NAMESPACE.match(text):
        raise InvalidValueError(value, "a namespace of lower-case letters, digits, -, {project} and {environment}")
    return text


Domain = Annotated[str, Parser(domain), JsonSchema({"type": "string"})]
Name = Annotated[str, Parser(name), JsonSchema({"type": "string", "pattern": _NAME.pattern[:-2] + "$"})]
Names = Annotated[tuple[str, ...], Parser(names), TEXTS_SCHEMA]
Prefix = Annotated[str, Parser(prefix), JsonSchema({"type": "string", "pattern": r"^([-a-z0-9]+\.)*$"})]
Served = Annotated[tuple[str, ...], Parser(served_hosts), TEXTS_SCHEMA]
GrantedDomains = Annotated[tuple[str, ...], Parser(granted_domains), TEXTS_SCHEMA]
Domains = Annotated[tuple[str, ...], Parser(domains), TEXTS_SCHEMA]
GatewayName = Annotated[str, Parser(gateway), JsonSchema({"type": "string", "pattern": "^[^/]+/[^/]+$"})]
Minor = Annotated[
    str,
    Parser(minor),
    JsonSchema({"anyOf": [{"type": "string", "pattern": r"^1\.[0-9]+$"}, {"type": "number"}]}),
]
IstioMinor = Annotated[
    str,
    Parser(istio),
    JsonSchema({"anyOf": [{"type": "string", "pattern": r"^1\.[0-9]+$"}, {"type": "number"}]}),
]
Namespace = Annotated[str, Parser(namespace), JsonSchema({"type": "string"})]
