"""Running a prompt: two streams, their tokens' numbers, the chart, the settings, and the request to copy."""

import json
import re
import shutil
import subprocess
import sys
import unittest

from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

from support import BrowserCase, head_file, shared_server

PROMPT = "Tell me what you think about rainy weekends."


class AnswerTests(BrowserCase):
    def test_both_answers_stream_in_with_numbers_for_every_token(self):
        self.open(f"/#prompt={PROMPT}&max_tokens=40&head=positivity")
        self.click("#run")
        # While they run: some tokens are there, and more come.
        self.wait(lambda: self.tokens("plain") and self.tokens("steered"))
        self.wait_for_end()
        for side in ["plain", "steered"]:
            self.assertGreater(len(self.tokens(side)), 5)
            self.assertGreater(
                self.script("return document.querySelectorAll(`#${arguments[0]} .ink[class*=shade-]`).length", side), 2, side
            )
        self.assertNotEqual(self.answer("plain"), self.answer("steered"))
        self.assertEqual(self.text("#steered .with"), "positivity@1")
        cells = {row.text.split("\n")[0]: row for row in self.all("#summary tr")}
        means = [float(cell.text) for cell in self.find("#summary tr:nth-child(2)").find_elements(By.TAG_NAME, "td")[1:]]
        before = float(self.all("#summary tr:first-child td")[1].text)
        self.assertGreater(means[0], before, "steering raises the value")
        self.assertEqual(len(cells), 8)
        for selector in ["#summary tr:nth-child(5)", "#summary tr:nth-child(6)", "#summary tr:nth-child(7)"]:
            self.assertNotIn("–", self.text(selector))

    def test_the_plain_answer_is_that_of_a_request_without_control(self):
        self.open(f"/#prompt={PROMPT}&max_tokens=24&seed=11&temperature=0.8")
        self.run_both()
        body = self.request()
        del body["control"]
        body["stream"] = False
        answer = self.driver.execute_async_script(
            "fetch('v1/chat/completions', {method: 'POST', body: arguments[0]}).then((r) => r.json()).then(arguments[1])", json.dumps(body)
        )
        self.assertEqual(answer["choices"][0]["message"]["content"], self.answer("plain"))

    def test_a_token_tells_its_numbers_on_hover_and_on_focus(self):
        self.open(f"/#prompt={PROMPT}&max_tokens=24&temperature=0")
        self.run_both()
        tokens = self.all("#steered .token")
        ActionChains(self.driver).move_to_element(tokens[3]).perform()
        self.wait(lambda: self.is_shown("#tip"))
        tip = self.text("#tip")
        for name in ["Value before", "Value after", "Norm", "KL", "nats", "token 4"]:
            self.assertIn(name, tip)
        # What it tells is what the server reported: the point of the chart is at the same value.
        self.assertEqual(self.script("return document.querySelectorAll('.cursor circle').length"), 3)
        ActionChains(self.driver).move_to_element(self.find("#run")).perform()
        self.wait(lambda: not self.is_shown("#tip"))
        self.script("document.querySelector('#plain .token').focus()")
        self.wait(lambda: self.is_shown("#tip"))
        self.assertIn("token 1", self.text("#tip"))
        self.assertNotIn("Value after", self.text("#tip"), "what is not moved has one value")
        self.assertEqual(self.script("return document.activeElement.getAttribute('aria-describedby')"), "tip")

    def test_arrows_walk_along_the_tokens(self):
        self.open(f"/#prompt={PROMPT}&max_tokens=48&temperature=0")
        self.run_both()
        self.script("document.querySelector('#steered .token').focus()")
        position = "return [...document.querySelectorAll('#steered .token')].indexOf(document.activeElement)"
        keys = lambda *pressed: ActionChains(self.driver).send_keys(*pressed).perform()
        keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
        self.assertEqual(self.script(position), 2)
        keys(Keys.ARROW_LEFT)
        self.assertEqual(self.script(position), 1)
        keys(Keys.ARROW_DOWN)
        self.assertGreater(self.script(position), 3, "a line further")
        keys(Keys.ARROW_UP)
        self.assertLess(self.script(position), 4)
        keys(Keys.END)
        self.assertEqual(self.script(position), len(self.tokens("steered")) - 1)
        keys(Keys.HOME)
        self.assertEqual(self.script(position), 0)
        self.assertEqual(self.script("return document.querySelectorAll('#steered .token[tabindex=\"0\"]').length"), 1)

    def test_the_chart_has_a_line_for_each_answer_and_is_linked_to_the_tokens(self):
        self.open(f"/#prompt={PROMPT}&max_tokens=32&temperature=0")
        self.run_both()
        for line, side in [("plain", "plain"), ("steered", "steered"), ("before", "steered")]:
            path = self.script("return document.querySelector(`#chart [data-line=${arguments[0]}]`).getAttribute('d')", line)
            count = self.script("return document.querySelectorAll(`#${arguments[0]} .token`).length", side)
            self.assertGreaterEqual(len(re.findall("[ML]", path)), count, line)
            self.assertNotIn("NaN", path)
        self.assertRegex(
            self.script("return document.querySelector('#chart svg').getAttribute('aria-label')"), r"plain: mean .* steered: mean"
        )
        ActionChains(self.driver).move_to_element(self.find("#chart svg")).perform()
        self.wait(lambda: self.is_shown("#tip"))
        self.assertIn("Plain", self.text("#tip"))
        self.assertIn("Steered", self.text("#tip"))
        self.assertEqual(len(self.all(".token.is-linked")), 2)
        ActionChains(self.driver).click().perform()
        self.assertEqual(self.script("return document.activeElement.className.includes('token')"), True)
        height = self.find("#chart").size["height"]
        self.run_both()
        self.assertLess(abs(self.find("#chart").size["height"] - height), 60, "the chart keeps its size")

    def test_colours_follow_what_is_chosen(self):
        self.open(f"/#prompt={PROMPT}&max_tokens=24")
        self.run_both()
        shades = "return [...document.querySelectorAll('#plain .ink')].map((ink) => ink.dataset.shade)"
        values = self.script(shades)
        self.script("document.querySelector('input[name=colour][value=kl]').click()")
        self.wait(lambda: self.script(shades) != values)
        self.assertEqual(set(self.script(shades)), {"shade-high-0"}, "what is not moved has no divergence")
        self.assertIn("nats", self.text("#legend-high"))

    def test_characters_of_several_tokens_stay_whole(self):
        self.open("/#prompt=Repeat%20this%3A%20%F0%9F%8C%88%F0%9F%8C%88%F0%9F%8C%88&max_tokens=40&temperature=0&head=sentiment&steps=0")
        self.run_both()
        self.assertNotIn("\ufffd", self.answer("plain")[:-1])
        self.assertEqual(self.answer("plain"), self.answer("steered"), "no steps move nothing")
        # The tip of such a character tells of each of its tokens.
        count = self.script("return Number(document.querySelector('#summary tr:nth-child(5) td').textContent)")
        self.assertGreater(count, len(self.tokens("plain")), "this answer was to hold characters of several tokens")
        tips = []
        for index in range(len(self.tokens("plain"))):
            self.script("document.querySelectorAll('#plain .token')[arguments[0]].focus()", index)
            tips.append(self.text("#tip"))
        self.assertTrue(any(re.search(r"tokens \d+–\d+", tip) for tip in tips), tips)

    def test_a_head_between_blocks_steers_and_says_what_is_not_known_there(self):
        shared_server().put("between", head_file(5, site="layer.12", steps="5", step_size="0.5"))
        self.open(f"/#prompt={PROMPT}&max_tokens=12&temperature=0&head=between&kl_budget=1")
        self.run_both()
        self.assertFalse(self.is_shown("#steered .problem"))
        self.script("document.querySelector('#steered .token').focus()")
        self.wait(lambda: self.is_shown("#tip"))
        self.assertIn("not at this site", self.text("#tip"))
        self.script("document.querySelector('input[name=colour][value=kl]').click()")
        self.wait(lambda: not self.is_shown("#legend"))

    def test_escape_stops_and_the_server_stops_too(self):
        self.open(f"/#prompt={PROMPT}&max_tokens=2048&temperature=1.5")
        self.click("#run")
        self.wait(lambda: len(self.tokens("steered")) > 2)
        ActionChains(self.driver).send_keys(Keys.ESCAPE).perform()
        self.wait_for_end()
        self.assertEqual(self.text("#plain .progress"), "stopped")
        self.assertEqual(self.text("#steered .progress"), "stopped")
        self.assertFalse(self.is_shown("#steered .problem"))
        self.wait(lambda: shared_server().json("/ready")["models"][0]["running"] == 0)


