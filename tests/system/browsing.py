# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real browser, Debian's Chromium, with a profile of its own and no way to a network."""

from __future__ import annotations

import contextlib
import json
import pathlib
from collections.abc import Iterator
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

CHROMIUM = "/usr/bin/chromium"
DRIVER = "/usr/bin/chromedriver"
SWITCHES = (
    "--headless=new",
    "--no-sandbox",  # it refuses to be root otherwise
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1440,900",
    # Nothing answers there, so what a page should fetch after all never leaves this machine.
    "--proxy-server=127.0.0.1:9",
)


class Browser:
    """A browser with one tab."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of a function in the page, and return what it returns."""
        return self.driver.execute_script(script, *arguments)

    def open(self, url: str) -> None:
        """Open a page as new, also where only its fragment differs."""
        self.driver.get("about:blank")
        self.driver.get(url)

    def emulate(self, width: int, height: int = 900, scheme: str = "light", media: str = "") -> None:
        """Show the page in a window of another size, in another colour scheme or as on paper."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def complaints(self) -> list[str]:
        """Return what stands on the console since the last time."""
        return [str(entry["message"]) for entry in self._log("browser")]

    def requests(self) -> list[str]:
        """Return the addresses that the page wanted since the last time, also those that were refused."""
        return [str(one["request"]["url"]) for one in self._events("Network.requestWillBeSent")]

    def refused(self) -> list[str]:
        """Return why requests failed since the last time; ``csp`` where the page's own policy stopped one."""
        return [str(one.get("blockedReason", "")) for one in self._events("Network.loadingFailed")]

    def _log(self, kind: str) -> list[dict[str, Any]]:
        untyped: Any = self.driver
        return list(untyped.get_log(kind))

    def _events(self, method: str) -> list[dict[str, Any]]:
        events = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        return [event["params"] for event in events if event["method"] == method]


@contextlib.contextmanager
def browser(folder: pathlib.Path, *, javascript: bool = True) -> Iterator[Browser]:
    """Start one, and end it; ``folder`` gets its profile."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for switch in (*SWITCHES, f"--user-data-dir={folder}"):
        options.add_argument(switch)
    if not javascript:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
