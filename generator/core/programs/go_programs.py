"""The optional programs that are built with Go, at the versions that the tests use."""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class GoProgram(Struct, frozen=True):
    """A Go package with its version, and the consequence of not having the program."""

    package: str
    without: str


GO_PROGRAMS: Final = {
    "kubeconform": GoProgram(
        "github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0", "only the embedded engine checks objects"
    ),
    "kustomize": GoProgram("sigs.k8s.io/kustomize/kustomize/v5@v5.8.1", "the overlays are not built for comparison"),
}


def install_hint(name: str) -> str:
    """Return the hint for a program that is not installed: the command that builds it."""
    return f"`go install {GO_PROGRAMS[name].package}` installs it"
