"""The page about the server: what it shows, and value functions uploaded, read and removed there."""

import base64
import hashlib
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

from proxy import ProxyCase, answer
from support import PROGRAM, BrowserCase, Server, head_file

METRICS = """# HELP rudder_generation_tokens_total Tokens.
# TYPE rudder_generation_tokens_total counter
rudder_build_info{version="9.8.7",swift="6.3"} 1
rudder_generation_tokens_total{model="smollm2"} %(out)d
rudder_prompt_tokens_total{model="smollm2"} 4000
rudder_prefix_cache_queries_total{model="smollm2"} 4000
rudder_prefix_cache_hits_total{model="smollm2"} 1000
rudder_kv_cache_usage_ratio{model="smollm2"} 0.25
rudder_http_requests_total{method="POST",route="/v1/a \\"quoted\\" {route}",status="200"} 7
rudder_http_requests_total{method="POST",route="/v1/a \\"quoted\\" {route}",status="429"} 2
rudder_time_to_first_token_seconds_bucket{model="smollm2",le="0.1"} 50
rudder_time_to_first_token_seconds_bucket{model="smollm2",le="0.2"} 100
rudder_time_to_first_token_seconds_bucket{model="smollm2",le="+Inf"} 100
process_resident_memory_bytes 2.5e+08
rudder_control_tokens_total{head="positivity"} 400
rudder_control_tokens_total{head="unused"} 0
rudder_control_steps_total{head="positivity"} 4000
rudder_control_seconds_total{head="positivity"} 0.2
rudder_control_value_gain_sum{head="positivity"} 3
rudder_control_value_gain_count{head="positivity"} 4
"""

DROP = """
const bytes = Uint8Array.from(atob(arguments[0]), (character) => character.charCodeAt(0));
const dataTransfer = new DataTransfer();
dataTransfer.items.add(new File([bytes], 'dropped.safetensors'));
document.querySelector('#drop').dispatchEvent(new DragEvent('drop', {dataTransfer, bubbles: true, cancelable: true}));
"""


