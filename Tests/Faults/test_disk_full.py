"""A disk that is full: what is said, what is left, and how it goes on once there is room again."""

import json
import os
import pathlib
import shutil
import time
import unittest

from support import TINY_MODEL, TINY_WIDTH, MountCase, eventually, make_head, sha256

MODEL = ["--model", f"tiny={TINY_MODEL}"]


def files(folder):
    """Every file and folder below a folder, with the sizes of files."""
    return {str(path.relative_to(folder)): path.stat().st_size if path.is_file() else None for path in pathlib.Path(folder).rglob("*")}


class FullRegistryTests(MountCase):
    def test_uploads_are_refused_leave_nothing_and_succeed_once_there_is_room(self):
        disk = self.mount("disk", 2)
        # The log is on the full disk, too: that disturbs nobody.
        server = self.server(registry__directory=f"{disk}/heads", log=f"{disk}/log")
        first, second = make_head(self.random, 64), make_head(self.random, 512)
        self.assertEqual(server.ask("PUT", "/admin/v1/heads/first", first)[0], 201)
        for leaving in (0, 4096, 20_000):
            ballast = self.fill(disk, leaving=leaving)
            before = files(f"{disk}/heads")
            for name in ("first", "other"):
                status, body = server.ask("PUT", f"/admin/v1/heads/{name}", second)
                self.assertEqual(status, 507, body)
                self.assert_clear(json.loads(body), "room")
            after = files(f"{disk}/heads")
            # An empty folder of a new name, and empty claims of versions that come to nothing, are no versions.
            left = {name: size for name, size in after.items() if name not in before and size}
            self.assertEqual(left, {}, "something was left behind")
            self.assertEqual([head["name"] for head in server.get("/admin/v1/heads")[1]["data"]], ["first"])
            self.assertEqual(server.ask("GET", "/admin/v1/heads/first?download")[1], first)
            status, answer = server.post(
                "/v1/completions", {"model": "tiny", "prompt": "a", "max_tokens": 4, "control": {"head": "first", "steps": 2}}
            )
            self.assertEqual(status, 200, answer)
            os.unlink(ballast)
        for name in ("first", "other"):
            status, body = server.ask("PUT", f"/admin/v1/heads/{name}", second)
            self.assertIn(status, (200, 201), body)
            self.assertEqual(json.loads(body)["sha256"], sha256(second))
            self.assertEqual(server.ask("GET", f"/admin/v1/heads/{name}?download")[1], second)
        self.assertEqual(server.stop(), 0)

    def test_a_removal_needs_no_room(self):
        disk = self.mount("disk", 1)
        server = self.server(registry__directory=f"{disk}/heads")
        self.assertEqual(server.ask("PUT", "/admin/v1/heads/first", make_head(self.random, 64))[0], 201)
        self.fill(disk)
        status, body = server.ask("DELETE", "/admin/v1/heads/first")
        self.assertEqual(status, 200, body)
        self.assertEqual(server.get("/admin/v1/heads")[1]["data"], [])

    def test_a_server_starts_on_a_full_disk_that_it_has_used_before(self):
        disk = self.mount("disk", 1)
        settings = {"registry__directory": f"{disk}/heads", "batches__directory": f"{disk}/batches"}
        server = self.server(**settings)
        head = make_head(self.random, 64)
        self.assertEqual(server.ask("PUT", "/admin/v1/heads/first", head)[0], 201)
        server.stop()
        self.fill(disk)
        server = self.server(**settings)
        self.assertEqual(server.ask("GET", "/admin/v1/heads/first?download"), (200, head))

    def test_a_new_folder_on_a_full_disk_is_a_clear_error_at_the_start(self):
        disk = self.mount("disk", 1, names=1)
        self.fill(disk)
        for key in ("registry__directory", "batches__directory"):
            settings = {"registry__directory": f"{self.folder}/heads", "batches__directory": f"{self.folder}/batches", key: f"{disk}/new"}
            run = self.run_program("serve", *MODEL, "--port", 0, settings=settings, timeout=20)
            self.assertEqual(run.returncode, 1, run.stderr)
            self.assertIn("No space left on device", run.stderr)
            self.assertIn(f"{disk}/new", run.stderr)


