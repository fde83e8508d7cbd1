"""OpenAI's own client, synchronous and asynchronous, against a running server."""

import asyncio
import json
import threading
import time
import unittest
from typing import Literal, Optional

import openai
import pydantic

from support import ServerCase

QUESTION = [{"role": "user", "content": "Name a fruit."}]


class Fruit(pydantic.BaseModel):
    name: str = pydantic.Field(min_length=1, max_length=12)
    colour: Literal["red", "green", "yellow"]
    weight: int = pydantic.Field(ge=1, le=2000)
    tags: list[str] = pydantic.Field(max_length=2)
    friend: Optional["Fruit"]


class SyncTests(ServerCase):
    def setUp(self):
        self.client = openai.OpenAI(base_url=self.server.url + "/v1", api_key="none")
        self.addCleanup(self.client.close)

    def test_chats_and_their_streams_say_the_same(self):
        options = dict(model="smollm2", messages=QUESTION, max_completion_tokens=12, seed=5, temperature=0.7)
        whole = self.client.chat.completions.create(**options)
        self.assertEqual(whole.choices[0].message.role, "assistant")
        self.assertEqual(whole.usage.total_tokens, whole.usage.prompt_tokens + whole.usage.completion_tokens)
        chunks = list(self.client.chat.completions.create(**options, stream=True, stream_options={"include_usage": True}))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        self.assertEqual(text, whole.choices[0].message.content)
        self.assertEqual(chunks[-1].usage.completion_tokens, whole.usage.completion_tokens)
        self.assertEqual({chunk.id for chunk in chunks}, {chunks[0].id})

    def test_log_probabilities_of_chats(self):
        answer = self.client.chat.completions.create(
            model="smollm2", messages=QUESTION, max_tokens=4, temperature=0, logprobs=True, top_logprobs=3
        )
        for token in answer.choices[0].logprobs.content:
            self.assertEqual(len(token.top_logprobs), 3)
            self.assertEqual(token.logprob, max(other.logprob for other in token.top_logprobs))

    def test_messages_of_several_parts(self):
        parts = [{"type": "text", "text": "Name a"}, {"type": "text", "text": "fruit."}]
        options = dict(model="smollm2", max_tokens=6, temperature=0)
        several = self.client.chat.completions.create(messages=[{"role": "user", "content": parts}], **options)
        one = self.client.chat.completions.create(messages=[{"role": "user", "content": "Name a\nfruit."}], **options)
        self.assertEqual(several.choices[0].message.content, one.choices[0].message.content)

    def test_a_steered_chat_reports_its_control(self):
        answer = self.client.chat.completions.create(
            model="smollm2", messages=QUESTION, max_tokens=8, extra_body={"control": {"head": "positivity"}}
        )
        self.assertGreater(answer.control["value_after"], answer.control["value_before"])

    def test_parsed_answers_are_of_the_class(self):
        for seed in range(6):
            answer = self.client.chat.completions.parse(
                model="smollm2", messages=QUESTION, response_format=Fruit, seed=seed, temperature=1.5, max_tokens=120
            )
            self.assertIsInstance(answer.choices[0].message.parsed, Fruit)
            self.assertEqual(answer.choices[0].finish_reason, "stop")

    def test_json_objects(self):
        answer = self.client.chat.completions.create(
            model="smollm2", messages=QUESTION, response_format={"type": "json_object"}, seed=1, max_tokens=40
        )
        self.assertIsInstance(json.loads(answer.choices[0].message.content), dict)

    def test_completions_in_every_form(self):
        options = dict(model="smollm2", max_tokens=4, temperature=0)
        texts = ["The capital of France is", "One, two,"]
        tokens = [self.server.post("/tokenize", {"content": text})["tokens"] for text in texts]
        answers = [
            [choice.text for choice in self.client.completions.create(prompt=prompt, **options).choices]
            for prompt in (texts, tokens)
        ]
        answers.append([self.client.completions.create(prompt=prompt, **options).choices[0].text for prompt in texts])
        answers.append([self.client.completions.create(prompt=prompt, **options).choices[0].text for prompt in tokens])
        self.assertEqual(answers, [answers[0]] * 4)

    def test_choices_echo_and_candidates(self):
        several = self.client.completions.create(model="smollm2", prompt="A", n=3, seed=2, max_tokens=5)
        self.assertEqual([choice.index for choice in several.choices], [0, 1, 2])
        self.assertGreater(len({choice.text for choice in several.choices}), 1)
        echo = self.client.completions.create(model="smollm2", prompt="Hello there", echo=True, max_tokens=0, logprobs=0)
        self.assertEqual(echo.choices[0].text, "Hello there")
        self.assertIsNone(echo.choices[0].logprobs.token_logprobs[0])
        self.assertEqual("".join(echo.choices[0].logprobs.tokens), "Hello there")
        best = self.client.completions.create(model="smollm2", prompt="A", best_of=4, n=1, seed=2, max_tokens=5)
        self.assertEqual(len(best.choices), 1)

    def test_embeddings_in_both_encodings(self):
        # The client asks for base64 by itself and unpacks it.
        packed = self.client.embeddings.create(model="smollm2", input=["a cat", "a kitten", "the stock market"], dimensions=64)
        plain = self.client.embeddings.create(model="smollm2", input="a cat", dimensions=64, encoding_format="float")
        self.assertEqual([len(entry.embedding) for entry in packed.data], [64, 64, 64])
        for one, other in zip(packed.data[0].embedding, plain.data[0].embedding):
            self.assertAlmostEqual(one, other, places=6)

    def test_batches_from_upload_to_results(self):
        lines = [
            {"custom_id": f"r{seed}", "method": "POST", "url": "/v1/chat/completions",
             "body": {"model": "smollm2" if seed else "nothing", "messages": QUESTION, "seed": seed, "max_tokens": 5}}
            for seed in range(6)
        ]
        content = "".join(json.dumps(line) + "\n" for line in lines).encode()
        file = self.client.files.create(file=("lines.jsonl", content), purpose="batch")
        self.assertEqual(self.client.files.content(file.id).read(), content)
        batch = self.client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
        deadline = time.monotonic() + 60
        while batch.status not in ("completed", "failed") and time.monotonic() < deadline:
            time.sleep(0.1)
            batch = self.client.batches.retrieve(batch.id)
        self.assertEqual((batch.status, batch.request_counts.completed, batch.request_counts.failed), ("completed", 5, 1))
        results = {}
        for line in self.client.files.content(batch.output_file_id).text.splitlines():
            result = json.loads(line)
            results[result["custom_id"]] = result["response"]["body"]["choices"][0]["message"]["content"]
        self.assertEqual(sorted(results), ["r1", "r2", "r3", "r4", "r5"])
        answer = self.client.chat.completions.create(model="smollm2", messages=QUESTION, seed=3, max_tokens=5)
        self.assertEqual(results["r3"], answer.choices[0].message.content)
        failed = json.loads(self.client.files.content(batch.error_file_id).text)
        self.assertEqual((failed["custom_id"], failed["response"]["status_code"]), ("r0", 404))
        self.assertIn(batch.id, [other.id for other in self.client.batches.list()])
        self.assertTrue(self.client.files.delete(file.id).deleted)

    def test_evaluations_line_by_line(self):
        lines = "".join(
            json.dumps({"id": seed, "messages": QUESTION, "seed": seed, "max_tokens": 8, "control": {"head": "positivity"}}) + "\n"
            for seed in range(4)
        )
        answer = self.client.post(
            "/evaluations?compare=base", cast_to=str, content=lines.encode(), options={"headers": {"Content-Type": "application/x-ndjson"}}
        )
        results = [json.loads(line) for line in answer.splitlines()]
        self.assertEqual(sorted(result["id"] for result in results[:-1]), [0, 1, 2, 3])
        entry = results[-1]["summary"]["control"]["positivity@1"]
        self.assertEqual(entry["wins"] + entry["ties"] + entry["losses"], 4)

    def test_models(self):
        self.assertEqual([model.id for model in self.client.models.list()], ["smollm2"])
        self.assertEqual(self.client.models.retrieve("smollm2").id, "smollm2")

    def test_errors_become_the_client_s_own(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            self.client.chat.completions.create(model="smollm2", messages=QUESTION, temperature=9)
        self.assertEqual(caught.exception.param, "temperature")
        self.assertTrue(caught.exception.request_id)
        with self.assertRaises(openai.NotFoundError) as caught:
            self.client.chat.completions.create(model="nothing", messages=QUESTION)
        self.assertEqual(caught.exception.code, "model_not_found")
        with self.assertRaises(openai.BadRequestError) as caught:
            self.client.completions.create(model="smollm2", prompt="x", suffix="y")
        self.assertEqual(caught.exception.param, "suffix")

    def test_a_stream_that_is_closed_ends_the_generation(self):
        with self.client.chat.completions.create(
            model="smollm2", messages=QUESTION, stream=True, max_tokens=2000, extra_body={"ignore_eos": True}
        ) as stream:
            next(iter(stream))
        deadline = time.monotonic() + 10
        while self.running() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual(self.running(), 0)

    def running(self):
        import urllib.request
        with urllib.request.urlopen(self.server.url + "/ready") as answer:
            return json.load(answer)["models"][0]["running"]


class AsyncTests(ServerCase):
    def test_many_at_once_answer_as_one_by_one(self):
        async def run():
            async with openai.AsyncOpenAI(base_url=self.server.url + "/v1", api_key="none") as client:
                async def ask(seed):
                    answer = await client.chat.completions.create(model="smollm2", messages=QUESTION, seed=seed, max_tokens=10)
                    return answer.choices[0].message.content
                together = await asyncio.gather(*(ask(seed) for seed in range(12)))
                return together, [await ask(seed) for seed in range(12)]
        together, alone = asyncio.run(run())
        self.assertEqual(together, alone)

    def test_streams(self):
        async def run():
            async with openai.AsyncOpenAI(base_url=self.server.url + "/v1", api_key="none") as client:
                stream = await client.chat.completions.create(model="smollm2", messages=QUESTION, max_tokens=8, stream=True)
                return [chunk async for chunk in stream]
        chunks = asyncio.run(run())
        self.assertIn(chunks[-1].choices[0].finish_reason, ("stop", "length"))


class BusyTests(ServerCase):
    settings = {"limits__running": 1, "limits__queued": 0}

    def test_the_client_retries_where_the_server_is_busy(self):
        patient = openai.OpenAI(base_url=self.server.url + "/v1", api_key="none", max_retries=10)
        hasty = openai.OpenAI(base_url=self.server.url + "/v1", api_key="none", max_retries=0)
        self.addCleanup(patient.close)
        self.addCleanup(hasty.close)
        stream = hasty.chat.completions.create(
            model="smollm2", messages=QUESTION, stream=True, max_tokens=2000, extra_body={"ignore_eos": True}
        )
        next(iter(stream))
        with self.assertRaises(openai.RateLimitError) as caught:
            hasty.chat.completions.create(model="smollm2", messages=QUESTION, max_tokens=2)
        self.assertGreaterEqual(int(caught.exception.response.headers["retry-after"]), 1)
        threading.Timer(1.5, stream.close).start()
        answer = patient.chat.completions.create(model="smollm2", messages=QUESTION, max_tokens=2)
        self.assertTrue(answer.choices)


if __name__ == "__main__":
    unittest.main()
