"""What the playground says when an answer does not come, or does not come whole; and that nothing it is told becomes markup."""

import re
import unittest

from proxy import ProxyCase, answer, answer_in_bytes, error, stream_of
from support import BrowserCase, Server, shared_server

RUN = "/#prompt=Hello&max_tokens=24&temperature=0"
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\'"&amp;'


def chunk(text, trace=True, finish=None):
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    if trace:
        choice["control_trace"] = [{"token": text, "value_before": 0.1, "value_after": 0.5, "norm": 0.1, "kl": 0.01}]
    return {"choices": [choice]}


class FailureTests(ProxyCase):
    # Chromium logs each answer of status 400 and more by itself.
    allowed = re.compile(r"Failed to load resource|net::ERR_")

    def answer_chats(self, respond):
        self.proxy.rules[("POST", "/v1/chat/completions")] = respond

    def problem(self, side="steered"):
        self.wait(lambda: self.is_shown(f"#{side} .problem"))
        return self.text(f"#{side} .problem")

    def test_a_stream_cut_into_single_bytes_is_read_whole(self):
        texts = ["na\u00efve ", "\u65e5\u672c ", "\U0001f308", "\u00a0end"]
        for line in ["\n", "\r\n", "\r"]:
            body = stream_of(*(chunk(text) for text in texts), chunk("", False, "stop")).replace("\n", line).encode()
            self.open(RUN)
            self.answer_chats(lambda request, body=body: answer_in_bytes(request, body))
            self.run_both()
            for side in ["plain", "steered"]:
                self.assertEqual(self.tokens(side), texts, repr(line))
                self.assertFalse(self.is_shown(f"#{side} .problem"), repr(line))

    def test_an_answer_that_ends_without_done_has_failed_and_keeps_its_text(self):
        self.open(RUN)
        self.proxy.cut = 5
        self.run_both()
        self.assertIn("broke off", self.problem())
        self.assertGreater(len(self.tokens("steered")), 0)
        self.assertEqual(self.text("#steered .progress"), "failed")
        self.proxy.cut = None
        self.click("#steered .retry")
        self.wait_for_end()
        self.assertFalse(self.is_shown("#steered .problem"))
        self.assertTrue(self.is_shown("#plain .problem"), "the other side is left as it is")

    def test_an_error_within_a_stream_is_shown(self):
        self.open(RUN)
        body = stream_of(chunk("Hel"), error("The generation was ended: numbers.", "control", "control_not_finite"), done=False)
        self.answer_chats(lambda request: answer(request, 200, body, "text/event-stream"))
        self.run_both()
        self.assertIn("The generation was ended: numbers.", self.problem())
        self.assertEqual(self.answer("steered"), "Hel")

    def test_a_field_that_the_server_refuses_is_named(self):
        self.open(RUN)
        message = "'control.step_size' must be at most 5."
        refusal = error(message, "control.step_size")
        refusal["error"]["request_id"] = "req_5f0c"
        self.answer_chats(lambda request: answer(request, 400, refusal))
        self.run_both()
        self.assertIn(message, self.problem())
        self.assertIn("control.step_size", self.text("#steered .problem code"))
        self.assertIn("req_5f0c", self.problem())
        self.click("#steered .problem button")
        self.assertEqual(self.script("return document.activeElement.id"), "step_size")

    def test_a_wrong_key_is_asked_for_where_it_failed(self):
        self.open(RUN)

        def respond(request):
            if request.headers.get("Authorization") == "Bearer right":
                return False
            return answer(request, 401, error("Incorrect API key provided.", code="invalid_api_key"))

        self.answer_chats(respond)
        self.run_both()
        self.assertIn("asks for an API key", self.problem())
        # What no header can carry is no failure of the network.
        self.fill("#steered .problem input", "wro\u2026")
        self.click("#steered .problem button")
        self.wait(lambda: "no token can have" in self.text("#steered .problem"))
        self.fill("#steered .problem input", "wrong")
        self.click("#steered .problem button")
        self.wait(lambda: "does not accept" in self.text("#steered .problem"))
        self.wait_for_end()
        self.fill("#steered .problem input", "right")
        self.click("#steered .problem button")
        self.wait(lambda: len(self.tokens("steered")) > 0)
        self.wait_for_end()
        self.assertFalse(self.is_shown("#plain .problem"))
        self.assertEqual(self.script("return sessionStorage.getItem('rudder.apiKey')"), "right")
        self.assertNotIn("right", self.script("return JSON.stringify(localStorage)"))
        self.assertNotIn("right", self.driver.current_url)
        self.assertIn("$RUDDER_API_KEY", self.text("#code"))
        self.assertNotIn("right", self.text("#code"))

    def test_a_server_on_its_way_down_says_so(self):
        self.open(RUN)
        self.answer_chats(
            lambda request: answer(
                request, 503, error("The server is shutting down.", code="service_unavailable", kind="server_error"), Retry_After="1"
            )
        )
        self.run_both()
        self.assertIn("takes no requests now", self.problem())
        for side in ["plain", "steered"]:
            self.wait(lambda side=side: "may take" in self.text(f"#{side} .wait"), 10)
        self.assertIn("shutting down", self.problem())

    def test_an_answer_that_is_not_the_servers_own_is_told_by_its_status(self):
        self.open(RUN)
        self.answer_chats(lambda request: answer(request, 502, "<html>Bad gateway</html>", "text/html"))
        self.run_both()
        self.assertIn("502", self.problem())

    def test_a_model_without_a_chat_template_completes_text(self):
        self.open(RUN)
        message = "The model 'smollm2' has no chat template; use /v1/completions."
        self.answer_chats(lambda request: answer(request, 400, error(message, "model")))
        self.run_both()
        self.assertIn(message, self.problem())
        self.click("#steered .problem button")
        self.wait(lambda: len(self.tokens("steered")) > 0)
        self.wait_for_end()
        self.assertEqual(self.request()["prompt"], "Hello")

    def test_a_server_that_is_gone_is_said_to_be(self):
        self.open(RUN)
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd(
            "Network.emulateNetworkConditions", {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        )
        try:
            self.click("#run")
            self.wait_for_end()
            self.assertIn("No connection", self.problem())
        finally:
            self.driver.execute_cdp_cmd(
                "Network.emulateNetworkConditions", {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
            )

    def test_behind_a_path_of_a_proxy_all_is_found(self):
        self.proxy.prefix = "/rudder"
        self.open("/rudder" + RUN)
        self.run_both()
        self.assertGreater(len(self.tokens("steered")), 0)
        self.assertIn(f"{self.url}/rudder/v1/chat/completions'", self.text("#code"))
        self.click("nav a:last-child")
        self.wait(lambda: self.find("[data-name=positivity]"))
        self.assertTrue(self.driver.current_url.startswith(f"{self.url}/rudder/server"))
        self.proxy.prefix = ""

    def test_text_from_a_model_never_becomes_markup(self):
        self.open(RUN)
        body = stream_of(chunk(HOSTILE), chunk("", False, "stop"))
        self.answer_chats(lambda request: answer(request, 200, body, "text/event-stream"))
        self.run_both()
        self.assertEqual(self.answer("steered"), HOSTILE)
        self.script("document.querySelector('#steered .token').focus()")
        self.wait(lambda: self.is_shown("#tip"))
        self.answer_chats(lambda request: answer(request, 400, error(HOSTILE, HOSTILE)))
        self.run_both()
        self.assertIn(HOSTILE, self.problem())
        self.fill("#prompt", HOSTILE)
        self.assertEqual(self.script("return document.querySelectorAll('main img, main script').length"), 0)
        self.assertIsNone(self.script("return window.hacked ?? null"))

    def test_a_heads_metadata_never_becomes_markup(self):
        heads = shared_server().json("/v1/heads")
        hostile = {**heads["data"][0], "name": "mine", "id": "mine", "model": HOSTILE, "warning": HOSTILE}
        hostile["metadata"] = {"reward": HOSTILE, HOSTILE: HOSTILE, "steps": HOSTILE}
        listing = {"object": "list", "data": [hostile]}
        for path in ["/v1/heads", "/admin/v1/heads", "/admin/v1/heads/mine"]:
            self.proxy.rules[("GET", path)] = lambda request: answer(request, 200, listing)
        self.open("/")
        self.script("document.querySelector('.card-toggle').click()")
        self.assertIn(HOSTILE, self.text("#heads"))
        self.open("/server")
        self.script("document.querySelector('.head-item summary').click()")
        self.wait(lambda: HOSTILE in self.text(".metadata"))
        self.assertEqual(self.script("return document.querySelectorAll('main img, main script').length"), 0)
        self.assertIsNone(self.script("return window.hacked ?? null"))

    def test_no_heads_no_steering_and_a_way_to_get_one(self):
        self.proxy.rules[("GET", "/v1/heads")] = lambda request: answer(request, 200, {"object": "list", "data": []})
        self.open("/#prompt=Hello&max_tokens=8")
        self.assertIn("no value functions yet", self.text("#heads"))
        self.run_both()
        self.assertGreater(len(self.tokens("plain")), 0)
        self.assertIn("Choose a value function", self.text("#steered"))
        self.assertNotIn("control", self.request())

    def test_a_head_between_blocks_has_no_budget_and_says_why(self):
        heads = shared_server().json("/v1/heads")
        between = {**heads["data"][0], "name": "middle", "site": "layer.9"}
        self.proxy.rules[("GET", "/v1/heads")] = lambda request: answer(request, 200, {"object": "list", "data": [between]})
        self.open("/#kl_budget=0.5")
        self.assertFalse(self.find("#kl_budget").is_enabled())
        self.assertIn("layer.9", self.text("#kl_budget-note"))
        self.assertNotIn("kl_budget", self.request()["control"])


class BusyTests(BrowserCase):
    allowed = re.compile(r"status of 429")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = Server(LIMITS_RUNNING=1, LIMITS_QUEUED=0)
        cls.addClassCleanup(cls.server.stop)

    @property
    def url(self):
        return self.server.url

    def test_a_busy_server_says_when_to_come_again_and_one_can(self):
        self.open("/#prompt=Hello&max_tokens=48&temperature=1.2")
        self.run_both()
        busy = [side for side in ["plain", "steered"] if self.is_shown(f"#{side} .problem")]
        self.assertEqual(len(busy), 1, "one of both has the only place")
        side = busy[0]
        self.assertIn("The server is busy", self.text(f"#{side} .problem"))
        self.assertRegex(self.text(f"#{side} .wait"), r"wait \d+ s|may take")
        self.screenshot("busy")
        self.wait(lambda: "may take" in self.text(f"#{side} .wait"), 90)
        self.click(f"#{side} .retry")
        self.wait_for_end()
        self.assertFalse(self.is_shown(f"#{side} .problem"))
        self.assertGreater(len(self.tokens("plain")), 0)
        self.assertGreater(len(self.tokens("steered")), 0)


if __name__ == "__main__":
    unittest.main()
