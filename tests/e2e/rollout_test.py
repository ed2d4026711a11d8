#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Versions of a model side by side on the real server: canary, shadow, promotion, rollback."""
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from serve_case import TENBIN, Server, infer_body, zoo


def with_nan(path):
    """Overwrites some weights by NaN; of the last layer where the ReLU of others hides it: the
    kernels of processors without AVX-512 make 0 of NaN."""
    data = bytearray(path.read_bytes())
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    middle = len(data) // 2 if " avx512bw" in flags else len(data) - 2600
    # Weights are around 0.1: the byte of their exponent tells how they are aligned.
    phase = max(range(4), key=lambda p: sum(b & 0x7f in (0x3c, 0x3d, 0x3e)
                                            for b in data[middle - 400 + p:middle + 400:4]))
    at = middle - 400 + phase + 1 - 4
    for i in range(0, 200, 4):
        data[at + i:at + i + 4] = b"\x00\x00\xc0\x7f"
    path.write_bytes(data)


class Rollout(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.model = f"{self.folder}/net"
        zoo(f"{self.model}/1", "mlp")
        zoo(f"{self.model}/2", "mlp", "--seed", "2")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def serve(self, *options):
        server = Server(self.model, "--allow-repository", *options)
        deadline = time.time() + 20
        while time.time() < deadline:
            line = server.process.stderr.readline()
            if "shown this once" in line:
                path = pathlib.Path(self.folder, "token")
                path.write_text(line.split()[-1])
                self.token = path
                break
        threading.Thread(target=server.process.stderr.read, daemon=True).start()
        return server

    def rollout(self, server, *words, code=0):
        ran = subprocess.run(
            [TENBIN, "rollout", f"http://127.0.0.1:{server.port}", "net", "--json",
             "--token-file", self.token, *words], capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        return json.loads(ran.stdout) if code == 0 else ran.stderr

    def ask(self, server, times):
        """Versions that answered."""
        seen = collections.Counter()
        for _ in range(times):
            status, answer = server.json("POST", "/v2/models/net/infer", infer_body())
            self.assertEqual(status, 200, answer)
            seen[answer["model_version"]] += 1
        return seen

    def test_canary_gets_its_share_and_is_promoted_and_rolled_back(self):
        with self.serve() as server:
            self.assertEqual(self.ask(server, 5), {"2": 5})
            # A folder that comes while the server runs; it answers nobody but its share.
            zoo(f"{self.model}/3", "mlp", "--seed", "3")
            view = self.rollout(server, "--canary", "3", "--share", "0.2")
            self.assertEqual((view["stable"], view["canary"]["version"]), ("2", "3"))
            self.assertEqual(self.ask(server, 50), {"2": 40, "3": 10})
            self.assertEqual(self.rollout(server)["canary"]["answered"], 10)
            _, named = server.json("POST", "/v2/models/net/versions/1/infer", infer_body())
            self.assertEqual(named["model_version"], "1")
            view = self.rollout(server, "--promote", "auto")
            self.assertEqual((view["stable"], view["before"], view["canary"]), ("3", "2", None))
            self.assertEqual(self.ask(server, 5), {"3": 5})
            self.assertEqual(self.rollout(server, "--rollback")["stable"], "2")
            self.assertEqual(self.ask(server, 5), {"2": 5})
            self.assertIn("is not loaded", self.rollout(server, "--canary", "8", code=7))
            self.assertIn("net/rollout.json", " ".join(map(str, pathlib.Path(self.model).iterdir())))
        # It was rolled back for good: the newest one does not return with the next start.
        with self.serve() as server:
            self.assertEqual(self.ask(server, 5), {"2": 5})
            self.assertEqual(self.rollout(server, "--follow")["stable"], "3")
            self.assertEqual(self.ask(server, 5), {"3": 5})

    def test_shadow_is_compared_and_never_answers(self):
        with self.serve("--shadow", "net/1") as server:
            self.assertEqual(self.ask(server, 40), {"2": 40})
            deadline = time.time() + 10
            while time.time() < deadline:
                shadow = self.rollout(server)["shadow"]
                if shadow["compared"] + shadow["left_out"] == 40:
                    break
                time.sleep(0.05)
            self.assertEqual(shadow["compared"] + shadow["left_out"], 40)
            self.assertGreater(shadow["compared"], 20)
            self.assertGreater(shadow["largest_relative_difference"], 0)
            _, text, _ = server.ask("GET", "/metrics")
            self.assertIn(b'tenbin_shadow_compared_total{model="net",version="1"}', text)
            # The same version in its shadow would agree with itself.
            shutil.copytree(f"{self.model}/2", f"{self.model}/4")
            self.rollout(server, "--shadow", "4")
            self.ask(server, 20)
            time.sleep(0.5)
            shadow = self.rollout(server)["shadow"]
            self.assertGreater(shadow["compared"], 10)
            self.assertEqual(shadow["same_label"], shadow["labelled_rows"])
            self.assertLess(shadow["largest_relative_difference"], 1e-5)

    def test_a_canary_that_answers_nan_ends_by_itself(self):
        with_nan(pathlib.Path(self.model, "2", "model.onnx"))
        pathlib.Path(self.model, "rollout.json").write_text(json.dumps(
            {"schema": "tenbin.kept-rollout/1", "stable": "1", "follows_newest": False}))
        with self.serve("--canary", "net/2=50%") as server:
            seen = collections.Counter()
            deadline = time.time() + 10
            while self.rollout(server)["canary"] is not None and time.time() < deadline:
                seen += self.ask(server, 10)
            self.assertIsNone(self.rollout(server)["canary"])
            self.assertGreater(seen["2"], 0)
            self.assertEqual(self.ask(server, 20), {"1": 20})
            _, status = server.json("GET", "/api/v1/status")
            reasons = [d["reason"] for d in status["decisions"] if d["controller"] == "rollout"]
            self.assertTrue(any("not finite" in reason for reason in reasons), reasons)
            kept = json.loads(pathlib.Path(self.model, "rollout.json").read_text())
            self.assertEqual(kept["stable"], "1")
            self.assertNotIn("canary", kept)

    def test_the_newest_is_a_canary_from_the_start(self):
        with self.serve("--canary", "net/2=25%") as server:
            self.assertEqual(self.ask(server, 40), {"1": 30, "2": 10})

    def test_a_version_that_takes_other_tensors_is_no_canary(self):
        zoo(f"{self.model}/9", "mlp", "--input", "20")
        with self.serve() as server:
            self.assertIn("other tensors", self.rollout(server, "--canary", "1", code=7))

    def test_says_what_a_part_of_a_rollout_is(self):
        for words, says in ((["--canary", "net"], "MODEL/VERSION"),
                            (["--canary", "net/1=200%"], "(0, 1]"),
                            (["--canary", "net/7"], "is not loaded")):
            ran = subprocess.run([TENBIN, "serve", self.model, "--port", "0", *words],
                                 capture_output=True, text=True, timeout=60)
            self.assertNotEqual(ran.returncode, 0)
            self.assertIn(says, ran.stderr)


if __name__ == "__main__":
    sys.argv = [os.path.basename(__file__)]
    unittest.main()
