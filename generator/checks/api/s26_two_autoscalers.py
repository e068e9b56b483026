"""S26: one autoscaler sets the number of pods of a Deployment.

Two HorizontalPodAutoscalers, or one and a ScaledObject, undo what the other does; KEDA refuses its own then. A
VerticalPodAutoscaler that changes the requests of cpu or memory moves the target of an autoscaler that counts them.
The shipped templates render one; this check is for templates of the repository and for patches.

Passes, in templates/service/overlay/60-vpa.yaml.j2 of the repository:

    kind: VerticalPodAutoscaler
    spec: {targetRef: {kind: Deployment, name: m-1}, updatePolicy: {updateMode: "Off"}}

Fails there, for a service with `hpa: cpu:50%`:

    kind: VerticalPodAutoscaler
    spec: {targetRef: {kind: Deployment, name: m-1}}
"""

from __future__ import annotations

from typing import Final

from generator.checks.api.rivals import ID as RIVALS

ID: Final = RIVALS
