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

from image import DOCKERFILE, Image, stages
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
        self.mounts = {self.image.volumes[0]: self.state, "/models:ro": MODEL.resolve().parent, "/run/secrets:ro": secrets}
        self.port = free_port()
        self.environment = {"RUDDER_SERVER_PORT": str(self.port), "RUDDER_ADMIN_TOKEN_FILE": "/run/secrets/admin-token"}

    def run_in_image(self, command):
        process = self.image.run(command, self.mounts, self.environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def status(self, command):
        process = self.run_in_image(command)
        text = process.communicate(timeout=60)[0]
        return process.returncode, text

    def test_it_serves_read_only_and_without_rights(self):
        server = self.run_in_image(self.image.entry + self.image.command)
        lines = []
        while not lines or "listening on" not in lines[-1]:
            line = server.stdout.readline()
            self.assertTrue(line, lines)
            lines.append(line)
        self.assertIn(f"http://0.0.0.0:{self.port}", lines[-1])
        self.assertEqual(self.status(self.image.health), (0, "ready\n"))
        self.assertEqual(request(self.port, "POST", "/v1/completions", completion(4, stream=False))[0], 200)
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        self.assertEqual(request(self.port, "PUT", "/admin/v1/heads/kept", HEAD.read_bytes(), bearer)[0], 201)
        self.assertTrue(list((self.state / "heads").rglob("*")))
        names = [card["name"] for card in json.loads(request(self.port, "GET", "/v1/heads")[1])["data"]]
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
