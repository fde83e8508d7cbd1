"""SIGKILL while rollouts are sampled and labelled, and while value functions are trained."""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import unittest

from support import PROGRAM, ROOT, TINY_MODEL, FaultCase, clean_environment, kills, slowed_calls

TEMPORARY = re.compile(r".*\.\d+\.\d+\.tmp")


class LearningCase(FaultCase):
    model = ["--model", f"tiny={TINY_MODEL}"]

    def setUp(self):
        super().setUp()
        self.moments = collections.Counter()
        self.slowed = slowed_calls()

    def prompts(self, count):
        path = f"{self.folder}/prompts.jsonl"
        with open(path, "w", encoding="utf-8") as file:
            for number in range(count):
                file.write(json.dumps({"id": f"{number}", "prompt": f"Prompt {number}: {self.random.random()}"}) + "\n")
        return path

    def succeed(self, *arguments):
        run = self.run_program(*arguments)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run

    def time(self, *arguments, wrapper=()):
        begin = time.monotonic()
        run = subprocess.run([*wrapper, PROGRAM, *map(str, arguments)], cwd=ROOT, env=clean_environment({}), capture_output=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return time.monotonic() - begin

    def kill(self, length, *arguments, wrapper=()):
        """Runs the program and kills it somewhere in the time that it takes; False where it had ended already."""
        process = subprocess.Popen(
            [*wrapper, PROGRAM, *map(str, arguments)], cwd=ROOT, env=clean_environment({}), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        moment = self.random.uniform(0, 1)
        time.sleep(moment * length)
        process.kill()
        is_killed = process.wait() < 0
        if is_killed:
            self.moments[int(4 * moment)] += 1
        return is_killed

    def quarters(self):
        return [self.moments[quarter] for quarter in range(4)]

    def content(self, folder):
        """A folder's files, without what killed writers left beside them."""
        return {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir() if not TEMPORARY.fullmatch(path.name)}


class KillRolloutTests(LearningCase):
    def test_rollouts_go_on_to_what_an_undisturbed_run_gives(self):
        command = ["rollouts", "--prompts", self.prompts(160), *self.model, "--samples", 4, "--max-tokens", 24, "--raw", "--out"]
        lengths = [self.time(*command, f"{self.folder}/whole"), self.time(*command, f"{self.folder}/slow", wrapper=self.slowed)]
        whole = self.content(f"{self.folder}/whole")
        self.assertEqual(self.content(f"{self.folder}/slow"), whole)
        count, killed, shares, left = kills(15), 0, [], 0
        for cycle in range(count):
            out = f"{self.folder}/out{cycle}"
            # Some are killed more than once.
            for attempt in range(1 + cycle % 3):
                wrapper = self.slowed if (cycle + attempt) % 2 else ()
                killed += self.kill(lengths[(cycle + attempt) % 2], *command, out, wrapper=wrapper)
                shares.append(self.check_part(out, whole))
            left += any(TEMPORARY.fullmatch(name) for name in os.listdir(out)) if os.path.isdir(out) else 0
            self.succeed(*command, out)
            self.assertEqual(self.content(out), whole, "what was interrupted ended as something else")
        indices = [json.loads(line)["index"] for line in whole["rollouts.jsonl"].splitlines()]
        self.assertEqual(indices, list(range(640)))
        middle = sum(1 for share in shares if 0 < share < 1)
        self.note(f"{killed} kills in {count} runs of {lengths[0]:.2f} s (slowed {lengths[1]:.2f} s), by quarters of it {self.quarters()}; "
                  f"{middle} with part of the rollouts finished; {left} folders with a half-written file beside; "
                  f"all {count} equal to the undisturbed run, byte for byte")
        self.assertGreater(middle, count / 4)

    def check_part(self, out, whole):
        """What is there is the beginning of the whole; returns how much of it."""
        if not os.path.isdir(out):
            return 0
        for name, content in self.content(out).items():
            if name == "rollouts.jsonl":
                self.assertTrue(whole[name].startswith(content))
                for line in content.splitlines(keepends=True):
                    if line.endswith(b"\n"):
                        shard = f"states-{json.loads(line)['shard']:05}.safetensors"
                        self.assertTrue(os.path.exists(f"{out}/{shard}"), f"a line has no states: {shard}")
            else:
                self.assertEqual(content, whole[name], f"{name} is there and not whole")
        lines = pathlib.Path(out, "rollouts.jsonl")
        return lines.stat().st_size / len(whole["rollouts.jsonl"]) if lines.exists() else 0

    def test_rewards_go_on_where_they_were(self):
        self.succeed("rollouts", "--prompts", self.prompts(100), *self.model, "--samples", 4, "--max-tokens", 8, "--raw", "--out",
                     f"{self.folder}/out")
        reward = "command:while read line; do echo ${#line}; done"
        command = ["label", f"{self.folder}/out", "--reward", reward, *self.model]
        length = self.time(*command)
        path = pathlib.Path(self.folder, "out/rewards.jsonl")
        whole = path.read_bytes()
        count, killed, middle = kills(5), 0, 0
        for _ in range(count):
            path.unlink()
            killed += self.kill(length, *command)
            part = path.read_bytes() if path.exists() else b""
            self.assertTrue(whole.startswith(part))
            middle += 0 < len(part) < len(whole)
            self.succeed(*command)
            self.assertEqual(path.read_bytes(), whole)
        self.note(f"{killed} kills of {length:.2f} s, {middle} with part of the rewards written; all ended as undisturbed")


class KillTrainingTests(LearningCase):
    def test_a_head_is_the_old_one_or_the_new_one_and_training_goes_on(self):
        rollouts = f"{self.folder}/rollouts"
        self.succeed("rollouts", "--prompts", self.prompts(160), *self.model, "--samples", 4, "--max-tokens", 24, "--raw", "--out", rollouts)
        self.succeed("label", rollouts, "--reward", "length", *self.model)
        train = ["train", rollouts, "--hidden", 256, "--name", "head", "--epochs", 5, "--patience", 5]
        old = self.head(*train, "--seed", 1)
        commands = [[*train, "--seed", 2], [*train, "--seed", 2, "--advantages", *self.model]]
        lengths = [[self.time(*command, "--out", f"{self.folder}/timed{slow}{number}", wrapper=self.slowed if slow else ())
                    for slow in (0, 1)] for number, command in enumerate(commands)]
        new = [pathlib.Path(self.folder, f"timed0{number}/head.safetensors").read_bytes() for number in (0, 1)]
        count, killed, outcome = kills(15), 0, collections.Counter()
        for cycle in range(count):
            number, slow = cycle % 2, cycle // 2 % 2
            out = f"{self.folder}/out{cycle}"
            os.mkdir(out)
            pathlib.Path(out, "head.safetensors").write_bytes(old)
            for _ in range(1 + cycle % 2):
                killed += self.kill(lengths[number][slow], *commands[number], "--out", out, wrapper=self.slowed if slow else ())
                head = pathlib.Path(out, "head.safetensors").read_bytes()
                self.assertIn(head, (old, new[number]), "a head is neither the old one nor the new one")
                outcome["new head" if head == new[number] else "old head"] += 1
                outcome["went on from a whole epoch"] += os.path.exists(f"{out}/training.partial")
                outcome["half-written file beside"] += any(TEMPORARY.fullmatch(name) for name in os.listdir(out))
            self.check_served(out)
            self.succeed(*commands[number], "--out", out)
            self.assertEqual(pathlib.Path(out, "head.safetensors").read_bytes(), new[number], "training went on to something else")
            json.loads(pathlib.Path(out, "training.json").read_bytes())
            self.assertFalse(os.path.exists(f"{out}/training.partial"))
            shutil.rmtree(out)
        self.note(f"{killed} kills in {count} trainings of {lengths[0][0]:.2f} to {lengths[1][1]:.2f} s, by quarters of it {self.quarters()}; "
                  f"{dict(outcome)}; all {count} ended as the undisturbed ones, byte for byte")
        self.assertGreater(outcome["old head"], 0)

    def head(self, *command):
        self.succeed(*command, "--out", f"{self.folder}/old")
        return pathlib.Path(self.folder, "old/head.safetensors").read_bytes()

    def check_served(self, folder):
        """Of a folder that a killed training left, a server offers the head alone."""
        server = self.server(registry__bundled_heads=folder)
        self.assertEqual([head["id"] for head in server.get("/v1/heads")[1]["data"]], ["head"])
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