class FullBatchesTests(MountCase):
    def requests(self, count, max_tokens=16):
        lines = []
        for line in range(1, count + 1):
            body = {"model": "tiny", "prompt": f"{line}", "max_tokens": max_tokens, "seed": line}
            lines.append(json.dumps({"custom_id": f"{line}", "method": "POST", "url": "/v1/completions", "body": body}))
        return ("\n".join(lines) + "\n").encode()

    def test_uploads_are_refused_leave_nothing_and_succeed_once_there_is_room(self):
        disk = self.mount("disk", 2)
        server = self.server(batches__directory=f"{disk}/batches", log=f"{disk}/log")
        first = self.requests(10)
        status, file = server.upload(first)
        self.assertEqual(status, 200)
        large = self.requests(4000)
        for leaving in (0, 8192, 300_000):
            ballast = self.fill(disk, leaving=leaving)
            before = files(f"{disk}/batches")
            status, answer = server.upload(large)
            self.assertEqual(status, 507, answer)
            self.assert_clear(answer, "room")
            self.assertEqual(files(f"{disk}/batches"), before, "something was left behind")
            self.assertEqual(server.ask("GET", f"/v1/files/{file['id']}/content"), (200, first))
            if leaving == 0:
                status, answer = server.post("/v1/batches", self.batch_of(file))
                self.assertEqual(status, 507, answer)
            self.assertEqual(server.get("/v1/batches")[1]["data"], [])
            os.unlink(ballast)
        status, answer = server.upload(large)
        self.assertEqual(status, 200, answer)
        self.assertEqual(server.ask("GET", f"/v1/files/{answer['id']}/content"), (200, large))
        status, answer = server.post("/v1/batches", self.batch_of(file))
        self.assertEqual(status, 200, answer)
        self.assertTrue(eventually(lambda: server.get(f"/v1/batches/{answer['id']}")[1]["status"] == "completed"))

    def batch_of(self, file):
        return {"input_file_id": file["id"], "endpoint": "/v1/completions", "completion_window": "24h"}

    def test_a_batch_waits_for_room_and_then_ends_with_each_line_answered_once(self):
        disk = self.mount("disk", 4)
        count = 300
        for leaving in (0, 10_000, 40_000):
            log = f"{self.folder}/log{leaving}"
            server = self.server(batches__directory=f"{disk}/batches", log=log)
            status, file = server.upload(self.requests(count, max_tokens=64))
            self.assertEqual(status, 200, file)
            status, batch = server.post("/v1/batches", self.batch_of(file))
            self.assertEqual(status, 200, batch)
            ballast = self.fill(disk, leaving=leaving)
            self.assertTrue(eventually(lambda: "held up" in server.log()), server.log()[-2000:])
            self.assertIn("No space left on device", server.log())
            status, waiting = server.get(f"/v1/batches/{batch['id']}")
            self.assertEqual(status, 200)
            self.assertIn(waiting["status"], ("validating", "in_progress", "finalizing"))
            self.assertEqual(server.post("/v1/completions", {"model": "tiny", "prompt": "a", "max_tokens": 4})[0], 200)
            spent, since = server.processor_seconds(), time.monotonic()
            time.sleep(2)
            spent = (server.processor_seconds() - spent) / (time.monotonic() - since)
            self.assertLess(spent, 0.5, "a batch that waits for room keeps a processor busy")
            os.unlink(ballast)
            ended = eventually(lambda: (lambda now: now["status"] == "completed" and now)(server.get(f"/v1/batches/{batch['id']}")[1]), 60)
            self.assertTrue(ended, server.log()[-2000:])
            status, content = server.ask("GET", f"/v1/files/{ended['output_file_id']}/content")
            found = sorted(int(json.loads(line)["custom_id"]) for line in content.splitlines())
            self.assertEqual(found, list(range(1, count + 1)))
            held = server.log().count("held up")
            self.note(f"{leaving} bytes left: {waiting['request_counts']['completed']} of {count} lines counted while full, "
                      f"{held} lines of log say that it is held up, {100 * spent:.0f} % of a processor meanwhile")
            self.assertEqual(server.stop(), 0)


