"""N03: a service's name should leave room for the suffixes that Kubernetes adds to it.

A pod's name is the name of its Deployment, a hash of its template and five random characters: 17 more with the dashes.
A name longer than the 63 characters of a host name is cut, so that pod names no longer show the whole hash.

Source: Kubernetes, apiserver's name generator (58 characters and 5 random ones).

Passes:

    # services/vision/resnet50/resnet50-202208014.yaml

Fails, with 47 characters:

    # services/vision/resnet50/resnet50-with-a-very-long-explanation-20220801401.yaml
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "N03"
SEVERITY: Final = Severity.WARNING
# A dash and the ReplicaSet's hash of at most 10 characters, a dash and 5 random ones.
_ADDED: Final = 17
_HOST_NAME: Final = 63


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each name that is too long, deployed or not: a later rename creates new objects."""
    longest = _HOST_NAME - _ADDED
    for service in context.fleet.services:
        if len(service.name) > longest:
            message = f"the name has {len(service.name)} characters, expected at most {longest} so that pod names fit"
            yield Finding(
                ID,
                message,
                service.document.position(),
                "shorten the model's part of the file's name",
                severity=SEVERITY,
            )
