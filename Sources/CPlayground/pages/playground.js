"use strict";

(() => {
  const { byId, element, number, stored, store, announce, Failure } = Rudder;
  const { Setting, logarithmic, linear } = Settings;
  const defaults = { step_size: 1, steps: 30, max_norm: null, kl_budget: null, regularization: 0, target_value: null };
  const examples = {
    chat: {
      "Rainy weekends": "Tell me what you think about rainy weekends.",
      "Train journey": "Describe a train journey.",
      "Lost match": "We lost the match last night. Any thoughts?",
    },
    text: {
      "A letter home": "Dear mother, the weather here is",
      "A review": "We stayed at the hotel for three nights, and I have to say that",
      "A walk": "She opened the door, looked at the sky, and felt",
    },
  };

  // MARK: State

  const state = { mode: "chat", model: null, head: null, isMix: false, weights: new Map(), colour: "value" };
  let models = [];
  let heads = [];
  let headsFailure = null;
  // Value functions that a link or an earlier visit names, and that the model does not have.
  let missing = [];
  let current = null;

  const settings = new Map();
  const addSetting = (parent, spec) => {
    const setting = new Setting(spec, () => changed());
    settings.set(spec.key, setting);
    byId(parent).append(setting.node);
  };
  addSetting("steering", {
    key: "step_size",
    label: "Step size",
    symbol: "α",
    stops: logarithmic(0.01, 100),
    low: 0,
    high: 1000,
    above: true,
    auto: true,
    title: "The length of a gradient step",
  });
  addSetting("steering", {
    key: "steps",
    label: "Steps",
    symbol: "n",
    stops: [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500, 1000],
    low: 0,
    high: 1000,
    whole: true,
    auto: true,
    title: "Gradient steps at each token",
  });
  addSetting("steering", {
    key: "max_norm",
    label: "Trust region",
    symbol: "r",
    stops: logarithmic(0.005, 2),
    low: 0,
    high: Infinity,
    auto: true,
    off: true,
    title: "The longest move ‖u‖, as a part of the state's own length ‖h‖",
  });
  addSetting("steering", {
    key: "kl_budget",
    label: "KL budget",
    symbol: "nats",
    stops: logarithmic(0.001, 10),
    low: 0,
    high: Infinity,
    auto: true,
    off: true,
    title: "How far the distribution of the next token may move",
  });
  addSetting("steering-more", {
    key: "target_value",
    label: "Target value",
    symbol: "v*",
    stops: linear(-3, 3, 0.1),
    low: -Infinity,
    high: Infinity,
    auto: true,
    off: true,
    title: "Steps stop once the value is there",
  });
  addSetting("steering-more", {
    key: "regularization",
    label: "Penalty",
    symbol: "λ",
    stops: [0, ...logarithmic(0.0001, 10)],
    low: 0,
    high: Infinity,
    auto: true,
    title: "Pulls the move back toward none",
  });
  addSetting("sampling", { key: "temperature", label: "Temperature", stops: linear(0, 2, 0.05), low: 0, high: 2, initial: 0.7 });
  addSetting("sampling", { key: "top_p", label: "Top p", stops: linear(0.05, 1, 0.05), low: 0, high: 1, above: true, initial: 1 });
  addSetting("sampling", {
    key: "max_tokens",
    label: "Tokens at most",
    stops: lengths(2048),
    low: 1,
    high: 2147483647,
    whole: true,
    initial: 96,
  });
  const steeringKeys = ["step_size", "steps", "max_norm", "kl_budget", "target_value", "regularization"];

  function lengths(context) {
    return [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096].filter((length) =>
      length <= Math.max(8, context)
    );
  }

  // MARK: Views

  const tip = byId("tip");
  const hideTip = () => {
    tip.hidden = true;
  };
  const views = {};
  const problems = {};
  const point = (index, box, parts) => {
    for (const view of Object.values(views)) view.link(index);
    chart.cursor = index;
    Answers.fillTip(tip, parts);
    Answers.placeTip(tip, box);
  };
  const leave = () => {
    for (const view of Object.values(views)) view.link(null);
    chart.cursor = null;
    hideTip();
    for (const span of document.querySelectorAll(".token[aria-describedby]")) span.removeAttribute("aria-describedby");
  };
  for (const side of ["plain", "steered"]) {
    problems[side] = new Problem(byId(side).querySelector(".problem"));
    views[side] = new Answers.AnswerView(byId(side), {
      point: (index, span, view) => {
        const description = view.describe(span);
        if (!description) return;
        const ink = span.lastElementChild;
        point(index, ink.getClientRects()[0] ?? ink.getBoundingClientRect(), [description]);
        span.setAttribute("aria-describedby", "tip");
      },
      leave,
    });
  }
  const chart = new ValueChart(byId("chart"), {
    point: (index, box) => {
      const parts = [];
      for (const [side, heading] of [["plain", "Plain"], ["steered", "Steered"]]) {
        const trace = views[side].traces[index];
        if (trace) parts.push({ heading, title: Answers.visible(trace.token ?? ""), position: index + 1, traces: [trace] });
      }
      if (parts.length > 0) point(index, box, parts);
      else leave();
    },
    leave,
    choose: (index) => views[views.steered.traces.length > index ? "steered" : "plain"].focus(index),
  });
  // A tip stays with the token that has the focus, and goes where the pointer only was.
  window.addEventListener(
    "scroll",
    () => {
      const view = Object.values(views).find((other) => other.spans.includes(document.activeElement));
      if (view && !tip.hidden) view.pointAt(document.activeElement);
      else leave();
    },
    { passive: true },
  );

  // MARK: Measures

  const paint = () => {
    const { isKnown, isDiverging, low, high, shade } = Measures.scale(state.colour, [...views.plain.traces, ...views.steered.traces]);
    for (const view of Object.values(views)) view.colour(shade);
    byId("legend").hidden = !isKnown;
    byId("ramp").className = isDiverging ? "ramp" : "ramp is-sequential";
    byId("legend-low").textContent = isKnown ? number(low) : "";
    byId("legend-high").textContent = isKnown ? `${number(high)}${state.colour === "kl" ? " nats" : ""}` : "";
  };
  const summarize = () => {
    const columns = ["plain", "steered"].map((side) => Measures.summary(views[side].traces, current?.parts[side], side === "steered"));
    byId("summary").replaceChildren(
      ...Object.keys(columns[0]).map((name) =>
        element("tr", {}, element("th", { scope: "row", text: name }), columns.map((column) => element("td", { text: column[name] })))
      ),
    );
  };
  let isPaintDue = false;
  const repaint = () => {
    if (isPaintDue) return;
    isPaintDue = true;
    requestAnimationFrame(() => {
      isPaintDue = false;
      paint();
      summarize();
      chart.show(views.plain.traces, views.steered.traces);
    });
  };

  // MARK: Requests

  const usable = () => heads.filter((head) => head.steers.includes(state.model));
  const chosen = () => {
    const there = usable();
    if (!state.isMix) return there.filter((head) => head.name === state.head).map((head) => ({ head, weight: 1 }));
    return there.filter((head) => state.weights.has(head.name)).map((head) => ({ head, weight: state.weights.get(head.name) }));
  };
  const seed = () => {
    const text = byId("seed").value.trim();
    return /^-?\d{1,15}$/.test(text) ? Number(text) : null;
  };

  // The body of a side's request. The plain side asks for no steps: its states stay where they are, and their values are reported.
  const requestFor = (side) => {
    const body = { model: state.model };
    const prompt = byId("prompt").value;
    if (state.mode === "chat") {
      const system = byId("system").value;
      body.messages = [...(system.trim() ? [{ role: "system", content: system }] : []), { role: "user", content: prompt }];
    } else {
      body.prompt = prompt;
    }
    for (const key of ["max_tokens", "temperature"]) body[key] = settings.get(key).value;
    if (settings.get("top_p").value !== 1) body.top_p = settings.get("top_p").value;
    if (seed() !== null) body.seed = seed();
    body.stream = true;
    const members = chosen();
    if (members.length > 0) {
      const control = state.isMix
        ? { heads: members.map(({ head, weight }) => ({ name: head.name, weight })) }
        : { head: members[0].head.name };
      if (side === "steered") {
        for (const key of steeringKeys) {
          const setting = settings.get(key);
          if (setting.value !== undefined && !setting.isDisabled) control[key] = setting.value;
        }
      } else {
        control.steps = 0;
      }
      control.trace = true;
      body.control = control;
    }
    return body;
  };
  const path = () => (state.mode === "chat" ? "v1/chat/completions" : "v1/completions");
  const address = (relative) => new URL(relative, document.baseURI).href.replace(/\/$/, "");

  const showCode = () => {
    const isPython = byId("tab-python").getAttribute("aria-selected") === "true";
    const body = requestFor("steered");
    const options = { hasKey: byId("api-key").value !== "", isChat: state.mode === "chat" };
    byId("code").firstElementChild.textContent = isPython
      ? Snippets.python(address("v1"), body, options)
      : Snippets.curl(address(path()), body, options);
    const notes = ["Exactly what this page sends for the steered answer."];
    if (body.control) {
      notes.push("“trace” only reports each token's numbers; without it the answer is the same.");
      notes.push("“control” left out altogether gives the plain one.");
    }
    if (options.hasKey) notes.push("The API key is read from RUDDER_API_KEY.");
    byId("code-note").textContent = notes.join(" ");
  };

  // MARK: Running

  const setRunning = (isRunning) => {
    byId("stop").hidden = !isRunning;
    document.body.classList.toggle("is-running", isRunning);
  };
  const isRunning = () => current !== null && Object.values(current.parts).some((part) => part.isOpen);

  const stop = () => {
    if (!isRunning()) return;
    for (const part of Object.values(current.parts)) part.abort.abort();
  };

  const begin = () => {
    if (!state.model) return;
    if (byId("prompt").value === "") {
      byId("prompt").focus();
      return announce("Write a prompt first.");
    }
    if (seed() === null) return byId("seed").focus();
    stop();
    current = { path: path(), mode: state.mode, parts: {} };
    const hasHead = chosen().length > 0;
    for (const side of hasHead ? ["plain", "steered"] : ["plain"]) start(side, requestFor(side), current);
    if (!hasHead) {
      views.steered.reset("Choose a value function to steer with.");
      views.steered.progress = "";
      views.steered.with = "";
      problems.steered.hide();
    }
    if (window.matchMedia("(max-width: 899px)").matches) byId("results").scrollIntoView({ block: "start" });
  };

  const start = (side, body, run) => {
    const view = views[side];
    const part = {
      body,
      abort: new AbortController(),
      isOpen: true,
      startedAt: performance.now(),
      firstAt: 0,
      lastAt: 0,
      count: 0,
      ending: null,
    };
    run.parts[side] = part;
    problems[side].hide();
    view.reset();
    view.isLive = true;
    view.progress = "waiting";
    view.with = "";
    setRunning(true);
    repaint();
    follow(side, part, run).catch((failure) => {
      if (current !== run || run.parts[side] !== part) return;
      part.ending = failure.kind === "stopped" ? "stopped" : "failed";
      view.progress = part.ending;
      if (failure.kind !== "stopped") {
        showProblem(side, failure instanceof Failure ? failure : new Failure("page", `The page failed: ${failure.message}`));
      }
    }).finally(() => {
      part.isOpen = false;
      if (current !== run || run.parts[side] !== part) return;
      view.end();
      view.isLive = false;
      setRunning(isRunning());
      repaint();
      if (!isRunning()) {
        announce(Object.entries(run.parts).map(([name, { count, ending }]) => `${name}: ${count} tokens, ${ending}`).join("; "));
      }
      refreshState();
    });
  };

  const follow = async (side, part, run) => {
    const view = views[side];
    const token = byId("api-key").value;
    const response = await Rudder.send(run.path, { method: "POST", body: JSON.stringify(part.body), token, signal: part.abort.signal });
    await Rudder.stream(response, (chunk) => {
      if (current !== run || run.parts[side] !== part) return;
      const choice = chunk.choices?.[0];
      if (choice) {
        const text = (run.mode === "chat" ? choice.delta?.content : choice.text) ?? "";
        const traces = choice.control_trace ?? [];
        // A token comes with its numbers; one without control, with its text.
        const tokens = traces.length > 0 ? traces.length : text !== "" && !part.body.control ? 1 : 0;
        if (tokens > 0) {
          part.lastAt = performance.now();
          part.firstAt ||= part.lastAt;
          part.count += tokens;
          view.progress = `${part.count} ${part.count === 1 ? "token" : "tokens"}`;
        }
        view.add(text, traces);
        if (choice.finish_reason) part.ending = { stop: "by itself", length: "at its limit" }[choice.finish_reason] ?? choice.finish_reason;
      }
      if (chunk.control) {
        view.with = side === "plain"
          ? ""
          : chunk.control.heads.map(({ name, version, weight }) =>
            `${weight === 1 ? "" : `${String(Number(weight.toPrecision(3))).replace("-", "−")} × `}${name}@${version}`
          ).join(" + ");
      }
      repaint();
    });
  };

  // MARK: Problems

  const fieldOf = (param) => {
    if (!param) return null;
    const name = param.replace(/^control\./, "").replace(/\[.*$/, "");
    return byId({ head: "heads", messages: "prompt", model: "model" }[name] ?? name);
  };
  const showProblem = (side, failure) => {
    problems[side].show(failure, {
      retry: () => start(side, current.parts[side].body, current),
      key: byId("api-key").value,
      useKey: (key) => {
        setKey(key);
        for (const [name, part] of Object.entries(current.parts)) {
          if (part.ending === "failed") start(name, part.body, current);
        }
      },
      fieldOf,
      canComplete: state.mode === "chat",
      complete: () => {
        setMode("text");
        changed();
        begin();
      },
    });
  };
  const setKey = (key) => {
    byId("api-key").value = key.trim();
    store("sessionStorage", "rudder.apiKey", byId("api-key").value);
    loadLists();
  };

  // MARK: Heads

  const card = (head) =>
    HeadCards.card(head, {
      model: state.model,
      isMix: state.isMix,
      isChosen: state.isMix ? state.weights.has(head.name) : state.head === head.name,
      weight: state.weights.get(head.name) ?? 1,
      choose: (isOn) => {
        if (!state.isMix) state.head = head.name;
        else if (isOn) state.weights.set(head.name, 1);
        else state.weights.delete(head.name);
        changed();
      },
      weigh: (weight) => {
        state.weights.set(head.name, weight);
        changed();
      },
    });
  const showHeads = () => {
    const box = byId("heads");
    const focused = document.activeElement?.matches("input[name=head]") ? document.activeElement.value : null;
    if (headsFailure) {
      box.replaceChildren(
        element("p", { class: "warning", text: headsFailure.message }),
        element("button", { type: "button", class: "secondary small", text: "Try again", onclick: loadLists }),
      );
    } else if (heads.length === 0) {
      box.replaceChildren(
        element(
          "p",
          { class: "quiet" },
          "This server has no value functions yet. ",
          element("a", { href: "server#heads-title", text: "Upload one" }),
          ", and it appears here.",
        ),
      );
    } else {
      box.replaceChildren(...heads.map(card));
      if (missing.length > 0) {
        box.prepend(element("p", { class: "warning", text: `Not here, or not for this model: ${missing.join(", ")}.` }));
      }
    }
    if (focused !== null) [...box.querySelectorAll("input[name=head]")].find((input) => input.value === focused)?.focus();
  };

  // What the sliders stand at while nobody moves them: the head's own settings, then the defaults. In a mix the heads have no say.
  const inherit = () => {
    const members = chosen();
    const own = !state.isMix && members.length === 1 ? members[0].head : null;
    for (const key of steeringKeys) {
      const text = own?.metadata[key];
      // As the server reads it: an empty text or null says as little as a missing key.
      const value = text === undefined || text === "" || text === "null" ? NaN : Number(text);
      const isOwn = Number.isFinite(value);
      settings.get(key).inherit(isOwn ? value : defaults[key], isOwn ? `from ${own.name}` : "the default");
    }
    const between = members.find(({ head }) => head.site !== "final_norm");
    settings.get("kl_budget").disable(
      between ? `Not with ${between.head.name}: at the site ${between.head.site} the plain distribution is not computed.` : null,
    );
    byId("auto-note").textContent = state.isMix
      ? "Auto: the defaults. In a mix the heads' own settings do not count."
      : own
      ? `Auto: what training found best for ${own.name}.`
      : "";
    byId("all-auto").hidden = !steeringKeys.some((key) => settings.get(key).value !== undefined);
  };

  // MARK: The form

  const setMode = (mode) => {
    state.mode = mode;
    for (const input of document.querySelectorAll("input[name=mode]")) input.checked = input.value === mode;
    byId("system-details").hidden = mode !== "chat";
    byId("prompt").placeholder = mode === "chat" ? "What should the model answer?" : "What should the model continue?";
    byId("examples").replaceChildren(
      ...Object.entries(examples[mode]).map(([label, text]) =>
        element("button", {
          type: "button",
          class: "example",
          text: label,
          onclick: () => {
            byId("prompt").value = text;
            changed();
            fit();
          },
        })
      ),
    );
  };
  const fit = () => {
    const area = byId("prompt");
    area.style.height = "auto";
    area.style.height = `${Math.min(320, Math.max(72, area.scrollHeight + 2))}px`;
  };

  // The form as text, for a link and for the next visit; what is as at first is left out.
  const formText = () => {
    const items = new URLSearchParams();
    const put = (key, value) => (value === undefined || value === "" ? null : items.set(key, value));
    put("prompt", byId("prompt").value);
    put("system", byId("system").value);
    if (state.mode !== "chat") put("mode", state.mode);
    if (models.length > 1) put("model", state.model ?? undefined);
    if (state.isMix) put("heads", [...state.weights].map(([name, weight]) => `${name}:${weight}`).join(",") || "none");
    else put("head", state.head ?? undefined);
    for (const setting of settings.values()) put(setting.key, setting.text);
    put("seed", byId("seed").value.trim());
    if (state.colour !== "value") put("colour", state.colour);
    return items.toString();
  };
  let saving = 0;
  const update = () => {
    const isSeed = seed() !== null;
    byId("seed").setAttribute("aria-invalid", String(!isSeed));
    byId("seed-error").hidden = isSeed;
    byId("seed-error").textContent = isSeed ? "" : "The seed is a whole number of up to 15 digits.";
    inherit();
    showCode();
  };
  const changed = () => {
    update();
    clearTimeout(saving);
    saving = setTimeout(save, 200);
  };
  const save = () => {
    clearTimeout(saving);
    saving = 0;
    const text = formText();
    if (location.hash.slice(1) !== text) history.replaceState(null, "", `#${text}`);
    store("localStorage", "rudder.playground", text);
  };
  const load = (text) => {
    const items = new URLSearchParams(text);
    const get = (key) => items.get(key) ?? undefined;
    byId("prompt").value = get("prompt") ??
      examples[get("mode") === "text" ? "text" : "chat"][get("mode") === "text" ? "A walk" : "Rainy weekends"];
    byId("system").value = get("system") ?? "";
    byId("system-details").open = Boolean(get("system"));
    setMode(get("mode") === "text" ? "text" : "chat");
    state.model = get("model") ?? state.model;
    state.isMix = items.has("heads");
    state.head = get("head") ?? state.head;
    state.weights = new Map();
    for (const member of (get("heads") ?? "").split(",")) {
      const [name, weight] = member.split(":");
      const size = Number(weight ?? 1);
      if (name && name !== "none" && Number.isFinite(size)) state.weights.set(name, Math.min(2, Math.max(-2, size)));
    }
    byId("mixing").checked = state.isMix;
    for (const setting of settings.values()) setting.take(get(setting.key));
    if (["target_value", "regularization"].some((key) => settings.get(key).value !== undefined)) byId("more-steering").open = true;
    byId("seed").value = get("seed") ?? "7";
    state.colour = Measures.by[get("colour")] ? get("colour") : "value";
    for (const input of document.querySelectorAll("input[name=colour]")) input.checked = input.value === state.colour;
    fit();
  };

  const settle = () => {
    // Not known yet: what a link says must not be lost to a server that did not answer.
    if (models.length === 0) return;
    if (!models.some((model) => model.id === state.model)) state.model = models[0]?.id ?? null;
    const there = usable();
    const isThere = (name) => there.some((head) => head.name === name);
    missing = [state.isMix ? null : state.head, ...(state.isMix ? state.weights.keys() : [])].filter((name) =>
      name !== null && !isThere(name)
    );
    if (!isThere(state.head)) state.head = (there.find((head) => head.name === "positivity") ?? there[0])?.name ?? null;
    for (const name of state.weights.keys()) {
      if (!isThere(name)) state.weights.delete(name);
    }
    const context = models.find((model) => model.id === state.model)?.context_length ?? 2048;
    settings.get("max_tokens").stops = lengths(context);
  };
  const showModels = () => {
    const select = byId("model");
    select.replaceChildren(...models.map((model) => element("option", { value: model.id, text: model.id })));
    if (models.length === 0) select.append(element("option", { text: "no model" }));
    select.disabled = models.length < 2;
    select.value = state.model ?? "";
    byId("run").disabled = models.length === 0;
  };
  async function loadLists() {
    const token = byId("api-key").value;
    try {
      const [modelList, headList] = await Promise.all([Rudder.json("v1/models", { token }), Rudder.json("v1/heads", { token })]);
      models = modelList.data;
      heads = headList.data;
      headsFailure = null;
    } catch (failure) {
      headsFailure = failure;
      if (failure.kind === "token") byId("connection").open = true;
    }
    settle();
    showModels();
    showHeads();
    update();
  }

  // MARK: The server's state

  async function refreshState() {
    let name = "ready";
    let text;
    try {
      const ready = await fetch("ready", { cache: "no-store" }).then((response) => response.json());
      const running = ready.models.reduce((sum, model) => sum + model.running, 0);
      const queued = ready.models.reduce((sum, model) => sum + model.queued, 0);
      name = ready.status;
      text = ready.status === "ready"
        ? [running > 0 ? `${running} running` : "ready", queued > 0 ? `${queued} waiting` : null].filter(Boolean).join(", ")
        : ready.status;
    } catch {
      name = "gone";
      text = "not reachable";
    }
    byId("server-state").dataset.state = name;
    byId("server-state-text").textContent = text;
  }

  // MARK: Wiring

  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
  });
  byId("stop").addEventListener("click", () => {
    stop();
    byId("run").focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      // What is being typed counts.
      if (document.activeElement?.matches(".number")) document.activeElement.dispatchEvent(new Event("change"));
      begin();
    } else if (event.key === "Escape") {
      if (isRunning()) stop();
      else hideTip();
    }
  });
  for (const input of document.querySelectorAll("input[name=mode]")) {
    input.addEventListener("change", () => {
      const old = state.mode;
      const isExample = Object.values(examples[old]).includes(byId("prompt").value) || byId("prompt").value === "";
      setMode(input.value);
      // An example of the other kind would make little sense.
      if (isExample) byId("prompt").value = examples[input.value][input.value === "text" ? "A walk" : "Rainy weekends"];
      fit();
      changed();
    });
  }
  for (const input of document.querySelectorAll("input[name=colour]")) {
    input.addEventListener("change", () => {
      state.colour = input.value;
      changed();
      repaint();
    });
  }
  byId("prompt").addEventListener("input", () => {
    fit();
    changed();
  });
  byId("system").addEventListener("input", changed);
  byId("seed").addEventListener("input", changed);
  byId("seed").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) event.preventDefault();
  });
  byId("new-seed").addEventListener("click", () => {
    byId("seed").value = String(Math.floor(Math.random() * 1e6));
    changed();
  });
  byId("model").addEventListener("change", () => {
    state.model = byId("model").value;
    settle();
    showHeads();
    changed();
  });
  byId("mixing").addEventListener("change", () => {
    state.isMix = byId("mixing").checked;
    if (state.isMix && state.weights.size === 0 && state.head) state.weights.set(state.head, 1);
    if (!state.isMix && state.weights.size > 0) state.head = [...state.weights.keys()][0];
    showHeads();
    changed();
  });
  byId("all-auto").addEventListener("click", () => {
    for (const key of steeringKeys) settings.get(key).reset();
    changed();
  });
  byId("reset").addEventListener("click", () => {
    state.head = null;
    load("");
    settle();
    showHeads();
    changed();
    repaint();
  });
  byId("share").addEventListener("click", () => {
    save();
    Rudder.copy(byId("share"), location.href);
  });
  byId("copy-code").addEventListener("click", () => Rudder.copy(byId("copy-code"), byId("code").textContent));
  const tabs = [byId("tab-curl"), byId("tab-python")];
  const choose = (tab) => {
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    }
    byId("code").setAttribute("aria-labelledby", tab.id);
    showCode();
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
      choose(tabs[1 - index]);
      tabs[1 - index].focus();
    });
  });
  byId("api-key").value = stored("sessionStorage", "rudder.apiKey") ?? "";
  byId("connection").open = byId("api-key").value !== "";
  byId("api-key").addEventListener("change", () => setKey(byId("api-key").value));
  window.addEventListener("hashchange", () => {
    if (location.hash.slice(1) === formText()) return;
    load(location.hash.slice(1));
    settle();
    showModels();
    showHeads();
    update();
    store("localStorage", "rudder.playground", formText());
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    refreshState();
    if (!isRunning()) loadLists();
  });
  window.addEventListener("pagehide", () => (saving ? save() : null));
  if (/Mac|iPhone|iPad/.test(navigator.platform)) byId("run-key").textContent = "⌘ ⏎";
  setInterval(() => (document.hidden ? null : refreshState()), 10_000);

  load(location.hash.length > 1 ? location.hash.slice(1) : (stored("localStorage", "rudder.playground") ?? ""));
  summarize();
  chart.show([], []);
  loadLists();
  refreshState();
})();
