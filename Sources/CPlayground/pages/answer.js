"use strict";

// An answer as its tokens: coloured, and each with its numbers on hover, on focus and by tap.
const Answers = (() => {
  const { element, number } = Rudder;

  // What a token shows of itself where it is nothing but space.
  const visible = (text) => text.replace(/\n/g, "⏎").replace(/\t/g, "⇥").replace(/ /g, "␣");

  class AnswerView {
    // Numbers of every token the server reported, in order.
    traces = [];
    text = "";
    #root;
    #list;
    #spans = [];
    // For each span: where its numbers begin in `traces`, and how many there are. Several where a character takes several tokens.
    #parts = [];
    #owners = [];
    #pending = 0;
    #empty;
    #linked = null;
    #hooks;

    // hooks: point(index, span), leave().
    constructor(root, hooks) {
      this.#root = root;
      this.#list = root.querySelector(".tokens");
      this.#empty = this.#list.firstElementChild;
      this.#hooks = hooks;
      this.#list.addEventListener("pointerover", (event) => this.pointAt(event.target));
      this.#list.addEventListener("pointerleave", () => this.#leave());
      this.#list.addEventListener("focusin", (event) => this.pointAt(event.target));
      this.#list.addEventListener("focusout", () => this.#leave());
      this.#list.addEventListener("keydown", (event) => this.#walk(event));
      this.reset();
      const copy = root.querySelector(".copy");
      copy.addEventListener("click", () => Rudder.copy(copy, this.text));
    }

    get spans() {
      return this.#spans;
    }

    reset(emptyText) {
      this.traces = [];
      this.text = "";
      this.#spans = [];
      this.#parts = [];
      this.#owners = [];
      this.#pending = 0;
      this.#linked = null;
      if (emptyText !== undefined) this.#empty.textContent = emptyText;
      this.#list.replaceChildren(this.#empty);
      this.#root.querySelector(".copy").hidden = true;
    }

    set progress(text) {
      this.#root.querySelector(".progress").textContent = text;
    }
    set with(text) {
      this.#root.querySelector(".with").textContent = text;
    }
    set isLive(isLive) {
      this.#list.classList.toggle("is-live", isLive);
      this.#list.setAttribute("aria-busy", String(isLive));
      if (isLive && this.#spans.length === 0) this.#list.replaceChildren();
      if (!isLive) this.#root.querySelector(".copy").hidden = this.text === "";
    }

    // Takes a chunk's text and numbers. Numbers that come while text is held back belong to the next text.
    add(text, traces) {
      this.traces.push(...traces);
      this.#pending += traces.length;
      if (text === "") return;
      this.text += text;
      this.#append(text);
    }

    // What is still without text at the end: half a character.
    end() {
      if (this.#pending > 0) this.#append("�");
    }

    #append(text) {
      // The space before a word stays without colour: at a line's end it would be a stripe of its own.
      const body = text.replace(/^ +(?=\S)/, "");
      const ink = element("span", { class: "ink", text: body });
      if (/^\n+$/.test(text)) ink.classList.add("is-break");
      const span = element(
        "span",
        { class: "token", tabindex: this.#spans.length === 0 ? 0 : -1 },
        text.slice(0, text.length - body.length),
        ink,
      );
      this.#parts.push({ first: this.traces.length - this.#pending, count: this.#pending });
      for (let index = 0; index < this.#pending; index += 1) this.#owners.push(this.#spans.length);
      this.#pending = 0;
      this.#spans.push(span);
      this.#list.append(span);
    }

    // Gives each token the shade of its number: `shade` returns a step from -6 to 6, or null for none.
    colour(shade) {
      this.#spans.forEach((span, index) => {
        const { first, count } = this.#parts[index];
        const step = count > 0 ? shade(this.traces[first + count - 1]) : null;
        const name = step === null ? "" : `shade${step < 0 ? "-low" : "-high"}-${Math.abs(step)}`;
        const ink = span.lastElementChild;
        if (ink.dataset.shade === name) return;
        if (ink.dataset.shade) ink.classList.remove(ink.dataset.shade);
        if (name) ink.classList.add(name);
        ink.dataset.shade = name;
      });
    }

    // Marks the token that reported the numbers at an index, as the counterpart of what is pointed at elsewhere.
    link(index) {
      this.#linked?.classList.remove("is-linked");
      this.#linked = index === null ? null : (this.#spans[this.#owners[index]] ?? null);
      this.#linked?.classList.add("is-linked");
    }

    focus(index) {
      const span = this.#spans[this.#owners[index]];
      if (span) this.#move(span);
    }

    // The rows of the tip over a token: its text, then its numbers.
    describe(span) {
      const index = this.#spans.indexOf(span);
      if (index < 0) return null;
      const { first, count } = this.#parts[index];
      const traces = this.traces.slice(first, first + count);
      return { title: visible(span.textContent), position: first + 1, traces };
    }

    pointAt(target) {
      const span = target.closest?.(".token");
      const index = span ? this.#spans.indexOf(span) : -1;
      if (index < 0) return this.#leave();
      const { first, count } = this.#parts[index];
      this.#hooks.point(count > 0 ? first + count - 1 : null, span, this);
    }

    #leave() {
      // A token that has the focus keeps its tip when the pointer goes away.
      const focused = this.#spans.includes(document.activeElement) ? document.activeElement : null;
      if (focused?.matches(":focus-visible")) this.pointAt(focused);
      else this.#hooks.leave();
    }

    #move(span) {
      for (const other of this.#list.querySelectorAll('.token[tabindex="0"]')) other.tabIndex = -1;
      span.tabIndex = 0;
      span.focus();
    }

    // Arrows walk from token to token, up and down from line to line.
    #walk(event) {
      const index = this.#spans.indexOf(event.target);
      if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      const last = this.#spans.length - 1;
      let next;
      switch (event.key) {
        case "ArrowRight":
          next = Math.min(last, index + 1);
          break;
        case "ArrowLeft":
          next = Math.max(0, index - 1);
          break;
        case "Home":
          next = 0;
          break;
        case "End":
          next = last;
          break;
        case "ArrowDown":
          next = this.#onLine(index, 1);
          break;
        case "ArrowUp":
          next = this.#onLine(index, -1);
          break;
        default:
          return;
      }
      event.preventDefault();
      this.#move(this.#spans[next]);
    }

    #onLine(index, direction) {
      const box = (span) => span.getClientRects()[0] ?? span.getBoundingClientRect();
      const from = box(this.#spans[index]);
      let line = null;
      let best = index;
      let distance = Infinity;
      for (let other = index + direction; other >= 0 && other < this.#spans.length; other += direction) {
        const to = box(this.#spans[other]);
        if (Math.abs(to.top - from.top) < 4) continue;
        line ??= to.top;
        if (Math.abs(to.top - line) > 4) break;
        if (Math.abs(to.left - from.left) < distance) {
          distance = Math.abs(to.left - from.left);
          best = other;
        }
      }
      return best;
    }
  }

  // MARK: Tips

  const rowsOf = (trace) => {
    const gain = trace.value_after - trace.value_before;
    const isMoved = trace.norm > 0 || gain !== 0;
    const rows = [];
    if (isMoved) {
      rows.push(["Value before", number(trace.value_before)]);
      rows.push(["Value after", `${number(trace.value_after)} (${gain < 0 ? "" : "+"}${number(gain)})`]);
    } else {
      rows.push(["Value", number(trace.value_before)]);
    }
    rows.push(["Norm", number(trace.norm)]);
    rows.push(["KL", trace.kl === null || trace.kl === undefined ? "not at this site" : `${number(trace.kl)} nats`]);
    return rows;
  };

  // Fills a tip. `parts`: [{title, traces}].
  const fillTip = (tip, parts) => {
    const children = [];
    for (const { title, heading, position, traces } of parts) {
      const head = element("p", { class: "tip-title" });
      if (heading) head.append(element("b", { text: heading }), " ");
      head.append(element("code", { text: title }));
      if (position) {
        head.append(
          element("span", {
            class: "quiet",
            text: ` ${traces.length > 1 ? `tokens ${position}–${position + traces.length - 1}` : `token ${position}`}`,
          }),
        );
      }
      children.push(head);
      for (const trace of traces.slice(-4)) {
        children.push(
          element(
            "dl",
            {},
            rowsOf(trace).map(([name, value]) => element("div", {}, element("dt", { text: name }), element("dd", { text: value }))),
          ),
        );
      }
      if (traces.length === 0) children.push(element("p", { class: "quiet", text: "No numbers for this piece." }));
    }
    tip.replaceChildren(...children);
  };

  // Puts a tip above a box, or below it where there is no room, and within the window.
  const placeTip = (tip, box) => {
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    const room = document.documentElement.clientWidth;
    const left = Math.min(Math.max(8, box.left + box.width / 2 - width / 2), room - width - 8);
    const top = box.top - height - 8 >= 56 ? box.top - height - 8 : box.bottom + 8;
    tip.style.left = `${Math.max(0, left)}px`;
    tip.style.top = `${top}px`;
  };

  return { AnswerView, fillTip, placeTip, visible };
})();
