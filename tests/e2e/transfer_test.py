#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A network that one fit made, trained further on other images: whole, and its last layers alone."""
import csv
import io
import json
import os
import random
import struct
import subprocess
import tempfile
import unittest

TENBIN = os.path.abspath(os.environ["TENBIN"])
HOME = tempfile.TemporaryDirectory()
WORK = HOME.name


def run(*words):
    return subprocess.run([TENBIN, *words], capture_output=True, text=True, timeout=300, cwd=WORK,
                          env={**os.environ, "HOME": WORK})


def write_images(folder, size, classes, count=240):
    """IDX images: bars whose number tells the class, moved and dimmed at random."""
    source = random.Random(size)
    os.makedirs(os.path.join(WORK, folder))
    pixels, labels = bytearray(), bytearray()
    for _ in range(count):
        label = source.randrange(classes)
        shift, light = source.randrange(size), source.randrange(120, 256)
        for _y in range(size):
            for x in range(size):
                bright = (x + shift) % size * 2 * (label + 1) // size % 2
                pixels.append(light if bright else source.randrange(60))
        labels.append(label)
    for name, head, body in (("images-idx3", struct.pack(">IIII", 0x803, count, size, size), pixels),
                             ("labels-idx1", struct.pack(">II", 0x801, count), labels)):
        with open(os.path.join(WORK, folder, f"train-{name}-ubyte"), "wb") as out:
            out.write(head + body)


write_images("first", 16, 3)
write_images("second", 12, 2)
BASE = run("fit", "first", "--target", "label", "--epochs", "6", "-o", "base", "--yes")


class Transfer(unittest.TestCase):
    def fit(self, last):
        name = f"last{last}"
        made = run("fit", "second", "--target", "label", "--from", "base/model.onnx",
                   "--train-last", str(last), "--epochs", "6", "-o", name, "--yes")
        self.assertEqual(made.returncode, 0, made.stderr)
        with open(os.path.join(WORK, name, "result.json"), encoding="utf-8") as text:
            return name, made.stdout + made.stderr, json.load(text)

    def test_the_base_was_made(self):
        self.assertEqual(BASE.returncode, 0, BASE.stderr)

    def test_the_last_layers_alone_learn_other_classes(self):
        for last in (0, 1, 2):
            with self.subTest(last=last):
                name, told, result = self.fit(last)
                self.assertIn("images brought from [12, 12, 1] to [16, 16, 1]", told)
                wanted = "layers of model.onnx with a new" if last == 0 else f"the last {last} of"
                self.assertIn(wanted, " ".join(told.split()))
                scores = {score["name"]: score["value"] for score in result["scores"]}
                self.assertGreater(scores["accuracy"], 0.8)
                answers = run("predict", f"{name}/model.onnx", "second")
                self.assertEqual(answers.returncode, 0, answers.stderr)
                rows = list(csv.DictReader(io.StringIO(answers.stdout)))
                self.assertEqual(len(rows), 240)
                self.assertEqual({row["label"] for row in rows} - {"0", "1"}, set())

    def test_memory_is_a_limit(self):
        held = run("fit", "first", "--target", "label", "--epochs", "2", "--memory", "4GB", "-o", "held",
                   "--yes")
        self.assertEqual(held.returncode, 0, held.stderr)
        with open(os.path.join(WORK, "held", "result.json"), encoding="utf-8") as text:
            result = json.load(text)
        (limit,) = result["limits"]
        self.assertEqual((limit["name"], limit["holds"]), ("memory", True))
        self.assertEqual(result["training"]["steps_run_again"], 0)
        none = run("fit", "first", "--target", "label", "--memory", "20MB", "-o", "none", "--yes")
        self.assertEqual(none.returncode, 5, none.stderr)
        self.assertIn("of memory are left for it", " ".join(none.stderr.split()))
        twice = run("fit", "first", "--target", "label", "--memory", "1GB", "--limit", "memory=2GB", "-o",
                    "twice", "--yes")
        self.assertEqual(twice.returncode, 2, twice.stderr)
        self.assertIn("limited twice", twice.stderr)

    def test_what_cannot_be_trained_further_is_told(self):
        with open(os.path.join(WORK, "table.csv"), "w", encoding="utf-8") as out:
            out.write("a,b,y\n" + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(60)))
        rows = (("a table", ("table.csv", "--target", "y"), "leave it away for tables"),
                ("too many layers", ("second", "--target", "label", "--train-last", "99"),
                 "expected 0.."))
        for why, words, found in rows:
            with self.subTest(why):
                made = run("fit", *words, "--from", "base/model.onnx", "-o", "no", "--yes")
                self.assertNotEqual(made.returncode, 0)
                self.assertIn(found, " ".join(made.stderr.split()))


if __name__ == "__main__":
    unittest.main()
