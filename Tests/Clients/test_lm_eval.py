"""lm-eval's local-completions against a running server, on a task of this folder: nothing is fetched."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from support import ServerCase

TASKS = pathlib.Path(__file__).parent / "tasks"


class EvaluationTests(ServerCase):
    def score_by_hand(self, context, choice):
        """The log-probability of a continuation, token after token, by what is told of tokens as they are generated.

        The harness reads the prompt's log-probabilities by `echo`; this is the other way through the engine.
        """
        def encode(text):
            return self.server.post("/tokenize", {"prompt": text, "add_special_tokens": False})["tokens"]
        # As the harness splits it: white space goes with the continuation.
        whole, start = encode(context + choice), encode(context)
        total, is_greedy = 0.0, True
        for place in range(len(start), len(whole)):
            answer = self.server.post("/v1/completions", {
                "model": "smollm2", "prompt": whole[:place], "max_tokens": 1, "temperature": 0, "logprobs": 1, "ignore_eos": True,
                "logit_bias": {str(whole[place]): 100},
            })
            logprobs = answer["choices"][0]["logprobs"]
            total += logprobs["token_logprobs"][0]
            is_greedy = is_greedy and logprobs["token_logprobs"][0] == max(logprobs["top_logprobs"][0].values())
        return total, is_greedy

    def test_the_score_is_the_engine_s(self):
        documents = [json.loads(line) for line in (TASKS / "capitals.jsonl").read_text().splitlines()]
        right, right_by_length = 0, 0
        expected = []
        for document in documents:
            scores = [self.score_by_hand(document["question"], " " + choice)[0] for choice in document["choices"]]
            expected.append(scores)
            right += scores.index(max(scores)) == document["answer"]
            lengths = [score / len(choice) for score, choice in zip(scores, document["choices"])]
            right_by_length += lengths.index(max(lengths)) == document["answer"]
        results = self.run_harness("capitals", limit=None)
        found = results["results"]["capitals"]
        self.assertAlmostEqual(found["acc,none"], right / len(documents), places=9)
        self.assertAlmostEqual(found["acc_norm,none"], right_by_length / len(documents), places=9)
        self.assertGreater(right, len(documents) // 2, "the default model knows capitals")
        for sample, scores in zip(sorted(results["samples"], key=lambda sample: sample["doc_id"]), expected):
            logged = [float(entry[0][0]) for entry in sample["resps"]]
            for one, other in zip(logged, scores):
                self.assertAlmostEqual(one, other, delta=2e-3)

    def run_harness(self, task, limit):
        with tempfile.TemporaryDirectory() as folder:
            environment = dict(os.environ, HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_HOME=folder, HF_DATASETS_CACHE=folder + "/d")
            run = subprocess.run(
                [
                    sys.executable, "-m", "lm_eval", "run", "--model", "local-completions", "--model_args",
                    f"model=smollm2,base_url={self.server.url}/v1/completions,num_concurrent=4,max_retries=2",
                    "--batch_size", "2", "--tasks", task, "--include_path", str(TASKS), "--output_path", folder + "/out", "--log_samples",
                ],
                cwd=TASKS, env=environment, capture_output=True, text=True, timeout=600,
            )
            self.assertEqual(run.returncode, 0, run.stderr[-4000:])
            results = json.loads(next(pathlib.Path(folder, "out").rglob("results_*.json")).read_text())
            samples = next(pathlib.Path(folder, "out").rglob("samples_*.jsonl")).read_text().splitlines()
            results["samples"] = [json.loads(line) for line in samples]
            return results


if __name__ == "__main__":
    unittest.main()
