"""S31: a workload with an autoscaler has no number of replicas.

Each `kubectl apply`, and each sync of a delivery tool, would set the number again, and pods that the autoscaler has
started would end. The shipped templates leave the number out, or mark the workload so that the delivery tool ignores
it; this check is for templates of the repository. S13 reports a number in a patch.

Source: Kubernetes documentation, Horizontal Pod Autoscaling, Migrating Deployments and StatefulSets to horizontal
autoscaling.

Passes, in templates/service/base/20-deployment.yaml.j2 of the repository:

    spec:
    {% if scaling.replicas %}
      replicas: {{ scaling.replicas }}
    {% endif %}

Fails there, for a service with `hpa: cpu:50%`:

    spec:
      replicas: 3
"""

from __future__ import annotations

from typing import Final

from generator.checks.api.rivals import FIXED_NUMBER

ID: Final = FIXED_NUMBER
