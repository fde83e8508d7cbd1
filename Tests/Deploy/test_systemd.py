"""Deploy/systemd, as systemd's own checkers see it."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from support import DEPLOY, PROGRAM, ROOT

UNIT = DEPLOY / "systemd/rudder.service"


class UnitTests(unittest.TestCase):
    def setUp(self):
        if shutil.which("systemd-analyze") is None:
            self.fail("there is no systemd-analyze; `make test-deploy` installs it")

    def analyze(self, *arguments):
        done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, env=os.environ | {"SYSTEMD_COLORS": "0"})
        return done.returncode, done.stdout + done.stderr

    def test_verify_has_nothing_to_say(self):
        # Where the program lies is the only change: verify looks whether there is one.
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "rudder.service"
            text = UNIT.read_text()
            self.assertIn("ExecStart=/usr/local/bin/rudder ", text)
            unit.write_text(text.replace("/usr/local/bin/rudder ", f"{PROGRAM} "))
            self.assertEqual(self.analyze("verify", "--man=no", str(unit)), (0, ""))

    def test_exposure_is_below_two_and_a_half(self):
        status, words = self.analyze("security", "--offline=true", "--threshold=25", str(UNIT))
        exposure = float(re.search(r"Overall exposure level for rudder.service: ([0-9.]+)", words)[1])
        print(f"systemd-analyze security: {exposure}")
        self.assertEqual(status, 0, words)
        self.assertLess(exposure, 2.5)

    def test_the_time_to_stop_is_above_the_time_to_drain(self):
        drain = int(re.search(r"^  drain_seconds: (\d+)", (ROOT / "Config/rudder.yaml").read_text(), re.M)[1])
        self.assertGreater(int(re.search(r"^TimeoutStopSec=(\d+)$", UNIT.read_text(), re.M)[1]), drain + 5)
        self.assertGreater(int(re.search(r"stop_grace_period: (\d+)s", (DEPLOY / "docker/compose.yaml").read_text())[1]), drain + 5)

    def test_variables_of_the_unit_and_its_file_are_keys(self):
        keys = self.known_keys()
        for file in (UNIT, DEPLOY / "systemd/rudder.env", DEPLOY / "docker/Dockerfile", DEPLOY / "docker/compose.yaml"):
            names = re.findall(r"^(?:Environment=|ENV |\s+)?(RUDDER_[A-Z0-9_]+)[=:]", file.read_text(), re.M)
            self.assertTrue(names, file)
            self.assertLessEqual(set(names), keys, file)

    def known_keys(self):
        """The variables that Config/rudder.yaml stands for: every key of it, its parents' names before its own."""
        names, parents = set(), {}
        for line in (ROOT / "Config/rudder.yaml").read_text().splitlines():
            if found := re.match(r"( *)([a-z0-9_]+):(.*)", line):
                depth = len(found[1]) // 2
                parents[depth] = found[2]
                names.add("RUDDER_" + "_".join(parents[level] for level in range(depth + 1)).upper())
        return names


if __name__ == "__main__":
    unittest.main()
