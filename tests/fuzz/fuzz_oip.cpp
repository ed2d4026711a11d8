// SPDX-License-Identifier: Apache-2.0
// Inference requests: JSON, JSON with binary tensors, raw bytes, and rows. The first byte picks the
// form, the second where the JSON ends. What is taken can be written and read again.
#include <cstdint>
#include <string>

#include "app/serve/rows.h"
#include "base/json.h"
#include "base/json_reader.h"
#include "http/oip_infer.h"

namespace {

void demand(bool holds) {
  if (!holds) __builtin_trap();
}

const tenbin::ServedVersion& version() {
  static const tenbin::ServedVersion* const made = [] {
    auto* out = new tenbin::ServedVersion();
    out->batched = true;
    out->inputs = {{"x", tenbin::ElementType::kFloat32, {-1, 4}}};
    out->outputs = {{"y", tenbin::ElementType::kFloat32, {-1, 2}}};
    return out;
  }();
  return *made;
}

void read_again(tenbin::OipRequest& read) {
  tenbin::InferAnswer answer;
  answer.outputs = std::move(read.request.inputs);
  const auto written = tenbin::write_oip(answer, read.wishes);
  if (!written.ok()) return;  // 16-bit floats have no JSON form
  if (!written->header("inference-header-content-length").empty()) return;
  demand(tenbin::JsonReader(written->body).skip());
}

void rows(std::string_view text) {
  const std::vector<tenbin::ValueInfo> inputs = {{"a", tenbin::ElementType::kFloat32, {-1, 1}},
                                                 {"b", tenbin::ElementType::kString, {-1, 1}},
                                                 {"c", tenbin::ElementType::kInt64, {-1, 1}}};
  for (const auto form : {tenbin::RowsForm::kJson, tenbin::RowsForm::kCsv}) {
    const auto tensors = tenbin::tensors_of_rows(text, form, inputs);
    if (!tensors.ok()) continue;
    for (const auto& tensor : *tensors) demand(tensor.tensor.shape()[0] >= 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data + 2), size - 2);
  std::optional<std::size_t> length;
  if (data[0] % 4 == 1) length = data[1];
  if (data[0] % 4 == 2) length = 0;
  if (data[0] % 4 == 3) {
    rows(body);
    // Duplicate keys apart, what the tree takes the reader takes, and the other way round.
    tenbin::JsonReader reader(body);
    const bool taken = reader.skip() && reader.end();
    if (tenbin::Json::parse(body).ok()) demand(taken);
    return 0;
  }
  auto read = tenbin::read_oip(body, length, version());
  if (read.ok()) read_again(*read);
  return 0;
}
