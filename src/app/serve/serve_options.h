// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/options.h"
#include "base/units.h"
#include "meter/meter.h"
#include "meter/prices.h"

namespace tenbin {

// What `tenbin serve` is asked for.
struct ServeOptions {
  std::vector<std::string> models;  // files and folders
  std::string name;
  std::string host = "127.0.0.1";
  int port = 8080;
  int grpc_port = -1, metrics_port = -1;  // -1: none of their own
  int threads = 0;
  std::string engine = "auto";
  std::vector<std::string> slo;
  std::vector<std::string> limit;
  std::string throttle;
  std::string tokens;
  bool auth = false;
  std::string tls_cert, tls_key;
  Duration scale_to_zero{};
  std::int64_t queue = 4096;
  Duration timeout = 30s;
  bool allow_repository = false;
  std::vector<std::string> origins;
  std::vector<std::string> hosts;
  bool metrics_triton = false;
  bool explain = false;
  std::vector<std::string> canary, shadow;  // MODEL/VERSION=SHARE
  std::string replicas;
  bool unsafe_no_sandbox = false;
  std::string emit;
  std::string image = "tenbin:" TENBIN_VERSION;
  std::string storage_uri, prometheus;
  std::int64_t max_replicas = 10;
  std::string ledger;
  Duration drain = 10s;
  Prices prices;
  MeterOptions meter;

  template <class Fields> static void describe(Fields& f) {
    f("name", &ServeOptions::name, "Name of the model, if one is served; else from its path.");
    f("host", &ServeOptions::host,
      "Address to listen at; a wider one than loopback needs --tls-cert, --tls-key and tokens.");
    f("port", &ServeOptions::port, "Port to listen at [0..65535]; 0 takes a free one.");
    f("grpc_port", &ServeOptions::grpc_port,
      "One more port, for clients that want gRPC elsewhere [-1: none]; 0 takes a free one.");
    f("metrics_port", &ServeOptions::metrics_port,
      "One more port, with a thread of its own, for health and metrics alone [-1: none].");
    f("threads", &ServeOptions::threads, "Threads [0: as many as the process may use].");
    f("engine", &ServeOptions::engine, "auto, native or onnxruntime.");
    f("slo", &ServeOptions::slo, "Time in which requests should be answered, e.g. p99=20ms.");
    f("limit", &ServeOptions::limit, "What the server may use, e.g. power=15W.");
    f("throttle", &ServeOptions::throttle, "Requests of each client, e.g. 100/s/client.");
    f("tokens", &ServeOptions::tokens, "File of tokens: name, SHA-256, role.");
    f("tls_cert", &ServeOptions::tls_cert, "Certificate with its chain (PEM): speak TLS.");
    f("tls_key", &ServeOptions::tls_key, "Key of the certificate (PEM).");
    f("auth", &ServeOptions::auth, "Ask for a token on loopback too.");
    f("scale_to_zero", &ServeOptions::scale_to_zero,
      "Models without a request for so long leave memory; the next one wakes them [0: never].");
    f("queue", &ServeOptions::queue, "Requests that may wait for a model [1..1000000].");
    f("timeout", &ServeOptions::timeout, "Deadline of requests that bring none [s].");
    f("allow_repository", &ServeOptions::allow_repository,
      "Let requests with an admin token load and unload models.");
    f("origins", &ServeOptions::origins,
      "Web origins that may read answers, e.g. https://a.example.");
    f("hosts", &ServeOptions::hosts,
      "Names by which this server may be addressed, beside its own; * behind a proxy that asks.");
    f("metrics_triton", &ServeOptions::metrics_triton,
      "Add Triton's metric names (nv_inference_*).");
    f("explain", &ServeOptions::explain, "Print each automatic decision with its reason.");
    f("canary", &ServeOptions::canary,
      "Version that answers a share of its model's requests, e.g. fashion/2=10%.");
    f("shadow", &ServeOptions::shadow,
      "Version that computes them too, for comparison alone, e.g. fashion/2.");
    f("replicas", &ServeOptions::replicas,
      "Compute in worker processes, so that a model that crashes or hangs harms nobody else: a "
      "number, or auto, as many as the load needs [empty: in this process].");
    f("unsafe_no_sandbox", &ServeOptions::unsafe_no_sandbox,
      "Let these workers do all that this user may, where the kernel cannot confine them.");
    f("emit", &ServeOptions::emit,
      "Serve nothing; print objects for a cluster: kserve, knative, keda or hpa.");
    f("image", &ServeOptions::image, "Image of tenbin in these objects.");
    f("storage_uri", &ServeOptions::storage_uri,
      "Where they find the model: pvc://, oci://, or what KServe knows; its folder in the image.");
    f("prometheus", &ServeOptions::prometheus, "Address of Prometheus, for --emit keda.");
    f("max_replicas", &ServeOptions::max_replicas, "Most replicas of these objects [1..10000].");
    f("ledger", &ServeOptions::ledger, "Ledger file to write energy and decisions to.");
    f("drain", &ServeOptions::drain, "Time for requests under way when the server stops [s].");
  }
};

}  // namespace tenbin
