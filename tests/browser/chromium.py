"""Chromium without a window, driven by its own protocol through a pipe: no driver and no package is needed.

https://chromedevtools.github.io/devtools-protocol/; with --remote-debugging-pipe, messages are JSON that ends with a
zero byte, read by the browser from file descriptor 3 and written to 4.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any, Final

VARIABLE: Final = "SERVEGEN_BROWSER"
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_OPTIONS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--remote-debugging-pipe"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
_LIMIT_MILLISECONDS: Final = 60_000


def find_browser() -> str | None:
    """Return the path of the browser: that of the variable, else the first one on PATH."""
    given = os.environ.get(VARIABLE)
    return shutil.which(given) if given else next(filter(None, map(shutil.which, _NAMES)), None)


@dataclass
class Chromium:
    """A running browser. `events` are the messages that nobody has asked for yet."""

    _write: IO[bytes]
    _read: IO[bytes]
    _rest: bytes = b""
    _last: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    @contextmanager
    def start(cls, program: str) -> Iterator[Chromium]:
        """Start the browser with an empty profile, and end it afterwards."""
        from_us, to_browser = os.pipe()
        from_browser, to_us = os.pipe()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            start = f'exec "$0" "$@" 3<&{from_us} 4>&{to_us}'
            command = ["bash", "-c", start, program, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"]
            null = subprocess.DEVNULL
            process = subprocess.Popen(command, pass_fds=(from_us, to_us), stdout=null, stderr=null)
            os.close(from_us)
            os.close(to_us)
            with os.fdopen(to_browser, "wb", 0) as write, os.fdopen(from_browser, "rb", 0) as read:
                try:
                    browser = cls(write, read)
                    yield browser
                    browser.call("Browser.close")
                finally:
                    process.terminate()
                    process.wait()

    @contextmanager
    def tab(self) -> Iterator[Page]:
        """Open a tab without cookies and storage of others, and close it afterwards."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.events.clear()
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        try:
            yield page
        finally:
            self.call("Target.disposeBrowserContext", browserContextId=context)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        """Return the result of a method. Raises RuntimeError with the browser's message."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        self._write.write(json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        while (answer := self._next()).get("id") != self._last:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def wait(self, method: str) -> None:
        """Wait for an event."""
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self._next())

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            chunk = self._read.read(1 << 16)
            if not chunk:
                raise RuntimeError("the browser has ended")
            self._rest += chunk
        text, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(text)
        return found


@dataclass
class Page:
    """A tab."""

    browser: Chromium
    session: str

    def call(self, method: str, **parameters: Any) -> Any:
        """Return the result of a method for this tab."""
        return self.browser.call(method, self.session, **parameters)

    def open(self, address: str) -> None:
        """Open an address and wait until it is loaded."""
        self.browser.events.clear()
        failed = self.call("Page.navigate", url=address).get("errorText")
        if failed:
            raise RuntimeError(f"{address}: {failed}")
        self.browser.wait("Page.loadEventFired")

    def run(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, of a promise what it becomes. Raises RuntimeError."""
        found = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise RuntimeError(str(found["exceptionDetails"]))
        return found["result"].get("value")

    def wait_for(self, condition: str) -> Any:
        """Return the value of an expression as soon as it is true. Raises RuntimeError after a minute."""
        return self.run(
            f"""new Promise((done, fail) => {{
                const end = Date.now() + {_LIMIT_MILLISECONDS};
                const look = () => {{
                    const found = {condition};
                    if (found) done(found);
                    else if (Date.now() > end) fail(new Error("never true: " + {json.dumps(condition)}));
                    else setTimeout(look, 20);
                }};
                look();
            }})"""
        )

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press and release a key."""
        given = {"key": key, "windowsVirtualKeyCode": code, "text": text}
        self.call("Input.dispatchKeyEvent", type="keyDown", **given)
        self.call("Input.dispatchKeyEvent", type="keyUp", **given)

    def errors(self) -> list[str]:
        """Return what the console shows as errors, and the requests that failed or went to another host."""
        return [text for event in self.browser.events if (text := _error(event))]


def _error(event: dict[str, Any]) -> str:
    method, given = event.get("method"), event.get("params", {})
    if method == "Runtime.exceptionThrown":
        return str(given["exceptionDetails"])
    if method == "Runtime.consoleAPICalled" and given["type"] in ("error", "assert"):
        return str(given["args"])
    if method == "Log.entryAdded" and given["entry"]["level"] == "error":
        return f"{given['entry']['text']} {given['entry'].get('url', '')}"
    if method == "Network.requestWillBeSent":
        url = given["request"]["url"]
        return "" if url.startswith(("http://127.0.0.1:", "data:", "blob:", "file:", "about:")) else f"asks for {url}"
    return ""
