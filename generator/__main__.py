"""`servegen` and `python -m generator`."""

from __future__ import annotations


def main() -> None:
    """Run the command line; the only place that exits."""
    from generator.cli.main import run

    raise SystemExit(run())


if __name__ == "__main__":
    main()
