"""`waivers` of the platform file, of projects and of services: findings that the owners of a file accept."""

from generator.spec.base import Field, Spec
from generator.spec.values.day import Day
from generator.spec.values.scalars import Text, Texts


class Waiver(Spec):
    """Findings of one check that are accepted, and why."""

    check: Text = Field(examples=["C24"])
    """The id of the check, as a finding ends with it."""
    reason: Text = Field(examples=["the demo model changes every day"])
    """Why the findings are accepted: for reviewers, and for `servegen list waivers`."""
    until: Day | None = Field(default=None, examples=["2027-03-01"])
    """The last day, in UTC, on which the findings are waived. Default: they are waived without end."""
    at: Text | None = Field(default=None, examples=["env.DEMO_KEY"])
    """The key at or below which the findings are, as `env.DEMO_KEY`. Default: the whole file."""


class FolderWaiver(Waiver):
    """A waiver for the files of a folder: those of the project, or all of them."""

    where: Texts | None = Field(default=None, examples=[["models/*"]])
    """The files with the findings, relative to the folder of this file; `*` stands for any characters. Default: all of
    the folder."""
