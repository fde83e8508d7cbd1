"use strict";

// A value function to choose: its name, what it was trained for, and its card.
const HeadCards = (() => {
  const { element, number } = Rudder;
  // Whose cards are open, also when the list is drawn anew.
  const open = new Set();

  const facts = ({ metadata, site }) => {
    const gain = Number(metadata.reward_gain);
    return [
      metadata.reward ? `reward ${metadata.reward}` : null,
      metadata.reward_gain && Number.isFinite(gain) ? `gain ${gain < 0 ? "" : "+"}${number(gain, 2)}` : null,
      site === "final_norm" ? null : site,
    ].filter(Boolean).join(" · ");
  };

  const rows = (head) => {
    const rows = [
      ["Model", head.model ?? "any of its width"],
      ["Site", head.site],
      ["States", `${head.hidden_size} numbers`],
      ["Layers", String(head.layers)],
      ["Size", Rudder.bytes(head.bytes)],
      ["SHA-256", `${head.sha256.slice(0, 16)}…`],
    ];
    const created = new Date(head.created * 1000);
    if (Number.isFinite(created.getTime())) rows.push(["Created", created.toLocaleDateString(undefined, { dateStyle: "medium" })]);
    const known = new Set(["format", "activation", "model", "model_sha256", "hidden_size", "site"]);
    for (const [key, value] of Object.entries(head.metadata)) {
      if (!known.has(key) && value !== "" && value !== "null") rows.push([key, value]);
    }
    return rows;
  };

  const weightRow = (head, { weight, isChosen, weigh }) => {
    const value = element("output");
    const slider = element("input", { type: "range", min: -2, max: 2, step: 0.1, "aria-label": `Weight of ${head.name}` });
    const show = () => {
      value.textContent = slider.value.replace("-", "−");
      slider.style.setProperty("--part", `${25 * (Number(slider.value) + 2)}%`);
    };
    slider.value = String(weight);
    show();
    slider.addEventListener("input", () => {
      show();
      weigh(Number(slider.value));
    });
    return element("div", { class: "weight", hidden: !isChosen }, element("span", { class: "quiet", text: "Weight" }), slider, value);
  };

  // options: model, isMix, isChosen, weight; choose(isOn) and weigh(weight) are told what the user does.
  const card = (head, options) => {
    const works = head.steers.includes(options.model);
    const isChosen = works && options.isChosen;
    const input = element("input", { type: options.isMix ? "checkbox" : "radio", name: "head", value: head.name, disabled: !works });
    input.checked = isChosen;
    input.addEventListener("change", () => {
      for (const other of input.closest(".cards").querySelectorAll(".head")) {
        const isOn = other.querySelector("input[name=head]").checked;
        other.classList.toggle("is-chosen", isOn);
        const weight = other.querySelector(".weight");
        if (weight) weight.hidden = !isOn;
      }
      options.choose(input.checked);
    });
    const list = element(
      "dl",
      { class: "head-card", hidden: !open.has(head.name) },
      rows(head).map(([name, value]) => element("div", {}, element("dt", { text: name }), element("dd", { text: value }))),
    );
    const toggle = element(
      "button",
      { type: "button", class: "card-toggle", "aria-expanded": String(open.has(head.name)) },
      "Card",
      element("span", { class: "offscreen", text: ` of ${head.name}` }),
    );
    toggle.addEventListener("click", () => {
      list.hidden = !list.hidden;
      toggle.setAttribute("aria-expanded", String(!list.hidden));
      if (list.hidden) open.delete(head.name);
      else open.add(head.name);
    });
    const others = head.steers.length > 0 ? `Steers ${head.steers.join(", ")}, not ${options.model}.` : "Steers none of the loaded models.";
    return element(
      "div",
      { class: `head${isChosen ? " is-chosen" : ""}${works ? "" : " is-disabled"}` },
      element(
        "label",
        { class: "head-main" },
        input,
        element("span", { class: "mark", "aria-hidden": "true" }),
        element("span", { class: "head-name", text: head.name }),
        element("span", { class: "head-version", text: `v${head.version}` }),
        element("span", { class: "head-facts", text: facts(head) }),
      ),
      options.isMix ? weightRow(head, { ...options, isChosen }) : null,
      works ? null : element("p", { class: "quiet", text: others }),
      head.warning ? element("p", { class: "warning", text: head.warning }) : null,
      toggle,
      list,
    );
  };

  return { card };
})();
