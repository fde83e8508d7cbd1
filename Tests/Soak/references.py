"""What requests are answered, made comparable: the same request has to be answered the same, alone or under load, whole or as a stream."""

import json

from wire import Lost


def control_part(control: dict | None) -> dict | None:
    """What a head did, without the time that it took and without the head's name, under which another content may stand by now."""
    if control is None:
        return None
    return {name: value for name, value in control.items() if name not in ("seconds", "heads", "head", "version")}


def reduced(document: dict) -> dict:
    """A whole completion or chat, without what differs from time to time."""
    choices = []
    for choice in document["choices"]:
        text = choice["message"]["content"] if "message" in choice else choice["text"]
        choices.append({
            "index": choice["index"], "text": text, "finish_reason": choice["finish_reason"],
            "logprobs": {name: values for name, values in (choice.get("logprobs") or {}).items() if values is not None} or None,
            "trace": choice.get("control_trace"), "capture": choice.get("capture"),
        })
    usage = {name: document["usage"][name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")}
    return {"choices": choices, "usage": usage, "control": control_part(document.get("control"))}


def joined(chunks: list[dict]) -> dict:
    """The same of a stream's chunks."""
    choices: dict[int, dict] = {}
    usage = control = None
    for chunk in chunks:
        usage = chunk.get("usage") or usage
        control = chunk.get("control") or control
        for part in chunk["choices"]:
            choice = choices.setdefault(part["index"], {
                "index": part["index"], "text": "", "finish_reason": None, "logprobs": None, "trace": None, "capture": None,
            })
            if choice["finish_reason"] is not None:
                raise Lost(f"choice {part['index']} goes on after its end")
            choice["text"] += (part["delta"].get("content") if "delta" in part else part.get("text")) or ""
            choice["finish_reason"] = part["finish_reason"]
            choice["capture"] = part.get("capture") or choice["capture"]
            if part.get("control_trace"):
                choice["trace"] = (choice["trace"] or []) + part["control_trace"]
            for name, values in (part.get("logprobs") or {}).items():
                if values is not None:
                    choice["logprobs"] = choice["logprobs"] or {}
                    choice["logprobs"][name] = choice["logprobs"].get(name, []) + values
    if usage is not None:
        usage = {name: usage[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")}
    ordered = [choices[index] for index in sorted(choices)]
    for choice in ordered:
        if choice["finish_reason"] is None:
            raise Lost(f"choice {choice['index']} does not end")
    return {"choices": ordered, "usage": usage, "control": control_part(control)}


class References:
    """The answers that were given before there was any load, by the names of their requests."""

    def __init__(self):
        self._known: dict[str, str] = {}

    @staticmethod
    def text(answer) -> str:
        return json.dumps(answer, sort_keys=True, ensure_ascii=False)

    def learn(self, name: str, answer) -> None:
        self._known[name] = self.text(answer)

    def check(self, name: str, answer) -> None:
        """Compares an answer, byte for byte, with the one that was given alone."""
        text, known = self.text(answer), self._known[name]
        if text != known:
            place = next((index for index, pair in enumerate(zip(text, known)) if pair[0] != pair[1]), min(len(text), len(known)))
            start = max(0, place - 60)
            raise Lost(f"'{name}' is answered …{text[start:place + 60]}…, but alone …{known[start:place + 60]}…")
