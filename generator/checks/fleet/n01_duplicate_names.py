"""N01: a namespace may hold only one service of a name.

A service's name is the name of its file, by convention the model and the digits of its version. Two versions can
therefore get one name (`v1.12` and `v11.2`), in two apps, or in two projects that share a namespace.

Passes:

    # services/vision/resnet50/resnet50-112.yaml
    version: v1.12
    # services/vision/resnet50/resnet50-11200.yaml
    version: v11.200

Fails:

    # services/vision/resnet50/resnet50-112.yaml
    version: v1.12
    # services/vision/other/resnet50-112.yaml
    version: v11.2
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceEntry

ID: Final = "N01"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each service that is left out of an environment because another file has its name."""
    for service, other, place in context.fleet.duplicate_names:
        message = f"{service.name} is defined by two files{_what(service, other)}, for the same namespace"
        hint = "rename the file of the service that is new: the objects of one that runs have its name"
        position, also = service.document.position(), (other.document.position(),)
        yield Finding(ID, message, position, hint, also=also, environments=(place.name,))


def _what(service: ServiceEntry, other: ServiceEntry) -> str:
    one, two = (f"{entry.spec.model} {entry.spec.version}" for entry in (service, other))
    return f" ({one} and {two})" if one != two else ""
