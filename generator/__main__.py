"""`servegen` and `python -m generator`."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line; the only place that exits."""
    from generator.cli.version import print_version

    if print_version(sys.argv[1:]):
        raise SystemExit(0)
    from generator.cli.process_start import prepare_process
    from generator.cli.utf8_mode import require_utf8

    prepare_process()
    require_utf8()
    from generator.cli.main import run
    from generator.cli.process_end import end_process

    end_process(run())


if __name__ == "__main__":
    main()
