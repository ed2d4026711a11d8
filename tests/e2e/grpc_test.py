#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The server asked by gRPC's own client, with messages made from our .proto files."""
import importlib
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import serve_case

try:
    import grpc
    import google.protobuf  # noqa: F401
except ImportError:
    print("no python3-grpcio and python3-protobuf here")
    sys.exit(77)
if shutil.which("protoc") is None:
    print("no protoc here")
    sys.exit(77)

SOURCE = pathlib.Path(os.environ["TENBIN_SOURCE"])
FOLDER = tempfile.TemporaryDirectory()
subprocess.run(["protoc", f"--proto_path={SOURCE}/src", f"--python_out={FOLDER.name}",
                *[f"http/grpc/{name}.proto" for name in ("inference", "health", "reflection")]],
               check=True, cwd=SOURCE / "src")
# Not as the package "http": that name is Python's own.
sys.path.insert(0, f"{FOLDER.name}/http/grpc")
pb = importlib.import_module("inference_pb2")
health = importlib.import_module("health_pb2")
reflection = importlib.import_module("reflection_pb2")
SERVICE = "/inference.GRPCInferenceService/"


def request(rows=1, model="mlp", typed=False):
    out = pb.ModelInferRequest(model_name=model)
    tensor = out.inputs.add(name="x", datatype="FP32", shape=[rows, 16])
    if typed:
        tensor.contents.fp32_contents.extend([0.5] * 16 * rows)
    else:
        out.raw_input_contents.append(b"\0\0\0\x3f" * 16 * rows)
    return out


