"""The access modes of PersistentVolumeClaims."""

from __future__ import annotations

from typing import Final, Literal

AccessMode = Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadOnlyMany", "ReadWriteMany"]
# What holds such a claim: only one at a time can.
HOLDERS: Final = {"ReadWriteOnce": "node", "ReadWriteOncePod": "pod"}
