"use strict";

// What went wrong with an answer, and what can be done about it.
class Problem {
  static #titles = {
    busy: "The server is busy",
    token: "The server does not accept the API key",
    unavailable: "The server takes no requests now",
    network: "No connection to the server",
    interrupted: "The answer broke off",
    invalid: "The server refused the request",
    server: "The server failed",
    page: "Something went wrong",
  };
  #box;
  #countdown = 0;

  constructor(box) {
    this.#box = box;
  }

  hide() {
    clearInterval(this.#countdown);
    this.#box.hidden = true;
  }

  // help: retry(); key and useKey(key); fieldOf(param); canComplete and complete(), to go on without a chat template.
  show(failure, help) {
    const { element } = Rudder;
    clearInterval(this.#countdown);
    const isAsked = failure.kind === "token" && help.key === "";
    const actions = element("div", { class: "actions" });
    const button = (text, onclick, name = "") =>
      actions.append(element("button", { type: "button", class: `secondary ${name}`, text, onclick }));
    if (failure.kind === "token") this.#askForKey(actions, help, button);
    else if (failure.kind !== "invalid") button("Try again", help.retry, "retry");
    else if (help.canComplete && failure.param === "model" && /chat template/.test(failure.message)) {
      button("Complete it as text", help.complete);
    } else if (help.fieldOf(failure.param)) button("Show the field", () => Problem.#showField(help.fieldOf(failure.param)));
    if (failure.retryAfter !== null && (failure.kind === "busy" || failure.kind === "unavailable")) {
      this.#count(actions, failure.retryAfter);
    }
    this.#box.replaceChildren(
      element("h3", { text: isAsked ? "The server asks for an API key" : Problem.#titles[failure.kind] }),
      element("p", { text: failure.message }),
      ...(failure.param ? [element("p", { class: "quiet" }, "Field ", element("code", { text: failure.param }))] : []),
      // By this the server's log names the request.
      ...(failure.requestID ? [element("p", { class: "quiet" }, "Request ", element("code", { text: failure.requestID }))] : []),
      actions,
    );
    this.#box.hidden = false;
  }

  #askForKey(actions, help, button) {
    const input = Rudder.element("input", {
      type: "password",
      "aria-label": "API key",
      placeholder: "API key",
      autocomplete: "off",
      spellcheck: "false",
    });
    input.value = help.key;
    const take = () => help.useKey(input.value.trim());
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) take();
    });
    actions.append(input);
    button("Use and try again", take);
  }

  // Counts the seconds down that the server suggests to wait; who does not want to wait need not.
  #count(actions, seconds) {
    const wait = Rudder.element("span", { class: "quiet wait" });
    actions.append(wait);
    let left = seconds;
    const tell = () => {
      wait.textContent = left > 0 ? `The server suggests to wait ${left} s.` : "It may take requests again.";
    };
    tell();
    this.#countdown = setInterval(() => {
      left -= 1;
      tell();
      if (left <= 0) clearInterval(this.#countdown);
    }, 1000);
  }

  static #showField(field) {
    field.closest("details")?.setAttribute("open", "");
    field.scrollIntoView({ block: "center" });
    (field.matches("input, textarea, select") ? field : field.querySelector("input"))?.focus();
  }
}
