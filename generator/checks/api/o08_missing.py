"""O08: fields must be there that the schemas leave open and the API server wants.

An image of each container, the name of the ConfigMap or Secret of a variable, a port of a Service, the values beside
the operator In. The request of a resource in each container, if an autoscaler measures the pods as a whole: the server
takes the autoscaler without it, which then changes nothing.

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
