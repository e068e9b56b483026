"""Output formats for findings: one module per format, which returns a string and is imported when it is chosen."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.finding import Severity, prefix_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from generator.core.finding import Finding

    Report = Callable[[Sequence[Finding], Mapping[str, bytes]], str]


class Format(Struct, frozen=True):
    """A format that is implemented by a module of this package.

    `from_top`: paths start at the top of the Git work tree, not at the servegen repository, which may be a folder in
    it. Tools that show findings in a pull request identify files by their paths in Git. `lists_waived`: the format says
    that a finding is waived; the others leave it out.
    """

    module: str
    from_top: bool = False
    lists_waived: bool = False

    def __call__(self, findings: Sequence[Finding], sources: Mapping[str, bytes], prefix: str = "") -> str:
        """Return the findings as text, without the secrets of the files that they are about.

        `sources` are the specs, `prefix` is the folder of their repository in the work tree.
        """
        report: Report = import_module(f"{__name__}.{self.module}").report
        if not self.lists_waived:
            findings = [finding for finding in findings if finding.severity is not Severity.WAIVED]
        if findings:
            from generator.report.conceal import conceal

            findings, sources = conceal(findings, sources)
        if self.from_top and prefix:
            findings = [prefix_paths(prefix, finding) for finding in findings]
            sources = {prefix + file: source for file, source in sources.items()}
        return report(findings, sources)


# The keys are the choices of --output.
FORMATS: Final[dict[str, Format]] = {
    "text": Format("text"),
    "json": Format("json", lists_waived=True),
    "github": Format("github", from_top=True),
    "gitlab": Format("gitlab", from_top=True),
    "sarif": Format("sarif", from_top=True, lists_waived=True),
    "junit": Format("junit", from_top=True),
}
