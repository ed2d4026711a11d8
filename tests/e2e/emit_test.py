#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Objects for clusters: YAML that others parse, and arguments that the program takes."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

from serve_case import TENBIN, zoo

KINDS = {
    "kserve": [("serving.kserve.io/v1alpha1", "ServingRuntime"),
               ("serving.kserve.io/v1beta1", "InferenceService")],
    "knative": [("serving.knative.dev/v1", "Service")],
    "keda": [("apps/v1", "Deployment"), ("v1", "Service"), ("keda.sh/v1alpha1", "ScaledObject")],
    "hpa": [("apps/v1", "Deployment"), ("v1", "Service"), ("autoscaling/v2", "HorizontalPodAutoscaler")],
}


def containers(thing):
    """Every list of containers inside."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            if key == "containers":
                yield from value
            yield from containers(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from containers(value)


class Emit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        zoo(f"{cls.folder}/Net_1", "mlp")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def emit(self, kind, *options):
        ran = subprocess.run([TENBIN, "serve", f"{self.folder}/Net_1", "--emit", kind, *options],
                             capture_output=True, text=True, timeout=120)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return list(yaml.safe_load_all(ran.stdout))

    def test_objects_are_what_their_schemas_want(self):
        for kind, expected in KINDS.items():
            objects = self.emit(kind, "--storage-uri", "pvc://models/net", "--slo", "p99=20ms")
            self.assertEqual([(o["apiVersion"], o["kind"]) for o in objects], expected)
            for o in objects:
                self.assertRegex(o["metadata"]["name"], "^[a-z][-a-z0-9]*$")
                # Annotations and the metadata of triggers are texts.
                for text in o["metadata"].get("annotations", {}).values():
                    self.assertIsInstance(text, str)
            for container in containers(objects):
                self.assertTrue(container["securityContext"]["runAsNonRoot"])
                for argument in container["args"]:
                    self.assertIsInstance(argument, str)
        scaled = self.emit("keda")[2]["spec"]
        trigger = scaled["triggers"][0]["metadata"]
        self.assertEqual(trigger["query"], 'sum(tenbin_queue_depth{model="Net_1"})')
        self.assertTrue(all(isinstance(v, str) for v in trigger.values()))
        template = self.emit("knative")[0]["spec"]["template"]
        self.assertTrue(all(isinstance(v, str) for v in template["metadata"]["annotations"].values()))

    def test_the_program_takes_the_arguments(self):
        for kind in KINDS:
            for container in containers(self.emit(kind, "--slo", "p99=20ms")):
                arguments = [a.replace("/mnt/models", f"{self.folder}/Net_1")
                             .replace("{{.Name}}", "net") for a in container["args"]]
                ran = subprocess.run([TENBIN, *arguments, "--emit", "hpa"], capture_output=True,
                                     text=True, timeout=120)
                self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_one_model_at_a_time(self):
        zoo(f"{self.folder}/other", "mlp")
        ran = subprocess.run([TENBIN, "serve", self.folder, "--emit", "hpa"], capture_output=True,
                             text=True, timeout=120)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("found several", ran.stderr)


if __name__ == "__main__":
    sys.argv = [os.path.basename(__file__)]
    unittest.main()
