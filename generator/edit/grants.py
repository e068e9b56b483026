"""The `grants` of a platform file with what is missing added, as a block to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.core.yaml.spec_writer import flow_spec
from generator.fleet.grants import effective_grant
from generator.spec.base import fields_of, values_of
from generator.spec.grants import Grant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.core.finding import MissingGrant
    from generator.spec.namespaces import Quota
    from generator.spec.platform import Platform

# The default in a namespace of several projects, the only one in which it refuses something.
_SHARED: Final = {key: ["{project}-*"] for key in ("secrets", "config_maps", "claims")}
_WORDS: Final = {"true": True, "false": False}
# Keys with one word.
_SINGLE: Final = frozenset({"network"})


def grants_block(platform: Platform, missing: Iterable[MissingGrant]) -> str:
    """Return the key `grants` as YAML: what the file has, and what is missing for each project.

    A project's own key replaces that of `*` and the default, so a key that is extended keeps what these gave.
    """
    grants = platform.grants or {}
    defaults = {
        **_SHARED,
        "priorities": sorted({name for one in platform.clusters.values() for name in one.priorities or ()}),
    }
    out = {project: _written(grant) for project, grant in grants.items()}
    for need in missing:
        own = out.setdefault(need.project, {})
        common = _written(effective_grant(grants, need.project)).get(need.key, defaults.get(need.key))
        own[need.key] = _with(own.get(need.key, common), need)
    lines = ["grants:"]
    for project, keys in out.items():
        lines.append(f"  {flow_spec(project)}:{'' if keys else ' {}'}")
        lines += [f"    {key}: {flow_spec(keys[key])}" for key in fields_of(Grant) if key in keys]
    return "\n".join(lines) + "\n"


def _written(grant: Grant) -> dict[str, Any]:
    """Return the keys that a grant has, as a spec writes them."""
    found = {key: getattr(grant, key) for key in fields_of(Grant) if key in grant.written}
    return {key: _value(value) for key, value in found.items() if value is not None}


def _value(value: tuple[str, ...] | bool | str | Quota) -> Any:
    if isinstance(value, bool | str):
        return value
    if isinstance(value, tuple):
        return list(value)
    return {key: str(amount) for key, amount in values_of(value).items() if amount is not None}


def _with(value: Any, need: MissingGrant) -> Any:
    if need.key == "quota":
        key, amount = need.value.split(": ")
        return {**(value or {}), key: amount}
    if need.value in _WORDS or need.key in _SINGLE:
        return _WORDS.get(need.value, need.value)
    return [*(value or ()), *([] if need.value in (value or ()) else [need.value])]
