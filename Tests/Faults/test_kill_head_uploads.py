"""SIGKILL while value functions are uploaded and removed."""

import collections
import http.client
import json
import os
import pathlib
import random
import statistics
import threading
import time
import unittest

from support import FaultCase, Server, kills, make_head, sha256, slowed_calls


class Upload:
    """One upload: what was sent and what came of it."""

    def __init__(self, name, content):
        self.name = name
        self.sha256 = sha256(content)
        self.begin = time.monotonic()
        self.end = None
        self.version = None


class Uploader(threading.Thread):
    """Uploads one new version after the other until the server is gone."""

    def __init__(self, server, seed, names):
        super().__init__(daemon=True)
        self.server = server
        self.source = random.Random(seed)
        self.names = names
        self.uploads = []
        self.refused = []

    def run(self):
        while True:
            name = self.source.choice(self.names)
            content = make_head(self.source, self.source.choice([16, 256, 2048, 8192]))
            upload = Upload(name, content)
            self.uploads.append(upload)
            try:
                status, body = self.server.ask("PUT", f"/admin/v1/heads/{name}", content)
            except (OSError, http.client.HTTPException):
                return
            if status not in (200, 201):
                self.refused.append((status, body))
                return
            description = json.loads(body)
            if description["sha256"] != upload.sha256:
                self.refused.append((status, body))
                return
            # Acknowledged: the whole answer was read.
            upload.version = description["version"]
            upload.end = time.monotonic()


class Remover(threading.Thread):
    """Uploads and removes a name of its own in turn."""

    def __init__(self, server, seed, name):
        super().__init__(daemon=True)
        self.server = server
        self.source = random.Random(seed)
        self.name = name
        # The last state that was acknowledged (a checksum, or None for removed), and what may have come of what was under way.
        self.state = "unknown"
        self.under_way = None

    def run(self):
        while True:
            content = make_head(self.source, 64)
            for method, body, state in [("PUT", content, sha256(content)), ("DELETE", None, None)]:
                self.under_way = (state,)
                try:
                    status, _ = self.server.ask(method, f"/admin/v1/heads/{self.name}", body)
                except (OSError, http.client.HTTPException):
                    return
                if status in (200, 201, 404):
                    self.state, self.under_way = state, None


