"""O05: a ConfigMap may hold 1 MiB, and the annotations of an object 256 KiB.

All config files of a service are in one ConfigMap, those of the project's defaults and of the environment too, so the
sum of all layers counts. The API server refuses a larger object.

Passes:

    config: {labels.txt: a short list}
    volumes: vocabulary(pvc):/data

Fails, if both files together have more than 1,048,576 bytes:

    config: {labels.txt: …, vocabulary.txt: …}
"""

from __future__ import annotations

from typing import Final

from generator.checks.api.rules import SIZE

ID: Final = SIZE
