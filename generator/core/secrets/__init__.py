"""Secrets in clear text: finding them in files and in texts, so that they can be reported and hidden."""

from generator.core.secrets.scan import find_in_text, find_secrets
from generator.core.secrets.span import Span

__all__ = ["Span", "find_in_text", "find_secrets"]
