"""O07: lists whose items have a key must have each key once.

Containers, ports, variables, volumes and mounts are known by their key. Some repetitions are refused by the API server
always, the others by server-side apply, with which Argo CD and Flux apply rendered files.

Passes:

    patches:
      - kind: Service
        spec: {ports: [{name: metrics, port: 9100, targetPort: 9100}]}

Fails, if the Service has a port named http-8000:

    patches:
      - kind: Service
        spec: {ports: [{name: http-8000, port: 9100, targetPort: 9100}]}
"""

from __future__ import annotations

from typing import Final

from generator.checks.api.rules import REPEATED

ID: Final = REPEATED
