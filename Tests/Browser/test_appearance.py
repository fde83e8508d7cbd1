"""How the pages look and can be used: by keyboard, at phone width, in dark and light; and that they load nothing from elsewhere."""

import json
import re
import unittest

from selenium.webdriver import ActionChains, Keys

from support import BrowserCase, Server, emulate, head_file, resize

PROMPT = "Tell me what you think about rainy weekends."
RUN = f"/#prompt={PROMPT}&max_tokens=64&temperature=0.7&seed=7&head=positivity"

# Every text that is shown, with the contrast between its colour and what lies behind it (WCAG 2.2). A canvas turns any way to write a
# colour into numbers, and blends what is half transparent.
CONTRASTS = """
const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
const blend = (colours) => {
  canvas.globalAlpha = 1; canvas.fillStyle = '#fff'; canvas.fillRect(0, 0, 1, 1);
  for (const [colour, opacity] of colours) { canvas.globalAlpha = opacity; canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
};
const luminance = (rgb) => rgb.map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)]; return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.textContent.trim() || !element.checkVisibility({visibilityProperty: true})) continue;
  if (element.closest('.offscreen, .skip, noscript, option, :disabled, .is-disabled')) continue;
  const chain = [];
  let opacity = 1;
  for (let node = element; node; node = node.parentElement) {
    chain.unshift(node);
    opacity *= Number(getComputedStyle(node).opacity);
  }
  const behind = chain.map((node) => [getComputedStyle(node).backgroundColor, 1]);
  const style = getComputedStyle(element);
  const colour = element instanceof SVGElement ? style.fill : style.color;
  found.push({ratio: contrast(blend([...behind, [colour, opacity]]), blend(behind)),
    text: walker.currentNode.textContent.trim().slice(0, 40), where: element.tagName + '.' + (element.getAttribute('class') ?? '')});
}
return found;
"""

OVERFLOW = """
const wide = [...document.querySelectorAll('body *')].filter((node) => !node.closest('.scroll, pre, .offscreen, .skip, svg') &&
  node.checkVisibility() && node.getBoundingClientRect().right > innerWidth + 0.5).map((node) => node.tagName + '.' + node.className);
const cut = [...document.querySelectorAll('.panel, .card, .tile, .head')].filter((node) => node.scrollWidth > node.clientWidth + 1);
return [document.documentElement.scrollWidth - innerWidth, [...wide, ...cut.map((node) => 'cut ' + node.className)]];
"""

ALL_SHADES = """
const list = document.querySelector('#plain .tokens');
for (const side of ['low', 'high']) {
  for (let step = 0; step <= 6; step += 1) {
    const ink = document.createElement('span');
    ink.className = `ink shade-${side}-${step}`;
    ink.textContent = `${side} ${step}`;
    list.append(ink);
  }
}
"""

SHADE_COLOURS = """
return ['low-6', 'low-3', 'high-3', 'high-6'].map((name) => getComputedStyle(document.querySelector(`.shade-${name}`)).backgroundColor);
"""

# What has the focus, and whether it or what stands for it has a ring; a slider's ring is its thumb's.
SHOWN_FOCUS = """
const node = document.activeElement;
if (!node || node === document.body) return null;
const has = (style) => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || /px/.test(style.boxShadow);
const places = [node, node.parentElement, node.closest('.head'), node.nextElementSibling].filter(Boolean);
const name = node.id || node.name || node.className || node.textContent;
return [name, node.type === 'range' || places.some((place) => has(getComputedStyle(place)))];
"""

# Tries what the policy forbids, and tells what was refused.
FORBIDDEN = """
const done = arguments[0];
const seen = [];
document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
const script = document.createElement('script');
script.textContent = 'window.hacked = 1';
const image = document.createElement('img');
image.src = 'http://192.0.2.1/x.png';
document.body.append(script, image);
document.createElement('p').setAttribute('style', 'color: red');
fetch('http://192.0.2.1/').catch(() => {});
setTimeout(() => done(seen), 300);
"""


