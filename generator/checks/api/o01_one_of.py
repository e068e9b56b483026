"""O01: of fields that exclude each other, an object must have just one.

A probe has one way to probe, a variable either a value or a source, a volume one source, a disruption budget one bound,
and a Deployment that is recreated no rolling update. A patch that chooses one of them drops the others, as long as the
others come from servegen or from a lower layer; both in one patch are a mistake.

Passes:

    patches:
      - kind: PodDisruptionBudget
        spec: {minAvailable: 1}

Fails:

    patches:
      - kind: PodDisruptionBudget
        spec: {minAvailable: 1, maxUnavailable: 1}
"""

from __future__ import annotations

from typing import Final

from generator.checks.api.rules import ONE_OF

ID: Final = ONE_OF
