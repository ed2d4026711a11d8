// SPDX-License-Identifier: Apache-2.0
#include "http/oip_infer.h"

#include <algorithm>

#include "base/json.h"
#include "base/limits.h"
#include "http/oip_tensors.h"

namespace tenbin {
namespace {

Error bad(std::string what, std::string where = {}) {
  return Error(ErrorCode::kBadRequest, std::move(what), std::move(where));
}
Error bad_json(const JsonReader& in) { return bad("the request is not valid JSON: " + in.error()); }

// One input as its JSON says it.
struct OipInput {
  std::string name, datatype;
  Shape shape;
  bool has_shape = false, has_data = false;
  std::string_view data;                    // its text, until type and shape are known
  std::optional<std::int64_t> binary_size;  // [B] behind the JSON
};

class OipReader {
 public:
  OipReader(std::string_view json, std::string_view binary)
      : in_(json), size_(static_cast<std::int64_t>(json.size())), binary_(binary) {}

  Result<OipRequest> read() {
    std::string key;
    if (in_.peek() != JsonReader::Kind::kObject) return bad("the request is not a JSON object");
    for (in_.enter_object(); in_.next_key(key);) TENBIN_CHECK(read_member(key));
    if (!in_.end()) return bad_json(in_);
    if (!has_inputs_) return bad("the request has no 'inputs'");
    if (!binary_.empty()) {
      return bad(std::to_string(binary_.size()) + " bytes follow the last binary tensor");
    }
    return std::move(out_);
  }

 private:
  Status read_member(const std::string& key) {
    if (key == "id") {
      if (!in_.read(out_.wishes.id)) return bad_json(in_);
      out_.wishes.has_id = true;
    } else if (key == "parameters") {
      TENBIN_CHECK(read_parameters([this](const std::string& name) { return wish(name); }));
    } else if (key == "inputs") {
      has_inputs_ = true;
      for (in_.enter_array(); in_.next_item();) TENBIN_CHECK(read_input());
      if (!in_.ok()) return bad_json(in_);
    } else if (key == "outputs") {
      for (in_.enter_array(); in_.next_item();) TENBIN_CHECK(read_output());
      if (!in_.ok()) return bad_json(in_);
    } else if (!in_.skip()) {
      return bad_json(in_);
    }
    return {};
  }

  // Members of the object at the reader; `take` reads the value of those it knows.
  template <class F> Status read_parameters(F&& take) {
    std::string name;
    for (in_.enter_object(); in_.next_key(name);) {
      const Result<bool> known = take(name);
      if (!known.ok()) return known.error();
      if (!*known && !in_.skip()) return bad_json(in_);
    }
    return in_.ok() ? Status() : bad_json(in_);
  }

  Result<bool> wish(const std::string& name) {
    std::int64_t number = 0;
    if (name == "priority") {
      if (!in_.read(number) || number < 0) return bad("parameter 'priority' is not a whole number");
      out_.request.priority = static_cast<int>(std::min<std::int64_t>(number, 1000));
    } else if (name == "timeout") {
      if (!in_.read(number) || number < 0) return bad("parameter 'timeout' is not a number of us");
      if (number > 0) {
        out_.timeout = std::chrono::microseconds(std::min<std::int64_t>(number, 1'000'000'000'000));
      }
    } else if (name == "binary_data_output") {
      if (!in_.read(out_.wishes.binary)) return bad("parameter 'binary_data_output' is no bool");
    } else if (name == "tenbin_report") {
      if (!in_.read(out_.wishes.report)) return bad("parameter 'tenbin_report' is no bool");
    } else if (name == "sequence_id" || name == "sequence_start" || name == "sequence_end") {
      return Error(ErrorCode::kNotOffered, "sequences (parameter '" + name + "') are not offered");
    } else {
      return false;
    }
    return true;
  }

  Status read_shape(OipInput& input) {
    input.has_shape = true;
    std::int64_t size = 0;
    for (in_.enter_array(); in_.next_item();) {
      if (!in_.read(size)) return bad_json(in_);
      if (input.shape.size() == limits::kTensorRank) return bad("a shape has too many dimensions");
      input.shape.push_back(size);
    }
    return in_.ok() ? Status() : bad_json(in_);
  }

  std::string place(const char* list, std::size_t index) const {
    return std::string(list) + "[" + std::to_string(index) + "]";
  }

