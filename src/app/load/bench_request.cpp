// SPDX-License-Identifier: Apache-2.0
#include "app/load/bench_request.h"

#include <algorithm>
#include <utility>

#include "app/load/bench_rows.h"
#include "app/load/server_ask.h"
#include "base/nearest_name.h"
#include "platform/file_system.h"
#include "platform/net/http_client.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostData = 1'000'000'000;  // [B]
constexpr std::size_t kVariety = 16;               // different requests
constexpr std::int64_t kMostElements = 16'000'000;

struct BenchTensor {
  std::string name, datatype;
  std::vector<std::int64_t> shape;
  std::int64_t count = 1;
};

std::size_t width_of(const std::string& datatype) {
  if (datatype == "BYTES") return 0;
  if (datatype == "BOOL" || datatype == "INT8" || datatype == "UINT8") return 1;
  if (datatype == "INT16" || datatype == "UINT16" || datatype == "FP16" || datatype == "BF16") {
    return 2;
  }
  return datatype == "INT64" || datatype == "UINT64" || datatype == "FP64" ? 8 : 4;
}

// Whole numbers from a counter, the same for the same seed.
std::uint64_t mixed(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  return z ^ (z >> 31);
}

template <class T> void append_binary(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_binary(const BenchTensor& tensor, std::uint64_t& state, std::string& out) {
  const std::size_t width = width_of(tensor.datatype);
  for (std::int64_t i = 0; i < tensor.count; ++i) {
    const auto bits = mixed(state);
    const double share = static_cast<double>(bits >> 40) * 0x1.0p-24;
    if (tensor.datatype == "FP32") {
      append_binary(static_cast<float>(share), out);
    } else if (tensor.datatype == "FP64") {
      append_binary(share, out);
    } else if (tensor.datatype == "UINT8") {
      append_binary(static_cast<std::uint8_t>(bits), out);
    } else if (tensor.datatype == "BYTES") {
      out.append(4, '\0');
    } else if (tensor.datatype == "BOOL") {
      append_binary(static_cast<std::uint8_t>(bits & 1), out);
    } else {
      out.append(width, '\0');  // indices and the like: zero is always valid
    }
  }
}

void append_json(const BenchTensor& tensor, std::uint64_t& state, std::string& out) {
  out += '[';
  for (std::int64_t i = 0; i < tensor.count; ++i) {
    if (i > 0) out += ',';
    const auto bits = mixed(state);
    if (tensor.datatype == "FP32" || tensor.datatype == "FP64") {
      char text[16];
      const auto value = static_cast<int>(bits % 10'000);
      const auto end = std::to_chars(text, text + sizeof text, value).ptr;
      out += "0.";
      out.append(4 - static_cast<std::size_t>(end - text), '0');
      out.append(text, end);
    } else if (tensor.datatype == "UINT8") {
      out += std::to_string(bits % 256);
    } else if (tensor.datatype == "BYTES") {
      out += "\"\"";
    } else if (tensor.datatype == "BOOL") {
      out += (bits & 1) != 0 ? "true" : "false";
    } else {
      out += '0';
    }
  }
  out += ']';
}

Result<std::vector<BenchTensor>> tensors_of(const Json& model, std::int64_t rows) {
  std::vector<BenchTensor> out;
  for (const Json& input : model["inputs"].items()) {
    BenchTensor tensor{input["name"].as_string(), input["datatype"].as_string(), {}, 1};
    for (const Json& size : input["shape"].items()) {
      const bool first = tensor.shape.empty();
      const std::int64_t given = size.as_integer(-1);
      tensor.shape.push_back(given >= 0 ? given : first ? rows : 1);
      tensor.count *= tensor.shape.back();
      if (tensor.count > kMostElements) {
        return Error(ErrorCode::kTooLarge, "input '" + tensor.name + "' is too large to be made up",
                     "", "give one with --input");
      }
    }
    out.push_back(std::move(tensor));
  }
  if (out.empty()) return Error(ErrorCode::kBadModel, "the model has no inputs");
  return out;
}

BenchBody body_of(const std::vector<BenchTensor>& tensors, bool binary, std::uint64_t& state) {
  std::string json =
      binary ? R"({"parameters":{"binary_data_output":true},"inputs":[)" : R"({"inputs":[)";
  std::string bytes;
  for (const BenchTensor& tensor : tensors) {
    if (json.back() != '[') json += ',';
    json += "{\"name\":" + Json(tensor.name).dump() + ",\"datatype\":\"" + tensor.datatype +
            "\",\"shape\":" + Json::array_of(tensor.shape).dump();
    if (binary) {
      const std::size_t before = bytes.size();
      append_binary(tensor, state, bytes);
      json +=
          ",\"parameters\":{\"binary_data_size\":" + std::to_string(bytes.size() - before) + "}}";
    } else {
      json += ",\"data\":";
      append_json(tensor, state, json);
      json += '}';
    }
  }
  return {json + "]}", bytes};
}

// Of the rows that are given, or made up.
Result<std::vector<BenchBody>> bodies_for(const BenchOptions& options, const Json& model,
                                          FileSystem& files) {
  if (!options.data.empty()) {
    TENBIN_TRY(const std::string csv, files.read_text(options.data, kMostData));
    auto bodies = bodies_of_rows(csv, model, options.rows, options.binary);
    if (bodies.ok()) return bodies;
    const Error& e = bodies.error();
    return Error(e.code(), e.message(), options.data + (e.where().empty() ? "" : ": ") + e.where(),
                 e.hint());
  }
  TENBIN_TRY(const std::vector<BenchTensor> tensors, tensors_of(model, options.rows));
  auto state = static_cast<std::uint64_t>(options.seed);
  std::vector<BenchBody> out;
  for (std::size_t i = 0; i < kVariety; ++i) {
    out.push_back(body_of(tensors, options.binary, state));
  }
  return out;
}

Result<std::string> model_name(const BenchOptions& options, const ServerAddress& address,
                               const std::string& headers) {
  if (!options.model.empty()) return options.model;
  const auto index =
      ask_json(address, http_request("POST", "/v2/repository/index", address, headers, "{}"));
  if (!index.ok() && index.error().code() != ErrorCode::kNetwork) return index.error();
  std::vector<std::string> names;
  if (index.ok()) {
    for (const Json& entry : index->items()) names.push_back(entry["name"].as_string());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (names.size() == 1) return names.front();
  if (!index.ok()) {  // the index is an extension of the protocol
    return Error(ErrorCode::kMissingArgument,
                 "the server does not list its models: " + index.error().message(), "--model",
                 "name the one to ask: --model NAME");
  }
  return Error(ErrorCode::kMissingArgument,
               "the server has " + std::to_string(names.size()) + " models: " + one_of(names),
               "--model", "name one: --model " + (names.empty() ? "NAME" : names.front()));
}

}  // namespace

Result<BenchSubject> find_subject(const BenchOptions& options, const ServerAddress& address,
                                  FileSystem& files) {
  TENBIN_TRY(const std::string headers, token_header(files, options.token_file));
  BenchSubject subject;
  if (const auto about = ask_json(address, http_request("GET", "/v2", address, headers, ""));
      about.ok()) {
    subject.server = (*about)["name"].as_string();
    subject.version = (*about)["version"].as_string();
  } else if (about.error().message().rfind("the server answers", 0) != 0) {
    return about.error();
  }
  TENBIN_TRY(subject.model, model_name(options, address, headers));
  const std::string path = "/v2/models/" + path_segment(subject.model);
  if (!options.input.empty()) {
    TENBIN_TRY(const std::string body, files.read_text(options.input, 64 << 20));
    subject.body_bytes = body.size();
    subject.requests = {http_request("POST", path + "/infer", address,
                                     headers + "Content-Type: application/json\r\n", body)};
    return subject;
  }
  TENBIN_TRY(const Json model, ask_json(address, http_request("GET", path, address, headers, "")));
  TENBIN_TRY(const std::vector<BenchBody> bodies, bodies_for(options, model, files));
  for (const auto& [json, bytes] : bodies) {
    std::string more = headers + (options.binary ? "Content-Type: application/octet-stream\r\n"
                                                   "Inference-Header-Content-Length: " +
                                                       std::to_string(json.size()) + "\r\n"
                                                 : "Content-Type: application/json\r\n");
    subject.body_bytes = std::max(subject.body_bytes, json.size() + bytes.size());
    subject.requests.push_back(http_request("POST", path + "/infer", address, more, json + bytes));
  }
  return subject;
}

}  // namespace tenbin
