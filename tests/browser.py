"""One headless Chromium for the whole run, and what it says of a page: requests, messages, pictures."""

from __future__ import annotations

import base64
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_FLAGS = (
    "--headless",
    "--no-sandbox",  # Chromium's own sandbox does not start as root
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--lang=fr",
)


def missing() -> str | None:
    """Say what keeps the browser tests from running, or None."""
    programs = ("chromium", "chromedriver")
    absent = [program for program in programs if shutil.which(program) is None]
    return f"needs {' and '.join(absent)} (on Debian: apt-get install chromium chromium-driver)" if absent else None


class Browser:
    """A started Chromium."""

    def __init__(self) -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for flag in _FLAGS:
            options.add_argument(flag)
        options.page_load_strategy = "normal"
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        service = Service(shutil.which("chromedriver") or "", env={**os.environ, "SE_AVOID_STATS": "true"})
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_page_load_timeout(60)

    def command(self, name: str, **parameters: object) -> Any:
        """Send a command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, parameters)

    def open(self, page: Path) -> None:
        """Show a page of the disk, after forgetting what was said of the one before."""
        self.messages()
        self.requests()
        self.driver.get(page.as_uri())

    def run(self, script: str) -> Any:
        """Run a script of the test's own in the page; the page's policy does not bind the test."""
        return self.driver.execute_script(script)

    def type(self, keys: str) -> None:
        """Press keys, wherever the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(keys).perform()

    def frames(self) -> list[str]:
        """Return the addresses of everything the browser shows, frames and viewers included."""
        return [target["url"][:60] for target in self.command("Target.getTargets")["targetInfos"]]

    def eventually(self, holds: Callable[[], bool], timeout_s: float = 20) -> bool:
        """Wait until something holds; False when it never does."""
        end = time.monotonic() + timeout_s
        while not holds():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def messages(self) -> list[str]:
        """Return what the browser complained of since the last call: refused scripts, blocked requests, errors."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call] # selenium leaves it open

    def requests(self) -> list[str]:
        """Return the schemes and hosts that pages asked for since the last call, the page itself included."""
        entries = self.driver.get_log("performance")  # type: ignore[no-untyped-call] # likewise
        events = (json.loads(entry["message"])["message"] for entry in entries)
        urls = (event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent")
        return [f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, urls)]

    @contextmanager
    def without_policy(self) -> Iterator[None]:
        """Let pages be loaded as if they had no Content-Security-Policy."""
        self.command("Page.setBypassCSP", enabled=True)
        try:
            yield
        finally:
            self.command("Page.setBypassCSP", enabled=False)

    def width(self, width: int, height: int = 900) -> None:
        """Set the width of the window in CSS pixels."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    def picture(self, path: Path, *, most: int = 4000, scale: float = 1) -> None:
        """Save a picture of the page from its top, at most `most` pixels high."""
        size = self.command("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], most), "scale": scale}
        shot = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(shot["data"]))

    def print_pdf(self) -> bytes:
        """Return the page as it is printed on A4."""
        return base64.b64decode(self.command("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])

    def close(self) -> None:
        """End it."""
        self.driver.quit()


@contextmanager
def started() -> Iterator[Browser]:
    """Start a browser and end it."""
    browser = Browser()
    try:
        yield browser
    finally:
        browser.close()
