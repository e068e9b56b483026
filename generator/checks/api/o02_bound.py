"""O02: numbers must be in their range, and fit the other numbers of the object.

The API server compares some of them: an autoscaler's bounds, the deadline of a rollout with `minReadySeconds`, a pause
before the end with the grace period, and `maxSurge` with `maxUnavailable`, of which one must be more than 0. KEDA's
admission webhook compares those of a ScaledObject. Numbers of the spec's own keys are judged where they are read; these
rules matter for patches and own templates.

Passes:

    patches:
      - kind: Deployment
        spec: {minReadySeconds: 2000, progressDeadlineSeconds: 2600}

Fails:

    patches:
      - kind: Deployment
        spec: {minReadySeconds: 2000}
"""

from __future__ import annotations

from typing import Final

from generator.checks.api.rules import BOUND

ID: Final = BOUND
