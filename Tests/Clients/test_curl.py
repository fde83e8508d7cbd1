"""curl, over TLS, as a user of the command line has it."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support import ROOT, Server

HEAD = ROOT / "Config/heads/sentiment.safetensors"


@unittest.skipUnless(shutil.which("curl") and shutil.which("openssl"), "needs curl and openssl")
class CurlTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        for name in ("server", "client", "stranger"):
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                 "-keyout", cls.folder / f"{name}.key", "-out", cls.folder / f"{name}.pem"],
                check=True, capture_output=True,
            )
        cls.server = Server(
            tls__certificate=cls.folder / "server.pem", tls__key=cls.folder / "server.key",
            tls__client_authorities=cls.folder / "client.pem", admin__client_certificate="true",
        )
        cls.addClassCleanup(cls.server.stop)

    def curl(self, path, *arguments, verify=True):
        """What curl prints, its exit status and, behind a blank, the answer's status."""
        trust = ["--cacert", self.folder / "server.pem"] if verify else []
        done = subprocess.run(
            ["curl", "--disable", "--noproxy", "*", "--silent", "--max-time", "60", *trust, "--write-out", " %{http_code}", *arguments, self.server.url + path],
            capture_output=True, text=True, check=False,
        )
        return done.stdout, done.returncode

    def certificate(self, name):
        return ["--cert", self.folder / f"{name}.pem", "--key", self.folder / f"{name}.key"]

    def test_new_protocols_are_spoken_and_old_ones_are_not(self):
        self.assertTrue(self.server.url.startswith("https://"), self.server.url)
        for flags in (["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3"], ["--http2"]):
            text, status = self.curl("/health", *flags)
            self.assertEqual((text[-4:], status), (" 200", 0), flags)
        for version in ("1.0", "1.1"):
            _, status = self.curl("/health", f"--tlsv{version}", "--tls-max", version, "--ciphers", "DEFAULT@SECLEVEL=0")
            self.assertEqual(status, 35, version)
        for cipher in ("AES128-SHA", "ECDHE-ECDSA-AES128-SHA"):
            _, status = self.curl("/health", "--tlsv1.2", "--tls-max", "1.2", "--ciphers", f"{cipher}:@SECLEVEL=0")
            self.assertEqual(status, 35, cipher)

    def test_the_certificate_is_verified(self):
        self.assertEqual(self.curl("/health", verify=False)[1], 60)

    def test_streams(self):
        models, _ = self.curl("/v1/models")
        model = json.loads(models[:-4])["data"][0]["id"]
        body = json.dumps({"model": model, "prompt": "x", "max_tokens": 20, "ignore_eos": True, "stream": True})
        text, status = self.curl("/v1/completions", "--no-buffer", "--json", body)
        self.assertEqual(status, 0)
        self.assertTrue(text.endswith("data: [DONE]\n\n 200"), text[-200:])
        self.assertGreaterEqual(text.count("data: {"), 20)

    def test_the_admin_api_asks_for_a_certificate_and_takes_uploads(self):
        path = "/admin/v1/heads/uploaded"
        text, status = self.curl(path, "--upload-file", HEAD)
        self.assertEqual((text[-4:], status), (" 403", 0), text)
        self.assertNotEqual(self.curl(path, *self.certificate("stranger"), "--upload-file", HEAD)[1], 0)
        for flags in ([], ["--header", "Transfer-Encoding: chunked"], ["--header", "Expect: 100-continue"]):
            text, status = self.curl(path, *self.certificate("client"), *flags, "--upload-file", HEAD)
            self.assertIn(text[-4:], (" 200", " 201"), text)
            self.assertEqual(status, 0)
        text, _ = self.curl(path, *self.certificate("client"), "--request", "DELETE")
        self.assertEqual(text[-3:-2], "2", text)


if __name__ == "__main__":
    unittest.main()
