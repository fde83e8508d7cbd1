"use strict";

(() => {
  const { byId, element, svg, number, fixed, integer, bytes, seconds, stored } = Rudder;
  const interval = 2000;
  // Two minutes of lines, five of quantiles.
  const [kept, recent] = [60, 150];

  let ready = null;
  let metrics = null;
  let history = [];
  let hasMetrics = true;
  let polls = 0;
  // How many sequences ran and waited at each look.
  const counts = { running: [], queued: [] };

  // MARK: Tiles

  const tile = (key, label) => {
    const value = element("p", { class: "tile-value", text: "–" });
    const detail = element("p", { class: "quiet", text: "\u00a0" });
    const extra = element("div", { class: "tile-extra" });
    const node = element(
      "div",
      { class: "tile", "data-key": key, role: "group", "aria-label": label },
      element("h3", { text: label }),
      value,
      detail,
      extra,
    );
    byId("tiles").append(node);
    return { node, value, detail, extra };
  };
  const tiles = {
    workers: tile("workers", "Workers up"),
    running: tile("running", "Running"),
    waiting: tile("waiting", "Waiting"),
    out: tile("out", "Tokens out, a second"),
    in: tile("in", "Prompt tokens, a second"),
    first: tile("first", "Time to first token"),
    cache: tile("cache", "KV cache in use"),
    prefix: tile("prefix", "Prefix hits"),
    steered: tile("steered", "Tokens steered"),
    process: tile("process", "Memory"),
  };
  const show = (key, value, detail = "\u00a0") => {
    tiles[key].node.hidden = !hasMetrics && !["workers", "running", "waiting"].includes(key);
    tiles[key].value.replaceChildren(...(Array.isArray(value) ? value : [value]));
    tiles[key].detail.textContent = detail || "\u00a0";
  };
  const unit = (text) => element("small", { text: ` ${text}` });

  const sparkline = (box, values, label) => {
    const [width, height] = [120, 28];
    const high = Math.max(...values.filter(Number.isFinite), 1);
    const points = values.map((
      value,
      index,
    ) => [
      (width * (index + kept - values.length)) / (kept - 1),
      Number.isFinite(value) ? height - 1.5 - (height - 3) * (value / high) : height - 1.5,
    ]);
    const path = points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
    const children = points.length > 1
      ? [
        svg("path", { class: "spark-area", d: `${path}L${width} ${height}L${points[0][0].toFixed(1)} ${height}Z` }),
        svg("path", { class: "spark", d: path }),
      ]
      : [];
    box.replaceChildren(
      svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": label }, ...children),
    );
  };
  const meter = (box, part) => {
    const fill = element("span");
    fill.style.width = `${Math.min(100, Math.max(0, 100 * part))}%`;
    box.replaceChildren(element("div", { class: "meter", "aria-hidden": "true" }, fill));
  };
  // How fast a counter grew between readings.
  const rates = (name) =>
    history.slice(1).map((reading, index) => {
      const before = history[index];
      const time = (reading.at - before.at) / 1000;
      return time > 0 ? Metrics.growth(before.sum(name), reading.sum(name)) / time : NaN;
    });
  // Over the last readings, lest a number that people read jumps about.
  const rateNow = (name) => {
    const last = history.at(-1);
    const first = history[Math.max(0, history.length - 4)];
    return last && first !== last ? (1000 * Metrics.growth(first.sum(name), last.sum(name))) / (last.at - first.at) : NaN;
  };

  const duration = (value) => {
    if (!Number.isFinite(value)) return "–";
    const [days, hours, minutes] = [Math.floor(value / 86400), Math.floor(value / 3600) % 24, Math.floor(value / 60) % 60];
    if (days > 0) return `${days} d ${hours} h`;
    if (hours > 0) return `${hours} h ${minutes} min`;
    return minutes > 0 ? `${minutes} min` : `${Math.floor(value)} s`;
  };

  const draw = () => {
    const sum = (key) => (ready ? ready.models.reduce((total, model) => total + model[key], 0) : NaN);
    const workers = sum("workers");
    show(
      "workers",
      [integer(sum("up")), unit(`of ${integer(workers)}`)],
      ready ? { ready: "ready", draining: "draining", unavailable: "not ready" }[ready.status] : "",
    );
    tiles.workers.value.classList.toggle("is-bad", ready !== null && sum("up") < workers);
    show("running", integer(sum("running")), "sequences in the batch");
    show("waiting", integer(sum("queued")), "sequences in the queue");

    sparkline(tiles.running.extra, counts.running, "Running over two minutes");
    sparkline(tiles.waiting.extra, counts.queued, "Waiting over two minutes");

    const now = metrics;
    const has = now !== null;
    const total = (name) => (has ? now.sum(name) : NaN);
    for (const [key, name] of [["out", "rudder_generation_tokens_total"], ["in", "rudder_prompt_tokens_total"]]) {
      show(key, has ? fixed(rateNow(name), 1) : "–", has ? `${integer(total(name))} in all` : "");
      sparkline(
        tiles[key].extra,
        has ? rates(name).slice(-kept) : [],
        key === "out" ? "Tokens out over two minutes" : "Prompt tokens over two minutes",
      );
    }
    const all = has ? now.buckets("rudder_time_to_first_token_seconds") : [];
    const lately = has && history.length > 1 ? Metrics.minus(all, history[0].buckets("rudder_time_to_first_token_seconds")) : [];
    const isRecent = (lately.at(-1)?.[1] ?? 0) > 0;
    const buckets = isRecent ? lately : all;
    show(
      "first",
      [seconds(Metrics.quantile(buckets, 0.5)), unit("median")],
      has ? `${seconds(Metrics.quantile(buckets, 0.95))} at 95% · ${isRecent ? "recent" : "since the start"}` : "",
    );
    const usages = has ? now.samples("rudder_kv_cache_usage_ratio").map((sample) => sample.value) : [];
    const usage = usages.length > 0 ? Math.max(...usages) : NaN;
    const blocks = (state) => (has ? now.sum("rudder_kv_cache_blocks", { state }) : NaN);
    show(
      "cache",
      Number.isFinite(usage) ? [fixed(100 * usage, usage < 0.0995 ? 1 : 0), unit("%")] : "–",
      Number.isFinite(blocks("cached")) ? `${integer(blocks("cached"))} blocks kept for prefixes` : "",
    );
    meter(tiles.cache.extra, Number.isFinite(usage) ? usage : 0);
    const looked = total("rudder_prefix_cache_queries_total");
    const rate = looked > 0 ? total("rudder_prefix_cache_hits_total") / looked : NaN;
    show("prefix", Number.isFinite(rate) ? [fixed(100 * rate, 0), unit("%")] : "–", has ? `of ${integer(looked)} prompt tokens` : "");
    meter(tiles.prefix.extra, Number.isFinite(rate) ? rate : 0);
    const steered = total("rudder_controlled_tokens_total");
    const gain = total("rudder_control_value_gain_sum") / total("rudder_control_value_gain_count");
    const cost = total("rudder_control_seconds_total") / steered;
    show(
      "steered",
      integer(steered),
      [
        Number.isFinite(gain) ? `mean gain ${gain < 0 ? "" : "+"}${number(gain, 2)}` : null,
        cost > 0 && Number.isFinite(cost) ? `${fixed(cost * 1e6, 0)} µs each` : null,
      ].filter(Boolean).join(" · "),
    );
    const cpu = rateNow("process_cpu_seconds_total");
    show(
      "process",
      bytes(total("process_resident_memory_bytes")),
      [
        Number.isFinite(cpu) ? `${fixed(100 * cpu, 0)}% of a core` : null,
        Number.isFinite(total("rudder_http_connections")) ? `${integer(total("rudder_http_connections"))} connections` : null,
      ].filter(Boolean).join(" · "),
    );

    byId("metrics-note").hidden = hasMetrics;
    byId("metrics-note").textContent = hasMetrics
      ? ""
      : "This server gives no metrics (GET /metrics): throughput, cache and latencies are not known.";
    const build = has ? now.samples("rudder_build_info")[0]?.labels.version : undefined;
    const since = total("process_start_time_seconds");
    byId("build").textContent = [
      build ? `Rudder ${build}` : null,
      Number.isFinite(since) ? `up ${duration(Date.now() / 1000 - since)}` : null,
    ].filter(Boolean).join(" · ");
    drawModels();
    drawSteering();
    drawRequests();
  };

  // MARK: Tables

  const table = (node, columns, rows, emptyText) => {
    const head = element("thead", {}, element("tr", {}, columns.map((column) => element("th", { scope: "col", text: column }))));
    const body = rows.length > 0
      ? rows.map((row) =>
        element("tr", {}, row.map((cell, index) => element(index === 0 ? "th" : "td", index === 0 ? { scope: "row" } : {}, cell)))
      )
      : [element("tr", {}, element("td", { colspan: columns.length, class: "empty", text: emptyText }))];
    node.replaceChildren(head, element("tbody", {}, body));
  };
  const drawModels = () => {
    const of = (name, model) => (metrics ? metrics.sum(name, { model }) : NaN);
    table(
      byId("models"),
      ["Model", "Workers", "Running", "Waiting", "Tokens out", "A token takes", "Failures"],
      (ready?.models ?? []).map((model) => {
        const per = metrics ? Metrics.quantile(metrics.buckets("rudder_time_per_output_token_seconds", { model: model.id }), 0.5) : NaN;
        return [
          model.id,
          `${model.up} of ${model.workers}`,
          integer(model.running),
          integer(model.queued),
          integer(of("rudder_generation_tokens_total", model.id)),
          seconds(per),
          integer(of("rudder_worker_failures_total", model.id)),
        ];
      }),
      "No model is known yet.",
    );
  };
  const drawSteering = () => {
    byId("steering-card").hidden = !hasMetrics;
    const heads = (metrics?.samples("rudder_control_tokens_total") ?? []).filter(({ value }) => value > 0);
    const of = (name, head) => metrics.sum(name, { head });
    table(
      byId("steering"),
      ["Head", "Tokens", "Steps each", "Mean gain", "Its share of a token"],
      heads.sort((a, b) => b.value - a.value).slice(0, 8).map(({ labels: { head }, value }) => {
        const gain = of("rudder_control_value_gain_sum", head) / of("rudder_control_value_gain_count", head);
        return [
          head,
          integer(value),
          number(of("rudder_control_steps_total", head) / value),
          `${gain > 0 ? "+" : ""}${number(gain, 2)}`,
          seconds(of("rudder_control_seconds_total", head) / value),
        ];
      }),
      "Nothing was steered yet.",
    );
  };
  const drawRequests = () => {
    const routes = new Map();
    for (const { labels, value } of metrics?.samples("rudder_http_requests_total") ?? []) {
      if (!(value > 0)) continue;
      const name = `${labels.method ?? ""} ${labels.route ?? ""}`.trim();
      if (!routes.has(name)) routes.set(name, new Map());
      routes.get(name).set(labels.status, (routes.get(name).get(labels.status) ?? 0) + value);
    }
    const total = (statuses) => [...statuses.values()].reduce((sum, value) => sum + value, 0);
    table(
      byId("requests"),
      ["Route", "Answers", "Median"],
      [...routes].sort(([, a], [, b]) => total(b) - total(a)).slice(0, 12).map(([name, statuses]) => {
        const chips = [...statuses].sort().map(([status, count]) =>
          element("span", { class: `status status-${String(status)[0]}` }, element("b", { text: status }), ` ${integer(count)}`)
        );
        const route = name.split(" ").at(-1);
        return [
          name,
          element("span", { class: "statuses" }, chips),
          seconds(Metrics.quantile(metrics.buckets("rudder_http_request_duration_seconds", { route }), 0.5)),
        ];
      }),
      hasMetrics ? "No requests yet." : "Not known without metrics.",
    );
  };

  // MARK: Polling

  const poll = async () => {
    const at = performance.now();
    try {
      const response = await fetch("ready", { cache: "no-store" });
      ready = await response.json();
      for (const key of ["running", "queued"]) {
        counts[key] = [...counts[key], ready.models.reduce((sum, model) => sum + model[key], 0)].slice(-kept);
      }
      if (byId("server-state").dataset.state === "gone") document.dispatchEvent(new Event("rudder:back"));
      byId("server-state").dataset.state = ready.status;
      byId("server-state-text").textContent = ready.status;
      byId("unreachable").hidden = ready.status === "ready";
      byId("unreachable").textContent = ready.status === "draining"
        ? "The server is shutting down: what runs may finish, nothing new is taken."
        : ready.status === "unavailable"
        ? "A model has no worker that is up. It is started again."
        : "";
    } catch {
      byId("server-state").dataset.state = "gone";
      byId("server-state-text").textContent = "not reachable";
      byId("unreachable").hidden = false;
      byId("unreachable").textContent = "The server cannot be reached. What is shown is what it said last; this page keeps trying.";
      return;
    }
    // A server without metrics is asked again only now and then.
    if (!hasMetrics && (polls += 1) % 15 !== 0) return draw();
    try {
      const response = await fetch("metrics", { cache: "no-store", headers: token() });
      hasMetrics = response.ok;
      metrics = response.ok ? new Metrics.Reading(await response.text(), at) : null;
    } catch {
      metrics = null;
    }
    if (metrics) history = [...history, metrics].slice(-recent);
    draw();
  };
  const token = () => {
    const key = stored("sessionStorage", "rudder.apiKey");
    return key ? { Authorization: `Bearer ${key}` } : {};
  };
  let timer = 0;
  let turn = 0;
  const schedule = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    const mine = (turn += 1);
    await poll();
    if (mine === turn && !document.hidden) timer = setTimeout(schedule, interval);
  };
  document.addEventListener("visibilitychange", schedule);
  draw();
  schedule();
})();