class MetricTests(ProxyCase):
    allowed = re.compile(r"status of 404")

    def tile(self, key):
        return self.text(f"[data-key={key}]")

    def test_counters_become_rates_and_histograms_quantiles(self):
        # Counted by this test's clock: 200 tokens a second.
        start = time.monotonic()
        self.proxy.rules[("GET", "/metrics")] = lambda request: answer(
            request, 200, METRICS % {"out": 5000 + 200 * (time.monotonic() - start)}, "text/plain"
        )
        self.open("/server")
        self.wait(lambda: re.search(r"(1[89]\d|2[01]\d)\.\d", self.tile("out")), 20)
        self.assertIn("0.0", self.tile("in"))
        self.assertIn("25%", re.sub(r"\s", "", self.tile("cache")))
        self.assertIn("25%", re.sub(r"\s", "", self.tile("prefix")))
        self.assertIn("100 ms", self.tile("first"))
        self.assertIn("190 ms at 95%", self.tile("first"))
        self.assertIn("250 MB", self.tile("process"))
        self.assertIn("9.8.7", self.text("#build"))
        self.assertIn('POST /v1/a "quoted" {route}', self.text("#requests"))
        self.assertIn("429 2", self.text("#requests"))
        cells = [cell.text for cell in self.all("#steering tbody tr:first-child > *")]
        self.assertEqual(cells, ["positivity", "400", "10.0", "+0.75", "500 µs"])
        self.assertNotIn("unused", self.text("#steering"))
        self.wait(lambda: self.find("[data-key=out] .spark"))

    def test_without_metrics_it_says_so_and_shows_the_rest(self):
        self.proxy.rules[("GET", "/metrics")] = lambda request: answer(request, 404, {"error": {"message": "nothing"}})
        self.open("/server")
        self.wait(lambda: "1 of 1" in self.tile("workers"))
        self.assertIn("no metrics", self.text("#metrics-note"))
        self.assertIn("smollm2", self.text("#models"))

    def test_a_draining_server_and_one_that_is_gone_are_told_apart(self):
        draining = {"status": "draining", "models": [{"id": "smollm2", "workers": 1, "up": 1, "running": 1, "queued": 0}]}
        self.proxy.rules[("GET", "/ready")] = lambda request: answer(request, 503, draining)
        self.allowed = re.compile("status of|net::ERR")
        self.open("/server")
        self.wait(lambda: "shutting down" in self.text("#unreachable"))

        def hang_up(request):
            request.close_connection = True
            return True

        self.proxy.rules[("GET", "/ready")] = hang_up
        self.wait(lambda: "cannot be reached" in self.text("#unreachable"), 20)
        del self.proxy.rules[("GET", "/ready")]
        self.wait(lambda: not self.is_shown("#unreachable"), 20)

    def test_where_the_admin_api_does_not_answer_it_is_said_why(self):
        self.allowed = re.compile("status of")
        message = "Without a configured token the admin API does not answer forwarded requests."
        self.proxy.rules[("GET", "/admin/v1/heads")] = lambda request: answer(request, 403, {"error": {"message": message}})
        self.open("/server")
        self.wait(lambda: message in self.text("#gate"))
        self.assertFalse(self.is_shown("#admin-token"), "no token would help")
        self.assertFalse(self.is_shown("#upload"))
        self.assertTrue(self.find("[data-name=positivity]"))

    def test_a_hidden_page_asks_for_nothing(self):
        self.open("/server")
        self.script("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
        self.script("document.dispatchEvent(new Event('visibilitychange'))")
        time.sleep(0.5)
        self.proxy.requests.clear()
        time.sleep(4.5)
        self.assertEqual([request[1] for request in self.proxy.requests], [])


class HeadTests(BrowserCase):
    allowed = re.compile(r"status of 40[0-9]")

    def setUp(self):
        super().setUp()
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, content):
        path = pathlib.Path(self.folder.name) / name
        path.write_bytes(content)
        return str(path)

    def head(self, name):
        return f"[data-name='{name}']"

    def upload(self, path, name=None):
        self.find("#file").send_keys(path)
        if name is not None:
            self.fill("#upload-name", name)
        self.click("#upload-button")

    def test_a_head_is_uploaded_renewed_downloaded_and_removed(self):
        first, second = head_file(1, reward="kindness", steps="12"), head_file(2)
        self.open("/server")
        self.find("#file").send_keys(self.file("my head.safetensors", first))
        self.assertEqual(self.find("#upload-name").get_attribute("value"), "my-head")
        self.fill("#upload-name", "browser-test")
        self.click("#upload-button")
        self.wait(lambda: "browser-test@1 is there" in self.text("#result"))
        self.assertIn("Steers smollm2", self.text(self.head("browser-test")))
        self.wait(lambda: "kindness" in self.text(f"{self.head('browser-test')} .metadata"))

        self.click(f"{self.head('browser-test')} [aria-label^='Upload a new version']")
        self.find("#version-file").send_keys(self.file("other.safetensors", second))
        self.wait(lambda: "browser-test@2 is there, as a new version" in self.text("#result"))
        self.wait(lambda: len(self.all(f"{self.head('browser-test')} .versions tbody tr")) == 2)

        self.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": self.folder.name})
        for version, content in [(1, first), (2, second)]:
            self.click(f"{self.head('browser-test')} .versions [aria-label='Download browser-test, version {version}']")
            path = pathlib.Path(self.folder.name) / f"browser-test-{version}.safetensors"
            self.wait(path.exists)
            self.assertEqual(hashlib.sha256(path.read_bytes()).digest(), hashlib.sha256(content).digest())

        # It can be chosen at once, and steers.
        self.open("/#head=browser-test&max_tokens=6&prompt=Hi", forget=False)
        self.assertEqual(self.find("#steps-field").get_attribute("value"), "30")
        self.run_both()
        self.assertEqual(self.text("#steered .with"), "browser-test@2")

        self.open("/server")
        self.click(f"{self.head('browser-test')} .danger")
        self.wait(lambda: self.is_shown("#confirm"))
        self.assertEqual(self.script("return document.activeElement.value"), "cancel", "the safe choice has the focus")
        self.click("#confirm [value=cancel]")
        self.assertTrue(self.find(self.head("browser-test")))
        self.click(f"{self.head('browser-test')} .danger")
        self.screenshot("remove")
        self.click("#confirm [value=remove]")
        self.wait(lambda: not self.find(self.head("browser-test")))
        self.assertIn("was removed", self.text("#result"))

    def test_a_file_can_be_dropped(self):
        self.open("/server")
        self.script(DROP, base64.b64encode(head_file(3)).decode())
        self.assertEqual(self.find("#upload-name").get_attribute("value"), "dropped")
        self.click("#upload-button")
        self.wait(lambda: "dropped@1 is there" in self.text("#result"))
        self.click(f"{self.head('dropped')} .danger")
        self.click("#confirm [value=remove]")
        self.wait(lambda: not self.find(self.head("dropped")))

    def test_what_is_no_head_is_refused_in_the_servers_words(self):
        self.open("/server")
        self.upload(self.file("no.safetensors", b"not a head at all"), "no-head")
        self.wait(lambda: "refused" in self.text("#result"))
        self.assertFalse(self.find(self.head("no-head")))
        self.fill("#upload-name", "a b")
        self.click("#upload-button")
        self.wait(lambda: "name in the path" in self.text("#result"))

    def test_bundled_heads_are_hidden_by_uploaded_ones_and_cannot_be_removed(self):
        self.open("/server")
        self.assertIn("comes with the server", self.text(self.head("sentiment")))
        self.assertFalse(self.find(f"{self.head('sentiment')} .danger"))
        self.upload(self.file("mine.safetensors", head_file(5)), "sentiment")
        self.wait(lambda: self.find(f"{self.head('sentiment')} .danger"))
        self.assertNotIn("comes with the server", self.text(self.head("sentiment")))
        self.click(f"{self.head('sentiment')} .danger")
        self.click("#confirm [value=remove]")
        self.wait(lambda: "is offered again" in self.text("#result"))
        self.assertIn("comes with the server", self.text(self.head("sentiment")))


