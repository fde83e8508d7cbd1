"use strict";

// The value functions of the server: who they are, and for those who may, upload, download and removal.
(() => {
  const { byId, element, bytes, stored, store, announce, failureOf } = Rudder;
  let heads = [];
  let isAdmin = false;
  let file = null;
  let isBusy = false;
  const open = new Map();

  const adminToken = () => stored("sessionStorage", "rudder.adminToken") ?? "";
  const apiKey = () => stored("sessionStorage", "rudder.apiKey") ?? "";
  const path = (name) => `admin/v1/heads/${encodeURIComponent(name)}`;

  // MARK: What came of it

  const tell = (text, isBad = false) => {
    const result = byId("result");
    result.textContent = text;
    result.classList.toggle("is-bad", isBad);
    result.hidden = text === "";
  };
  // A refused token is asked for again; everything else is said.
  const fail = (failure) => {
    if (failure.kind === "token") showGate(failure);
    tell(failure.message, true);
  };

  // MARK: Access

  const showGate = (failure) => {
    isAdmin = false;
    byId("gate").hidden = false;
    byId("upload").hidden = true;
    const hasToken = adminToken() !== "";
    byId("gate-text").textContent = failure.status === 401 && failure.code !== "malformed_token"
      ? hasToken ? "This token is not the server's admin token." : "To upload or remove value functions, give the server's admin token."
      : failure.message;
    byId("gate").classList.toggle("is-bad", hasToken || failure.status === 403);
    byId("gate").querySelector(".actions").hidden = failure.status === 403;
    byId("access").textContent = "read only";
    byId("forget").hidden = !hasToken;
  };
  const showAdmin = () => {
    isAdmin = true;
    byId("gate").hidden = true;
    byId("upload").hidden = false;
    byId("access").textContent = adminToken() ? "signed in by token" : "open on this machine";
    byId("forget").hidden = adminToken() === "";
  };

  // The server asks for an API key, and this user's is none, or may not be used.
  const showKeyGate = (failure) => {
    byId("key-gate").hidden = failure === null;
    if (failure === null) return;
    const hasKey = apiKey() !== "";
    byId("key-gate-text").textContent = failure.status === 401 && failure.code !== "malformed_token"
      ? hasKey
        ? "This API key is none of the server's."
        : "The server asks for an API key. Give yours to see the value functions that you may use."
      : failure.message;
    byId("key-gate").classList.toggle("is-bad", hasKey);
  };

  // MARK: The list

  const load = async () => {
    let refusal = null;
    try {
      heads = (await Rudder.json("v1/heads", { token: apiKey() })).data;
    } catch (failure) {
      if (failure.kind !== "token") {
        byId("head-list").replaceChildren(element("li", { class: "empty", text: failure.message }));
        return;
      }
      heads = [];
      refusal = failure;
    }
    try {
      // The same list; whether it is answered tells whether this user may change it.
      heads = (await Rudder.json("admin/v1/heads", { token: adminToken() })).data;
      showAdmin();
      // Whoever may change all of them need not ask for those of a key.
      refusal = null;
    } catch (failure) {
      if (failure.kind === "token") showGate(failure);
      else tell(failure.message, true);
    }
    showKeyGate(refusal);
    byId("head-list").hidden = refusal !== null;
    show();
  };

  const day = (time) => {
    const date = new Date(time * 1000);
    return Number.isFinite(date.getTime()) ? date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }) : "–";
  };
  const item = (head) => {
    const { metadata } = head;
    const facts = [
      metadata.reward ? `reward ${metadata.reward}` : null,
      head.site,
      `${head.hidden_size} numbers`,
      `${head.layers} layers`,
      bytes(head.bytes),
      head.bundled ? "comes with the server" : null,
    ].filter(Boolean).join(" · ");
    const versions = element("div", { class: "versions" });
    const details = element(
      "details",
      {},
      element("summary", {}, isAdmin ? "Card and versions" : "Card", element("span", { class: "offscreen", text: ` of ${head.name}` })),
      versions,
    );
    details.open = open.get(head.name) ?? false;
    details.addEventListener("toggle", () => {
      open.set(head.name, details.open);
      if (details.open) fill(head, versions);
    });
    if (details.open) fill(head, versions);
    const buttons = isAdmin
      ? [
        element("button", {
          type: "button",
          class: "secondary small",
          "aria-label": `Upload a new version of ${head.name}`,
          text: "New version…",
          onclick: () => choose(head.name),
        }),
        element("button", {
          type: "button",
          class: "secondary small",
          "aria-label": `Download ${head.name}, version ${head.version}`,
          text: "Download",
          onclick: (event) => download(head.name, head.version, event.target),
        }),
        head.bundled ? null : element("button", {
          type: "button",
          class: "secondary small danger",
          "aria-label": `Remove ${head.name}`,
          text: "Remove…",
          onclick: () => remove(head.name),
        }),
      ].filter(Boolean)
      : [];
    return element(
      "li",
      { class: "head-item", "data-name": head.name },
      element(
        "div",
        { class: "head-line" },
        element(
          "div",
          { class: "head-who" },
          element("h3", { text: head.name }),
          element("span", { class: "head-version", text: `version ${head.version}` }),
          element("p", { class: "quiet", text: facts }),
        ),
        element("div", { class: "actions" }, buttons),
      ),
      element("p", {
        class: "quiet",
        text: head.steers.length > 0 ? `Steers ${head.steers.join(", ")}` : "Steers none of the loaded models",
      }),
      head.warning ? element("p", { class: "warning", text: head.warning }) : null,
      details,
    );
  };
  const show = () => {
    const list = byId("head-list");
    if (heads.length === 0) {
      list.replaceChildren(
        element("li", {
          class: "empty",
          text: isAdmin ? "No value functions yet. Upload the first one above." : "No value functions yet.",
        }),
      );
    } else {
      list.replaceChildren(...heads.map(item));
    }
  };
  const fill = async (head, box) => {
    const rows = Object.entries(head.metadata).filter(([, value]) => value !== "" && value !== "null");
    const card = element(
      "dl",
      { class: "metadata" },
      [["sha256", head.sha256], ...rows].map(([name, value]) =>
        element("div", {}, element("dt", { text: name }), element("dd", { text: value }))
      ),
    );
    box.replaceChildren(card);
    if (!isAdmin) return;
    let versions;
    try {
      versions = (await Rudder.json(path(head.name), { token: adminToken() })).data;
    } catch (failure) {
      return fail(failure);
    }
    const table = element(
      "table",
      { class: "data" },
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          ["Version", "Uploaded", "Size", "SHA-256", ""].map((name) =>
            element(name ? "th" : "td", name ? { scope: "col", text: name } : {})
          ),
        ),
      ),
      element(
        "tbody",
        {},
        versions.map((version) =>
          element(
            "tr",
            {},
            element("th", { scope: "row", text: String(version.version) }),
            element("td", { text: day(version.created) }),
            element("td", { text: bytes(version.bytes) }),
            element("td", {}, element("code", { text: version.sha256.slice(0, 12), title: version.sha256 })),
            element(
              "td",
              {},
              element("button", {
                type: "button",
                class: "plain small",
                "aria-label": `Download ${head.name}, version ${version.version}`,
                text: "Download",
                onclick: (event) => download(head.name, version.version, event.target),
              }),
            ),
          )
        ),
      ),
    );
    box.replaceChildren(element("div", { class: "scroll" }, table), card);
  };

  // MARK: Actions

  const download = async (name, version, button) => {
    button.disabled = true;
    try {
      const response = await Rudder.send(`${path(name)}?version=${version}&download`, { token: adminToken() });
      const url = URL.createObjectURL(await response.blob());
      const link = element("a", { href: url, download: `${name}-${version}.safetensors`, hidden: true });
      document.body.append(link);
      link.click();
      link.remove();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (failure) {
      fail(failure);
    }
    button.disabled = false;
    button.focus();
  };

  // fetch tells no progress of an upload; XMLHttpRequest does.
  const put = (name, content, isPacked) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("PUT", path(name));
      if (adminToken()) request.setRequestHeader("Authorization", Rudder.authorization(adminToken()));
      if (isPacked) request.setRequestHeader("Content-Encoding", "gzip");
      const progress = byId("progress");
      progress.value = 0;
      progress.hidden = false;
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) progress.value = event.loaded / event.total;
      };
      request.onloadend = () => {
        progress.hidden = true;
      };
      request.onerror = () =>
        reject(new Rudder.Failure("network", "The upload broke off: the server cannot be reached, or it refused the file's size."));
      request.onload = () => {
        if (request.status >= 200 && request.status < 300) {
          try {
            resolve({ isNew: request.status === 201, description: JSON.parse(request.responseText) });
          } catch {
            reject(new Rudder.Failure("network", "The answer is not the server's. Is there a proxy between?"));
          }
        } else reject(failureOf(request.status, request.responseText, request.getResponseHeader("Retry-After")));
      };
      request.send(content);
    });

  const upload = async (name, content) => {
    if (isBusy) return tell("Another upload is under way. Try again when it is done.", true);
    isBusy = true;
    tell("");
    byId("upload-button").disabled = true;
    try {
      const { isNew, description } = await put(name, content, content.name.endsWith(".gz"));
      open.set(description.name, true);
      await load();
      const steers = description.steers.length > 0 ? `It steers ${description.steers.join(", ")}.` : "It steers none of the loaded models.";
      tell(
        `${description.name}@${description.version} is there${isNew ? "" : ", as a new version"}. ${steers}${
          description.warning ? ` ${description.warning}` : ""
        }`,
      );
      if (content === file) {
        setFile(null);
        byId("upload-name").value = "";
      }
    } catch (failure) {
      fail(failure);
    }
    isBusy = false;
    setFile(file);
  };

  const choose = (name) => {
    const picker = byId("version-file");
    picker.value = "";
    picker.onchange = () => {
      if (picker.files[0]) upload(name, picker.files[0]);
    };
    picker.click();
  };

  const remove = (name) => {
    const dialog = byId("confirm");
    byId("confirm-title").textContent = `Remove ${name}?`;
    byId("confirm-text").textContent = [
      `All versions of ${name} are deleted from the server.`,
      "Requests that name it are refused from then on; those that run keep it to their end.",
    ].join(" ");
    dialog.returnValue = "cancel";
    dialog.onclose = async () => {
      if (dialog.returnValue === "remove") {
        try {
          await Rudder.send(path(name), { method: "DELETE", token: adminToken() });
          open.delete(name);
          await load();
          tell(
            heads.some((head) => head.name === name)
              ? `The uploaded versions of ${name} are gone; the one that comes with the server is offered again.`
              : `${name} was removed.`,
          );
        } catch (failure) {
          fail(failure);
        }
      }
      (byId("head-list").querySelector(`[data-name="${CSS.escape(name)}"] .danger`) ?? byId("heads-title")).focus();
    };
    dialog.showModal();
  };

  const setFile = (chosen) => {
    file = chosen;
    const text = byId("drop-text");
    if (file) text.replaceChildren(element("b", { text: file.name }), ` ${bytes(file.size)}`);
    else text.replaceChildren(element("b", { text: "Choose a safetensors file" }), " or drop it here");
    byId("drop").classList.toggle("has-file", file !== null);
    if (file && byId("upload-name").value.trim() === "") {
      byId("upload-name").value = file.name.replace(/\.gz$/, "").replace(/\.safetensors$/, "").replace(/[^A-Za-z0-9._-]+/g, "-").replace(
        /^[^A-Za-z0-9]+/,
        "",
      ).slice(0, 64);
    }
    if (!file) byId("file").value = "";
    byId("upload-button").disabled = isBusy || !file || byId("upload-name").value.trim() === "";
  };

  // MARK: Wiring

  byId("file").addEventListener("change", () => setFile(byId("file").files[0] ?? null));
  byId("upload-name").addEventListener("input", () => setFile(file));
  byId("upload").addEventListener("submit", (event) => {
    event.preventDefault();
    if (file) upload(byId("upload-name").value.trim(), file);
  });
  const drop = byId("drop");
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("is-over");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("is-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) setFile(event.dataTransfer.files[0]);
  });
  byId("gate").addEventListener("submit", (event) => {
    event.preventDefault();
    store("sessionStorage", "rudder.adminToken", byId("admin-token").value.trim());
    byId("admin-token").value = "";
    tell("");
    load().then(() => (isAdmin ? announce("The token is accepted") : byId("admin-token").focus()));
  });
  byId("key-gate").addEventListener("submit", (event) => {
    event.preventDefault();
    store("sessionStorage", "rudder.apiKey", byId("api-key").value.trim());
    byId("api-key").value = "";
    tell("");
    load().then(() => (byId("key-gate").hidden ? announce("The API key is accepted") : byId("api-key").focus()));
  });
  byId("forget").addEventListener("click", () => {
    store("sessionStorage", "rudder.adminToken", null);
    load();
  });
  document.addEventListener("rudder:back", () => (isBusy ? null : load()));
  document.addEventListener("visibilitychange", () => (document.hidden || isBusy ? null : load()));
  load();
})();
