"""N04: the name of a KEDA ScaledObject must leave room for the name of the autoscaler that KEDA derives from it.

That autoscaler is named `keda-hpa-<name>` unless the ScaledObject sets another name, and KEDA refuses a name longer
than 63 characters. A service's own name always fits; this check is for custom templates of a repository that extend it.

Source: KEDA documentation, ScaledObject specification, horizontalPodAutoscalerConfig.

Passes, with a service's longest name of 54 characters:

    metadata: {name: "{{ service.name }}"}

Fails with it:

    metadata: {name: "{{ service.name ~ '-scaler' }}"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "N04"
KINDS: Final = frozenset({"ScaledObject"})
_PREFIX: Final = "keda-hpa-"
_LONGEST: Final = 63
_HINT: Final = "shorten it, or set spec.advanced.horizontalPodAutoscalerConfig.name"


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a violation if the autoscaler's name, set or derived, is too long."""
    settings = tree.get("spec", {}).get("advanced", {}).get("horizontalPodAutoscalerConfig", {})
    written = settings.get("name")
    name = written or f"{_PREFIX}{tree['metadata']['name']}"
    if len(name) > _LONGEST:
        message = f'the autoscaler\'s name "{name}" has {len(name)} characters, expected at most {_LONGEST}'
        yield Violation(message, _HINT if not written else "shorten it")
