#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Models in worker processes: what a crash or a hang costs, who comes back, who is started when."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from serve_case import TENBIN, Server, infer_body, zoo


CHECKS = json.loads(subprocess.run([TENBIN, "doctor", "--json"], check=True, capture_output=True,
                                   text=True).stdout)["checks"]
SANDBOX = next(check for check in CHECKS if check["name"] == "sandbox of model workers")
# A build with a sanitizer, or a kernel that confines nobody.
MORE = [] if SANDBOX["ok"] else ["--unsafe-no-sandbox"]


def workers(server):
    """Processes that the server started."""
    out = set()
    for task in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir():
        try:
            out |= {int(p) for p in (task / "children").read_text().split()}
        except (FileNotFoundError, ProcessLookupError):
            pass
    return out


def metric(server, name):
    _, text, _ = server.ask("GET", "/metrics")
    return sum(float(line.split()[-1]) for line in text.decode().splitlines()
               if line.startswith(name + "{"))


class Load:
    """Clients that ask as fast as they are answered."""

    def __init__(self, server, clients=4, model="mlp", body=None):
        self.statuses = []
        self.stop = threading.Event()
        self.body = body or infer_body()
        self.threads = [threading.Thread(target=self.run, args=(server, model))
                        for _ in range(clients)]

    def run(self, server, model):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        while not self.stop.is_set():
            connection.request("POST", f"/v2/models/{model}/infer", self.body)
            answer = connection.getresponse()
            answer.read()
            self.statuses.append(answer.status)
        connection.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


