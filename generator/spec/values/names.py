"""The name of a service, from its model and version."""

from __future__ import annotations

import re
from typing import Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError

# Leaves room for `-external`, the longest suffix of an object's name, in the 63 characters of a DNS label.
LONGEST: Final = 54
# A Service's name is a DNS-1035 label (Kubernetes documentation, Object Names and IDs): it starts with a letter.
_LABEL: Final = regex(r"[a-z](?:[-a-z0-9]*[a-z0-9])?\Z")


def service_name(model: str, version: str) -> str:
    """Return the model's name, a dash, and the digits of the version: `resnet50-202208014` for `v2022.08.01.4`.

    Raises InvalidValueError if the version has no digits or the result is not a service name.
    """
    digits = re.sub(r"[^0-9]", "", version)
    if not digits:
        raise InvalidValueError(version, "a version with digits", hint="for example v2022.08.01.1")
    name = f"{_plain(model)}-{digits}"
    if len(name) > LONGEST:
        room = LONGEST - len(digits) - 1
        hint = f"for example the model {_plain(model)[:room].rstrip('-')}" if room > 0 else "shorten the version"
        raise InvalidValueError(name, f"a name of at most {LONGEST} characters", hint=hint)
    return check_service_name(name)


def check_service_name(name: str) -> str:
    """Return the name if it is a legal service name. Raises InvalidValueError with a proposal."""
    if len(name) > LONGEST:
        hint = "shorten the model's name, but keep the digits of the version"
        raise InvalidValueError(name, f"a name of at most {LONGEST} characters", hint=hint)
    if not _LABEL.match(name):
        plain = _plain(name)
        proposal = plain if plain[:1].isalpha() else f"m-{plain}"
        expected = "lower-case letters, digits and dashes, with a letter first and no dash last"
        raise InvalidValueError(name, expected, hint=f"for example {proposal}" if plain else "")
    return name


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
