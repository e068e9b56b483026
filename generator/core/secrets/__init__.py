"""Secrets in clear text: finding them in files and in texts, so that they can be reported and hidden."""

from generator.core.secrets.scan import HIDDEN, find_secrets, hide_secrets
from generator.core.secrets.span import Span

__all__ = ["HIDDEN", "Span", "find_secrets", "hide_secrets"]
