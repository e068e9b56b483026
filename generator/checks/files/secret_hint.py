"""The hint for a secret in clear text: how the place where it is gets it from a Secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding
from generator.core.regex import regex
from generator.spec.files import spec_path

if TYPE_CHECKING:
    from generator.core.secrets import Span
    from generator.core.yaml import Path
    from generator.core.yaml.scalars import Scalar

_VARIABLE: Final = regex(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_SECRET: Final = regex(r"[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?\Z")
# Keys before those of the settings: of a named thing, or alone.
_NAMED: Final = frozenset({"environments", "clusters", "versions"})
_OTHERWISE: Final = "remove it; if a program needs it, "


def secret_hint(file: str, string: Scalar | None, span: Span) -> str:
    """Return what to write instead of a secret; `string` is the string that has it, None in a comment."""
    rest = _settings_path(string.path) if string is not None else ()
    is_variable = rest[:1] == ("env",) and len(rest) > 1 and _VARIABLE.match(str(rest[1]))
    variable = str(rest[1]) if is_variable else span.variable
    entry = f"{variable}: {{secret: {_secret_name(file)}/{_key(variable)}}}"
    return f"{_fix(rest, string, variable, entry, _secret_name(file))}; replace the secret if it was pushed"


def _fix(rest: Path, string: Scalar | None, variable: str, entry: str, secret: str) -> str:
    match rest[:1]:
        case ("env",) if len(rest) > 1:
            return f"write {entry}"
        case ("env",):
            return f"write env as a mapping, with {entry}"
        case ("config",):
            return f"put the file into the Secret {secret}, and mount it: add {secret}(secret):/secrets to volumes"
        case ("command",):
            reference = f"$({variable})" if len(rest) > 1 else f"${variable}"
            return f"add {entry} to env, and write {reference} here"
        case ("path",) if string is not None and string.path[0] == "versions":
            return "remove it, and name its Secret under `sources` in services/platform.yaml"
        case ("patches",):
            return f"remove it from the patch, and add {entry} to env"
        case _:
            return f"{_OTHERWISE}add {entry} to env"


def _settings_path(path: Path) -> Path:
    """Return a path without its start that leads to settings: `environments.prod`, `versions.v1.defaults`."""
    while path:
        if path[0] in _NAMED and len(path) > 2:
            path = path[2:]
        elif path[0] == "defaults":
            path = path[1:]
        else:
            break
    return path


def _secret_name(file: str) -> str:
    where = spec_path(file)
    name = "shared" if isinstance(where, Finding) else where.name or where.project or "shared"
    return name if _SECRET.match(name) else "shared"


def _key(variable: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", variable.lower()).strip("-.") or "value"