  Status read_input() {
    const std::string where = place("inputs", out_.request.inputs.size());
    if (out_.request.inputs.size() == limits::kRequestTensors) return bad("too many inputs");
    OipInput input;
    std::string key;
    Tensor tensor;
    for (in_.enter_object(); in_.next_key(key);) {
      bool good = true;
      if (key == "name") {
        good = in_.read(input.name);
      } else if (key == "datatype") {
        good = in_.read(input.datatype);
      } else if (key == "shape") {
        TENBIN_CHECK(read_shape(input));
      } else if (key == "parameters") {
        TENBIN_CHECK(read_parameters([&](const std::string& name) -> Result<bool> {
          if (name != "binary_data_size") return false;
          std::int64_t bytes = 0;
          if (!in_.read(bytes) || bytes < 0) return bad("'binary_data_size' is no size", where);
          input.binary_size = bytes;
          return true;
        }));
      } else if (key == "data") {
        if (input.has_data) return bad("'data' stands twice", where);
        input.has_data = true;
        if (!input.has_shape || input.datatype.empty()) {
          good = in_.read_raw(input.data);
        } else {
          TENBIN_TRY(tensor, tensor_of(input, in_, where));
        }
      } else {
        good = in_.skip();
      }
      if (!good) return bad_json(in_);
    }
    if (!in_.ok()) return bad_json(in_);
    if (!tensor.defined()) {
      TENBIN_TRY(tensor, late_tensor(input, where));
    }
    out_.request.inputs.push_back({std::move(input.name), std::move(tensor)});
    return {};
  }

  Result<ElementType> type_of(const OipInput& input, const std::string& where) const {
    if (const auto type = oip_type(input.datatype)) return *type;
    return bad("datatype '" + input.datatype + "' is not known: " + oip_types(), where);
  }

  Result<Tensor> tensor_of(const OipInput& input, JsonReader& in, const std::string& where) const {
    TENBIN_TRY(const ElementType type, type_of(input, where));
    auto tensor = tensor_from_json(input.name, type, input.shape, in, size_);
    if (!tensor.ok()) return Error(tensor.error()).at(where);
    return tensor;
  }

  // Where the data stood before the type, or stands behind the JSON.
  Result<Tensor> late_tensor(const OipInput& input, const std::string& where) {
    if (input.name.empty()) return bad("an input has no 'name'", where);
    if (!input.has_shape) return bad("input '" + input.name + "' has no 'shape'", where);
    if (input.has_data && input.binary_size) {
      return bad("input '" + input.name + "' has both 'data' and 'binary_data_size'", where);
    }
    if (input.has_data) {
      JsonReader in(input.data);
      return tensor_of(input, in, where);
    }
    if (!input.binary_size) {
      return bad("input '" + input.name + "' has neither 'data' nor 'binary_data_size'", where);
    }
    TENBIN_TRY(const ElementType type, type_of(input, where));
    const auto size = static_cast<std::size_t>(*input.binary_size);
    if (size > binary_.size()) {
      return bad("'binary_data_size' of input '" + input.name + "' is " + std::to_string(size) +
                     ", but " + std::to_string(binary_.size()) + " bytes follow the JSON",
                 where);
    }
    auto tensor = tensor_from_bytes(input.name, type, input.shape, binary_.substr(0, size));
    if (!tensor.ok()) return Error(tensor.error()).at(where);
    binary_.remove_prefix(size);
    return tensor;
  }

  Status read_output() {
    const std::string where = place("outputs", out_.request.wanted.size());
    if (out_.request.wanted.size() == limits::kRequestTensors) return bad("too many outputs");
    std::string key, name;
    std::optional<bool> binary;
    for (in_.enter_object(); in_.next_key(key);) {
      bool good = true;
      if (key == "name") {
        good = in_.read(name);
      } else if (key == "parameters") {
        TENBIN_CHECK(read_parameters([&](const std::string& parameter) -> Result<bool> {
          if (parameter == "classification") {
            return Error(ErrorCode::kNotOffered, "'classification' is not offered", where);
          }
          if (parameter != "binary_data") return false;
          bool value = false;
          if (!in_.read(value)) return bad("'binary_data' is no bool", where);
          binary = value;
          return true;
        }));
      } else {
        good = in_.skip();
      }
      if (!good) return bad_json(in_);
    }
    if (!in_.ok()) return bad_json(in_);
    if (name.empty()) return bad("an output has no 'name'", where);
    if (binary) out_.wishes.binary_of[name] = *binary;
    out_.request.wanted.push_back(std::move(name));
    return {};
  }

