// SPDX-License-Identifier: Apache-2.0
#include "app/serve/manifests.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <vector>

#include "app/measure.h"
#include "app/serve/serving.h"
#include "base/json.h"
#include "base/nearest_name.h"
#include "base/yaml_text.h"
#include "plan/serve_limits.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin {
namespace {

constexpr double kRoom = 0.7;  // of a replica's peak, so that bursts find some
// Of a core, to read a request and write its answer (JSON of 16 numbers, measured on a Zen 4).
constexpr Duration kPerRequest = 25us;
constexpr int kPort = 8080;
constexpr const char* kFolder = "/mnt/models";

// A label of DNS (RFC 1123): lower case, digits and '-', at most 63.
Result<std::string> label_of(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool fits = byte < 0x80 && std::isalnum(byte) != 0;
    if (fits) out += static_cast<char>(std::tolower(byte));
    if (!fits && !out.empty() && out.back() != '-') out += '-';
  }
  out = out.substr(0, 63);
  while (!out.empty() && out.back() == '-') out.pop_back();
  if (!out.empty() && std::isalpha(static_cast<unsigned char>(out.front())) != 0) return out;
  return Error(ErrorCode::kBadValue,
               "model '" + name + "' gives no name for objects (letters, digits, '-')", "--name",
               "give one: --name fashion");
}

std::string unspaced(std::string text) {
  std::erase(text, ' ');
  return text;
}

class Manifests {
 public:
  Manifests(const ManifestFacts& facts, std::string name) : f_(facts), name_(std::move(name)) {}

  std::string kserve() const {
    Json container = pod_container(loopback_args("{{.Name}}"));
    container.set("name", "kserve-container");
    const Json runtime = object(
        "serving.kserve.io/v1alpha1", "ServingRuntime", "tenbin-onnx",
        Json::object(
            {{"annotations", scraped("prometheus.kserve.io")},
             {"supportedModelFormats",
              list({Json::object(
                  {{"name", "onnx"}, {"version", "1"}, {"autoSelect", true}, {"priority", 3}})})},
             {"protocolVersions", list({"v2", "grpc-v2"})},
             {"containers", list({container})}}));
    Json model = Json::object({{"modelFormat", Json::object({{"name", "onnx"}})},
                               {"protocolVersion", "v2"},
                               {"runtime", "tenbin-onnx"}});
    if (!f_.storage.empty()) model.set("storageUri", f_.storage);
    Json service =
        object("serving.kserve.io/v1beta1", "InferenceService", name_,
               Json::object({{"predictor", Json::object({{"minReplicas", 0},
                                                         {"maxReplicas", f_.most_replicas},
                                                         {"timeout", 60},
                                                         {"scaleMetric", "concurrency"},
                                                         {"scaleTarget", concurrency()},
                                                         {"model", std::move(model)}})}}));
    annotate(service, Json::object({{"serving.kserve.io/deploymentMode", "Knative"}}));
    return head() + why_concurrency() + why_loopback() + yaml_text(runtime) + "---\n" +
           yaml_text(service);
  }

  std::string knative() const {
    Json container = pod_container(loopback_args(f_.model));
    container.set("name", "tenbin");
    container.set("ports", list({Json::object({{"containerPort", kPort}})}));
    container.set("readinessProbe", probe("/v2/health/ready", "HTTP"));
    Json spec = Json::object({{"containerConcurrency", 0}, {"containers", list({container})}});
    mount_model(spec);
    const Json annotations =
        Json::object({{"autoscaling.knative.dev/class", "kpa.autoscaling.knative.dev"},
                      {"autoscaling.knative.dev/metric", "concurrency"},
                      {"autoscaling.knative.dev/target", std::to_string(concurrency())},
                      {"autoscaling.knative.dev/min-scale", "0"},
                      {"autoscaling.knative.dev/max-scale", std::to_string(f_.most_replicas)},
                      {"autoscaling.knative.dev/scale-to-zero-pod-retention-period", "1m"}});
    const Json service = object(
        "serving.knative.dev/v1", "Service", name_,
        Json::object(
            {{"template", Json::object({{"metadata", Json::object({{"annotations", annotations}})},
                                        {"spec", std::move(spec)}})}}));
    return head() + why_concurrency() + why_loopback() + yaml_text(service);
  }

