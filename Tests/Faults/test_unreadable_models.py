"""Model files that are none, or that cannot be read: one clear line, soon, and never a crash."""

import os
import pathlib
import time
import unittest

from support import MODEL, TINY_MODEL, FaultCase

NOBODY = 65534


class UnreadableModelTests(FaultCase):
    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o755)
        self.whole = TINY_MODEL.read_bytes()
        self.slowest = 0

    def write(self, content, name="model.gguf"):
        path = pathlib.Path(self.folder, name)
        path.write_bytes(content)
        return path

    def serve(self, path, **options):
        begin = time.monotonic()
        run = self.run_program(
            "serve", "--model", f"broken={path}", "--port", 0, timeout=30, **options,
            settings={"registry__directory": f"{self.folder}/heads", "batches__directory": f"{self.folder}/batches"},
        )
        self.slowest = max(self.slowest, time.monotonic() - begin)
        return run

    def assert_refused(self, path, *words, **options):
        run = self.serve(path, **options)
        self.assertEqual(run.returncode, 1, f"{run.returncode}: {run.stderr[-2000:]}")
        errors = [line for line in run.stderr.splitlines() if line.startswith("Error: ")]
        self.assertEqual(len(errors), 1, run.stderr)
        self.assertIn(str(path), errors[0])
        for word in words:
            self.assertIn(word, errors[0])
        self.assertEqual(run.stdout, "")

    def test_a_missing_file(self):
        self.assert_refused(f"{self.folder}/none.gguf", "there is no model file")

    def test_a_file_of_another_user(self):
        if os.geteuid() != 0:
            self.skipTest("this needs root, to become another user")
        path = self.write(self.whole)
        path.chmod(0o600)
        os.chmod(self.folder, 0o777)
        self.assert_refused(path, "Permission denied", user=NOBODY)

    def test_folders_pipes_and_devices(self):
        folder = pathlib.Path(self.folder, "folder.gguf")
        folder.mkdir()
        self.assert_refused(folder)
        pipe = pathlib.Path(self.folder, "pipe.gguf")
        os.mkfifo(pipe)
        self.assert_refused(pipe, "not a regular file")
        self.assert_refused("/dev/zero", "not a regular file")

    def test_an_empty_file(self):
        self.assert_refused(self.write(b""))

    def test_files_that_are_cut_off(self):
        lengths = [1, 3, 4, 8, 23, 24, 25, len(self.whole) - 1] + [self.random.randrange(len(self.whole)) for _ in range(24)]
        for length in lengths:
            with self.subTest(length=length):
                self.assert_refused(self.write(self.whole[:length]))
        self.note(f"{len(lengths)} cut-off files refused, the slowest in {self.slowest:.2f} s")

    def test_a_large_model_that_is_cut_off(self):
        if not MODEL.exists():
            self.skipTest(f"there is no {MODEL}")
        with open(MODEL, "rb") as file:
            for length in (4 << 20, 40 << 20):
                file.seek(0)
                self.assert_refused(self.write(file.read(length)))
        self.note(f"refused, the slower in {self.slowest:.2f} s")

    def test_random_bytes(self):
        for start in (b"", b"GGUF", self.whole[:8], self.whole[:24]):
            for _ in range(6):
                with self.subTest(start=start):
                    self.assert_refused(self.write(start + self.random.randbytes(self.random.choice([10, 1000, 100_000]))))
        for size in (10, 100_000):
            self.assert_refused(self.write(self.random.randbytes(size), "model.safetensors"))

    def test_wrong_bytes_in_a_header_are_refused_or_change_nothing_that_crashes(self):
        # Where the tensors' data begins, all that is before is read at the start.
        header = len(self.whole) - 384 * 64 * 4 * 2
        refused, served = 0, 0
        for number in range(40):
            content = bytearray(self.whole)
            for _ in range(self.random.choice([1, 3])):
                content[self.random.randrange(min(header, 16_000))] = self.random.randrange(256)
            path = self.write(bytes(content))
            with self.subTest(number=number):
                run = self.run_program("model", "inspect", path, timeout=30)
                self.assertIn(run.returncode, (0, 1), run.stderr[-2000:])
                run = self.run_program("generate", "a", "--model", f"broken={path}", "--max-tokens", 2, timeout=30)
                self.assertIn(run.returncode, (0, 1), run.stderr[-2000:])
                refused += run.returncode == 1
                served += run.returncode == 0
        self.note(f"{refused} refused, {served} loaded")


if __name__ == "__main__":
    unittest.main()
