"""What the browser tests share: a served model, Chromium, and files of value functions."""

import atexit
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
# What tests of several folders share.
sys.path.append(str(REPOSITORY / "Tests/Shared"))
from head_file import head_file as shared_head_file  # noqa: E402

PROGRAM = pathlib.Path(os.environ.get("RUDDER_PROGRAM", REPOSITORY / ".build/release/rudder"))
MODEL = REPOSITORY / ".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf"
SCREENSHOTS = REPOSITORY / ".build-browser"
WIDTH = 576


class Server:
    """The program, serving the default model on a port of its own."""

    def __init__(self, **environment):
        self.folder = tempfile.mkdtemp(prefix="rudder-browser-")
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("RUDDER_")}
        environment.setdefault("BATCHES_DIRECTORY", os.path.join(self.folder, "batches"))
        self.process = subprocess.Popen(
            [str(PROGRAM), "serve", "--model", str(MODEL), "--port", "0", "--registry", self.folder],
            cwd=REPOSITORY,
            env={**inherited, **{f"RUDDER_{key}": str(value) for key, value in environment.items()}},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log = []
        threading.Thread(target=self._collect, daemon=True).start()
        line = self.process.stdout.readline()
        match = re.search(r"http://\S+", line)
        if not match:
            raise RuntimeError(f"the server did not start: {line} {''.join(self.log)}")
        self.url = match.group(0)
        self.port = int(self.url.rsplit(":", 1)[1])

    def _collect(self):
        try:
            for line in self.process.stderr:
                self.log.append(line)
        except ValueError:
            # Closed by `stop`.
            pass

    def json(self, path):
        with urllib.request.urlopen(self.url + path) as answer:
            return json.load(answer)

    def put(self, name, content):
        request = urllib.request.Request(f"{self.url}/admin/v1/heads/{name}", data=content, method="PUT")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@functools.cache
def shared_server():
    """One server for every test that needs no settings of its own."""
    server = Server()
    atexit.register(server.stop)
    return server


def head_file(seed=1, **metadata):
    """A value function with random weights for the default model, as a safetensors file."""
    return shared_head_file(seed, WIDTH, 8, **metadata)


def chromium(width=1440, height=900, scheme="light", motion="no-preference"):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={width},{height}"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    resize(driver, width, height)
    emulate(driver, scheme, motion)
    driver.set_script_timeout(120)
    return driver


def resize(driver, width, height):
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    )


def emulate(driver, scheme, motion="no-preference"):
    features = [{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": motion}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


class BrowserCase(unittest.TestCase):
    """A test with a Chromium of its class, that begins without any memory and ends without complaints of the page."""

    width, height, scheme = 1440, 900, "light"
    # What the console may say of answers that a test provokes.
    allowed = re.compile(r"^$")

    @classmethod
    def setUpClass(cls):
        cls.driver = chromium(cls.width, cls.height, cls.scheme)
        cls.addClassCleanup(cls.driver.quit)

    @property
    def url(self):
        return shared_server().url

    def setUp(self):
        self.driver.get_log("browser")
        self.driver.get_log("performance")

    def tearDown(self):
        said = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        # Asked for where `open` looks at a picture as if it were a page; the pages name their icon.
        said = [message for message in said if "/favicon.ico" not in message]
        self.assertEqual([message for message in said if not self.allowed.search(message)], [], "the console")

    def open(self, path="/", url=None, forget=True):
        url = url or self.url
        if forget:
            # From a page that keeps nothing, so that what an open page would still write is not found by the next.
            self.driver.get("about:blank")
            self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": url, "storageTypes": "all"})
            self.driver.get(url + "/playground/icon.svg")
            self.driver.execute_script("sessionStorage.clear()")
        else:
            self.driver.get("about:blank")
        self.driver.get(url + path)
        if path.startswith("/server"):
            self.wait(lambda: self.find("#head-list .head-item, #head-list .empty") and "Loading" not in self.text("#head-list"))
        else:
            self.wait(lambda: self.find("#heads .head, #heads .warning") or "no value functions" in self.text("#heads"))

    def find(self, selector):
        found = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return found[0] if found else None

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.script("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def script(self, code, *arguments):
        return self.driver.execute_script(code, *arguments)

    def wait(self, condition, seconds=60, message="in vain"):
        deadline = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > deadline:
                self.fail(f"waited {message}; the page says: {self.text('body')[:2000]}")
            time.sleep(0.05)

    def fill(self, selector, text):
        """Puts a text into a field, as typing would."""
        self.script(
            "const field = document.querySelector(arguments[0]); field.focus(); field.value = arguments[1];"
            "field.dispatchEvent(new Event('input', {bubbles: true})); field.dispatchEvent(new Event('change', {bubbles: true}))",
            selector,
            text,
        )

    def click(self, selector):
        self.script("document.querySelector(arguments[0]).scrollIntoView({block: 'nearest'})", selector)
        self.find(selector).click()

    def is_shown(self, selector):
        element = self.find(selector)
        return element is not None and element.is_displayed()

    def run_both(self):
        """Runs what the form says, and waits for both answers."""
        self.click("#run")
        self.wait_for_end()

    def wait_for_end(self):
        self.wait(lambda: self.script("return !document.body.classList.contains('is-running')"), 120, "for the answers' end")
        # Painting follows in the next frame.
        self.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")

    def tokens(self, side):
        return self.script("return [...document.querySelectorAll(`#${arguments[0]} .token`)].map((token) => token.textContent)", side)

    def answer(self, side):
        return "".join(self.tokens(side))

    def request(self):
        """The body of the request that the page shows as curl."""
        self.click("#tab-curl")
        quoted = self.text("#code code").split("-d '", 1)[1]
        return json.loads(quoted[:-1].replace("'\\''", "'"))

    def screenshot(self, name):
        SCREENSHOTS.mkdir(exist_ok=True)
        self.driver.save_screenshot(str(SCREENSHOTS / f"{name}.png"))
