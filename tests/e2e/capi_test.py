#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A program in C on libtenbin: built as its header says, it answers as the server does."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from serve_case import TENBIN, Server, zoo

BUILD = pathlib.Path(TENBIN).parent.parent
SOURCE = pathlib.Path(os.environ["TENBIN_SOURCE"])


class Capi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.program = f"{cls.folder}/run_model"
        subprocess.run(["cc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                        SOURCE / "examples/c/run_model.c", f"-I{SOURCE}/src/capi",
                        f"-L{BUILD}/lib", "-ltenbin", f"-Wl,-rpath,{BUILD}/lib",
                        "-o", cls.program], check=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_answers_as_the_server_does(self):
        model = zoo(f"{self.folder}/mlp", "mlp")
        row = [0.25 * i for i in range(16)]
        ran = subprocess.run([self.program, model, *map(str, row)], capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        name, *numbers = ran.stdout.split()
        with Server(model) as server:
            _, answer = server.json("POST", "/v2/models/mlp/infer", json.dumps(
                {"inputs": [{"name": "x", "shape": [1, 16], "datatype": "FP32", "data": row}]}))
        output = answer["outputs"][0]
        self.assertEqual(name, output["name"])
        for ours, theirs in zip(map(float, numbers), output["data"], strict=True):
            self.assertAlmostEqual(ours, theirs, places=5)

    def test_says_what_is_wrong(self):
        ran = subprocess.run([self.program, "/nowhere.onnx", "1"], capture_output=True, text=True)
        self.assertEqual(ran.returncode, 1)
        self.assertIn("/nowhere.onnx", ran.stderr)

    def test_exports_its_names_alone(self):
        shown = subprocess.run(["nm", "-D", "--defined-only", f"{BUILD}/lib/libtenbin.so"],
                               capture_output=True, text=True, check=True).stdout
        names = {line.split()[-1].split("@")[0] for line in shown.splitlines()} - {"TENBIN_0"}
        self.assertEqual(names, {
            "tenbin_version", "tenbin_last_error", "tenbin_open", "tenbin_open_bytes",
            "tenbin_clone", "tenbin_close", "tenbin_input_count", "tenbin_output_count",
            "tenbin_input", "tenbin_output", "tenbin_run"})


if __name__ == "__main__":
    sys.argv = [os.path.basename(__file__)]
    unittest.main()
