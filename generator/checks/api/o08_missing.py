"""O08: fields must be there that the schemas leave open and the API server wants.

An image of each container, the name of the ConfigMap or Secret of a variable, a port of a Service, the values beside
the operator In.

Passes:

    patches:
      - kind: Deployment
        spec: {template: {spec: {containers: [{name: extra, image: "registry.example.com/extra:1"}]}}}

Fails:

    patches:
      - kind: Deployment
        spec: {template: {spec: {containers: [{name: extra}]}}}
"""

from __future__ import annotations

from typing import Final

from generator.checks.api.rules import MISSING

ID: Final = MISSING
