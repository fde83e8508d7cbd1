"use strict";

// From the numbers of single tokens to shades and means.
const Measures = (() => {
  const { number, fixed, integer, seconds } = Rudder;

  // What tokens can be coloured by.
  const by = {
    value: (trace) => trace.value_after,
    norm: (trace) => trace.norm,
    kl: (trace) => trace.kl ?? NaN,
  };

  // The range of all tokens of both answers, and each token's shade in it: a step from -6 to 6, null for none.
  const scale = (name, traces) => {
    const of = by[name];
    let [low, high] = [Infinity, -Infinity];
    for (const trace of traces) {
      const value = of(trace);
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const isKnown = low <= high;
    // Values are low or high by where they lie between the ends; moves are small or large, from none on.
    const isDiverging = name === "value";
    if (!isDiverging) low = 0;
    const shade = (trace) => {
      const value = of(trace);
      if (!Number.isFinite(value) || !(high > low)) return null;
      const part = (value - low) / (high - low);
      return isDiverging ? Math.round(12 * part - 6) : Math.round(6 * part);
    };
    return { isKnown, isDiverging, low, high, shade };
  };

  const mean = (traces, of) => {
    let [sum, count] = [0, 0];
    for (const trace of traces) {
      const value = of(trace);
      if (!Number.isFinite(value)) continue;
      sum += value;
      count += 1;
    }
    return count > 0 ? sum / count : NaN;
  };

  // An answer's rows of the summary. `part` is how it came: startedAt, firstAt, lastAt, count, ending.
  const summary = (traces, part, isMoved) => {
    const time = part && part.count > 1 ? (part.lastAt - part.firstAt) / 1000 : NaN;
    const moved = (of) => (isMoved ? number(mean(traces, of)) : "–");
    return {
      "Mean value before": number(mean(traces, (trace) => trace.value_before)),
      "Mean value after": moved(by.value),
      "Norm ‖u‖/‖h‖": moved(by.norm),
      "KL, nats": moved(by.kl),
      Tokens: part?.count ? integer(part.count) : "–",
      "Tokens a second": time > 0 ? fixed((part.count - 1) / time, 1) : "–",
      "First token": part?.firstAt ? seconds((part.firstAt - part.startedAt) / 1000) : "–",
      Ended: part?.ending ?? "–",
    };
  };

  return { by, scale, summary };
})();
