"""Folders that cannot be written to: what is said, what goes on, and that it works again once they can."""

import contextlib
import json
import os
import pathlib
import unittest

from support import TINY_MODEL, MountCase, eventually, make_head

MODEL = ["--model", f"tiny={TINY_MODEL}"]
NOBODY = 65534
INPUT = b'{"custom_id": "a", "method": "POST", "url": "/v1/completions", "body": {"model": "tiny", "prompt": "a", "max_tokens": 4}}\n'


class ReadOnlyDiskTests(MountCase):
    def test_a_registry_that_becomes_read_only_is_served_on_and_taken_up_again(self):
        disk = self.mount("disk", 4)
        server = self.server(registry__directory=f"{disk}/heads")
        first, second = make_head(self.random, 64), make_head(self.random, 64)
        self.assertEqual(server.ask("PUT", "/admin/v1/heads/first", first)[0], 201)
        self.remount(disk, writable=False)
        for name in ("first", "second"):
            status, body = server.ask("PUT", f"/admin/v1/heads/{name}", second)
            self.assertEqual(status, 503, body)
            self.assert_clear(json.loads(body), "read-only")
        status, body = server.ask("DELETE", "/admin/v1/heads/first")
        self.assertEqual(status, 503, body)
        self.assert_clear(json.loads(body), "read-only")
        self.assertEqual(server.ask("GET", "/admin/v1/heads/first?download"), (200, first))
        request = {"model": "tiny", "prompt": "a", "max_tokens": 4, "control": {"head": "first", "steps": 2}}
        self.assertEqual(server.post("/v1/completions", request)[0], 200)
        self.assertEqual(server.get("/ready")[0], 200)
        self.remount(disk, writable=True)
        self.assertEqual(server.ask("PUT", "/admin/v1/heads/second", second)[0], 201)
        self.assertEqual(server.ask("PUT", "/admin/v1/heads/first", second)[0], 200)
        self.assertEqual(server.ask("DELETE", "/admin/v1/heads/first")[0], 200)

    def test_a_registry_that_was_used_before_is_served_read_only(self):
        disk = self.mount("disk", 4)
        server = self.server(registry__directory=f"{disk}/heads")
        head = make_head(self.random, 64)
        self.assertEqual(server.ask("PUT", "/admin/v1/heads/first", head)[0], 201)
        server.stop()
        self.remount(disk, writable=False)
        server = self.server(registry__directory=f"{disk}/heads")
        self.assertEqual(server.ask("GET", "/admin/v1/heads/first?download"), (200, head))
        self.assertEqual(server.ask("PUT", "/admin/v1/heads/first", head)[0], 503)
        self.remount(disk, writable=True)
        self.assertEqual(server.ask("PUT", "/admin/v1/heads/first", head)[0], 200)

    def test_folders_that_cannot_be_made_or_used_are_a_clear_error_at_the_start(self):
        disk = self.mount("disk", 4)
        os.mkdir(f"{disk}/used")
        self.remount(disk, writable=False)
        for key in ("registry__directory", "batches__directory"):
            for folder in ("new", "new/below", "used"):
                settings = {"registry__directory": f"{self.folder}/heads", "batches__directory": f"{self.folder}/batches"}
                settings[key] = f"{disk}/{folder}"
                run = self.run_program("serve", *MODEL, "--port", 0, settings=settings, timeout=20)
                self.assertEqual(run.returncode, 1, run.stderr)
                self.assertIn(f"{disk}/{folder.split('/')[0]}", run.stderr)
                self.assertRegex(run.stderr, "(?i)read-only")
                self.assertEqual(len([line for line in run.stderr.splitlines() if line.startswith("Error")]), 1, run.stderr)

    def test_what_learning_writes_is_a_clear_error(self):
        disk = self.mount("disk", 4)
        prompts = f"{self.folder}/prompts.jsonl"
        pathlib.Path(prompts).write_text('{"prompt": "a"}\n', "utf-8")
        rollouts = ["rollouts", "--prompts", prompts, *MODEL, "--max-tokens", 4, "--raw", "--out"]
        self.assertEqual(self.run_program(*rollouts, f"{disk}/rollouts").returncode, 0)
        self.remount(disk, writable=False)
        for command in ([*rollouts, f"{disk}/new"], ["label", f"{disk}/rollouts", "--reward", "length"], ["train", f"{disk}/rollouts", "--out", f"{disk}/head"]):
            run = self.run_program(*command)
            self.assertEqual(run.returncode, 1, run.stderr)
            self.assertIn(disk, run.stderr)
            self.assertIn("Read-only file system", run.stderr)


