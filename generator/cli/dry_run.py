"""The option `--dry-run` of the commands that write."""

from __future__ import annotations

from typing import Final

import click

DRY_RUN: Final = "dry run: nothing was written"
dry_run_option = click.option("--dry-run", is_flag=True, help="Print what would change, and write nothing.")
