"""A network namespace for a process and its children: they have a loopback device of their own, hidden from others.

Besides 127.0.0.0/8, the pods' addresses are local on this device: a server that listens on a port answers for each pod,
and can tell by the address which pod was called. (The API server rejects endpoints in 127.0.0.0/8.)
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Final

PODS: Final = "10.0.0.1/16"
_MASK: Final = "255.255.0.0"
# Source: sched.h, netdevice(7).
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCSIFFLAGS, _SIOCSIFADDR, _SIOCSIFNETMASK = 0x8914, 0x8916, 0x891C
_UP: Final = 0x1


def leave() -> str | None:
    """Move this process to a network namespace of its own, also without root. Return the reason if this fails."""
    if sys.platform != "linux":
        return "only Linux has network namespaces"
    user, group = os.geteuid(), os.getegid()
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET | (_CLONE_NEWUSER if user else 0)):
        return f"unshare: {os.strerror(ctypes.get_errno())}"
    if user:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            Path(f"/proc/self/{name}").write_text(text, encoding="ascii")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _UP))
        fcntl.ioctl(control, _SIOCSIFADDR, _address(PODS.partition("/")[0]))
        fcntl.ioctl(control, _SIOCSIFNETMASK, _address(_MASK))
    return None


def _address(text: str) -> bytes:
    """Return a `struct ifreq` with a second address of the loopback device."""
    return struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(text))