class TokenTests(BrowserCase):
    allowed = re.compile(r"status of 40[134]")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = Server(ADMIN_TOKEN="correct horse")
        cls.addClassCleanup(cls.server.stop)

    @property
    def url(self):
        return self.server.url

    def test_without_the_token_heads_can_be_read_and_a_wrong_one_is_said_to_be(self):
        self.open("/server")
        self.wait(lambda: self.is_shown("#gate"))
        self.assertIn("give the server's admin token", self.text("#gate"))
        self.assertTrue(self.find("[data-name=positivity]"))
        self.assertFalse(self.is_shown("#upload"))
        self.fill("#admin-token", "wrong")
        self.click("#gate button")
        self.wait(lambda: "is not the server's admin token" in self.text("#gate"))
        self.screenshot("wrong-token")
        self.fill("#admin-token", "correct\u2026")
        self.click("#gate button")
        self.wait(lambda: "no token can have" in self.text("#gate"))
        self.fill("#admin-token", "correct horse")
        self.click("#gate button")
        self.wait(lambda: self.is_shown("#upload"))
        self.assertEqual(self.script("return sessionStorage.getItem('rudder.adminToken')"), "correct horse")
        self.assertNotIn("horse", self.script("return JSON.stringify(localStorage)"))
        self.driver.refresh()
        self.wait(lambda: self.is_shown("#upload"))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "guarded.safetensors"
            path.write_bytes(head_file(4))
            self.find("#file").send_keys(str(path))
            self.click("#upload-button")
            self.wait(lambda: "guarded@1 is there" in self.text("#result"))
        self.click("[data-name=guarded] .danger")
        self.click("#confirm [value=remove]")
        self.wait(lambda: "guarded was removed" in self.text("#result"))
        self.click("#forget")
        self.wait(lambda: self.is_shown("#gate"))


class KeyTests(BrowserCase):
    allowed = re.compile(r"status of 40[13]")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        made = subprocess.run([str(PROGRAM), "keys", "new", "alice", "--head", "positivity"], capture_output=True, text=True, check=True)
        keys = pathlib.Path(folder.name) / "keys.yaml"
        keys.write_text(made.stdout)
        cls.key = made.stderr.split()[-1]
        cls.server = Server(ACCESS_KEYS_FILE=keys, ADMIN_TOKEN="correct horse")
        cls.addClassCleanup(cls.server.stop)

    @property
    def url(self):
        return self.server.url

    def test_an_api_key_is_asked_for_and_shows_what_it_may_use(self):
        self.open("/server")
        self.wait(lambda: self.is_shown("#key-gate"))
        self.assertIn("asks for an API key", self.text("#key-gate"))
        self.fill("#api-key", "wrong")
        self.click("#key-gate button")
        self.wait(lambda: "none of the server's" in self.text("#key-gate"))
        self.screenshot("wrong-key")
        self.fill("#api-key", self.key)
        self.click("#key-gate button")
        self.wait(lambda: not self.is_shown("#key-gate"))
        self.assertTrue(self.find("[data-name=positivity]"))
        self.assertEqual(len(self.driver.find_elements("css selector", ".head-item")), 1)
        self.assertNotIn(self.key, self.script("return JSON.stringify(localStorage)"))
        # The playground has it, too.
        self.open("/", forget=False)
        self.wait(lambda: self.script("return document.getElementById('api-key').value") == self.key)

    def test_the_admin_token_alone_shows_all(self):
        self.open("/server")
        self.script("sessionStorage.clear()")
        self.driver.refresh()
        self.wait(lambda: self.is_shown("#gate"))
        self.fill("#admin-token", "correct horse")
        self.click("#gate button")
        self.wait(lambda: self.is_shown("#upload"))
        self.assertFalse(self.is_shown("#key-gate"))
        self.assertGreater(len(self.driver.find_elements("css selector", ".head-item")), 1)


if __name__ == "__main__":
    unittest.main()