class SettingTests(BrowserCase):
    def test_sliders_start_at_the_heads_own_settings_and_change_the_request(self):
        self.open("/#head=positivity")
        self.assertEqual(self.request()["control"], {"head": "positivity", "trace": True})
        metadata = {head["name"]: head["metadata"] for head in shared_server().json("/v1/heads")["data"]}["positivity"]
        self.assertAlmostEqual(float(self.find("#step_size-field").get_attribute("value")), float(metadata["step_size"]), places=2)
        self.assertEqual(self.find("#kl_budget-field").get_attribute("value"), "off")
        for key in ["step_size", "steps", "max_norm", "kl_budget"]:
            slider = self.find(f"#{key}")
            slider.send_keys(Keys.HOME, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
        self.assertEqual(
            self.request()["control"],
            {"head": "positivity", "step_size": 0.015, "steps": 2, "max_norm": 0.008, "kl_budget": 0.0015, "trace": True},
        )
        self.fill("#steps-field", "77")
        self.assertEqual(self.request()["control"]["steps"], 77)
        self.script("[...document.querySelectorAll('[data-key=max_norm] .pill')].at(-1).click()")
        self.assertIsNone(self.request()["control"]["max_norm"])
        self.script("document.querySelector('[data-key=step_size] .pill').click()")
        self.assertNotIn("step_size", self.request()["control"])
        self.click("#all-auto")
        self.assertEqual(self.request()["control"], {"head": "positivity", "trace": True})

    def test_a_number_that_is_none_is_refused_where_it_stands(self):
        self.open("/#head=positivity&steps=12")
        for text in ["2000", "-1", "1.5", "many"]:
            self.fill("#steps-field", text)
            self.assertEqual(self.request()["control"]["steps"], 12, text)
            self.assertEqual(self.find("#steps-field").get_attribute("aria-invalid"), "true")
            self.assertIn("0 to 1000", self.text("#steps-note"))
        self.fill("#steps-field", "13")
        self.assertIsNone(self.find("#steps-field").get_attribute("aria-invalid"))

    def test_several_heads_mix_with_weights(self):
        self.open("/#head=positivity&max_tokens=8&temperature=0")
        self.script("document.querySelector('#mixing').click()")
        self.script("document.querySelector('input[name=head][value=sentiment]').click()")
        weight = self.find("[aria-label='Weight of sentiment']")
        weight.send_keys(Keys.HOME, Keys.ARROW_RIGHT)
        self.assertEqual(
            self.request()["control"],
            {"heads": [{"name": "positivity", "weight": 1}, {"name": "sentiment", "weight": -1.9}], "trace": True},
        )
        self.assertEqual(self.find("#steps-field").get_attribute("value"), "30")
        self.assertEqual(self.find("#step_size-field").get_attribute("value"), "1", "in a mix the defaults hold")
        self.run_both()
        self.assertIn("−1.9 × sentiment@1", self.text("#steered .with"))

    def test_cards_show_the_heads_metadata(self):
        self.open("/")
        self.assertFalse(self.is_shown(".head-card"))
        self.script("document.querySelector('.head:has([value=positivity]) .card-toggle').click()")
        card = self.script("return document.querySelector('.head:has([value=positivity]) .head-card').textContent")
        for text in ["vader", "spearman_100", "final_norm", "monte-carlo"]:
            self.assertIn(text, card)

    def test_text_is_completed_without_a_chat_template(self):
        self.open("/")
        self.script("document.querySelector('input[name=mode][value=text]').click()")
        self.fill("#prompt", "The weather in Lisbon is")
        body = self.request()
        self.assertEqual(body["prompt"], "The weather in Lisbon is")
        self.assertNotIn("messages", body)
        self.assertIn("/v1/completions", self.text("#code"))
        self.fill("#max_tokens-field", "8")
        self.run_both()
        self.assertEqual(len(self.tokens("plain")), 8)

    def test_a_reload_and_a_link_keep_the_form(self):
        self.open("/")
        self.fill("#prompt", "A #prompt? with & 100% + signs\nand a line")
        self.fill("#steps-field", "11")
        self.fill("#seed", "123")
        self.script("document.querySelector('input[name=head][value=sentiment]').click()")
        self.script("[...document.querySelectorAll('[data-key=kl_budget] .pill')].at(-1).click()")
        body = self.request()
        self.assertEqual(body["control"], {"head": "sentiment", "steps": 11, "kl_budget": None, "trace": True})
        link = self.wait(lambda: (url := self.driver.current_url) and "seed=123" in url and "kl_budget=off" in url and url)
        self.driver.refresh()
        self.wait(lambda: self.find("#heads .head"))
        self.assertEqual(self.request(), body)
        # Without the link what was kept on this machine holds.
        self.open("/", forget=False)
        self.assertEqual(self.request(), body)
        self.open(link.removeprefix(self.url))
        self.assertEqual(self.request(), body)
        self.click("#reset")
        self.assertEqual(self.request()["control"], {"head": "positivity", "trace": True})

    def test_nonsense_in_a_link_is_left_alone(self):
        self.open("/#steps=lots&step_size=-4&max_norm=x&seed=7&temperature=9&colour=mauve&mode=dance")
        body = self.request()
        self.assertEqual((body["temperature"], body["seed"]), (0.7, 7))
        self.assertEqual(body["control"], {"head": "positivity", "trace": True})
        self.assertIn("messages", body, "a mode that is none is that of a chat")
        self.open("/#heads")
        self.assertNotIn("control", self.request(), "a mix of nothing steers nothing")

    def test_a_link_to_a_head_that_is_not_here_says_so(self):
        self.open("/#head=nobody&steps=9")
        self.assertIn("Not here, or not for this model: nobody", self.text("#heads"))
        self.assertEqual(self.request()["control"], {"head": "positivity", "steps": 9, "trace": True})


class SnippetTests(BrowserCase):
    PROMPT = "It's a \"test\": `x` $HOME \\n %s ! äß 日本 🌈\nsecond line's end\\"

    def prepare(self):
        self.open("/")
        self.fill("#prompt", self.PROMPT)
        self.script("document.querySelector('#system-details').open = true")
        self.fill("#system", "You're 'terse'.")
        self.fill("#max_tokens-field", "24")
        self.fill("#temperature-field", "0.9")
        self.fill("#top_p-field", "0.95")
        self.fill("#seed", "42")
        self.fill("#steps-field", "20")
        self.run_both()
        self.assertTrue(self.answer("steered"))

    def test_curl_gives_the_answer_that_is_shown(self):
        if not shutil.which("curl"):
            self.skipTest("needs curl")
        self.prepare()
        self.click("#tab-curl")
        said = subprocess.run(["bash", "-c", self.text("#code code")], capture_output=True, text=True, timeout=120, check=True).stdout
        text = ""
        for event in said.split("\n\n"):
            if event.startswith("data: {"):
                text += json.loads(event[6:])["choices"][0]["delta"].get("content", "")
        self.assertEqual(text, self.answer("steered"))
        self.assertTrue(said.endswith("data: [DONE]\n\n"))

    def test_python_gives_the_answer_that_is_shown(self):
        self.prepare()
        self.click("#tab-python")
        said = subprocess.run([sys.executable, "-c", self.text("#code code")], capture_output=True, text=True, timeout=120)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertEqual(said.stdout, self.answer("steered") + "\n")

    def test_what_is_shown_is_what_is_sent(self):
        self.open("/#max_tokens=4&steps=3&max_norm=off&prompt=It's")
        self.driver.get_log("performance")
        self.run_both()
        sent = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent" and message["params"]["request"]["method"] == "POST":
                sent.append(json.loads(message["params"]["request"]["postData"]))
        self.assertEqual(len(sent), 2)
        self.assertIn(self.request(), sent)
        plain = next(body for body in sent if body["control"]["steps"] == 0)
        steered = next(body for body in sent if body["control"]["steps"] != 0)
        self.assertEqual({**plain, "control": None}, {**steered, "control": None}, "all but the control is the same")

    def test_copying_says_that_it_did(self):
        self.open("/")
        self.driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite"], "origin": self.url})
        self.click("#copy-code")
        self.wait(lambda: self.text("#copy-code .label") == "Copied")
        copied = self.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
        self.assertEqual(copied, self.text("#code code"))
        self.wait(lambda: self.text("#copy-code .label") == "Copy")


if __name__ == "__main__":
    unittest.main()