class ContrastTests(BrowserCase):
    def check(self, least=4.5):
        texts = self.script(CONTRASTS)
        self.assertGreater(len(texts), 40)
        low = [text for text in texts if text["ratio"] < least]
        self.assertEqual(low, [])
        return texts

    def test_every_text_can_be_read_in_light_and_in_dark(self):
        for scheme in ["light", "dark"]:
            with self.subTest(scheme):
                emulate(self.driver, scheme)
                self.open(RUN)
                self.check()
                self.run_both()
                texts = self.check()
                self.assertGreater(sum("ink" in text["where"] for text in texts), 60)
                self.script("document.querySelector('#steered .token').focus()")
                self.check()
                self.screenshot(f"playground-{scheme}")
                self.open("/server")
                self.script("document.querySelector('.head-item summary').click()")
                self.wait(lambda: self.find(".versions tbody tr"))
                self.check()
                self.script("scrollTo(0, 0)")
                self.screenshot(f"server-{scheme}")
        emulate(self.driver, "light")

    def test_every_shade_can_be_read_on(self):
        for scheme in ["light", "dark"]:
            with self.subTest(scheme):
                emulate(self.driver, scheme)
                self.open("/")
                self.script(ALL_SHADES)
                texts = [text for text in self.check() if "shade-" in text["where"]]
                self.assertEqual(len(texts), 14)
                # And the ends of the scale can be told from none.
                colours = self.script(SHADE_COLOURS)
                self.assertEqual(len(set(colours)), 4)
        emulate(self.driver, "light")

    def test_the_theme_can_be_chosen_and_is_kept(self):
        ground = "return getComputedStyle(document.body).backgroundColor"
        self.open("/")
        light = self.script(ground)
        self.script("document.querySelector('input[name=theme][value=dark]').click()")
        dark = self.script(ground)
        self.assertNotEqual(light, dark)
        self.driver.refresh()
        self.assertEqual(self.script(ground), dark)
        self.open("/server", forget=False)
        self.assertEqual(self.script(ground), dark)
        emulate(self.driver, "dark")
        self.script("document.querySelector('input[name=theme][value=light]').click()")
        self.assertEqual(self.script(ground), light)
        self.script("document.querySelector('input[name=theme][value=system]').click()")
        self.assertEqual(self.script(ground), dark)
        emulate(self.driver, "light")

    def test_who_wants_no_motion_sees_none(self):
        emulate(self.driver, "light", motion="reduce")
        self.open("/#max_tokens=2048&temperature=1.5&prompt=Hello")
        self.click("#run")
        self.wait(lambda: self.find(".tokens.is-live"))
        self.assertEqual(self.script("return getComputedStyle(document.querySelector('.tokens.is-live'), '::after').animationName"), "none")
        self.click("#stop")
        self.wait_for_end()
        emulate(self.driver, "light")


class KeyboardTests(BrowserCase):
    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, selector, most=80):
        for _ in range(most):
            self.press(Keys.TAB)
            if self.script("return document.activeElement?.matches(arguments[0])", selector):
                return
        self.fail(f"Tab does not reach {selector}")

    def test_all_can_be_done_without_a_pointer(self):
        self.open("/")
        self.tab_to("#prompt")
        ActionChains(self.driver).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).perform()
        self.press("What is a good day?")
        self.tab_to("input[name=head]")
        self.press(Keys.ARROW_DOWN)
        chosen = self.script("return document.querySelector('input[name=head]:checked').value")
        self.assertEqual(self.request()["control"]["head"], chosen)
        self.script("document.querySelector('input[name=head]:checked').focus()")
        self.tab_to("#steps")
        self.press(Keys.ARROW_RIGHT)
        self.assertIn("steps", self.request()["control"])
        self.script("document.querySelector('#max_tokens').focus()")
        self.tab_to("#seed")
        ActionChains(self.driver).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()
        self.wait(lambda: len(self.tokens("steered")) > 3)
        self.wait_for_end()
        self.assertEqual(self.request()["messages"][-1]["content"], "What is a good day?")
        self.tab_to("#plain .token")
        self.wait(lambda: self.is_shown("#tip"))
        self.press(Keys.ARROW_RIGHT)
        self.assertIn("token 2", self.text("#tip"))
        self.press(Keys.ESCAPE)
        self.assertFalse(self.is_shown("#tip"))
        # One stop for each answer, not one for each token.
        self.tab_to("#steered .token", most=3)
        self.tab_to("#tab-curl", most=4)
        self.press(Keys.ARROW_RIGHT)
        self.assertIn("from openai import OpenAI", self.text("#code"))

    def test_whatever_has_the_focus_shows_it(self):
        self.open("/")
        missing = []
        seen = set()
        for _ in range(60):
            self.press(Keys.TAB)
            shown = self.script(SHOWN_FOCUS)
            if shown is None:
                break
            seen.add(shown[0])
            if not shown[1]:
                missing.append(shown[0])
        self.assertGreater(len(seen), 20)
        self.assertEqual(missing, [])

    def test_everything_that_can_be_used_has_a_name(self):
        for path in ["/", "/server"]:
            self.open(path)
            self.driver.execute_cdp_cmd("Accessibility.enable", {})
            tree = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
            roles = {"button", "slider", "textbox", "radio", "checkbox", "switch", "combobox", "link", "tab", "img", "image"}
            nameless = [
                (node["role"]["value"], node.get("properties"))
                for node in tree
                if not node.get("ignored") and node.get("role", {}).get("value") in roles and not node.get("name", {}).get("value")
            ]
            self.assertEqual(nameless, [], path)
            used = [node for node in tree if node.get("role", {}).get("value") in roles and not node.get("ignored")]
            self.assertGreater(len(used), 10)


