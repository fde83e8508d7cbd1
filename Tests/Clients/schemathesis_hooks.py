"""What JSON Schema cannot say of the interface: requests that shall be accepted name what this server has, and ask for little."""

import ast
import json
import pathlib
import threading
import time

import requests
import schemathesis
from schemathesis.generation import GenerationMode

VOCABULARY = 49152
FILE = pathlib.Path(__file__).parents[2] / "Config/heads/sentiment.safetensors"
HEADS = ("positivity", "harmlessness", "sentiment")


# Before Python 3.11.8 two threads that parse at once may fail with a SystemError (CPython's issue 106905), and Hypothesis parses lambdas to name them.
parsing = threading.RLock()
parse = ast.parse


def parse_alone(*arguments, **options):
    with parsing:
        return parse(*arguments, **options)


ast.parse = parse_alone


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    return value if isinstance(value, bytes) else str(value).encode()


def post(case, path, **arguments):
    answer = requests.post(case.operation.base_url + path, timeout=60, **arguments)
    answer.raise_for_status()
    return answer.json()


def a_file(case):
    """A file of a batch's lines."""
    line = {"custom_id": "a", "method": "POST", "url": "/v1/completions", "body": {"model": "smollm2", "prompt": "x", "max_tokens": 1}}
    return post(case, "/v1/files", data={"purpose": "batch"}, files={"file": ("in.jsonl", json.dumps(line))})["id"]


def a_batch(case, finished):
    """A batch, and where that is asked for one that has ended."""
    batch = post(case, "/v1/batches", json={
        "input_file_id": a_file(case), "endpoint": "/v1/completions", "completion_window": "24h",
    })["id"]
    while finished and requests.get(f"{case.operation.base_url}/v1/batches/{batch}", timeout=60).json()["status"] != "completed":
        time.sleep(0.05)
    return batch


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    # What is asked for by its id is there.
    if case.operation.path.startswith("/v1/files/"):
        case.path_parameters["id"] = a_file(case)
    elif case.operation.path.startswith("/v1/batches/"):
        case.path_parameters["id"] = a_batch(case, finished=not case.operation.path.endswith("/cancel"))
    elif case.operation.path == "/v1/batches" and isinstance(case.body, dict):
        case.body["input_file_id"] = a_file(case)
        case.body.pop("output_expires_after", None)
    # A page begins behind something that is in the list.
    if case.query:
        case.query.pop("after", None)
    if case.operation.method.upper() == "PUT":
        case.body = FILE.read_bytes()
    elif isinstance(case.body, dict):
        case.body = fitting(case.body, case.operation.path)


def fitting(body, path):
    body = dict(body)
    if body.get("model") is not None:
        body["model"] = "smollm2"
    for name in ("prompt", "input", "tokens"):
        if name in body:
            body[name] = known(body[name])
    if isinstance(body.get("dimensions"), (int, float)):
        body["dimensions"] = min(body["dimensions"], 576)
    if body.get("logit_bias"):
        body["logit_bias"] = {str(int(token) % VOCABULARY): bias for token, bias in body["logit_bias"].items()}
    if not path.startswith("/v1/c"):
        return body
    # A choice of any number of prompts is refused where they cannot all wait at once.
    if isinstance(body.get("prompt"), list):
        body["prompt"] = body["prompt"][:8]
    # An answer of a format takes some tokens at least.
    least = 4 if body.get("response_format") else 1
    for name in ("max_tokens", "max_completion_tokens"):
        if body.get(name) is not None:
            body[name] = min(max(body[name], least), 8)
    if body.get("max_tokens") is None:
        body["max_tokens"] = 8
    if body.get("response_format", None) and body["response_format"].get("json_schema"):
        body["response_format"] = {"type": "json_schema", "json_schema": {"schema": {"type": "boolean"}}}
    if body.get("control"):
        control = body["control"] = dict(body["control"])
        if control.get("head") is not None:
            control["head"] = HEADS[len(control["head"]) % len(HEADS)]
        if control.get("heads") is not None:
            control["heads"] = [dict(head, name=HEADS[index % len(HEADS)]) for index, head in enumerate(control["heads"][:3])]
            for head in control["heads"]:
                if head.get("weight") is not None:
                    head["weight"] = max(-4, min(4, head["weight"]))
        # Values that leave the finite numbers end a generation with an error of its own.
        for name, most in (("step_size", 4), ("regularization", 0.01)):
            if control.get(name) is not None:
                control[name] = min(control[name], most)
    if body.get("capture"):
        body["capture"] = {"to": 1, "site": "layer.3"}
    if body.get("stream_options") is not None:
        body["stream"] = True
    if body.get("top_logprobs") is not None:
        body["logprobs"] = True
    if body.get("best_of") is not None:
        body["best_of"] = None if body.get("stream") else max(body["best_of"], body.get("n") or 1)
    return body


def known(value):
    """Tokens of the vocabulary in the place of any."""
    if isinstance(value, bool) or not isinstance(value, (int, float, list)):
        return value
    return [known(entry) for entry in value[:64]] if isinstance(value, list) else int(value) % VOCABULARY
