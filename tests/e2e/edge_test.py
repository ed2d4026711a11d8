#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tenbin-edge: one static file of at most 10 MiB that answers as the whole program does. With
--facts it prints its size and memory alone."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import serve_case
from serve_case import TENBIN, Server, zoo

EDGE = str(pathlib.Path(TENBIN).parent / "tenbin-edge")
MODELS = {"mlp": (1, 16), "lenet": (1, 3, 32, 32), "resnet18": (1, 3, 32, 32)}


class EdgeServer(Server):
    def __init__(self, *arguments):
        serve_case.TENBIN = EDGE
        try:
            super().__init__(*arguments)
        finally:
            serve_case.TENBIN = TENBIN


def resident(server):
    """Bytes of memory, now."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return 1024 * int(next(line.split()[1] for line in status.splitlines() if "VmRSS" in line))


def ask(server, model, shape):
    count = 1
    for size in shape:
        count *= size
    data = [((7 * i) % 101) / 101 for i in range(count)]
    _, about = server.json("GET", f"/v2/models/{model}")
    name = about["inputs"][0]["name"]
    status, answer = server.json("POST", f"/v2/models/{model}/infer", json.dumps(
        {"inputs": [{"name": name, "shape": list(shape), "datatype": "FP32", "data": data}]}))
    return status, answer


class Edge(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        for model in MODELS:
            zoo(f"{cls.folder}/{model}", model)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_is_one_small_static_file(self):
        self.assertLessEqual(os.path.getsize(EDGE), 10 << 20)
        headers = subprocess.run(["readelf", "-lW", EDGE], capture_output=True, text=True,
                                 check=True).stdout
        self.assertNotIn("INTERP", headers)
        dynamic = subprocess.run(["readelf", "-dW", EDGE], capture_output=True, text=True,
                                 check=True).stdout
        self.assertNotIn("NEEDED", dynamic)

    def test_answers_as_the_whole_program(self):
        with EdgeServer(self.folder) as edge, Server(self.folder) as whole:
            for model, shape in MODELS.items():
                (status, ours), (_, theirs) = ask(edge, model, shape), ask(whole, model, shape)
                self.assertEqual(status, 200, ours)
                scale = max(abs(v) for v in theirs["outputs"][0]["data"])
                for a, b in zip(ours["outputs"][0]["data"], theirs["outputs"][0]["data"], strict=True):
                    self.assertLess(abs(a - b), 1e-4 * scale, model)

    def test_speaks_grpc_and_names_what_it_lacks(self):
        ran = subprocess.run([EDGE, "serve", self.folder, "--port", "0", "--ledger", "l.db"],
                             capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 4)
        self.assertIn("keeps no ledger", ran.stderr)
        ran = subprocess.run([EDGE, "serve", self.folder, "--port", "0", "--engine", "onnxruntime"],
                             capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 4)
        self.assertIn("no ONNX Runtime", ran.stderr)
        ran = subprocess.run([EDGE, "fit", "x.csv"], capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 2)


def facts():
    folder = tempfile.mkdtemp()
    try:
        out = [f"{os.path.getsize(EDGE) / 1e6:.2f} MB in one static file"]
        for model, shape in MODELS.items():
            path = zoo(f"{folder}/{model}", model)
            with EdgeServer(path, "--threads", "1") as server:
                ask(server, model, shape)
                out.append(f"{model} ({path.stat().st_size / 1e6:.2f} MB) served in "
                           f"{resident(server) / 1e6:.1f} MB")
        print("tenbin-edge: " + "; ".join(out))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    if not os.path.exists(EDGE):
        print("tenbin-edge was not built")
        sys.exit(77)
    if "--facts" in sys.argv:
        facts()
        sys.exit()
    sys.argv = [os.path.basename(__file__)]
    unittest.main()
