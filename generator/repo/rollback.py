"""Find the services that can get a host instead of its owner: deployed rivals, and undeployed services of the app."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

from msgspec import Struct

from generator.core.errors import UsageError
from generator.core.programs.git import Git
from generator.edit.release import restore
from generator.fleet.ownership import waits
from generator.repo.git.completeness import shallow_note
from generator.repo.git.history import earlier_stanzas
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import ServiceEntry, ServiceInstance
    from generator.fleet.routes import HostClaims
    from generator.fleet.routing import Routing
    from generator.repo.repository import Repository


class Candidate(Struct, frozen=True):
    """A service, its spec with a stanza of the environment, and the routing of the fleet with that spec.

    `had_left` says that the service was undeployed and its stanza is restored from Git's history.
    """

    service: ServiceEntry
    text: bytes
    routing: Routing
    had_left: bool = False


def find_claims(repository: Repository, host: str, environment: str) -> HostClaims:
    """Return the services that name the host, or the host that the service `host` owns.

    Raises UsageError if there is no such host or service.
    """
    name, slash, path = host.partition("/")
    wanted = f"{name.rstrip('.').lower()}{slash}{path}"
    prefix = repository.fleet.contexts[environment].rules.prefix or ""
    entries = repository.routing.claims[environment]
    for claims in entries:
        owner = claims.owner.service if claims.owner is not None else None
        if claims.address in (wanted, f"{prefix}{wanted}") or (owner and host in (owner.name, "/".join(owner.key))):
            return claims
    hosts = [claims.address for claims in entries]
    parts = [claims.address for claims in entries if claims.host in (wanted, f"{prefix}{wanted}")]
    if len(parts) == 1:
        return next(claims for claims in entries if claims.address == parts[0])
    if parts:
        raise UsageError(f"several services share {host} by its paths", hint=f"name one of {', '.join(parts)}")
    hint = closest(wanted, hosts) or "`servegen list services` prints the known hosts and services"
    raise UsageError(f"{host} is neither a host in {environment} nor a service that owns one", hint=hint)


def choose(repository: Repository, claims: HostClaims, to: str | None) -> Candidate:
    """Return the service that was released before the owner, or the one named `to`.

    Raises UsageError if there is none to choose, and NotEditableError if its spec cannot be edited.
    """
    if claims.owner is None:
        hint = "`servegen validate` reports the reason; `servegen deploy` gives the host to a service"
        raise UsageError(f"the specs do not determine the owner of {claims.address}", hint=hint)
    before = _earlier_owners(repository, claims, claims.owner)
    if to is None:
        return next(before, None) or _nobody(repository, claims.owner.service, claims.address)
    # A service with `takeover: manual` was released after the owner and never had the host.
    others = [*_deployed(repository, claims, claims.owner, waiting=True), *before]
    named = [other for other in others if to in (other.service.name, "/".join(other.service.key))]
    if not named:
        names = ", ".join(other.service.name for other in others)
        note = shallow_note(Git(repository.root))
        raise UsageError(f"{to} cannot get the host {claims.address} back", hint=f"these can: {names or 'none'}{note}")
    return named[0]


def _earlier_owners(repository: Repository, claims: HostClaims, owner: ServiceInstance) -> Iterator[Candidate]:
    """Yield the services that had the host before its owner: deployed ones, then undeployed ones; each newest first."""
    yield from _deployed(repository, claims, owner, waiting=False)
    yield from _left(repository, claims.address, owner)


def _deployed(
    repository: Repository, claims: HostClaims, owner: ServiceInstance, *, waiting: bool
) -> Iterator[Candidate]:
    for claimant in claims.services:
        if claimant is not owner and waits(claimant, owner) is waiting:
            text = repository.specs[claimant.service.document.file]
            yield Candidate(claimant.service, text, repository.routing)


def _left(repository: Repository, address: str, owner: ServiceInstance) -> Iterator[Candidate]:
    environment = owner.environment.name
    found: list[tuple[datetime, Candidate]] = []
    for entry in repository.fleet.apps()[owner.service.project, owner.service.app]:
        text = _brought_back(repository, entry, environment)
        if text is None:
            continue
        routing = repository.with_edits({entry.document.file: text}).routing
        claimant = _claimant(routing, entry, environment, address)
        if claimant is not None:
            stamp = claimant.released or datetime.min.replace(tzinfo=UTC)
            found.append((stamp, Candidate(entry, text, routing, had_left=True)))
    yield from (candidate for _, candidate in sorted(found, key=lambda pair: pair[0], reverse=True))


def _brought_back(repository: Repository, entry: ServiceEntry, environment: str) -> bytes | None:
    """Return the spec of an undeployed service with its last stanza from Git's history; None if there is none.

    None also if the service is deployed.
    """
    if entry.spec.environments.get(environment) is not None:
        return None
    for text, stanzas in earlier_stanzas(repository.root, entry.document.file):
        if stanzas.get(environment) is not None:
            return restore(repository.specs, entry, environment, text)
    return None


def _claimant(routing: Routing, entry: ServiceEntry, environment: str, address: str) -> ServiceInstance | None:
    """Return the service as one of those that name the host, or None if it does not name it."""
    entries = [claims for claims in routing.claims[environment] if claims.address == address]
    named = (claimant for claims in entries for claimant in claims.services)
    return next((claimant for claimant in named if claimant.service.key == entry.key), None)


def _nobody(repository: Repository, owner: ServiceEntry, host: str) -> NoReturn:
    file, note = owner.document.file, shallow_note(Git(repository.root))
    hint = f"`git log -p -- {file}` shows the history of its spec, `git revert COMMIT` restores it{note}"
    raise UsageError(f"no service had {host} before {owner.name}", hint=hint)