class ForbiddenFolderTests(MountCase):
    """Folders of another user's."""

    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o755)
        for name in ("heads", "batches"):
            os.mkdir(f"{self.folder}/{name}")
        if os.geteuid() == 0:
            for name in ("heads", "batches"):
                os.chown(f"{self.folder}/{name}", NOBODY, NOBODY)
        pathlib.Path(self.folder, "log").touch()
        self.user = NOBODY if os.geteuid() == 0 else None

    def forbid(self, name):
        """Takes the right to write to a folder and those in it away, until what is returned ends."""
        folders = [path for path in [pathlib.Path(self.folder, name), *pathlib.Path(self.folder, name).rglob("*")] if path.is_dir()]
        modes = [path.stat().st_mode for path in folders]
        for path in folders:
            path.chmod(0o555)
        restored = contextlib.ExitStack()
        for path, mode in zip(folders, modes):
            restored.callback(path.chmod, mode)
        return restored

    def test_a_registry_that_may_not_be_written_to_is_served_on_and_taken_up_again(self):
        server = self.server(user=self.user)
        first, second = make_head(self.random, 64), make_head(self.random, 64)
        self.assertEqual(server.ask("PUT", "/admin/v1/heads/first", first)[0], 201)
        with self.forbid("heads"):
            for name in ("first", "second"):
                status, body = server.ask("PUT", f"/admin/v1/heads/{name}", second)
                self.assertEqual(status, 503, body)
                self.assert_clear(json.loads(body), "read-only")
            self.assertEqual(server.ask("GET", "/admin/v1/heads/first?download"), (200, first))
        for name in ("first", "second"):
            self.assertIn(server.ask("PUT", f"/admin/v1/heads/{name}", second)[0], (200, 201))
        self.assertEqual(server.ask("GET", "/admin/v1/heads/first?download"), (200, second))

    def test_files_and_batches_that_may_not_be_written_are_read_on_and_taken_up_again(self):
        server = self.server(user=self.user)
        status, file = server.upload(INPUT)
        self.assertEqual(status, 200)
        batch = {"input_file_id": file["id"], "endpoint": "/v1/completions", "completion_window": "24h"}
        with self.forbid("batches"):
            for status, answer in (server.upload(INPUT), server.post("/v1/batches", batch)):
                self.assertEqual(status, 503, answer)
                self.assert_clear(answer, "read-only")
            self.assertEqual(server.ask("GET", f"/v1/files/{file['id']}/content"), (200, INPUT))
            self.assertEqual(len(server.get("/v1/files")[1]["data"]), 1)
            self.assertEqual(server.ask("DELETE", f"/v1/files/{file['id']}")[0], 503)
        self.assertEqual(server.upload(INPUT)[0], 200)
        status, batch = server.post("/v1/batches", batch)
        self.assertEqual(status, 200)
        self.assertTrue(eventually(lambda: server.get(f"/v1/batches/{batch['id']}")[1]["status"] == "completed"))

    def test_a_batch_that_runs_waits_until_it_may_write_again(self):
        server = self.server(user=self.user)
        lines = b"".join(INPUT.replace(b'"a"', b'"%d"' % line, 1).replace(b": 4}", b": 512}") for line in range(200))
        status, file = server.upload(lines)
        self.assertEqual(status, 200)
        status, batch = server.post("/v1/batches", {"input_file_id": file["id"], "endpoint": "/v1/completions", "completion_window": "24h"})
        self.assertEqual(status, 200)
        with self.forbid("batches"):
            self.assertTrue(eventually(lambda: "held up" in server.log()))
            self.assertIn(server.get(f"/v1/batches/{batch['id']}")[1]["status"], ("validating", "in_progress", "finalizing"))
        ended = eventually(lambda: (lambda now: now["status"] == "completed" and now)(server.get(f"/v1/batches/{batch['id']}")[1]), 90)
        self.assertTrue(ended, server.log()[-2000:])
        content = server.ask("GET", f"/v1/files/{ended['output_file_id']}/content")[1]
        self.assertEqual(sorted(int(json.loads(line)["custom_id"]) for line in content.splitlines()), list(range(200)))

    def test_folders_of_others_are_a_clear_error_at_the_start(self):
        for name in ("heads", "batches"):
            with self.forbid(name):
                run = self.run_program(
                    "serve", *MODEL, "--port", 0, timeout=20, user=self.user,
                    settings={"registry__directory": f"{self.folder}/heads", "batches__directory": f"{self.folder}/batches"},
                )
                self.assertEqual(run.returncode, 1, run.stderr)
                self.assertIn(f"{self.folder}/{name}", run.stderr)
                self.assertRegex(run.stderr, "(?i)permission")


if __name__ == "__main__":
    unittest.main()
