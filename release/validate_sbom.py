"""Validate a bill of materials against the schema of CycloneDX; runs in the environment of requirements/release.txt."""

from __future__ import annotations

import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def main(files: list[str]) -> int:
    """Return 1 if a file is not valid, with the first error of each."""
    wrong = 0
    for file in files:
        error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(Path(file).read_text(encoding="utf-8"))
        sys.stdout.write(f"{file}: {error or 'valid'}\n")
        wrong |= error is not None
    return int(wrong)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
