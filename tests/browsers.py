"""A headless Chromium, spoken to over a pipe by the DevTools protocol: lines of JSON, each with a zero byte behind it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_WAIT = 60
# It resolves no name, and asks nobody anything of its own.
_ALONE = (
    "--headless=new", "--hide-scrollbars", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
    "--disable-sync", "--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)  # fmt: skip


class Browser:
    """One page at a time. events: all that the browser has told of the page that is shown."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._read, self._number, self._session = b"", 0, ""
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        number = self._number
        asked = {"id": number, "method": method, "params": parameters}
        written = asked | ({"sessionId": self._session} if self._session else {})
        os.write(self._commands, json.dumps(written).encode() + b"\0")
        while True:
            said = self._next()
            if said.get("id") == number:
                assert "error" not in said, (method, said)
                result: dict[str, Any] = said["result"]
                return result
            self.events.append(said)

    def begin(self) -> None:
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def show(self, file: Path, width: int = 1280, height: int = 900, dark: bool = False, script: bool = True) -> None:
        """Until it is loaded, and all that was to be said by then is among the events."""
        phone = width < 600
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", media="screen", features=[scheme])
        self.ask("Emulation.setScriptExecutionDisabled", value=not script)
        self.events.clear()
        self.ask("Page.navigate", url=file.resolve().as_uri())
        while not self.told("Page.loadEventFired"):
            self.events.append(self._next())
        self.ask("Page.getLayoutMetrics")

    def value(self, expression: str, wait: bool = False) -> Any:
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=wait)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def told(self, method: str) -> list[dict[str, Any]]:
        return [one["params"] for one in self.events if one.get("method") == method]

    def picture(self, file: Path, top: int = 0, height: int | None = None) -> None:
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": top, "width": size["width"], "height": height or size["height"] - top, "scale": 1}
        taken = self.ask("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        file.write_bytes(b64decode(taken["data"]))

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + _WAIT
        while b"\0" not in self._read:
            ready, _, _ = select.select([self._answers], [], [], max(0, end - time.monotonic()))
            some = os.read(self._answers, 1 << 16) if ready else b""
            assert some, "the browser says nothing more"
            self._read += some
        one, _, self._read = self._read.partition(b"\0")
        said: dict[str, Any] = json.loads(one)
        return said


@contextlib.contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(_NAMES)} is installed")
    options = [*_ALONE, f"--user-data-dir={profile}", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    heard, commands = os.pipe()
    answers, said = os.pipe()
    # It reads commands from descriptor 3 and writes answers to descriptor 4.
    moved = f'exec "$0" "$@" 3<&{heard} 4>&{said}'
    process = subprocess.Popen(
        ["bash", "-c", moved, found, *options],
        pass_fds=(heard, said),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    os.close(heard)
    os.close(said)
    try:
        browser = Browser(commands, answers)
        try:
            browser.begin()
        except (AssertionError, OSError) as failure:
            pytest.skip(f"{found} does not start: {failure}")
        yield browser
        browser._session = ""
        browser.ask("Browser.close")
        process.wait(_WAIT)
    finally:
        os.close(commands)
        os.close(answers)
        if process.poll() is None:
            process.kill()
            process.wait()