class PhoneTests(BrowserCase):
    width, height = 375, 812

    def check(self):
        beyond, wide = self.script(OVERFLOW)
        self.assertEqual((beyond, wide), (0, []))

    def test_nothing_is_wider_than_a_phone(self):
        self.open(RUN)
        self.check()
        self.screenshot("phone-form")
        self.script("document.querySelectorAll('.card-toggle').forEach((toggle) => toggle.click())")
        self.script("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        self.check()
        self.script("document.querySelectorAll('.card-toggle').forEach((toggle) => toggle.click())")
        self.script("document.querySelector('#mixing').click()")
        self.check()
        self.script("document.querySelector('#mixing').click()")
        self.run_both()
        self.check()
        # The answers come into view by themselves.
        self.assertLess(self.script("return document.querySelector('#plain').getBoundingClientRect().top"), 400)
        self.screenshot("phone-answers")
        self.script("document.querySelector('.chart-card').scrollIntoView()")
        self.screenshot("phone-chart")
        self.script("document.querySelector('#steered .token:last-child').focus()")
        self.wait(lambda: self.is_shown("#tip"))
        self.check()
        self.open("/server")
        self.script("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        self.wait(lambda: self.find(".versions tbody tr"))
        self.check()
        self.script("scrollTo(0, 0)")
        self.screenshot("phone-server")

    def test_long_names_and_metadata_wrap(self):
        server = Server()
        self.addCleanup(server.stop)
        server.put("a" * 64, head_file(1, reward="r" * 300, notes="n" * 500))
        for path in ["/", "/server"]:
            self.open(path, url=server.url)
            self.script("document.querySelectorAll('.card-toggle').forEach((toggle) => toggle.click())")
            self.script("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
            self.check()

    def test_a_tap_shows_a_tokens_numbers(self):
        self.open(f"/#prompt={PROMPT}&max_tokens=16")
        self.run_both()
        token = self.find("#plain .token:nth-child(3)")
        box = token.rect
        scroll = self.script("return scrollY")
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
        point = {"x": box["x"] + box["width"] / 2, "y": box["y"] - scroll + box["height"] / 2}
        self.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
        self.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        self.wait(lambda: self.is_shown("#tip"))
        self.assertIn("token 3", self.text("#tip"))
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})

    def test_widths_between_phone_and_desktop(self):
        for width in [320, 600, 768, 900, 1024, 1200, 1920]:
            with self.subTest(width):
                resize(self.driver, width, 900)
                for path in ["/", "/server"]:
                    self.open(path)
                    self.check()
        resize(self.driver, self.width, self.height)


class OriginTests(BrowserCase):
    def test_nothing_is_asked_of_anyone_else(self):
        self.driver.get_log("performance")
        for path in [RUN, "/server"]:
            self.open(path)
            if path == RUN:
                self.run_both()
        asked = set()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.add(message["params"]["request"]["url"])
        self.assertGreater(len(asked), 10)
        self.assertEqual([url for url in asked if not url.startswith((self.url, "about:", "data:"))], [])

    def test_the_policy_forbids_what_the_pages_do_not_need(self):
        self.open("/")
        self.allowed = re.compile("Content Security Policy")
        refused = self.driver.execute_async_script(FORBIDDEN)
        self.assertEqual({"script-src-elem", "img-src", "style-src-attr", "connect-src"}, set(refused))
        self.assertIsNone(self.script("return window.hacked ?? null"))


if __name__ == "__main__":
    unittest.main()
