"use strict";

// The request as something to run elsewhere: by curl, and by OpenAI's Python client.
const Snippets = (() => {
  // Within single quotes a shell reads everything as it is but the single quote.
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

  // A key a line; what is within a key stays on its line.
  const jsonText = (body) => {
    const compact = (value) => {
      if (Array.isArray(value)) return `[${value.map(compact).join(", ")}]`;
      if (value && typeof value === "object") {
        return `{${Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${compact(inner)}`).join(", ")}}`;
      }
      return JSON.stringify(value);
    };
    const lines = Object.entries(body).map(([key, value]) => `  ${JSON.stringify(key)}: ${compact(value)}`);
    return `{\n${lines.join(",\n")}\n}`;
  };

  // JSON's strings and numbers are Python's, too.
  const literal = (value) => {
    if (value === null) return "None";
    if (value === true) return "True";
    if (value === false) return "False";
    if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
    if (typeof value === "object") {
      return `{${Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${literal(inner)}`).join(", ")}}`;
    }
    return JSON.stringify(value);
  };

  const curl = (url, body, { hasKey }) => {
    const lines = [`curl -N ${quoted(url)}`, `  -H 'Content-Type: application/json'`];
    if (hasKey) lines.push(`  -H "Authorization: Bearer $RUDDER_API_KEY"`);
    lines.push(`  -d ${quoted(jsonText(body))}`);
    return lines.join(" \\\n");
  };

  const python = (base, body, { hasKey, isChat }) => {
    const own = ["control"];
    const lines = Object.entries(body).filter(([key]) => !own.includes(key)).map(([key, value]) => `    ${key}=${literal(value)},`);
    const extra = Object.fromEntries(Object.entries(body).filter(([key]) => own.includes(key)));
    if (Object.keys(extra).length > 0) lines.push(`    extra_body=${literal(extra)},`);
    return [
      ...(hasKey ? ["import os", ""] : []),
      "from openai import OpenAI",
      "",
      `client = OpenAI(base_url=${literal(base)}, api_key=${hasKey ? 'os.environ["RUDDER_API_KEY"]' : '"none"'})`,
      `stream = client.${isChat ? "chat.completions" : "completions"}.create(`,
      ...lines,
      ")",
      "for chunk in stream:",
      "    for choice in chunk.choices:",
      `        print(${isChat ? 'choice.delta.content or ""' : "choice.text"}, end="", flush=True)`,
      "print()",
    ].join("\n");
  };

  return { curl, python, quoted };
})();
