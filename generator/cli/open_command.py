"""The `servegen open` command."""

from __future__ import annotations

import json
import sys
import webbrowser
from typing import TYPE_CHECKING

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.common import show_and_stop
from generator.cli.terminal import echo
from generator.core.errors import UsageError
from generator.core.finding import Severity
from generator.fleet.lookup import find_environment, find_service
from generator.repo.repository import Repository
from generator.report.table import table
from generator.report.whereabouts import HEADS, Whereabouts, cells, rows, whereabouts
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from generator.cli.main import Invocation
    from generator.fleet.model import Fleet, ServiceEntry, ServiceInstance


@new_command("open")
@click.argument("service", shell_complete=completion.services)
@click.argument("environment", required=False, shell_complete=completion.environments)
@click.option("--page", metavar="NAME", help="The page to open: a name of the cluster's `links`, or host.")
@click.option(
    "--browser/--no-browser",
    default=None,
    help="Whether a page is opened in the browser. Default: only if the output is a terminal.",
)
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    service: str,
    environment: str | None,
    page: str | None,
    browser: bool | None,
    output: str,
) -> None:
    """Print where SERVICE is reached and watched, and open the page about it in the browser.

    The pages are the `links` of the cluster in the platform file: dashboards, metrics, delivery. Without --page, the
    first one is opened, or the host if there are none. Without ENVIRONMENT, a service that is in several environments
    is printed for all of them, and nothing is opened.

    \b
    Examples:
      servegen open resnet50-202208014 prod
      servegen open resnet50-202208014 prod --page argocd
      servegen open resnet50-202208014 --output json
    """
    repository = Repository.open(invocation.folder)
    show_and_stop([one for one in repository.resolved.findings if one.severity is Severity.ERROR], repository.specs)
    fleet = repository.fleet
    found = whereabouts(repository.routing, _instances(fleet, find_service(fleet, service), environment))
    url = _url(found, page)
    if output == "json":
        echo(json.dumps(rows(found), ensure_ascii=False, indent=2))
    else:
        echo(table(HEADS, cells(found), width=None))
    if browser or (browser is None and output == "text" and sys.stdout.isatty()):
        _open(url, len(found))


def _instances(fleet: Fleet, service: ServiceEntry, environment: str | None) -> list[ServiceInstance]:
    """Raises UsageError if the service is in no environment, or not in this one."""
    wanted = None if environment is None else find_environment(fleet, environment)
    deployed = {name: found[service.key] for name, found in fleet.instances.items() if service.key in found}
    chosen = list(deployed.values()) if wanted is None else [deployed[wanted]] if wanted in deployed else []
    if chosen:
        return chosen
    where = "in any environment" if wanted is None else f"in {wanted}"
    hint = f"it is in {', '.join(deployed)}" if deployed else "`servegen list services` prints where services are"
    raise UsageError(f"{service.name} is not deployed {where}", hint=hint)


def _url(found: list[Whereabouts], page: str | None) -> str | None:
    """Return the address to open; None if there is none, or several environments. Raises UsageError."""
    urls = found[0].urls
    if page is not None and page not in urls:
        known = f"the pages are {', '.join(urls)}" if urls else "add `links` to the cluster in services/platform.yaml"
        raise UsageError(f"there is no page {page} in {found[0].environment}", hint=closest(page, urls) or known)
    if len(found) > 1:
        return None
    return urls[page] if page is not None else next(iter(urls.values()), None)


def _open(url: str | None, environments: int) -> None:
    if environments > 1:
        echo("name an environment to open a page in the browser", err=True)
    elif url is None:
        echo("there is no page to open: add `links` to the cluster in services/platform.yaml", err=True)
    elif not webbrowser.open(url):
        echo(f"no browser was found; open {url}", err=True)