class Grpc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        serve_case.zoo(f"{FOLDER.name}/repo/mlp", "mlp")
        cls.server = serve_case.Server(f"{FOLDER.name}/repo", "--grpc-port", "0")
        cls.channel = grpc.insecure_channel(f"127.0.0.1:{cls.server.listen['grpc']}")

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()
        cls.server.__exit__()
        FOLDER.cleanup()

    def unary(self, path, message, answer, **more):
        call = self.channel.unary_unary(path, request_serializer=lambda m: m.SerializeToString(),
                                        response_deserializer=answer.FromString)
        return call(message, timeout=more.pop("timeout", 20), **more)

    def infer(self, message, **more):
        return self.unary(SERVICE + "ModelInfer", message, pb.ModelInferResponse, **more)

    def failure(self, *arguments, **more):
        with self.assertRaises(grpc.RpcError) as caught:
            self.unary(*arguments, **more)
        return caught.exception

    def test_every_unary_method(self):
        self.assertTrue(self.unary(SERVICE + "ServerLive", pb.ServerLiveRequest(),
                                   pb.ServerLiveResponse).live)
        self.assertTrue(self.unary(SERVICE + "ServerReady", pb.ServerReadyRequest(),
                                   pb.ServerReadyResponse).ready)
        self.assertTrue(self.unary(SERVICE + "ModelReady", pb.ModelReadyRequest(name="mlp"),
                                   pb.ModelReadyResponse).ready)
        self.assertEqual(self.unary(SERVICE + "ServerMetadata", pb.ServerMetadataRequest(),
                                    pb.ServerMetadataResponse).name, "tenbin")
        model = self.unary(SERVICE + "ModelMetadata", pb.ModelMetadataRequest(name="mlp"),
                           pb.ModelMetadataResponse)
        self.assertEqual(list(model.inputs[0].shape), [-1, 16])
        config = self.unary(SERVICE + "ModelConfig", pb.ModelConfigRequest(name="mlp"),
                            pb.ModelConfigResponse).config
        self.assertEqual(config.input[0].data_type, pb.TYPE_FP32)
        self.infer(request(4))
        stats = self.unary(SERVICE + "ModelStatistics", pb.ModelStatisticsRequest(name="mlp"),
                           pb.ModelStatisticsResponse).model_stats[0]
        self.assertGreaterEqual(stats.inference_count, 4)
        index = self.unary(SERVICE + "RepositoryIndex", pb.RepositoryIndexRequest(),
                           pb.RepositoryIndexResponse)
        self.assertEqual(index.models[0].state, "READY")

    def test_typed_raw_and_http_agree(self):
        raw = self.infer(request(2))
        typed = self.infer(request(2, typed=True))
        self.assertEqual(len(raw.raw_output_contents), 1)
        values = list(typed.outputs[0].contents.fp32_contents)
        import struct
        self.assertEqual(list(struct.unpack("<20f", raw.raw_output_contents[0])), values)
        _, answer = self.server.json("POST", "/v2/models/mlp/infer", serve_case.infer_body(2))
        for http_value, value in zip(answer["outputs"][0]["data"], values):
            self.assertAlmostEqual(http_value, value, places=5)

    def test_large_messages(self):
        answer = self.infer(request(4096))
        self.assertEqual(len(answer.raw_output_contents[0]), 4096 * 40)

    def test_statuses(self):
        code = grpc.StatusCode
        unknown = self.failure(SERVICE + "ModelInfer", request(model="none"), pb.ModelInferResponse)
        self.assertEqual((unknown.code(), "mlp" in unknown.details()), (code.NOT_FOUND, True))
        bad = request()
        bad.inputs[0].shape[0] = 7
        self.assertEqual(self.failure(SERVICE + "ModelInfer", bad, pb.ModelInferResponse).code(),
                         code.INVALID_ARGUMENT)
        self.assertEqual(self.failure("/inference.GRPCInferenceService/Nothing", request(),
                                      pb.ModelInferResponse).code(), code.UNIMPLEMENTED)
        self.assertEqual(self.failure(SERVICE + "RepositoryModelLoad",
                                      pb.RepositoryModelLoadRequest(model_name="mlp"),
                                      pb.RepositoryModelLoadResponse).code(), code.UNAUTHENTICATED)
        packed = self.failure(SERVICE + "ModelInfer", request(100), pb.ModelInferResponse,
                              compression=grpc.Compression.Gzip)
        self.assertEqual(packed.code(), code.UNIMPLEMENTED)

    def test_over_tls(self):
        certificate, key, tokens, token = serve_case.tls_files(FOLDER.name)
        with serve_case.Server(f"{FOLDER.name}/repo", "--host", "0.0.0.0", "--tls-cert", certificate,
                               "--tls-key", key, "--tokens", tokens) as server:
            trust = grpc.ssl_channel_credentials(certificate.read_bytes())
            with grpc.secure_channel(f"localhost:{server.port}", trust) as channel:
                call = channel.unary_unary(SERVICE + "ModelInfer",
                                           request_serializer=lambda m: m.SerializeToString(),
                                           response_deserializer=pb.ModelInferResponse.FromString)
                known = [("authorization", f"Bearer {token}")]
                answer = call(request(4000), timeout=20, metadata=known)
                self.assertEqual(len(answer.raw_output_contents[0]), 4000 * 40)
                with self.assertRaises(grpc.RpcError) as caught:
                    call(request(), timeout=20)
                self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
            with grpc.insecure_channel(f"localhost:{server.port}") as channel:
                with self.assertRaises(grpc.RpcError) as caught:
                    channel.unary_unary(SERVICE + "ModelInfer")(b"", timeout=5, metadata=known)
                self.assertIn(caught.exception.code(), (grpc.StatusCode.UNAVAILABLE,
                                                        grpc.StatusCode.DEADLINE_EXCEEDED))

    def test_texts_that_are_no_utf8_leave_no_line_each(self):
        call = self.channel.unary_unary(SERVICE + "ModelReady")
        for _ in range(20):
            with self.assertRaises(grpc.RpcError):
                call(b"\x0a\x02\xff\xfe", timeout=20)  # a model name of two bytes
        ready, _, _ = select.select([self.server.process.stderr], [], [], 0.2)
        said = os.read(self.server.process.stderr.fileno(), 65536) if ready else b""
        self.assertNotIn(b"UTF-8", said)

    def test_what_is_too_large_is_refused_before_it_is_kept(self):
        big = request()
        big.raw_input_contents[0] = b"\0" * (64 << 20)
        failure = self.failure(SERVICE + "ModelInfer", big, pb.ModelInferResponse)
        self.assertEqual(failure.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        if "ASAN_OPTIONS" in os.environ or "TSAN_OPTIONS" in os.environ:
            return  # their memory is not ours
        with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        self.assertLess(peak, 60 << 10, "KiB")
        self.infer(request())

    def test_many_calls_at_once_on_one_connection(self):
        call = self.channel.unary_unary(SERVICE + "ModelInfer",
                                        request_serializer=lambda m: m.SerializeToString(),
                                        response_deserializer=pb.ModelInferResponse.FromString)
        answers = [call.future(request(1 + i % 3), timeout=20) for i in range(500)]
        for i, answer in enumerate(answers):
            self.assertEqual(answer.result().outputs[0].shape[0], 1 + i % 3)

    def test_a_stream_answers_each(self):
        stream = self.channel.stream_stream(
            SERVICE + "ModelStreamInfer", request_serializer=lambda m: m.SerializeToString(),
            response_deserializer=pb.ModelStreamInferResponse.FromString)
        asked = [request(1 + i % 2) for i in range(100)]
        for i, message in enumerate(asked):
            message.id = str(i)
        ids = {answer.infer_response.id for answer in stream(iter(asked), timeout=20)}
        self.assertEqual(ids, {str(i) for i in range(100)})

    def test_a_stream_may_be_pushed_faster_than_it_is_answered(self):
        stream = self.channel.stream_stream(
            SERVICE + "ModelStreamInfer", request_serializer=lambda m: m.SerializeToString(),
            response_deserializer=pb.ModelStreamInferResponse.FromString)
        answers = list(stream(iter([request(64)] * 3000), timeout=60))
        self.assertEqual(len(answers), 3000)
        self.assertEqual({answer.error_message for answer in answers}, {""})

    def test_a_stream_ends_with_its_deadline(self):
        stream = self.channel.stream_stream(
            SERVICE + "ModelStreamInfer", request_serializer=lambda m: m.SerializeToString(),
            response_deserializer=pb.ModelStreamInferResponse.FromString)
        more = threading.Event()

        def asked():
            yield request()
            more.wait(20)

        call = stream(asked(), timeout=1)
        with self.assertRaises(grpc.RpcError) as caught:
            for _ in call:
                pass
        more.set()
        self.assertEqual(caught.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)

    def test_cancelled_calls_leave_nothing_behind(self):
        call = self.channel.unary_unary(SERVICE + "ModelInfer",
                                        request_serializer=lambda m: m.SerializeToString(),
                                        response_deserializer=pb.ModelInferResponse.FromString)
        for _ in range(100):
            call.future(request(64)).cancel()
        self.infer(request())
        deadline = time.time() + 10
        under_way = None
        while under_way != 0 and time.time() < deadline:
            _, text, _ = self.server.ask("GET", "/metrics")
            line = next(line for line in text.decode().splitlines()
                        if line.startswith("tenbin_requests_in_flight{"))
            under_way = float(line.split()[-1])
        self.assertEqual(under_way, 0)

    def test_health_is_told_as_it_changes(self):
        server = serve_case.Server(f"{FOLDER.name}/repo")
        channel = grpc.insecure_channel(f"127.0.0.1:{server.port}")
        watch = channel.unary_stream("/grpc.health.v1.Health/Watch",
                                     request_serializer=lambda m: m.SerializeToString(),
                                     response_deserializer=health.HealthCheckResponse.FromString)
        seen = []

        def follow():
            try:
                for answer in watch(health.HealthCheckRequest(), timeout=20):
                    seen.append(answer.status)
            except grpc.RpcError:
                pass

        thread = threading.Thread(target=follow)
        thread.start()
        while not seen:
            time.sleep(0.01)
        code, err = server.stop()
        thread.join()
        channel.close()
        self.assertEqual(code, 0, err)
        self.assertEqual(seen, [1, 2], "serving, then not")

    def test_reflection_describes_the_service(self):
        from google.protobuf import descriptor_pb2
        ask = self.channel.stream_stream(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            request_serializer=lambda m: m.SerializeToString(),
            response_deserializer=reflection.ServerReflectionResponse.FromString)
        listed, described = list(ask(iter([
            reflection.ServerReflectionRequest(list_services="*"),
            reflection.ServerReflectionRequest(
                file_containing_symbol="inference.GRPCInferenceService")]), timeout=20))
        names = [s.name for s in listed.list_services_response.service]
        self.assertIn("inference.GRPCInferenceService", names)
        file = descriptor_pb2.FileDescriptorProto.FromString(
            described.file_descriptor_response.file_descriptor_proto[0])
        self.assertEqual(file.service[0].name, "GRPCInferenceService")
        self.assertIn("ModelInferRequest", [m.name for m in file.message_type])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
