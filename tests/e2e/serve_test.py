#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The real server, asked over real sockets: what it prints, what it answers, how it ends."""
import http.client
import json
import os
import pathlib
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from serve_case import TENBIN, Server, infer_body, tls_files, zoo


class Serve(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        zoo(f"{cls.folder}/repo/mlp", "mlp")
        zoo(f"{cls.folder}/repo/net/1", "lenet")
        zoo(f"{cls.folder}/repo/net/2", "lenet", "--seed", "2")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_what_it_prints_can_be_pasted(self):
        with Server(f"{self.folder}/repo/mlp/model.onnx") as server:
            time.sleep(0.2)
            self.assertEqual(server.listen["schema"], "tenbin.listen/1")
            code, err = server.stop()
            self.assertEqual(code, 0, err)
            examples = [line.strip() for line in err.splitlines() if line.startswith("  curl")]
            self.assertEqual(len(examples), 3, err)
            self.assertIn("ready in", err)
            self.assertIn("modelled" if "modelled" in err else "measured", err)
        if shutil.which("curl") is None:
            self.skipTest("no curl here to paste into")
        with Server(f"{self.folder}/repo/mlp/model.onnx") as server:
            for example in examples:
                example = example.replace(f":{self.port_of(example)}/", f":{server.port}/")
                done = subprocess.run(["bash", "-c", example], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, example)
                self.assertFalse(done.stdout.startswith('{"error"'), done.stdout)
                self.assertTrue(done.stdout, example)

    @staticmethod
    def port_of(example):
        return example.split("127.0.0.1:")[1].split("/")[0]

    def test_repository_with_versions(self):
        with Server(f"{self.folder}/repo") as server:
            _, index = server.json("POST", "/v2/repository/index")
            self.assertEqual([(m["name"], m.get("version")) for m in index],
                             [("mlp", None), ("net", "1"), ("net", "2")])
            _, model = server.json("GET", "/v2/models/net")
            self.assertEqual(model["versions"], ["1", "2"])
            width = 3 * 32 * 32
            body = json.dumps({"inputs": [{"name": "image", "shape": [1, 3, 32, 32],
                                           "datatype": "FP32", "data": [0.1] * width}]})
            name = model["inputs"][0]["name"]
            body = body.replace('"image"', json.dumps(name))
            _, newest = server.json("POST", "/v2/models/net/infer", body)
            _, first = server.json("POST", "/v2/models/net/versions/1/infer", body)
            self.assertEqual(newest["model_version"], "2")
            self.assertEqual(first["model_version"], "1")
            self.assertNotEqual(newest["outputs"][0]["data"], first["outputs"][0]["data"])

    def test_answers_equal_those_of_predict_whatever_the_batch(self):
        with Server(f"{self.folder}/repo/mlp") as server:
            rows = [[((r * 31 + c * 17) % 19) / 19 for c in range(16)] for r in range(13)]
            together = json.dumps({"inputs": [{"name": "x", "shape": [13, 16], "datatype": "FP32",
                                               "data": rows}]})
            _, all_rows = server.json("POST", "/v2/models/mlp/infer", together)
            data = all_rows["outputs"][0]["data"]
            answers = []

            def one(row):
                body = json.dumps({"inputs": [{"name": "x", "shape": [1, 16], "datatype": "FP32",
                                               "data": row}]})
                answers.append((row, server.json("POST", "/v2/models/mlp/infer", body)[1]))

            threads = [threading.Thread(target=one, args=(row,)) for row in rows for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(len(answers), 52)
            for row, answer in answers:
                at = rows.index(row) * 10
                for want, got in zip(data[at:at + 10], answer["outputs"][0]["data"]):
                    self.assertAlmostEqual(want, got, places=5)

    def test_keeps_connections_and_takes_pipelined_requests(self):
        with Server(f"{self.folder}/repo/mlp") as server:
            one = (b"POST /v2/models/mlp/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
                   % len(infer_body())) + infer_body().encode()
            last = b"GET /v2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            out = server.raw(one * 50 + last)
            self.assertEqual(out.count(b"HTTP/1.1 200 OK"), 51)
            # The same, a byte at a time at first.
            pieces = [bytes([b]) for b in one[:40]] + [one[40:] + last]
            out = server.raw(pieces, pause=0.001)
            self.assertEqual(out.count(b"HTTP/1.1 200 OK"), 2)
            chunked = (b"POST /v2/models/mlp/infer HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
                       b"chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(infer_body()), infer_body().encode()))
            self.assertEqual(server.raw(chunked + last).count(b"HTTP/1.1 200 OK"), 2)

    def test_refuses_what_is_ambiguous_and_closes(self):
        rows = {
            "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "length and chunks": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "bare line feeds": b"GET / HTTP/1.1\nHost: a\n\n",
            "a bad chunk": b"POST /v2/models/mlp/infer HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
        }
        with Server(f"{self.folder}/repo/mlp") as server:
            for why, data in rows.items():
                out = server.raw(data + b"GET /v2 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                self.assertTrue(out.startswith(b"HTTP/1.1 400 "), (why, out))
                self.assertEqual(out.count(b"HTTP/1.1"), 1, why)
            self.assertEqual(server.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"), b"",
                             "what is not HTTP gets no answer")
            long = b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"
            self.assertIn(b" 414 ", server.raw(long))
            large = b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"a" * 40000 + b"\r\n\r\n"
            self.assertIn(b" 431 ", server.raw(large))
            body = b"POST /v2/models/mlp/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n"
            self.assertIn(b" 413 ", server.raw(body))
            self.assertEqual(server.ask("GET", "/v2")[0], 200, "others are not disturbed")

    def test_waits_for_a_body_that_was_promised(self):
        with Server(f"{self.folder}/repo/mlp") as server:
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as s:
                s.sendall(b"POST /v2/models/mlp/infer HTTP/1.1\r\nHost: localhost\r\n"
                          b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(infer_body()))
                self.assertEqual(s.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
                s.sendall(infer_body().encode())
                self.assertIn(b"200 OK", s.recv(65536))

    def test_an_answer_under_way_is_not_lost_when_it_stops(self):
        with Server(f"{self.folder}/repo/mlp") as server:
            answered, lost = [0], []
            stop = threading.Event()

            def load():
                while not stop.is_set():
                    try:
                        s = socket.create_connection(("127.0.0.1", server.port), timeout=10)
                    except ConnectionRefusedError:
                        return
                    with s:
                        for _ in range(200):
                            request = (b"POST /v2/models/mlp/infer HTTP/1.1\r\nHost: localhost\r\n"
                                       b"Content-Length: %d\r\n\r\n" % len(infer_body()))
                            try:
                                s.sendall(request + infer_body().encode())
                                got = s.recv(65536)
                            except OSError as error:
                                lost.append(repr(error))
                                return
                            if not got.startswith(b"HTTP/1.1 200"):
                                lost.append(got)
                                return
                            answered[0] += 1
                            if b"connection: close" in got:
                                return

            threads = [threading.Thread(target=load) for _ in range(8)]
            for thread in threads:
                thread.start()
            time.sleep(0.5)
            code, err = server.stop()
            stop.set()
            for thread in threads:
                thread.join()
            self.assertEqual(code, 0, err)
            self.assertGreater(answered[0], 100)
            self.assertEqual(lost, [])

    def test_loads_anew_without_a_failed_request(self):
        folder = f"{self.folder}/reload/mlp"
        path = zoo(folder, "mlp")
        with Server(folder, "--allow-repository") as server:
            token = None
            deadline = time.time() + 10
            while token is None and time.time() < deadline:
                line = server.process.stderr.readline()
                if "shown this once" in line:
                    token = line.split()[-1]
            threading.Thread(target=server.process.stderr.read, daemon=True).start()
            head = {"Authorization": f"Bearer {token}"}
            failed, answered, answers = [], [0], set()
            stop = threading.Event()

            def load():
                connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
                while not stop.is_set():
                    connection.request("POST", "/v2/models/mlp/infer", infer_body())
                    answer = connection.getresponse()
                    text = answer.read()
                    if answer.status != 200:
                        failed.append(text)
                    else:
                        answered[0] += 1
                        answers.add(tuple(round(v, 2) for v in json.loads(text)["outputs"][0]["data"]))
                    if answer.getheader("connection") == "close":
                        connection.close()
                connection.close()

            threads = [threading.Thread(target=load) for _ in range(4)]
            for thread in threads:
                thread.start()
            for seed in range(2, 6):
                zoo(folder + "_new", "mlp", "--seed", str(seed))
                os.replace(folder + "_new/model.onnx", path)
                self.assertEqual(server.ask("POST", "/v2/repository/models/mlp/load", "", head)[0], 200)
            # Garbage in its place: the version that was served goes on answering.
            path.write_bytes(b"not a model")
            self.assertEqual(server.ask("POST", "/v2/repository/models/mlp/load", "", head)[0], 400)
            time.sleep(0.2)
            stop.set()
            for thread in threads:
                thread.join()
            self.assertEqual(failed, [])
            self.assertGreater(answered[0], 100)
            self.assertEqual(len(answers), 5, "each of the models answered")

    def test_sleeps_and_wakes_without_a_failed_request(self):
        with Server(f"{self.folder}/repo/mlp", "--scale-to-zero", "200ms") as server:
            asleep = False
            deadline = time.time() + 20
            while not asleep and time.time() < deadline:
                time.sleep(0.1)
                _, status = server.json("GET", "/api/v1/status")
                asleep = status["models"][0]["asleep"]
            self.assertTrue(asleep)
            self.assertEqual(server.ask("GET", "/v2/health/ready")[0], 200)
            statuses = []

            def one():
                statuses.append(server.ask("POST", "/v2/models/mlp/infer", infer_body())[0])

            threads = [threading.Thread(target=one) for _ in range(50)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(statuses, [200] * 50)
            _, text, _ = server.ask("GET", "/metrics")
            wakes = [line for line in text.decode().splitlines()
                     if line.startswith("tenbin_model_wake_duration_seconds_count")]
            self.assertEqual(wakes, ["tenbin_model_wake_duration_seconds_count 1"], "one load for all")

    def test_throttles_a_client_and_keeps_deadlines(self):
        with Server(f"{self.folder}/repo/mlp", "--throttle", "5/s/client,burst=5") as server:
            answers = [server.ask("POST", "/v2/models/mlp/infer", infer_body()) for _ in range(8)]
            self.assertEqual([a[0] for a in answers].count(429), 3)
            self.assertGreaterEqual(int(answers[-1][2]["retry-after"]), 1)
        with Server(f"{self.folder}/repo/net") as server:
            body = json.dumps({"parameters": {"timeout": 1}, "inputs": []})
            self.assertIn(server.ask("POST", "/v2/models/net/infer", body)[0], (400, 504))

    def test_metrics_pass_the_parsers_of_others(self):
        with Server(f"{self.folder}/repo/mlp") as server:
            server.ask("POST", "/v2/models/mlp/infer", infer_body(3))
            _, plain, _ = server.ask("GET", "/metrics")
            if shutil.which("promtool"):
                done = subprocess.run(["promtool", "check", "metrics"], input=plain, capture_output=True)
                self.assertEqual(done.returncode, 0, done.stderr)
        with Server(f"{self.folder}/repo/mlp", "--metrics-triton") as server:
            server.ask("POST", "/v2/models/mlp/infer", infer_body(3))
            _, openmetrics, headers = server.ask(
                "GET", "/metrics", None, {"Accept": "application/openmetrics-text"})
            self.assertIn("openmetrics-text", headers["content-type"])
            try:
                from prometheus_client.openmetrics import parser
            except ImportError:
                self.skipTest("no python3-prometheus-client here")
            families = list(parser.text_string_to_metric_families(openmetrics.decode()))
            self.assertGreater(len(families), 20)

    def test_more_ports(self):
        with Server(f"{self.folder}/repo", "--grpc-port", "0", "--metrics-port", "0") as server:
            self.assertEqual(len({server.listen[k] for k in ("http", "grpc", "metrics")}), 3)
            server.port = server.listen["grpc"]
            self.assertEqual(server.ask("POST", "/v2/models/mlp/infer", infer_body())[0], 200)
            server.port = server.listen["metrics"]
            self.assertEqual(server.ask("GET", "/v2/health/ready")[0], 200)
            status, text, _ = server.ask("GET", "/metrics")
            self.assertEqual(status, 200)
            self.assertIn(b'tenbin_requests_total{model="mlp",version="",code="ok"} 1', text)
            status, text, _ = server.ask("POST", "/v2/models/mlp/infer", infer_body())
            self.assertEqual(status, 404)
            self.assertIn(b"health and metrics alone", text)
            code, err = server.stop()
            self.assertEqual(code, 0, err)

    def test_says_why_it_cannot_start(self):
        with Server(f"{self.folder}/repo/mlp") as server:
            again = subprocess.run([TENBIN, "serve", f"{self.folder}/repo/mlp", "--port",
                                    str(server.port), "--json"], capture_output=True, text=True)
            self.assertEqual(again.returncode, 7)
            self.assertIn("--port 0", json.loads(again.stderr)["error"]["hint"])
        bad = pathlib.Path(self.folder) / "bad.onnx"
        bad.write_bytes(b"not a model")
        self.assertEqual(subprocess.run([TENBIN, "serve", bad, "--port", "0"],
                                        capture_output=True).returncode, 3)
        wide = subprocess.run([TENBIN, "serve", f"{self.folder}/repo/mlp", "--host", "0.0.0.0",
                               "--port", "0"], capture_output=True, text=True)
        self.assertEqual(wide.returncode, 4, wide.stderr)
        self.assertIn("TLS", wide.stderr)

    def test_speaks_tls_and_then_may_listen_widely(self):
        cert, key, tokens, token = tls_files(self.folder)
        with Server(f"{self.folder}/repo/mlp", "--host", "0.0.0.0", "--tls-cert", cert,
                    "--tls-key", key, "--tokens", tokens) as server:
            context = ssl.create_default_context(cafile=cert)
            connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context)

            def status(path, body=None, **headers):
                connection.request("POST" if body else "GET", path, body, headers)
                answer = connection.getresponse()
                answer.read()
                return answer.status

            self.assertEqual(status("/v2/health/ready"), 200, "public everywhere")
            self.assertEqual(status("/v2"), 401)
            self.assertEqual(status("/metrics"), 401)
            self.assertEqual(status("/v2", Authorization="Bearer nothing"), 401)
            self.assertEqual(status("/v2", Authorization=f"Bearer {token}"), 200)
            # Who may not ask, or asks for what is not there, need not send a body to learn it.
            for path, head, wanted in (("/v2/models/mlp/infer", {}, 401),
                                       ("/nothing", {"Authorization": f"Bearer {token}"}, 404)):
                early = http.client.HTTPSConnection("127.0.0.1", server.port, context=context)
                early.putrequest("POST", path)
                for name, value in {"Content-Length": str(50_000_000), **head}.items():
                    early.putheader(name, value)
                early.endheaders()
                self.assertEqual(early.getresponse().status, wanted)
                early.close()
            # A body of many records, both ways.
            self.assertEqual(status("/v2/models/mlp/infer", infer_body(4000),
                                    Authorization=f"Bearer {token}"), 200)
            connection.close()
            if shutil.which("curl"):  # HTTP/2, agreed on in the handshake
                for version in ("--http2", "--http1.1"):
                    done = subprocess.run(
                        ["curl", "-sS", "--cacert", cert, version, "-H", f"Authorization: Bearer {token}",
                         "-d", "@-", "-o", "/dev/null", "-w", "%{http_code} %{http_version}",
                         f"https://localhost:{server.port}/v2/models/mlp/infer"],
                        input=infer_body(4000), capture_output=True, text=True)
                    self.assertEqual(done.stdout, f"200 {version.removeprefix('--http')}", done.stderr)
            self.assertNotIn(b"200", server.raw(b"GET /v2 HTTP/1.1\r\nHost: a\r\n\r\n"),
                             "plain HTTP is not spoken there")
        half = subprocess.run([TENBIN, "serve", f"{self.folder}/repo/mlp", "--tls-cert", cert],
                              capture_output=True, text=True)
        self.assertEqual(half.returncode, 2)
        wrong = subprocess.run([TENBIN, "serve", f"{self.folder}/repo/mlp", "--port", "0",
                                "--tls-cert", key, "--tls-key", key], capture_output=True, text=True)
        self.assertEqual(wrong.returncode, 2, wrong.stderr)

    def test_slow_clients_do_not_hold_others_up(self):
        with Server(f"{self.folder}/repo/mlp") as server:
            slow = []
            for _ in range(500):
                s = socket.create_connection(("127.0.0.1", server.port))
                s.sendall(b"POST /v2/models/mlp/infer HTTP/1.1\r\nHost: loc")
                slow.append(s)
            gone = socket.create_connection(("127.0.0.1", server.port))
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            gone.sendall(b"GET /v2 HTTP/1.1\r\n")
            gone.close()
            for _ in range(50):
                self.assertEqual(server.ask("POST", "/v2/models/mlp/infer", infer_body())[0], 200)
            for s in slow:
                s.close()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