class Workers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        zoo(f"{cls.folder}/mlp", "mlp")
        zoo(f"{cls.folder}/other", "mlp", "--seed", "2")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def wait(self, question, seconds=20):
        until = time.time() + seconds
        while not question() and time.time() < until:
            time.sleep(0.02)
        self.assertTrue(question())

    def test_answers_equal_those_of_one_process(self):
        with Server(self.folder) as alone, Server(self.folder, "--replicas", "1", *MORE) as many:
            self.assertEqual(len(workers(many)), 2, "one a model")
            self.assertEqual(workers(alone), set())
            for rows in (1, 3, 64):
                (_, ours), (_, theirs) = [
                    server.json("POST", "/v2/models/mlp/infer", infer_body(rows))
                    for server in (alone, many)]
                # Batches are padded by measured times: the last bits differ.
                for a, b in zip(ours["outputs"][0]["data"], theirs["outputs"][0]["data"],
                                strict=True):
                    self.assertAlmostEqual(a, b, places=5)
            status, wrong = many.json("POST", "/v2/models/mlp/infer", infer_body(1, 15))
            self.assertEqual(status, 400, wrong)

    def test_a_crash_costs_its_batch_alone(self):
        with Server(self.folder, "--replicas", "1", *MORE) as server:
            victims = workers(server)
            with Load(server) as load, Load(server, 2, "other") as other:
                for _ in range(3):
                    self.wait(lambda: len(workers(server)) == 2)
                    time.sleep(0.2)
                    asked = len(load.statuses)
                    os.kill(min(workers(server)), signal.SIGKILL)
                    self.wait(lambda: len(load.statuses) > asked + 200, 30)
            failed = sum(s != 200 for s in load.statuses) + sum(s != 200 for s in other.statuses)
            self.assertLessEqual(failed, 3 * 4, "those of three batches at most")
            self.assertLess(failed, len(load.statuses) / 20)
            self.assertEqual(metric(server, "tenbin_worker_restarts_total"), 3)
            self.assertNotEqual(workers(server), victims)
            code, err = server.stop()
            self.assertEqual(code, 0, err)

    def test_one_that_ends_between_two_requests_fails_nobody(self):
        with Server(self.folder, "--replicas", "1", *MORE) as server:
            for _ in range(3):
                for pid in workers(server):
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.02)  # until they are gone: what is sent to one that dies fails
                status, answer = server.json("POST", "/v2/models/mlp/infer", infer_body())
                self.assertEqual(status, 200, answer)
                self.wait(lambda: metric(server, "tenbin_replicas") == 2)

    def test_one_that_hangs_is_ended_and_others_go_on(self):
        with Server(self.folder, "--replicas", "1", *MORE) as server:
            before = workers(server)
            server.ask("POST", "/v2/models/mlp/infer", infer_body())
            mlp = min(before)  # started first: models are loaded by name
            os.kill(mlp, signal.SIGSTOP)
            begin = time.time()
            results = {}

            def ask():
                results["hung"] = server.ask("POST", "/v2/models/mlp/infer", infer_body())
            thread = threading.Thread(target=ask)
            thread.start()
            time.sleep(0.3)
            self.assertEqual(server.ask("POST", "/v2/models/other/infer", infer_body())[0], 200)
            thread.join()
            status, text, _ = results["hung"]
            self.assertEqual(status, 500, text)
            self.assertIn(b"silent", text)
            self.assertLess(time.time() - begin, 10)
            self.wait(lambda: metric(server, "tenbin_replicas") == 2)
            status, text, _ = server.ask("POST", "/v2/models/mlp/infer", infer_body())
            self.assertEqual(status, 200, text)

    def test_a_model_that_crashes_always_is_left_to_rest(self):
        with Server(self.folder, "--replicas", "1", *MORE) as server:
            begin = time.time()
            while metric(server, "tenbin_worker_restarts_total") < 5 and time.time() < begin + 30:
                for pid in sorted(workers(server))[:1]:
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.1)
            status = 200
            while status != 503 and time.time() < begin + 30:
                for pid in workers(server):
                    os.kill(pid, signal.SIGKILL)
                status, text, head = server.ask("POST", "/v2/models/mlp/infer", infer_body(),
                                                {"Tenbin-Timeout": "2000"})
            self.assertEqual(status, 503, text)
            self.assertIn(b"rests", text)
            self.assertIn("Retry-After", head)
            self.assertEqual(server.ask("GET", "/v2/health/live")[0], 200)
            self.wait(lambda: server.ask("POST", "/v2/models/mlp/infer", infer_body())[0] == 200, 30)

    def test_as_many_as_the_load_needs(self):
        zoo(f"{self.folder}_slow/net", "resnet18")
        with Server(f"{self.folder}_slow/net", "--replicas", "auto", *MORE, "--threads", "3",
                    "--queue", "64") as server:
            self.assertEqual(len(workers(server)), 1)
            shape = [4, 3, 32, 32]
            _, about = server.json("GET", "/v2/models/net")
            body = infer_body(4, 3 * 32 * 32).replace('"shape": [4, 3072]', f'"shape": {shape}')
            body = body.replace('"x"', f'"{about["inputs"][0]["name"]}"')
            with Load(server, 8, "net", body) as load:
                self.wait(lambda: len(workers(server)) > 1)
            self.assertEqual(set(load.statuses), {200})
            _, status = server.json("GET", "/api/v1/status")
            self.assertIn("replicas", {d["controller"] for d in status["decisions"]})
        shutil.rmtree(f"{self.folder}_slow")

    def test_workers_end_with_their_server_however_that_ends(self):
        for how in (signal.SIGTERM, signal.SIGKILL):
            with Server(self.folder, "--replicas", "1", *MORE) as server:
                pids = workers(server)
                self.assertEqual(len(pids), 2)
                server.process.send_signal(how)
                server.process.wait(timeout=30)
                self.wait(lambda: not any(os.path.exists(f"/proc/{p}") and "Z" not in
                                          pathlib.Path(f"/proc/{p}/stat").read_text().split(")")[1][:3]
                                          for p in pids))

    def test_a_worker_gives_up_what_a_model_does_not_need(self):
        words = [TENBIN, "serve", self.folder, "--port", "0", "--replicas", "1", "--json"]
        if not SANDBOX["ok"]:
            done = subprocess.run(words, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 4, done.stderr)
            self.assertIn("--unsafe-no-sandbox", json.loads(done.stderr)["error"]["hint"])
            return
        # Reached by links, as volumes of a cluster are.
        links = pathlib.Path(self.folder + "_links")
        (links / "mlp").mkdir(parents=True)
        (links / "mlp" / "model.onnx").symlink_to(f"{self.folder}/mlp/model.onnx")
        plugged = any(c["name"] == "onnx runtime" and c["ok"] for c in CHECKS)
        for engine in ("native", "onnxruntime" if plugged else "auto"):
            with Server(links, "--replicas", "1", "--engine", engine) as server:
                (worker,) = workers(server)
                status = pathlib.Path(f"/proc/{worker}/status").read_text()
                self.assertIn("NoNewPrivs:\t1", status)
                self.assertIn("Seccomp:\t2", status)
                self.assertEqual(server.ask("POST", "/v2/models/mlp/infer", infer_body(3))[0], 200)
        shutil.rmtree(links)
        with Server(self.folder, "--replicas", "1", "--unsafe-no-sandbox") as server:
            worker = workers(server).pop()
            self.assertIn("Seccomp:\t0", pathlib.Path(f"/proc/{worker}/status").read_text())
            _, err = server.stop()
            self.assertIn("--unsafe-no-sandbox", err)

    def test_says_what_replicas_may_be(self):
        for value in ("0", "x", "99"):
            with self.assertRaisesRegex(AssertionError, "expected auto or a number"):
                Server(self.folder, "--replicas", value, *MORE)


if __name__ == "__main__":
    sys.argv = [os.path.basename(__file__)]
    unittest.main()