  JsonReader in_;
  std::int64_t size_;
  std::string_view binary_;
  bool has_inputs_ = false;
  OipRequest out_;
};

// The body is the one input's bytes; its one free dimension follows from their number.
Result<OipRequest> read_raw(std::string_view body, const ServedVersion& version) {
  if (version.inputs.size() != 1) {
    return bad("a raw request needs a model of one input, this one has " +
               std::to_string(version.inputs.size()));
  }
  const ValueInfo& input = version.inputs.front();
  Shape shape = input.shape;
  if (version.batched) shape[0] = 1;
  std::int64_t known = 1;
  std::size_t free = shape.size();
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] >= 0) {
      known *= shape[d];
    } else if (std::exchange(free, d) != shape.size()) {
      return bad("a raw request needs an input of at most one free dimension");
    }
  }
  const std::int64_t width = static_cast<std::int64_t>(element_size(input.type)) * known;
  if (free < shape.size()) {
    shape[free] = width == 0 ? 1 : static_cast<std::int64_t>(body.size()) / width;
  }
  OipRequest out;
  TENBIN_TRY(Tensor tensor, tensor_from_bytes(input.name, input.type, shape, body));
  out.request.inputs.push_back({input.name, std::move(tensor)});
  out.wishes.binary = true;
  return out;
}

bool is_binary(const OipWishes& wishes, const std::string& output) {
  const auto found = wishes.binary_of.find(output);
  return found == wishes.binary_of.end() ? wishes.binary : found->second;
}

void append_report(const InferAnswer& answer, std::string& json) {
  const auto number = [](double value) { return Json(value).dump(); };
  json += ",\"parameters\":{";
  if (const auto& cost = answer.cost) {
    json += "\"tenbin_energy_joules\":" + number(in_joules(cost->energy));
    json += ",\"tenbin_energy_low_joules\":" + number(in_joules(cost->low));
    json += ",\"tenbin_energy_high_joules\":" + number(in_joules(cost->high));
    json += ",\"tenbin_energy_provenance\":\"" + std::string(provenance_name(cost->provenance));
    json += "\",\"tenbin_cost\":" + number(cost->money);
    json += ",\"tenbin_currency\":\"" + std::string(cost->currency.text()) + "\",";
  }
  json += "\"tenbin_batch_rows\":" + std::to_string(answer.batch_rows);
  json += ",\"tenbin_variant\":";
  append_json_text(answer.variant, json);
  json += '}';
}

}  // namespace

Result<OipRequest> read_oip(std::string_view body, std::optional<std::size_t> json_length,
                            const ServedVersion& version) {
  if (json_length && *json_length == 0) return read_raw(body, version);
  if (json_length && *json_length > body.size()) {
    return bad("Inference-Header-Content-Length is " + std::to_string(*json_length) +
               ", but the body has " + std::to_string(body.size()) + " bytes");
  }
  const std::size_t json = json_length.value_or(body.size());
  return OipReader(body.substr(0, json), body.substr(json)).read();
}

Result<HttpResponse> write_oip(const InferAnswer& answer, const OipWishes& wishes) {
  HttpResponse response;
  std::string& json = response.body;
  std::string binary;
  json.reserve(512);
  json += "{\"model_name\":";
  append_json_text(answer.model, json);
  if (!answer.version.empty()) {
    json += ",\"model_version\":";
    append_json_text(answer.version, json);
  }
  if (wishes.has_id) {
    json += ",\"id\":";
    append_json_text(wishes.id, json);
  }
  if (wishes.report) append_report(answer, json);
  json += ",\"outputs\":[";
  for (const NamedTensor& output : answer.outputs) {
    if (&output != answer.outputs.data()) json += ',';
    json += "{\"name\":";
    append_json_text(output.name, json);
    json += ",\"datatype\":\"";
    json += oip_name(output.tensor.type());
    json += "\",\"shape\":[";
    for (std::size_t d = 0; d < output.tensor.shape().size(); ++d) {
      if (d > 0) json += ',';
      json += std::to_string(output.tensor.shape()[d]);
    }
    json += ']';
    if (is_binary(wishes, output.name)) {
      const std::size_t length = byte_length(output.tensor);
      json += ",\"parameters\":{\"binary_data_size\":" + std::to_string(length) + "}}";
      append_bytes(output.tensor, binary);
    } else {
      json += ",\"data\":";
      TENBIN_CHECK(append_json(output.tensor, json));
      json += '}';
    }
  }
  json += "]}";
  const bool any_binary =
      std::any_of(answer.outputs.begin(), answer.outputs.end(),
                  [&](const NamedTensor& output) { return is_binary(wishes, output.name); });
  if (any_binary) {
    response.headers.emplace_back("content-type", "application/octet-stream");
    response.headers.emplace_back("inference-header-content-length", std::to_string(json.size()));
    json += binary;
  } else {
    response.headers.emplace_back("content-type", "application/json");
  }
  return response;
}

}  // namespace tenbin
