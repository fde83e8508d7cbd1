"use strict";

// A setting as a row: a name, who decides ("auto", "off" or a number), a field and a slider over round numbers.
const Settings = (() => {
  const { element, number } = Rudder;

  // MARK: Scales

  // Round numbers, ten to each power of ten.
  const logarithmic = (low, high) => {
    const stops = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
      for (const digit of [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8]) {
        const stop = Number((digit * 10 ** power).toPrecision(3));
        if (stop >= low && stop <= high) stops.push(stop);
      }
    }
    return stops;
  };
  const linear = (low, high, step) => {
    const count = Math.round((high - low) / step);
    return Array.from({ length: count + 1 }, (_, index) => Number((low + index * step).toFixed(6)));
  };
  const nearest = (stops, value) => {
    let best = 0;
    for (let index = 1; index < stops.length; index += 1) {
      if (Math.abs(stops[index] - value) < Math.abs(stops[best] - value)) best = index;
    }
    return best;
  };

  // MARK: Rows

  class Setting {
    // The value: undefined leaves it to the head and the defaults, null is off, else a number.
    value;
    #spec;
    #inherited = null;
    #source = "default";
    #reason = null;
    #nodes = {};
    #changed;

    // spec: key, label, symbol, stops, low, high, above, whole, auto, off, initial, title.
    constructor(spec, changed) {
      this.#spec = spec;
      this.#changed = changed;
      this.value = spec.auto ? undefined : spec.initial;
      this.#build();
      this.render();
    }

    get key() {
      return this.#spec.key;
    }
    get node() {
      return this.#nodes.row;
    }
    get isDisabled() {
      return this.#reason !== null;
    }
    // The number that holds, wherever it comes from; null where it is off.
    get effective() {
      return this.value === undefined ? this.#inherited : this.value;
    }

    reset() {
      this.value = this.#spec.auto ? undefined : this.#spec.initial;
      this.#say(null);
      this.render();
    }

    // What "auto" stands for: null where that is off.
    inherit(value, source) {
      this.#inherited = value;
      this.#source = source;
      this.render();
    }

    // A setting that cannot be used now says why.
    disable(reason) {
      this.#reason = reason;
      this.#say(reason);
      this.render();
    }

    set stops(stops) {
      this.#spec.stops = stops;
      this.#nodes.slider.max = String(stops.length - 1);
      this.render();
    }

    // Takes what a link or an earlier visit says; nonsense is left alone.
    take(text) {
      const { auto, off, initial } = this.#spec;
      if (text === undefined) this.value = auto ? undefined : initial;
      else if (text === "off" && off) this.value = null;
      else {
        const parsed = this.#parse(text);
        if (parsed !== null) this.value = parsed;
      }
      this.render();
    }

    // What a link keeps of it; nothing where it is as at first.
    get text() {
      const { auto, initial } = this.#spec;
      if (this.value === undefined || (!auto && this.value === initial)) return undefined;
      return this.value === null ? "off" : String(this.value);
    }

    #parse(text) {
      const { low, high, above, whole } = this.#spec;
      const value = Number(String(text).trim().replace("−", "-").replace(",", "."));
      if (String(text).trim() === "" || !Number.isFinite(value) || value < low || value > high || (above && value <= low)) return null;
      return whole && !Number.isInteger(value) ? null : value;
    }

    #set(value) {
      this.value = value;
      this.#say(null);
      this.render();
      this.#changed(this);
    }

    #say(text) {
      const { note, field } = this.#nodes;
      note.textContent = text ?? "";
      note.hidden = text === null;
      field.toggleAttribute("aria-invalid", false);
    }

    #commit() {
      const { field } = this.#nodes;
      const text = field.value.trim();
      const { low, high, above, whole, auto, off, label } = this.#spec;
      if (text === "" && auto) return this.#set(undefined);
      if (off && text.toLowerCase() === "off") return this.#set(null);
      // What the field shows is shortened: left as it is, it changes nothing.
      if (text === this.#shown()) return this.#say(null);
      const value = this.#parse(text);
      if (value !== null) return this.#set(value);
      this.render();
      const range = Number.isFinite(high) ? `${above ? "above" : "from"} ${number(low)} to ${high}` : `${number(low)} or more`;
      this.#say(`${label} is a ${whole ? "whole number" : "number"} ${Number.isFinite(low) ? range : ""}`.trim() + ".");
      field.setAttribute("aria-invalid", "true");
    }

    #shown() {
      const value = this.effective;
      if (value === null) return "off";
      // A head's metadata has more digits than a field has room for.
      return String(this.value === undefined ? Number(value.toPrecision(3)) : value).replace("-", "−");
    }

    #build() {
      const { key, label, symbol, stops, auto, off, title } = this.#spec;
      const pills = [];
      if (auto) {
        pills.push(
          this.#nodes.auto = element("button", { type: "button", class: "pill", text: "Auto", onclick: () => this.#set(undefined) }),
        );
      }
      if (off) {
        pills.push(this.#nodes.off = element("button", { type: "button", class: "pill", text: "Off", onclick: () => this.#set(null) }));
      }
      const field = element("input", {
        class: "number",
        id: `${key}-field`,
        inputmode: "decimal",
        "aria-label": `${label}, as a number`,
        onchange: () => this.#commit(),
        onfocus: (event) => event.target.select(),
        onkeydown: (event) => {
          if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          this.#commit();
        },
      });
      const slider = element("input", {
        type: "range",
        id: key,
        min: 0,
        max: stops.length - 1,
        step: 1,
        oninput: () => this.#set(this.#spec.stops[Number(slider.value)]),
      });
      const note = element("p", { class: "field-error", id: `${key}-note`, hidden: true });
      for (const input of [slider, field]) input.setAttribute("aria-describedby", note.id);
      const row = element(
        "div",
        { class: "setting", "data-key": key },
        element(
          "div",
          { class: "setting-head" },
          element("label", { for: key, title }, label, symbol ? element("i", { text: ` ${symbol}`, "aria-hidden": "true" }) : null),
          element("span", { class: "grow" }),
          pills.length > 0 ? element("span", { class: "pills", role: "group", "aria-label": `${label}: who decides` }, pills) : null,
          field,
        ),
        slider,
        note,
      );
      Object.assign(this.#nodes, { row, field, slider, note });
    }

    render() {
      const { row, field, slider, auto, off } = this.#nodes;
      const { stops } = this.#spec;
      const value = this.effective;
      const isAuto = this.value === undefined;
      field.value = this.#shown();
      // "Off" is no bound at all: the far end.
      const position = value === null ? stops.length - 1 : nearest(stops, value);
      slider.value = String(position);
      slider.style.setProperty("--part", `${(100 * position) / Math.max(1, stops.length - 1)}%`);
      slider.setAttribute("aria-valuetext", `${this.#shown()}${isAuto ? `, auto: ${this.#source}` : ""}`);
      auto?.setAttribute("aria-pressed", String(isAuto));
      if (auto) auto.title = `Auto: ${this.#inherited === null ? "off" : number(this.#inherited)}, ${this.#source}`;
      off?.setAttribute("aria-pressed", String(this.value === null));
      row.classList.toggle("is-auto", isAuto);
      row.classList.toggle("is-off", value === null);
      row.classList.toggle("is-disabled", this.isDisabled);
      for (const node of [field, slider, auto, off]) {
        if (node) node.disabled = this.isDisabled;
      }
    }
  }

  return { Setting, logarithmic, linear };
})();
