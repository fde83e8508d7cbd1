"use strict";

// Reads Prometheus' text format, and turns counters and histograms into what people ask for.
const Metrics = (() => {
  const number = (text) => ({ "+Inf": Infinity, "-Inf": -Infinity })[text] ?? Number(text);

  // The samples of a text: [{name, labels, value}]. Lines that are none are left out.
  const parse = (text) => {
    const samples = [];
    for (const line of text.split("\n")) {
      if (line === "" || line.startsWith("#")) continue;
      const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0];
      if (!name) continue;
      let rest = line.slice(name.length);
      const labels = {};
      if (rest.startsWith("{")) {
        const label = /\s*,?\s*([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/y;
        label.lastIndex = 1;
        let end = 1;
        for (let match = label.exec(rest); match; match = label.exec(rest)) {
          labels[match[1]] = match[2].replace(/\\(.)/g, (_, escaped) => (escaped === "n" ? "\n" : escaped));
          end = label.lastIndex;
        }
        rest = rest.slice(rest.indexOf("}", end) + 1);
      }
      const value = number(rest.trim().split(/\s+/)[0]);
      if (!Number.isNaN(value)) samples.push({ name, labels, value });
    }
    return samples;
  };

  // One reading of all metrics.
  class Reading {
    constructor(text, at) {
      this.at = at;
      this.byName = new Map();
      for (const sample of parse(text)) {
        if (!this.byName.has(sample.name)) this.byName.set(sample.name, []);
        this.byName.get(sample.name).push(sample);
      }
    }

    samples(name, labels = {}) {
      return (this.byName.get(name) ?? []).filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value));
    }

    // The sum over all label sets; NaN where there is none.
    sum(name, labels) {
      const samples = this.samples(name, labels);
      return samples.length > 0 ? samples.reduce((sum, sample) => sum + sample.value, 0) : NaN;
    }

    // The cumulative buckets of a histogram, added up over its other labels: [[upper bound, count]].
    buckets(name, labels) {
      const counts = new Map();
      for (const { labels: own, value } of this.samples(`${name}_bucket`, labels)) {
        counts.set(number(own.le), (counts.get(number(own.le)) ?? 0) + value);
      }
      return [...counts].sort(([a], [b]) => a - b);
    }
  }

  // How much a counter grew, a restart included: a counter that fell began anew.
  const growth = (before, after) => (after >= before ? after - before : after);

  const minus = (after, before) => {
    const earlier = new Map(before);
    const isReset = after.some(([bound, count]) => count < (earlier.get(bound) ?? 0));
    return isReset ? after : after.map(([bound, count]) => [bound, count - (earlier.get(bound) ?? 0)]);
  };

  // The value that a part of the observations lie below, from within its bucket.
  const quantile = (buckets, part) => {
    const total = buckets.at(-1)?.[1] ?? 0;
    if (!(total > 0)) return NaN;
    const rank = part * total;
    let [low, below] = [0, 0];
    for (const [high, count] of buckets) {
      if (count >= rank) return Number.isFinite(high) ? low + (high - low) * (count > below ? (rank - below) / (count - below) : 1) : low;
      [low, below] = [high, count];
    }
    return low;
  };

  return { parse, Reading, growth, minus, quantile };
})();
