"""N05: a value that is rendered as a label must be a valid label value.

Source: Kubernetes documentation, Labels and Selectors: at most 63 characters, letters, digits, `-`, `_` and `.`, and a
letter or digit at both ends.

Passes:

    version: v2022.08.01.4

Fails:

    version: "2022 August"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity, subject_of_value
from generator.spec.values.scalars import LABEL_VALUE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "N05"
SEVERITY: Final = Severity.ERROR
SUPERSEDES: Final = ("V01",)
_EXPECTED: Final = "expected at most 63 letters, digits, -, _ and ., with a letter or digit at both ends"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each model, version and label of a spec that is no valid label value."""
    for service in context.fleet.services:
        for key, value in (("model", service.spec.model), ("version", service.spec.version)):
            if not LABEL_VALUE.match(value):
                position = service.document.position((key,))
                message = f'{key} becomes a label: found "{value}", {_EXPECTED}'
                yield Finding(ID, message, position, "choose another name", subject=subject_of_value(position))
    for instance in context.bases_and_instances:
        for name, value in (instance.settings.labels or {}).items():
            if not LABEL_VALUE.match(value):
                position = instance.position("labels", name)
                yield Finding(
                    ID,
                    f'the label {name}: found "{value}", {_EXPECTED}',
                    position,
                    "use `annotations` for longer values",
                    subject=subject_of_value(position),
                )
