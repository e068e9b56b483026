"""Q06: pods should meet the Pod Security Standard of which their namespace warns.

A namespace that servegen manages warns of the standard above the one that it enforces: of `restricted`, if it enforces
`baseline`. Then the API server admits the pod, and each apply prints a warning. In an environment of the stage prod
whose standard is not known, only what may run as root is reported: it can change files that it should only read, and
a flaw of the kernel or of the container runtime gives it the node.

With `user: image` the container runs as the user that the image names, which is root for most images. `user: 1000`
works with images whose files everyone can read. If the program writes elsewhere than to `/tmp`, name the folders in
`writable`, or write `read_only_root: false`.

Passes, in a namespace that enforces baseline:

    user: 1000

Fails:

    user: image
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.pod_security import forbidden_fields, user_fields
from generator.checks.objects.violation import Violation
from generator.core.finding import Severity
from generator.render.pod_templates import KINDS as KINDS
from generator.render.pod_templates import pod_templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext
    from generator.render.engine.shapes import SlotPath

ID: Final = "Q06"
_PROD: Final = "prod"


def violations(tree: Mapping[str, Any], environment: EnvironmentContext) -> Iterator[Violation]:
    """Yield a warning for each change that a workload's pods need to meet `restricted`."""
    if environment.pod_security not in ("restricted", "privileged"):  # Q01 reports it, or the platform wants it
        for path, template in pod_templates(tree):
            yield from _in_template(path, template, environment)


def _in_template(path: SlotPath, template: Mapping[str, Any], environment: EnvironmentContext) -> Iterator[Violation]:
    level = environment.pod_security
    version = environment.facts.kubernetes
    minor = environment.facts.minor
    if level == "baseline" and environment.facts.namespaces.managed:
        fields = [*forbidden_fields(template, "restricted", minor)]
        verdict = f'of which the API server warns: would violate PodSecurity "restricted:v{version}"'
    elif environment.rules.environment == _PROD:
        fields = [*user_fields(template, minor)]
        verdict = "which the Pod Security Standard restricted forbids"
    else:
        return
    enforced = {other.path for other in forbidden_fields(template, level, minor)} if level is not None else set()
    for field in {field.hint: field for field in reversed(fields)}.values():
        if field.path not in enforced:
            yield Violation(f"{field.found}, {verdict}", field.hint, (*path, *field.path), Severity.WARNING)
