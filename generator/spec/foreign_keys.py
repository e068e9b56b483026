"""Keys that people know from other files, with the hint how a spec says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_ABOVE: Final = {
    "args": "write the arguments into `command`, after the program",
    "arguments": "write the arguments into `command`, after the program",
    "entrypoint": "write it as `command`",
    "name": "remove it: the name of the file is the name of the service",
    "namespace": "remove it: the project and the environment give the namespace",
    "limits": "write resources: {cpu: 1~2, memory: 2G~4G}: request and limit",
    "requests": "write resources: {cpu: 1~2, memory: 2G~4G}: request and limit",
    "livenessProbe": "write `health`, such as health: 8080:/health",
    "readinessProbe": "write `health`, such as health: 8080:/health",
    "volumeMounts": "write `volumes`, such as volumes: models(pvc):/mnt",
    "serviceAccountName": "write `service_account`",
    "nodeSelector": "write `node_selector`",
    "imagePullSecrets": "write `pull_secrets`",
}
# The name of a variable has an underscore, or at least is in upper case.
_VARIABLE: Final = regex(r"[A-Z][A-Z0-9_]+\Z")
_RESOURCES: Final = ("cpu", "memory", "gpu")


def foreign_key_hint(key: str, value: object, holder: Mapping[str, Any], known: Collection[str]) -> str:
    """Return the hint for a key of another system, or an empty string. `holder` is the mapping with the key."""
    if "resources" in known and key in _RESOURCES:
        return f"write resources: {{{key}: {value}}}" if isinstance(value, str) else "write it below `resources`"
    if set(_RESOURCES) <= set(known) and key in ("requests", "limits"):
        return _requests(holder)
    if set(_RESOURCES) <= set(known) and key.endswith("/gpu") and isinstance(value, str):
        return f"write gpu: {value}"
    if "env" in known and _VARIABLE.match(key):
        return f"if it is a variable, write env: {{{key}: …}}"
    target = _ABOVE.get(key, "")
    return target if "command" in known else ""


def _requests(holder: Mapping[str, Any]) -> str:
    """Return the request and the limit of each resource in servegen's form."""
    asked, most = (entry if isinstance(entry := holder.get(key), dict) else {} for key in ("requests", "limits"))
    parts = []
    for key in ("cpu", "memory"):
        low, high = asked.get(key, most.get(key)), most.get(key, asked.get(key))
        if isinstance(low, str) and isinstance(high, str):
            parts.append(f"{key}: {low}" if low == high else f"{key}: {low}~{high}")
    count = next(
        (str(number) for entry in (most, asked) for name, number in entry.items() if name.endswith("/gpu")), ""
    )
    parts += [f"gpu: {count}"] if count.isdecimal() else []
    return f"write resources: {{{', '.join(parts) or 'cpu: 1~2'}}}"