class KillHeadUploadTests(FaultCase):
    names = ["first", "second", "third"]

    def setUp(self):
        super().setUp()
        # Of every version that was ever seen or acknowledged, its content.
        self.known = {}
        # Every content that was sent whole, acknowledged or not.
        self.sent = collections.defaultdict(set)
        self.removed = (None, None)

    def test_nothing_acknowledged_is_lost_and_no_version_comes_twice(self):
        tally = collections.Counter()
        fractions = []
        count = kills(40)
        slowed = slowed_calls()
        server = self.server(registry__keep_versions=1000)
        for cycle in range(count):
            uploaders = [Uploader(server, f"{cycle} {number} {self.random.random()}", self.names) for number in range(4)]
            remover = Remover(server, f"{cycle} {self.random.random()}", "passing")
            for thread in [*uploaders, remover]:
                thread.start()
            time.sleep(self.random.uniform(0, 0.8))
            killed = time.monotonic()
            server.kill()
            for thread in [*uploaders, remover]:
                thread.join(60)
            uploads = [upload for uploader in uploaders for upload in uploader.uploads]
            self.assertEqual([refusal for uploader in uploaders for refusal in uploader.refused], [])
            lengths = [upload.end - upload.begin for upload in uploads if upload.end]
            under_way = [upload for upload in uploads if not upload.end and upload.begin < killed]
            tally["uploads acknowledged"] += len(lengths)
            tally["uploads under way when killed"] += len(under_way)
            tally["kills with uploads under way"] += bool(under_way)
            tally["kills with a removal or upload of the removed name under way"] += bool(remover.under_way)
            if lengths:
                median = statistics.median(lengths)
                fractions += [min(1, (killed - upload.begin) / median) for upload in under_way]
            self.look_at_the_disk(tally)
            self.take_note(uploads, remover)
            # Now and then the start itself is killed, too: it removes what dead writers left.
            if cycle % 4 == 3:
                starting = Server(self.folder, registry__keep_versions=1000)
                time.sleep(self.random.uniform(0, 0.1))
                starting.kill()
                tally["kills of the start"] += 1
            server = self.server(registry__keep_versions=1000, wrapper=slowed if cycle % 2 else ())
            self.check(server, tally)
        server.stop()
        self.tell(tally, fractions, count)
        self.assertGreater(tally["kills with uploads under way"], count / 2)

    def test_of_kept_versions_the_newest_outlive_a_kill_while_old_ones_are_removed(self):
        tally = collections.Counter()
        count = kills(10)
        server = self.server(registry__keep_versions=2)
        newest = {}
        for cycle in range(count):
            uploaders = [Uploader(server, f"{cycle} {number} {self.random.random()}", self.names) for number in range(3)]
            for thread in uploaders:
                thread.start()
            time.sleep(self.random.uniform(0, 0.5))
            server.kill()
            for thread in uploaders:
                thread.join(60)
            uploads = [upload for uploader in uploaders for upload in uploader.uploads]
            for upload in uploads:
                if upload.version and upload.version > newest.get(upload.name, (0, ""))[0]:
                    newest[upload.name] = (upload.version, upload.sha256)
            tally["under way"] += any(not upload.end for upload in uploads)
            server = self.server(registry__keep_versions=2)
            for name, (version, digest) in newest.items():
                listed = {head["version"]: head["sha256"] for head in server.get(f"/admin/v1/heads/{name}")[1]["data"]}
                # A newer one may have been stored and not acknowledged; then it takes one of the places.
                unseen = [number for number in listed if number > version]
                self.assertTrue(version in listed or len(unseen) >= 2, f"{name}@{version} is lost; there are {sorted(listed)}")
                if version in listed:
                    self.assertEqual(listed[version], digest)
                    self.assertEqual(sha256(server.ask("GET", f"/admin/v1/heads/{name}?version={version}&download")[1]), digest)
        self.note(f"{count} kills, {tally['under way']} with uploads under way")

    def look_at_the_disk(self, tally):
        """Tells by what the killed server left how far it was."""
        root = pathlib.Path(self.folder, "heads")
        incoming = list(root.glob("incoming/*"))
        tally["kills that left a file being written"] += bool(incoming)
        claimed = {path.with_suffix("") for path in root.glob("heads/*/*.claim")}
        stored = {path.parent / path.name.split("-")[0] for path in root.glob("heads/*/*.safetensors")}
        seen = getattr(self, "unused_claims", set())
        unused = claimed - stored
        tally["kills between claim and file"] += bool(unused - seen)
        self.unused_claims = unused
        tally["kills that left a removed folder"] += bool(list(root.glob("quarantine/removed-*")))

    def take_note(self, uploads, remover):
        for upload in uploads:
            self.sent[upload.name].add(upload.sha256)
            if upload.version:
                key = (upload.name, upload.version)
                self.assertEqual(self.known.get(key, upload.sha256), upload.sha256, f"{key} was given to two contents")
                self.known[key] = upload.sha256
        self.acknowledged = getattr(self, "acknowledged", set())
        self.acknowledged |= {(upload.name, upload.version) for upload in uploads if upload.version}
        if remover.state != "unknown":
            self.removed = (remover.state, None)
        self.removed = (self.removed[0], remover.under_way)

    def check(self, server, tally):
        """Everything that was acknowledged is there, and everything that is there is whole."""
        found = set()
        for name in self.names:
            status, answer = server.get(f"/admin/v1/heads/{name}")
            for head in answer["data"] if status == 200 else []:
                key = (name, head["version"])
                status, content = server.ask("GET", f"/admin/v1/heads/{name}?version={head['version']}&download")
                self.assertEqual(status, 200, f"{key} is listed but cannot be had: {content[:300]}")
                self.assertEqual(sha256(content), head["sha256"], f"{key} is not what it is said to be")
                self.assertIn(head["sha256"], self.sent[name], f"{key} was never sent")
                self.assertEqual(self.known.get(key, head["sha256"]), head["sha256"], f"{key} became another content")
                if key not in self.known:
                    tally["versions stored but not acknowledged"] += 1
                self.known[key] = head["sha256"]
                found.add(key)
        lost = self.acknowledged - found
        self.assertEqual(lost, set(), f"acknowledged versions are lost: {sorted(lost)}")
        state, under_way = self.removed
        status, content = server.ask("GET", "/admin/v1/heads/passing?download")
        self.assertIn(status, (200, 404))
        now = sha256(content) if status == 200 else None
        self.assertIn(now, {state, *(under_way or ())}, "the removed name is neither as it was nor as was asked for")
        self.removed = (now, None)
        self.assertEqual(os.listdir(f"{self.folder}/heads/incoming"), [], "what dead writers left stays")
        self.assertNotIn("damaged", server.log())

    def tell(self, tally, fractions, count):
        parts = [sum(1 for fraction in fractions if low <= fraction < low + 0.25 or (low == 0.75 and fraction >= 1)) for low in (0, 0.25, 0.5, 0.75)]
        facts = ", ".join(f"{name} {number}" for name, number in sorted(tally.items()))
        self.note(f"{count} kills: {facts}; uploads killed in the first to last quarter of their median time: {parts}; "
                  f"{len(self.acknowledged)} acknowledged versions all there, {len(self.known)} known")


if __name__ == "__main__":
    unittest.main()
