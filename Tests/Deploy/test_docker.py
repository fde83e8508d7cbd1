"""Deploy/docker: the Dockerfile as hadolint sees it, its steps as a chroot carries them out, and what goes into the build."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from image import DOCKERFILE, Image, documented_runs, stages
from support import DEPLOY, HEAD, MODEL, ROOT, TOKEN, completion, eventually, free_port, request


class DockerfileTests(unittest.TestCase):
    def test_hadolint_has_nothing_to_say(self):
        hadolint = shutil.which("hadolint") or shutil.which("hadolint", path=pathlib.Path(sys.executable).parent)
        if hadolint is None:
            self.fail("there is no hadolint; `make test-deploy` installs it")
        done = subprocess.run([hadolint, "--config", DEPLOY / "docker/hadolint.yaml", DOCKERFILE], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_build_gets_all_that_the_manifest_names_and_nothing_else(self):
        lines = (DEPLOY / "docker/Dockerfile.dockerignore").read_text().splitlines()
        rules = [line for line in lines if line and not line.startswith("#")]
        self.assertEqual(rules[0], "*")
        self.assertTrue(all(rule.startswith("!") for rule in rules[1:]))
        with tempfile.TemporaryDirectory() as folder:
            for rule in rules[1:]:
                source, target = ROOT / rule[1:], pathlib.Path(folder) / rule[1:]
                shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
            for _, words in stages()[-1]:
                if not words.startswith("--from") and words.startswith("Config"):
                    self.assertTrue((pathlib.Path(folder) / words.split()[0]).exists(), words)
            swift = os.environ.get("SWIFT") or shutil.which("swift")
            if not swift:
                self.skipTest("there is no swift to read the manifest with")
            # Fails where a target has no folder.
            done = subprocess.run([swift, "package", "describe", "--type", "json"], cwd=folder, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("rudder", [target["name"] for target in json.loads(done.stdout)["targets"]])

    def test_compose_points_nginx_at_its_replicas(self):
        script = re.search(r"sed -e '(.*?)'\n", (DEPLOY / "docker/compose.yaml").read_text())[1]
        done = subprocess.run(["sed", "-e", script, DEPLOY / "nginx/rudder.conf"], capture_output=True, text=True, check=True)
        for server in re.findall(r"^ +server (\S+?):8080", done.stdout, re.M):
            self.assertIn(server, ("rudder-1", "rudder-2"))
        self.assertEqual(done.stdout.count("rudder-1:8080"), 5)
        self.assertEqual(done.stdout.count("rudder-2:8080"), 5)
        self.assertNotIn("127.0.0.1", done.stdout)
        self.assertNotIn("/var/log", done.stdout)

    def test_compose_gives_its_replicas_keys_and_lets_this_machine_alone_in(self):
        text = (DEPLOY / "docker/compose.yaml").read_text()
        # What makes them, stands in gitignore, and is mounted.
        for name, variable in (("keys.yaml", "RUDDER_ACCESS_KEYS_FILE"), ("admin-token", "RUDDER_ADMIN_TOKEN_FILE")):
            self.assertRegex(text, rf"(?m)^#.* > Deploy/docker/{re.escape(name)}$")
            self.assertIn(f"\n  {name}:\n    file: {name}\n", text)
            self.assertIn(f"    {variable}: /run/secrets/{name}\n", text)
            self.assertIn(f"Deploy/docker/{name}", (ROOT / ".gitignore").read_text().splitlines())
        self.assertIn("\n  secrets: [keys.yaml, admin-token]\n", text)
        self.assertEqual(re.findall(r"^ +ports: (.*)$", text, re.M), ['["127.0.0.1:8080:80"]'])


@unittest.skipUnless(os.getuid() == 0 and shutil.which("debootstrap"), "needs root's rights, and debootstrap")
class ImageTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        cls.place = pathlib.Path(folder.name)
        (cls.place / "root").mkdir()
        cls.image = Image(cls.place / "root")

    def setUp(self):
        self.state = pathlib.Path(tempfile.mkdtemp(dir=self.place))
        # A new volume is a copy of what the image has at its place.
        volume = pathlib.Path(f"{self.image.root}{self.image.volumes[0]}").stat()
        os.chown(self.state, volume.st_uid, volume.st_gid)
        secrets = self.state.with_suffix(".secrets")
        secrets.mkdir()
        (secrets / "admin-token").write_text(TOKEN)
        self.keys = secrets / "keys.yaml"
        self.mounts = {self.image.volumes[0]: self.state, "/models:ro": MODEL.resolve().parent, "/run/secrets:ro": secrets}
        self.port = free_port()
        self.environment = {"RUDDER_SERVER_PORT": str(self.port), "RUDDER_ADMIN_TOKEN_FILE": "/run/secrets/admin-token"}

    def run_in_image(self, command, stderr=subprocess.STDOUT):
        process = self.image.run(command, self.mounts, self.environment, stderr)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def serve(self):
        """Starts the image's own command, and waits until it listens; the process and what it said."""
        server = self.run_in_image(self.image.entry + self.image.command)
        lines = []
        while not lines or "listening on" not in lines[-1]:
            line = server.stdout.readline()
            self.assertTrue(line, lines)
            lines.append(line)
        self.assertIn(f"http://0.0.0.0:{self.port}", lines[-1])
        return server, lines

    def make_key(self, command):
        """Has the image make a key, and its file; the key."""
        process = self.run_in_image(self.image.entry + command, stderr=subprocess.PIPE)
        entry, words = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, words)
        self.keys.write_text(entry)
        return {"Authorization": "Bearer " + re.search(r"sk-rudder-\S+", words)[0]}

    def completion_status(self, headers={}):
        return request(self.port, "POST", "/v1/completions", completion(4, stream=False), headers)[0]

    def status(self, command):
        process = self.run_in_image(command)
        text = process.communicate(timeout=60)[0]
        return process.returncode, text

    def test_without_keys_it_does_not_start(self):
        status, text = self.status(self.image.entry + self.image.command)
        self.assertEqual(status, 1, text)
        self.assertIn("access.keys_file", text)

    def test_it_makes_its_keys_and_asks_for_them_as_the_readme_runs_it(self):
        make, run = documented_runs()
        key = self.make_key(make.command)
        self.assertEqual((make.flags, make.output), (["--rm"], "Deploy/docker/keys.yaml"))
        # What `Image.run` does, and nothing else.
        self.assertEqual(run.flags, ["--read-only", "--tmpfs /tmp", "--cap-drop ALL", "--security-opt no-new-privileges"])
        self.assertEqual((run.command, run.output), ([], None))
        self.assertEqual(run.ports, [f"127.0.0.1:8080:{self.image.port}"])
        sources = {f"$PWD/{make.output}": self.keys, "$PWD/.cache/models": MODEL.resolve().parent, "rudder": self.state}
        self.mounts = {}
        for volume in run.volumes:
            source, place = volume.split(":", 1)
            self.mounts[place] = sources.pop(source)
        self.assertEqual(sources, {})
        self.environment = run.environment | {"RUDDER_SERVER_PORT": str(self.port)}
        server, _ = self.serve()
        self.assertEqual((self.completion_status(), self.completion_status(key)), (401, 200))
        # Another key, added to the file that is mounted.
        first = self.keys.read_text()
        other = self.make_key(["keys", "new", "bob"])
        with self.keys.open("a") as file:
            file.write(first)
        self.assertEqual(self.completion_status(other), 401)
        server.send_signal(signal.SIGHUP)
        self.assertTrue(eventually(lambda: self.completion_status(other) == 200))
        self.assertEqual(self.completion_status(key), 200)

    def test_it_is_open_where_that_is_said(self):
        self.assertIn("`-e RUDDER_ACCESS_OPEN=true`", (DEPLOY / "README.md").read_text())
        self.environment |= {"RUDDER_ACCESS_OPEN": "true"}
        _, lines = self.serve()
        self.assertTrue(any("warning" in line for line in lines), lines)
        self.assertEqual(self.completion_status(), 200)

    def test_it_serves_read_only_and_without_rights(self):
        key = self.make_key(["keys", "new", "alice"])
        self.environment |= {"RUDDER_ACCESS_KEYS_FILE": "/run/secrets/keys.yaml"}
        server, _ = self.serve()
        self.assertEqual(self.status(self.image.health), (0, "ready\n"))
        self.assertEqual((self.completion_status(), self.completion_status(key)), (401, 200))
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        self.assertEqual(request(self.port, "PUT", "/admin/v1/heads/kept", HEAD.read_bytes(), bearer)[0], 201)
        self.assertTrue(list((self.state / "heads").rglob("*")))
        names = [card["name"] for card in json.loads(request(self.port, "GET", "/v1/heads", headers=key)[1])["data"]]
        self.assertLessEqual({"kept", "positivity", "harmlessness"}, set(names))
        process = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{server.pid}/status").read_text().splitlines())
        self.assertEqual(process["Uid"].split(), ["10001"] * 4)
        self.assertEqual((int(process["CapEff"], 16), int(process["CapBnd"], 16), int(process["NoNewPrivs"])), (0, 0, 1))
        server.send_signal(getattr(signal, self.image.stop_signal))
        self.assertEqual(server.wait(60), 0)
        self.assertEqual(self.status(self.image.health)[0], 1)

    def test_nothing_outside_of_its_volume_can_be_written(self):
        status, text = self.status(["sh", "-c", "touch a; for place in / /etc /usr/local/bin /models /run/secrets; do touch $place/b && echo wrote $place; done; ls"])
        self.assertNotIn("wrote", text)
        self.assertEqual(text.count("Read-only file system"), 5, text)
        self.assertEqual([file.name for file in self.state.iterdir()], ["a"])


if __name__ == "__main__":
    unittest.main()
