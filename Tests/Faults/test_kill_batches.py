"""SIGKILL while files are uploaded and batches run."""

import collections
import http.client
import json
import pathlib
import threading
import time
import unittest

from support import FaultCase, kills, slowed_calls


class Job(threading.Thread):
    """Uploads a file, makes a batch of it, and watches that until the server is gone or the batch has ended."""

    def __init__(self, server, source, lines):
        super().__init__(daemon=True)
        self.server = server
        self.content = make_input(source, lines)
        self.lines = lines
        self.file = None
        self.batch = None
        # The most answers that were counted, and the last status that was told.
        self.counted = 0
        self.status = None
        self.refused = None

    def run(self):
        try:
            status, answer = self.server.upload(self.content)
            if status != 200:
                self.refused = (status, answer)
                return
            self.file = answer["id"]
            status, answer = self.server.post(
                "/v1/batches", {"input_file_id": self.file, "endpoint": "/v1/completions", "completion_window": "24h"}
            )
            if status != 200:
                self.refused = (status, answer)
                return
            self.batch = answer["id"]
            while self.status != "completed":
                status, answer = self.server.get(f"/v1/batches/{self.batch}")
                if status != 200:
                    self.refused = (status, answer)
                    return
                counts = answer["request_counts"]
                self.counted, self.status = counts["completed"] + counts["failed"], answer["status"]
                time.sleep(0.02)
        except (OSError, http.client.HTTPException):
            pass


def make_input(source, lines):
    """Requests, of which each ninth is refused when its turn comes."""
    requests = []
    for line in range(1, lines + 1):
        body = {"model": "tiny", "prompt": f"{source.random()}", "max_tokens": source.choice([4, 16, 64]), "seed": line, "temperature": 1}
        if line % 9 == 0:
            body["temperature"] = 9
        requests.append(json.dumps({"custom_id": f"line {line}", "method": "POST", "url": "/v1/completions", "body": body}))
    return ("\n".join(requests) + "\n").encode()


class KillBatchTests(FaultCase):
    def test_each_line_of_a_batch_is_answered_once_however_often_the_server_is_killed(self):
        tally, at_kill = collections.Counter(), collections.Counter()
        count = kills(30)
        slowed = slowed_calls()
        # Kills fall anywhere in the time that it takes, and a little after it.
        lengths = {False: self.length(()), True: self.length(slowed)}
        jobs, moments, statuses = [], collections.Counter(), collections.Counter()
        for cycle in range(count):
            is_slowed = cycle % 2 == 1
            server = self.server(wrapper=slowed if is_slowed else ())
            job = Job(server, self.random, 400)
            jobs.append(job)
            job.start()
            # What the last kill left goes on beside the new one.
            moment = self.random.uniform(0, 1.1)
            moments[min(3, int(4 * moment))] += 1
            time.sleep(moment * lengths[is_slowed])
            server.kill()
            job.join(60)
            self.assertIsNone(job.refused)
            at_kill[self.stage(job)] += 1
            kept = self.kept_results()
            statuses.update(self.statuses(known.batch for known in jobs))
            for known in jobs:
                if known.batch:
                    found = len(kept.get(known.batch, ()))
                    ended = pathlib.Path(self.folder, "batches/files", f"file-{known.batch.removeprefix('batch_')}-output").exists()
                    self.assertTrue(ended or found >= known.counted, f"{known.counted} results were counted, {found} are on the disk")
            if cycle % 3 == 2 or cycle == count - 1:
                server = self.server()
                for known in jobs:
                    self.check(server, known, kept.get(known.batch, {}), tally)
                self.assertEqual(list(pathlib.Path(self.folder, "batches/incoming").iterdir()), [])
                self.assertEqual(server.stop(), 0)
                jobs = []
        self.note(f"{count} kills, {tally['batches']} batches of {tally['lines']} lines, all answered once; "
                  f"{tally['kept']} results kept as they were before a kill; the client was last told, at the kills: {dict(at_kill)}; "
                  f"batches on the disk were: {dict(statuses)}; kills by quarters of {lengths[False]:.2f} s "
                  f"(slowed {lengths[True]:.2f} s): {[moments[quarter] for quarter in range(4)]}")
        self.assertGreater(at_kill["in progress"], count / 4)

    def length(self, wrapper):
        """How long a job takes that is not killed."""
        server = self.server(wrapper=wrapper)
        job = Job(server, self.random, 400)
        begin = time.monotonic()
        job.start()
        job.join(120)
        length = time.monotonic() - begin
        self.assertEqual(job.status, "completed")
        self.check(server, job, {}, collections.Counter())
        server.stop()
        return length

    def stage(self, job):
        """How far a job was."""
        if not job.file:
            return "upload"
        if not job.batch:
            return "batch asked for"
        return (job.status or "batch made").replace("_", " ")

    def statuses(self, batches):
        """What batches are, by what is on the disk."""
        for batch in filter(None, batches):
            path = pathlib.Path(self.folder, "batches/batches", batch, "batch.json")
            yield json.loads(path.read_bytes())["status"].replace("_", " ")

    def kept_results(self):
        """The whole lines on the disk of results of batches that have not ended, by batch and id."""
        kept = {}
        for path in pathlib.Path(self.folder, "batches/batches").glob("*/*/content"):
            for line in path.read_bytes().splitlines(keepends=True):
                if line.endswith(b"\n"):
                    kept.setdefault(path.parts[-3], {})[json.loads(line)["custom_id"]] = line
        return kept

    def check(self, server, job, kept, tally):
        if job.file:
            status, content = server.ask("GET", f"/v1/files/{job.file}/content")
            self.assertEqual((status, content), (200, job.content), "an acknowledged file is not what was uploaded")
            tally["files"] += 1
        if not job.batch:
            return
        end = time.monotonic() + 120
        while True:
            status, batch = server.get(f"/v1/batches/{job.batch}")
            self.assertEqual(status, 200, f"an acknowledged batch is lost: {batch}")
            self.assertNotIn(batch["status"], ("failed", "cancelled"), batch)
            if batch["status"] == "completed" or time.monotonic() > end:
                break
            time.sleep(0.05)
        self.assertEqual(batch["status"], "completed")
        expected = {f"line {line}" for line in range(1, job.lines + 1)}
        refused = {f"line {line}" for line in range(9, job.lines + 1, 9)}
        results = {}
        for key, names, status in [("output_file_id", expected - refused, 200), ("error_file_id", refused, 400)]:
            code, content = server.ask("GET", f"/v1/files/{batch[key]}/content")
            self.assertEqual(code, 200)
            self.assertTrue(content.endswith(b"\n"), "the last line is cut off")
            lines = content.splitlines(keepends=True)
            found = [json.loads(line) for line in lines]
            self.assertEqual(sorted(result["custom_id"] for result in found), sorted(names))
            self.assertEqual({result["response"]["status_code"] for result in found}, {status})
            results.update((result["custom_id"], line) for result, line in zip(found, lines))
        for name, line in kept.items():
            self.assertEqual(results[name], line, "a result that was there before the kill is another now")
        self.assertEqual(batch["request_counts"], {"total": job.lines, "completed": len(expected - refused), "failed": len(refused)})
        tally.update(batches=1, lines=job.lines, kept=len(kept))


if __name__ == "__main__":
    unittest.main()
