"""The report for people."""

from records import OUTCOMES


def text(document: dict) -> str:
    """What was done, how it went, and the verdict last."""
    growth = document["growth"]
    lines = [
        f"{document['requests']} requests in {document['seconds']} s on {document['machine']['processor']}, {document['machine']['cores']} cores",
        "", f"{'':24}" + "".join(f"{outcome:>10}" for outcome in OUTCOMES) + "   first token: p50/p95/p99     total: p50/p95/p99, s",
    ]
    for kind, numbers in document["kinds"].items():
        counts = "".join(f"{numbers['outcomes'].get(outcome, 0) or '':>10}" for outcome in OUTCOMES)
        lines.append(f"{kind:24}{counts}   {times(numbers['first_token_seconds']):24}   {times(numbers['total_seconds'])}")
        lines.append(f"{'':26}" + " ".join(f"{status}×{count}" for status, count in numbers["statuses"].items()))
    lines += [""] + [f"{what}: {count}" for what, count in document["counted"].items()]
    if document["client_lateness_seconds"]:
        lines.append(f"the clients' own lateness, p50/p95/p99: {times(document['client_lateness_seconds'])} s, at most {document['client_lateness_seconds']['max']:.3f}")
    lines += ["", "rests:", f"{'s':>7}{'requests':>10}{'MiB':>9}{'no file':>9}{'fds':>5}{'threads':>9}{'load':>7}"]
    for rest in growth["rests"]:
        lines.append(
            f"{rest['at']:7.0f}{rest['requests']:10}{rest['rss'] / 2**20:9.1f}{rest['anonymous'] / 2**20:9.1f}{rest['descriptors']:5}"
            f"{rest['threads']:9}{rest['load_average']:7.1f}"
        )
    for name in ("memory", "anonymous"):
        if name in growth:
            lines.append(f"{name}: {growth[name]['by_last']:+.2%} from the first rest after the warm-up to the last, by the trend {growth[name]['by_trend']:+.2%}")
    if document["log"]:
        lines += ["", "the server's log, but for information:"] + [f"{count:7}  {line}" for line, count in document["log"].items()]
    for loss in document["losses"][:20]:
        lines.append(f"lost, {loss['kind']}, after {loss['at']} s: {loss['reason'][:500]}")
    lines += ["", *(f"WRONG: {problem}" for problem in document["problems"]), "failed" if document["problems"] else "passed"]
    return "\n".join(lines)


def times(summary: dict | None) -> str:
    return "" if summary is None else "/".join(f"{summary[name]:.3f}" for name in ("p50", "p95", "p99"))
