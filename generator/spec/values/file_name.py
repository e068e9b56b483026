"""Names of files and folders that a program treats specially, in every spelling that it takes for the same name.

Sources: verify_path, is_ntfs_dotgit, is_ntfs_dot_str and next_hfs_char in Git; "Naming Files, Paths, and Namespaces" of
Windows; RecognizedKustomizationFileNames in kustomize.
"""

from __future__ import annotations

import re
from typing import Final

from generator.core.regex import regex

# Code points that HFS+ ignores in names.
_IGNORED: Final = regex("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
# Names that begin with .git, and the short names that NTFS gives them: git~1, gitatt~1, gi7eba~1.
_GIT: Final = regex(r"\.git|git~[0-9]|git[a-z]{3}~[0-9]|gi[0-9a-f]{4}~[0-9]")
_DEVICE: Final = regex(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\Z")
# Separators of folders and of NTFS streams, and characters that no name has there.
_FORBIDDEN: Final = regex('[\\x00-\\x1f\\x7f<>:"/\\\\|?*]')


def special_to(name: str) -> str:
    """Return the program to which a name means something else than a plain file; empty if there is none."""
    text = _IGNORED.sub("", name).lower()
    plain = re.split(r"[:/\\]", text)[0].rstrip(". ")
    stem = plain.partition(".")[0].rstrip(" ")
    if _GIT.match(plain):
        return "Git"
    if stem == "kustomization":
        return "kustomize"
    if _DEVICE.match(stem) or _FORBIDDEN.search(text) or text != text.rstrip(". "):
        return "Windows"
    return "" if text == name.lower() else "macOS"