class FullLearningTests(MountCase):
    def setUp(self):
        super().setUp()
        self.prompts = f"{self.folder}/prompts.jsonl"
        with open(self.prompts, "w", encoding="utf-8") as file:
            file.writelines(json.dumps({"prompt": f"Prompt {number}"}) + "\n" for number in range(80))

    def rollouts(self, out):
        return self.run_program("rollouts", "--prompts", self.prompts, *MODEL, "--samples", 4, "--max-tokens", 24, "--raw", "--out", out)

    def assert_full(self, run):
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("No space left on device", run.stderr)
        self.assertLess(len(run.stderr.strip().splitlines()), 4, run.stderr)

    def samples(self, folder):
        """The rollouts of a folder with the bytes of their states, wherever those are."""
        found = []
        for line in pathlib.Path(folder, "rollouts.jsonl").read_text("utf-8").splitlines():
            rollout = json.loads(line)
            content = pathlib.Path(folder, f"states-{rollout.pop('shard'):05}.safetensors").read_bytes()
            start = 8 + int.from_bytes(content[:8], "little") + 2 * TINY_WIDTH * rollout.pop("row")
            found.append((rollout, content[start:start + 2 * TINY_WIDTH * len(rollout["tokens"])]))
        return found

    def test_rollouts_end_with_an_error_and_go_on_once_there_is_room(self):
        disk = self.mount("disk", 4)
        whole = f"{self.folder}/whole"
        self.assertEqual(self.rollouts(whole).returncode, 0)
        expected = {path.name: path.read_bytes() for path in pathlib.Path(whole).iterdir()}
        for leaving in (0, 2_000, 60_000, 215_000, 500_000):
            out = f"{disk}/out{leaving}"
            ballast = self.fill(disk, leaving=leaving)
            self.assert_full(self.rollouts(out))
            for path in pathlib.Path(out).glob("*"):
                if path.name == "rollouts.jsonl":
                    self.assertTrue(expected[path.name].startswith(path.read_bytes()))
                else:
                    self.assertEqual(path.read_bytes(), expected.get(path.name), f"{path.name} is there and not whole")
            os.unlink(ballast)
            run = self.rollouts(out)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual(self.samples(out), self.samples(whole))
            shutil.rmtree(out)

    def test_labels_end_with_an_error_and_go_on_once_there_is_room(self):
        disk = self.mount("disk", 4)
        self.assertEqual(self.rollouts(f"{disk}/out").returncode, 0)
        label = ["label", f"{disk}/out", "--reward", "length", *MODEL]
        for leaving in (0, 4096):
            ballast = self.fill(disk, leaving=leaving)
            self.assert_full(self.run_program(*label))
            os.unlink(ballast)
            run = self.run_program(*label)
            self.assertEqual(run.returncode, 0, run.stderr)
            rewards = [json.loads(line) for line in pathlib.Path(disk, "out/rewards.jsonl").read_text("utf-8").splitlines()]
            self.assertEqual([reward["index"] for reward in rewards[1:]], list(range(320)))
            os.unlink(f"{disk}/out/rewards.jsonl")

    def test_training_ends_with_an_error_and_leaves_the_head_that_was_there(self):
        disk = self.mount("disk", 4)
        rollouts = f"{self.folder}/rollouts"
        self.assertEqual(self.rollouts(rollouts).returncode, 0)
        self.assertEqual(self.run_program("label", rollouts, "--reward", "length", *MODEL).returncode, 0)
        train = ["train", rollouts, "--hidden", 256, "--name", "head", "--epochs", 3, "--out"]
        self.assertEqual(self.run_program(*train, f"{self.folder}/whole").returncode, 0)
        new = pathlib.Path(self.folder, "whole/head.safetensors").read_bytes()
        old = make_head(self.random, 64)
        for leaving in (0, 20_000, 400_000):
            out = f"{disk}/out{leaving}"
            os.mkdir(out)
            pathlib.Path(out, "head.safetensors").write_bytes(old)
            ballast = self.fill(disk, leaving=leaving)
            self.assert_full(self.run_program(*train, out))
            self.assertEqual(pathlib.Path(out, "head.safetensors").read_bytes(), old)
            self.assertEqual([name for name in os.listdir(out) if name.endswith(".tmp")], [])
            os.unlink(ballast)
            run = self.run_program(*train, out)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual(pathlib.Path(out, "head.safetensors").read_bytes(), new)


if __name__ == "__main__":
    unittest.main()
