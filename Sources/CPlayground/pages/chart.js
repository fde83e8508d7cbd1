"use strict";

// Value along the response: a line for each answer, and for the steered one a band from where its states were to where they were moved.
class ValueChart {
  #root;
  #svg;
  #hooks;
  #plain = [];
  #steered = [];
  #scale = null;
  #cursor = null;
  #frame = 0;

  // hooks: point(index, box), leave(), choose(index).
  constructor(root, hooks) {
    this.#root = root;
    this.#hooks = hooks;
    this.#svg = Rudder.svg("svg", { role: "img", "aria-label": "No answers yet", preserveAspectRatio: "none" });
    root.append(this.#svg);
    new ResizeObserver(() => this.#schedule()).observe(root);
    this.#svg.addEventListener("pointermove", (event) => this.#point(event));
    this.#svg.addEventListener("pointerdown", (event) => this.#point(event));
    this.#svg.addEventListener("pointerleave", () => hooks.leave());
    this.#svg.addEventListener("click", (event) => {
      const index = this.#indexAt(event);
      if (index !== null) hooks.choose(index);
    });
  }

  show(plain, steered) {
    this.#plain = plain;
    this.#steered = steered;
    this.#schedule();
  }

  // A line through both answers at a token; null takes it away.
  set cursor(index) {
    this.#cursor = index;
    this.#drawCursor();
  }

  #schedule() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #indexAt(event) {
    if (!this.#scale) return null;
    const { left } = this.#svg.getBoundingClientRect();
    const index = Math.round(this.#scale.index(event.clientX - left));
    const last = Math.max(this.#plain.length, this.#steered.length) - 1;
    return last < 0 ? null : Math.min(last, Math.max(0, index));
  }

  #point(event) {
    const index = this.#indexAt(event);
    if (index === null) return;
    const frame = this.#svg.getBoundingClientRect();
    const x = frame.left + this.#scale.x(index);
    this.#hooks.point(index, { left: x, width: 0, top: frame.top + 8, bottom: frame.bottom });
  }

  // Three to six round numbers that span a range.
  static ticks(low, high) {
    const rough = (high - low) / 5;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10);
    const ticks = [];
    for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-6; tick += step) {
      ticks.push(Math.abs(tick) < step * 1e-6 ? 0 : tick);
    }
    return {
      ticks,
      decimals: Math.max(
        0,
        Math.min(6, -Math.floor(Math.log10(step) + 1e-9) + (step / 10 ** Math.floor(Math.log10(step)) === 2.5 ? 1 : 0)),
      ),
    };
  }

  #draw() {
    const { svg } = Rudder;
    const width = Math.max(240, Math.floor(this.#root.clientWidth));
    const height = Math.max(160, Math.floor(this.#root.clientHeight));
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#svg.setAttribute("width", width);
    this.#svg.setAttribute("height", height);
    const count = Math.max(this.#plain.length, this.#steered.length);
    const values = [
      ...this.#plain.map((trace) => trace.value_before),
      ...this.#steered.flatMap((trace) => [trace.value_before, trace.value_after]),
    ];
    if (values.length === 0) {
      this.#scale = null;
      const label = svg("text", { x: width / 2, y: height / 2, class: "chart-empty", "text-anchor": "middle" });
      label.textContent = "Two lines appear here while the answers stream in.";
      this.#svg.replaceChildren(label);
      this.#svg.setAttribute("aria-label", "No answers yet");
      return;
    }
    let low = Math.min(...values);
    let high = Math.max(...values);
    const margin = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
    low -= margin;
    high += margin;
    const { ticks, decimals } = ValueChart.ticks(low, high);
    const labels = ticks.map((tick) => Rudder.fixed(tick, decimals));
    const left = 14 + 7 * Math.max(...labels.map((label) => label.length));
    const [right, top, bottom] = [12, 8, 24];
    const span = Math.max(count - 1, 7);
    const x = (index) => left + ((width - left - right) * index) / span;
    const y = (value) => top + ((height - top - bottom) * (high - value)) / (high - low);
    this.#scale = { x, y, left, right, top, bottom, height, index: (at) => ((at - left) * span) / (width - left - right) };

    const nodes = [];
    ticks.forEach((tick, index) => {
      nodes.push(svg("line", { class: tick === 0 ? "grid zero" : "grid", x1: left, x2: width - right, y1: y(tick), y2: y(tick) }));
      const label = svg("text", { class: "axis", x: left - 8, y: y(tick), "text-anchor": "end", "dominant-baseline": "middle" });
      label.textContent = labels[index];
      nodes.push(label);
    });
    const step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000].find((size) => span / size <= width / 90) ?? 5000;
    for (let token = step; token <= span + 1; token += step) {
      const label = svg("text", { class: "axis", x: x(token - 1), y: height - 7, "text-anchor": "middle" });
      label.textContent = String(token);
      nodes.push(label);
    }
    const line = (traces, key) =>
      traces.map((trace, index) => `${index === 0 ? "M" : "L"}${x(index).toFixed(1)} ${y(trace[key]).toFixed(1)}`).join("");
    const steered = this.#steered;
    if (steered.length > 1) {
      const back = steered.map((trace, index) => `L${x(index).toFixed(1)} ${y(trace.value_before).toFixed(1)}`).reverse().join("");
      nodes.push(svg("path", { class: "band", d: `${line(steered, "value_after")}${back}Z` }));
    }
    nodes.push(svg("path", { class: "line before", d: line(steered, "value_before"), "data-line": "before" }));
    nodes.push(svg("path", { class: "line plain", d: line(this.#plain, "value_before"), "data-line": "plain" }));
    nodes.push(svg("path", { class: "line steered", d: line(steered, "value_after"), "data-line": "steered" }));
    for (const [traces, key, name] of [[this.#plain, "value_before", "plain"], [steered, "value_after", "steered"]]) {
      // A line of one point would not be seen.
      if (traces.length === 1) nodes.push(svg("circle", { class: `dot ${name}`, cx: x(0), cy: y(traces[0][key]), r: 3 }));
    }
    nodes.push(svg("g", { class: "cursor" }));
    this.#svg.replaceChildren(...nodes);
    const mean = (traces, key) => traces.reduce((sum, trace) => sum + trace[key], 0) / traces.length;
    const said = [];
    if (this.#plain.length > 0) {
      said.push(`plain: mean ${Rudder.number(mean(this.#plain, "value_before"))} over ${this.#plain.length} tokens`);
    }
    if (steered.length > 0) said.push(`steered: mean ${Rudder.number(mean(steered, "value_after"))} over ${steered.length} tokens`);
    this.#svg.setAttribute("aria-label", `Value along the response; ${said.join("; ")}`);
    this.#drawCursor();
  }

  #drawCursor() {
    const group = this.#svg.querySelector(".cursor");
    if (!group || !this.#scale) return;
    const { svg } = Rudder;
    const index = this.#cursor;
    if (index === null) return group.replaceChildren();
    const { x, y, top, bottom, height } = this.#scale;
    const nodes = [svg("line", { x1: x(index), x2: x(index), y1: top, y2: height - bottom })];
    const [plain, steered] = [this.#plain[index], this.#steered[index]];
    if (steered) nodes.push(svg("circle", { class: "dot before", cx: x(index), cy: y(steered.value_before), r: 3 }));
    if (plain) nodes.push(svg("circle", { class: "dot plain", cx: x(index), cy: y(plain.value_before), r: 4 }));
    if (steered) nodes.push(svg("circle", { class: "dot steered", cx: x(index), cy: y(steered.value_after), r: 4 }));
    group.replaceChildren(...nodes);
  }
}
