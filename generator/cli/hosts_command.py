"""The `servegen hosts` command."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.common import show_and_stop
from generator.cli.terminal import echo
from generator.fleet.lookup import find_environment
from generator.repo.repository import Repository

if TYPE_CHECKING:
    from generator.cli.main import Invocation
    from generator.fleet.model import Fleet
    from generator.fleet.routing import Routing


def _address(ctx: click.Context, param: click.Parameter, value: str) -> str:
    try:
        address = ipaddress.ip_address(value)
        if getattr(address, "scope_id", None):
            raise ValueError
        return str(address)
    except ValueError:
        raise click.BadParameter(f'"{value}" is not an IP address', ctx, param) from None


@new_command("hosts")
@click.option(
    "--environment",
    required=True,
    metavar="E",
    shell_complete=completion.environments,
    help="The environment whose hosts are printed.",
)
@click.option("--address", required=True, metavar="IP", callback=_address, help="The address of its gateway.")
@click.pass_obj
def command(invocation: Invocation, *, environment: str, address: str) -> None:
    """Print one hosts file line for each host of an environment, for names that are not in DNS.

    In DNS, one wildcard record for the domain is enough: it also covers names with several labels, such as those that
    start with `test.` or `debug.`. A wildcard certificate covers only one label.

    \b
    Examples:
      servegen hosts --environment prod --address 192.0.2.10
      servegen hosts --environment test --address 192.0.2.10 | sudo tee -a /etc/hosts
    """
    repository = Repository.open(invocation.folder)
    show_and_stop(repository.resolved.findings, repository.specs)
    fleet = repository.fleet
    echo("\n".join(_lines(fleet, repository.routing, find_environment(fleet, environment), address)))


def _lines(fleet: Fleet, routing: Routing, environment: str, address: str) -> list[str]:
    hosts = list(dict.fromkeys(entry.host for entry in routing.claims[environment] if entry.owner is not None))
    place = fleet.contexts[environment]
    domain, kind = place.facts.domain, "AAAA" if ":" in address else "A"
    others = [host for host in hosts if not host.endswith(f".{domain}")]
    return [
        f"# hosts of {environment} on the cluster {place.cluster}; as a DNS record: *.{domain} {kind} {address}",
        *([f"# and one record for each of: {', '.join(others)}"] if others else []),
        *(f"{address} {host}" for host in hosts),
    ]
