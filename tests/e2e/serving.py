"""Service specs for tests: versions of one model, whose pods become ready at once, slowly, or never."""

from __future__ import annotations

import json
from typing import Final

STUCK: Final = {"e2e.servegen/pod": "stuck"}
SLOW: Final = {"e2e.servegen/ready-after": "6s"}


def service(
    model: str, version: str, *lines: str, pods: dict[str, str] | None = None, deadline: int | None = None
) -> str:
    """Return a spec that is in no environment yet; `lines` are further keys.

    `pods` are annotations of its pods, which control how the simulated nodes treat them; `deadline` is the number of
    seconds after which a rollout without progress has failed, by default 20 minutes.
    """
    command = () if any(line.startswith("command:") for line in lines) else ("command: run",)
    text = "\n".join((f"model: {model}", f"version: v{version}", "type: triton-server", *command, *lines, ""))
    return text + (_patched(f"{model}-{version}", pods or {}, deadline) if pods or deadline else "")


def _patched(name: str, pods: dict[str, str], deadline: int | None) -> str:
    spec = {
        **({"template": {"metadata": {"annotations": pods}}} if pods else {}),
        **({"progressDeadlineSeconds": deadline} if deadline else {}),
    }
    patch = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}
    return f"patches: [{json.dumps(patch)}]\n"