  std::string keda() const {
    const std::string query = "sum(tenbin_queue_depth{model=\"" + f_.model + "\"})";
    const std::string address =
        f_.prometheus.empty() ? "http://prometheus-server.monitoring.svc:80" : f_.prometheus;
    const Json scaled = object(
        "keda.sh/v1alpha1", "ScaledObject", name_,
        Json::object({{"scaleTargetRef", Json::object({{"name", name_}})},
                      {"pollingInterval", 5},
                      {"cooldownPeriod", 300},
                      {"minReplicaCount", 1},
                      {"maxReplicaCount", f_.most_replicas},
                      {"triggers",
                       list({Json::object(
                           {{"type", "prometheus"},
                            {"metadata",
                             Json::object({{"serverAddress", address},
                                           {"query", query},
                                           {"threshold", std::to_string(queue_depth())}})}})})}}));
    return head() + "# A replica clears " + std::to_string(queue_depth()) +
           " waiting requests within " + to_text(patience()) +
           ": that many a replica are the threshold.\n"
           "# minReplicaCount is 1: at 0 nobody would export tenbin_queue_depth, and nothing "
           "would wake it.\n" +
           why_secrets() + workload() + "---\n" + yaml_text(scaled);
  }

  std::string hpa() const {
    const Json scaler = object(
        "autoscaling/v2", "HorizontalPodAutoscaler", name_,
        Json::object(
            {{"scaleTargetRef",
              Json::object({{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", name_}})},
             {"minReplicas", 1},
             {"maxReplicas", f_.most_replicas},
             {"metrics", list({Json::object(
                             {{"type", "Resource"},
                              {"resource",
                               Json::object({{"name", "cpu"},
                                             {"target", Json::object({{"type", "Utilization"},
                                                                      {"averageUtilization",
                                                                       static_cast<std::int64_t>(
                                                                           100 * kRoom)}})}})}})})},
             {"behavior", Json::object({{"scaleDown",
                                         Json::object({{"stabilizationWindowSeconds", 300}})}})}}));
    return head() + why_secrets() + workload() + "---\n" + yaml_text(scaler);
  }

 private:
  static Json list(std::vector<Json> items) { return Json(Json::Array(std::move(items))); }

  static Json object(const char* version, const char* kind, const std::string& name, Json spec) {
    return Json::object({{"apiVersion", version},
                         {"kind", kind},
                         {"metadata", Json::object({{"name", name}})},
                         {"spec", std::move(spec)}});
  }
  static void annotate(Json& object, Json annotations) {
    Json metadata = object["metadata"];
    metadata.set("annotations", std::move(annotations));
    object.set("metadata", std::move(metadata));
  }
  static Json scraped(const std::string& prefix) {
    return Json::object({{prefix + "/scrape", "true"},
                         {prefix + "/port", std::to_string(kPort)},
                         {prefix + "/path", "/metrics"}});
  }
  static Json probe(const char* path, const char* scheme) {
    return Json::object(
        {{"httpGet", Json::object({{"path", path}, {"port", kPort}, {"scheme", scheme}})},
         {"periodSeconds", 5}});
  }

  // Requests under way that keep a replica at its room: its rate times the time that a request may
  // take (Little's law).
  std::int64_t concurrency() const {
    const double seconds = f_.slo > Duration::zero() ? in_seconds(f_.slo) : 2 * in_seconds(f_.row);
    const double under_way = kRoom * f_.rows_per_second * seconds;
    return std::max<std::int64_t>(f_.threads, std::llround(under_way));
  }
  Duration patience() const { return f_.slo > Duration::zero() ? f_.slo / 4 : Duration(20ms); }
  std::int64_t queue_depth() const {
    return std::max<std::int64_t>(1, std::llround(f_.rows_per_second * in_seconds(patience())));
  }

  std::string head() const {
    return "# tenbin serve of model '" + f_.model + "'. Measured on " + f_.machine + ": " +
           to_text(f_.row) + " a row; with reading and writing about " +
           std::to_string(std::llround(f_.rows_per_second)) + " requests/s with " +
           std::to_string(f_.threads) + " thread" + (f_.threads == 1 ? "" : "s") + ", " +
           to_text(f_.memory) + " resident. On other machines, make it anew there.\n";
  }
  std::string why_concurrency() const {
    return "# " + std::to_string(concurrency()) + " requests under way keep a replica at " +
           std::to_string(std::llround(100 * kRoom)) + " % of that rate.\n";
  }
  static const char* why_loopback() {
    return "# It listens on loopback: the proxy of its own pod (queue-proxy) is its only client, "
           "and\n"
           "# ends TLS and asks who is there.\n";
  }
  std::string why_secrets() const {
    return "# It listens beyond loopback, with TLS and tokens of its own. Before the first start:\n"
           "#   kubectl create secret tls " +
           name_ +
           "-tls --cert=tls.crt --key=tls.key\n"
           "#   kubectl create secret generic " +
           name_ + "-tokens --from-file=tokens\n";
  }

  std::vector<Json> model_args(const std::string& name) const {
    std::vector<Json> args = {"serve", kFolder,     "--name",
                              name,    "--threads", std::to_string(f_.threads)};
    if (f_.slo > Duration::zero()) {
      args.insert(args.end(), {"--slo", "p99=" + unspaced(to_text(f_.slo))});
    }
    return args;
  }
  // Whoever calls through the pod's proxy calls by the service's name.
  std::vector<Json> loopback_args(const std::string& name) const {
    std::vector<Json> args = model_args(name);
    args.insert(args.end(), {"--hosts", "*"});
    return args;
  }

  Json pod_container(std::vector<Json> args) const {
    const Json resources = Json::object(
        {{"cpu", std::to_string(f_.threads)}, {"memory", std::to_string(mebibytes()) + "Mi"}});
    const Json security = Json::object({{"runAsNonRoot", true},
                                        {"runAsUser", 1000},
                                        {"allowPrivilegeEscalation", false},
                                        {"readOnlyRootFilesystem", true},
                                        {"capabilities", Json::object({{"drop", list({"ALL"})}})}});
    return Json::object(
        {{"name", ""},
         {"image", f_.image},
         {"args", list(std::move(args))},
         {"resources", Json::object({{"requests", resources}, {"limits", resources}})},
         {"securityContext", security}});
  }
  // Half as much again as was seen, in steps of 64 MiB.
  std::int64_t mebibytes() const {
    const double seen = 1.5 * static_cast<double>(f_.memory.count) / (1 << 20);
    return 64 * static_cast<std::int64_t>(std::ceil(std::max(seen, 1.0) / 64));
  }

  // The model's volume, from where it is kept; without one the image has it.
  void mount_model(Json& pod) const {
    Json source;
    if (f_.storage.rfind("pvc://", 0) == 0) {
      const std::string claim = f_.storage.substr(6, f_.storage.find('/', 6) - 6);
      source = Json::object(
          {{"persistentVolumeClaim", Json::object({{"claimName", claim}, {"readOnly", true}})}});
    } else if (f_.storage.rfind("oci://", 0) == 0) {
      source = Json::object({{"image", Json::object({{"reference", f_.storage.substr(6)}})}});
    } else {
      return;
    }
    source.set("name", "model");
    add_volume(pod, std::move(source), kFolder);
  }
  static void add_volume(Json& pod, Json volume, const char* path) {
    Json volumes = pod["volumes"], containers = pod["containers"];
    Json container = containers.items().front();
    Json mounts = container["volumeMounts"];
    mounts.push(Json::object({{"name", volume["name"]}, {"mountPath", path}, {"readOnly", true}}));
    container.set("volumeMounts", std::move(mounts));
    volumes.push(std::move(volume));
    pod.set("containers", list({std::move(container)}));
    pod.set("volumes", std::move(volumes));
  }

  // A Deployment and its Service.
  std::string workload() const {
    std::vector<Json> args = model_args(f_.model);
    args.insert(args.end(),
                {"--host", "0.0.0.0", "--tls-cert", "/etc/tenbin/tls/tls.crt", "--tls-key",
                 "/etc/tenbin/tls/tls.key", "--tokens", "/etc/tenbin/tokens/tokens"});
    Json container = pod_container(std::move(args));
    container.set("name", "tenbin");
    container.set("ports", list({Json::object({{"name", "https"}, {"containerPort", kPort}})}));
    container.set("readinessProbe", probe("/v2/health/ready", "HTTPS"));
    container.set("livenessProbe", probe("/v2/health/live", "HTTPS"));
    Json pod =
        Json::object({{"terminationGracePeriodSeconds", 30}, {"containers", list({container})}});
    mount_model(pod);
    const auto secret = [this](const char* what) {
      return Json::object(
          {{"secret", Json::object({{"secretName", name_ + "-" + what}})}, {"name", what}});
    };
    add_volume(pod, secret("tls"), "/etc/tenbin/tls");
    add_volume(pod, secret("tokens"), "/etc/tenbin/tokens");
    const Json labels = Json::object({{"app.kubernetes.io/name", name_}});
    const Json deployment = object(
        "apps/v1", "Deployment", name_,
        Json::object({{"selector", Json::object({{"matchLabels", labels}})},
                      {"template", Json::object({{"metadata", Json::object({{"labels", labels}})},
                                                 {"spec", std::move(pod)}})}}));
    const Json service = object(
        "v1", "Service", name_,
        Json::object(
            {{"selector", labels},
             {"ports",
              list({Json::object({{"name", "https"}, {"port", 443}, {"targetPort", "https"}})})}}));
    return yaml_text(deployment) + "---\n" + yaml_text(service);
  }

  const ManifestFacts& f_;
  std::string name_;
};

}  // namespace

Result<std::string> manifest_for(Serving& serving, const MachineFacts& machine) {
  const ServeOptions& options = serving.options();
  const auto versions = serving.models().versions();
  for (const auto& version : versions) {
    if (version->model == versions.front()->model) continue;
    return Error(ErrorCode::kBadValue, "objects are made for one model, found several", "--emit",
                 "name its folder: tenbin serve models/" + versions.front()->model);
  }
  const ServedVersion& version =
      **std::max_element(versions.begin(), versions.end(), [](const auto& a, const auto& b) {
        return a->first().times.front().time < b->first().times.front().time;
      });
  TENBIN_TRY(const ServeLimits limits,
             parse_serve_limits(options.slo, options.limit, options.throttle));
  ManifestFacts facts;
  facts.model = version.model;
  facts.image = options.image;
  facts.storage = options.storage_uri;
  facts.prometheus = options.prometheus;
  facts.threads = serving.threads();
  facts.memory = {peak_memory_of_self(real_file_system(), "/proc")};
  const BatchTimes& times = version.first().times;
  facts.row = times.front().time;
  const Duration each = row_cost(times) + kPerRequest;
  facts.rows_per_second = facts.threads / in_seconds(each);
  if (limits.slo) facts.slo = *limits.slo;
  facts.most_replicas = options.max_replicas;
  facts.machine = machine.cpu_model;
  return manifest_of(options.emit, facts);
}

Result<std::string> manifest_of(const std::string& kind, const ManifestFacts& facts) {
  TENBIN_TRY(std::string name, label_of(facts.model));
  const Manifests manifests(facts, std::move(name));
  if (kind == "kserve") return manifests.kserve();
  if (kind == "knative") return manifests.knative();
  if (kind == "keda") return manifests.keda();
  if (kind == "hpa") return manifests.hpa();
  return Error(ErrorCode::kBadValue, "found '" + kind + "', expected kserve, knative, keda or hpa",
               "--emit");
}

}  // namespace tenbin
