"use strict";

// What both pages share: the theme, elements, requests and their errors, numbers as text. Loaded before the page is drawn, so that a chosen
// theme holds from the first picture on.
const Rudder = (() => {
  // Storage may be refused altogether; the pages then work without memory.
  const stored = (area, key) => {
    try {
      return window[area].getItem(key);
    } catch {
      return null;
    }
  };
  const store = (area, key, value) => {
    try {
      if (value === null || value === "") window[area].removeItem(key);
      else window[area].setItem(key, value);
    } catch {
      // Nothing is kept.
    }
  };

  // MARK: Theme

  const themes = ["system", "light", "dark"];
  const applyTheme = (theme) => {
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  };
  let theme = themes.includes(stored("localStorage", "rudder.theme")) ? stored("localStorage", "rudder.theme") : "system";
  applyTheme(theme);

  // A radio group of three in the header.
  const bindTheme = () => {
    for (const input of document.querySelectorAll("input[name=theme]")) {
      input.checked = input.value === theme;
      input.addEventListener("change", () => {
        theme = input.value;
        store("localStorage", "rudder.theme", theme === "system" ? null : theme);
        applyTheme(theme);
      });
    }
  };

  // MARK: Elements

  // Text only ever becomes text: whatever a model or a head's metadata says is never read as markup.
  const element = (name, attributes = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === undefined || value === null || value === false) continue;
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (key === "class") node.className = value;
      else if (key === "text") node.textContent = value;
      else node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
    return node;
  };
  const svg = (name, attributes = {}, ...children) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };
  const byId = (id) => document.getElementById(id);

  // Tells those who cannot see it.
  const announce = (text) => {
    const region = byId("announcer");
    if (!region) return;
    // The same words again are read only where they change.
    region.textContent = region.textContent === text ? `${text}\u00a0` : text;
  };

  const copy = async (button, text) => {
    let works = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without a secure origin there is no clipboard; the old way still works.
      const area = element("textarea", { class: "offscreen", "aria-hidden": "true" });
      area.value = text;
      document.body.append(area);
      area.select();
      works = document.execCommand("copy");
      area.remove();
      button.focus();
    }
    const label = button.querySelector(".label") ?? button;
    button.dataset.label ??= label.textContent;
    label.textContent = works ? "Copied" : "Select and copy by hand";
    button.classList.toggle("is-done", works);
    announce(works ? "Copied" : "Could not copy");
    clearTimeout(Number(button.dataset.timer));
    button.dataset.timer = String(
      setTimeout(() => {
        label.textContent = button.dataset.label;
        button.classList.remove("is-done");
      }, 1600),
    );
  };

  // MARK: Requests

  // Why a request failed: what kind of failure, in which words, and what may help.
  class Failure extends Error {
    constructor(kind, message, details = {}) {
      super(message);
      this.name = "Failure";
      this.kind = kind;
      this.status = details.status ?? 0;
      this.param = details.param ?? null;
      this.code = details.code ?? null;
      this.retryAfter = details.retryAfter ?? null;
      this.requestID = details.requestID ?? null;
    }
  }

  const kindOf = (status) => {
    if (status === 429) return "busy";
    if (status === 401 || status === 403) return "token";
    if (status === 503) return "unavailable";
    if (status >= 500) return "server";
    return "invalid";
  };

  const failureOf = (status, text, retryAfter) => {
    let error = {};
    try {
      error = JSON.parse(text).error ?? {};
    } catch {
      // Not one of the server's own answers: a proxy's, for example.
    }
    const seconds = Number.parseInt(retryAfter ?? "", 10);
    return new Failure(kindOf(status), error.message ?? `The server answered with status ${status}.`, {
      status,
      param: error.param,
      code: error.code,
      requestID: error.request_id,
      retryAfter: Number.isFinite(seconds) ? seconds : null,
    });
  };

  // The field that carries a token. What cannot be in one would fail as if there were no server.
  const authorization = (token) => {
    if (!/^[\x20-\x7e]+$/.test(token)) {
      throw new Failure("token", "The token has a character that no token can have. Was it copied whole, and nothing else?", {
        status: 401,
        code: "malformed_token",
      });
    }
    return `Bearer ${token}`;
  };

  const send = async (path, { method = "GET", body, token, signal } = {}) => {
    const headers = {};
    if (token) headers.Authorization = authorization(token);
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(path, { method, headers, body, signal, cache: "no-store" });
    } catch (error) {
      if (error.name === "AbortError") throw new Failure("stopped", "Stopped.");
      throw new Failure("network", "The server cannot be reached. Is it still running?");
    }
    if (!response.ok) {
      const text = await response.text().catch(() => "");
      throw failureOf(response.status, text, response.headers.get("Retry-After"));
    }
    return response;
  };

  const json = async (path, options) => {
    const response = await send(path, options);
    try {
      return await response.json();
    } catch {
      throw new Failure("network", "The server's answer is not whole.");
    }
  };

  // MARK: Server-sent events

  // Takes a stream of text apart into the data of its events, wherever the network cut it: within a line, or between CR and LF.
  class EventParser {
    #line = "";
    #data = [];
    #skipsLineFeed = false;

    push(text) {
      const events = [];
      for (const character of text) {
        if (this.#skipsLineFeed) {
          this.#skipsLineFeed = false;
          if (character === "\n") continue;
        }
        if (character === "\n" || character === "\r") {
          this.#skipsLineFeed = character === "\r";
          this.#endLine(events);
        } else {
          this.#line += character;
        }
      }
      return events;
    }

    #endLine(events) {
      const line = this.#line;
      this.#line = "";
      if (line === "") {
        if (this.#data.length > 0) events.push(this.#data.join("\n"));
        this.#data = [];
      } else if (line === "data" || line.startsWith("data:")) {
        const value = line.slice(5);
        this.#data.push(value.startsWith(" ") ? value.slice(1) : value);
      }
    }
  }

  // Hands each document of a streamed answer to `take`. An answer that ends without [DONE] has failed.
  const stream = async (response, take) => {
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    const parser = new EventParser();
    const interrupted = () => new Failure("interrupted", "The answer broke off before its end.");
    let isWhole = false;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
        for (const data of parser.push(text)) {
          if (data === "[DONE]") isWhole = true;
          if (isWhole) break;
          let document;
          try {
            document = JSON.parse(data);
          } catch {
            throw interrupted();
          }
          if (document.error) {
            const { message, param, code, type, request_id: requestID } = document.error;
            const kind = type === "invalid_request_error" ? "invalid" : code === "service_unavailable" ? "unavailable" : "server";
            throw new Failure(kind, message ?? "The server failed.", { param, code, requestID });
          }
          take(document);
        }
        if (done && isWhole) return;
        if (done) throw interrupted();
      }
    } catch (error) {
      // Nothing is missing any more.
      if (isWhole) return;
      if (error instanceof Failure) throw error;
      if (error.name === "AbortError") throw new Failure("stopped", "Stopped.");
      throw interrupted();
    } finally {
      reader.cancel().catch(() => {});
    }
  };

  // MARK: Numbers

  // Three significant digits, as an instrument shows them; a dash for what is not there.
  const number = (value, digits = 3) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    value = Number(value.toPrecision(digits));
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size >= 1e6 || size < 1e-4) return value.toExponential(1).replace("-", "−").replace("e+", "e");
    const decimals = Math.max(0, Math.min(6, digits - 1 - Math.floor(Math.log10(size))));
    return value.toFixed(decimals).replace("-", "−");
  };
  const fixed = (value, decimals) => (Number.isFinite(value) ? value.toFixed(decimals).replace("-", "−") : "–");
  const integer = (value) => (Number.isFinite(value) ? Math.round(value).toLocaleString("en-US") : "–");
  const bytes = (value) => {
    if (!Number.isFinite(value)) return "–";
    const units = ["B", "kB", "MB", "GB", "TB"];
    let power = 0;
    while (value >= 1000 && power < units.length - 1) {
      value /= 1000;
      power += 1;
    }
    return `${power === 0 ? value : value.toPrecision(3)} ${units[power]}`;
  };
  const seconds = (value) => {
    if (!Number.isFinite(value)) return "–";
    if (value > 0 && value < 0.000995) return `${(value * 1e6).toPrecision(3)} µs`;
    if (value < 0.0995) return `${(value * 1000).toFixed(value < 0.00995 ? 1 : 0)} ms`;
    if (value < 0.9995) return `${Math.round(value * 1000)} ms`;
    if (value < 99.5) return `${value.toPrecision(3)} s`;
    return `${Math.round(value)} s`;
  };

  document.addEventListener("DOMContentLoaded", bindTheme);
  return {
    stored,
    store,
    element,
    svg,
    byId,
    announce,
    copy,
    Failure,
    failureOf,
    authorization,
    send,
    json,
    EventParser,
    stream,
    number,
    fixed,
    integer,
    bytes,
    seconds,
  };
})();
