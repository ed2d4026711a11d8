// SPDX-License-Identifier: Apache-2.0
#include "app/serve/open_model.h"

#include <span>

#include "app/engine_choice.h"
#include "graph/onnx.h"
#include "platform/clock.h"
#include "platform/digest.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostModelBytes = std::int64_t{2} << 30;

}  // namespace

OpenModel model_opener(std::string engine, FileSystem& files, Clock& clock) {
  return [engine = std::move(engine), &files, &clock](const std::string& path,
                                                      int sessions) -> Result<OpenedModel> {
    TENBIN_TRY(const std::string bytes, files.read_text(path, kMostModelBytes));
    // What was digested is what is parsed; only a model with data beside it is read by its path.
    auto parsed = parse_onnx(std::as_bytes(std::span(bytes)));
    if (!parsed.ok()) parsed = read_onnx(files, path);
    TENBIN_TRY(const Model model, std::move(parsed));
    TENBIN_TRY(ChosenEngine first, open_engine({engine, path, 1}, model, {}, files, clock));
    OpenedModel out;
    out.engine = first.name;
    out.why = first.why;
    out.digest = sha256_hex(bytes);
    out.bytes = static_cast<std::int64_t>(bytes.size());
    out.metadata = model.metadata;
    const std::string name = first.name;
    out.sessions.push_back(std::move(first.session));
    for (int i = 1; i < sessions; ++i) {
      TENBIN_TRY(ChosenEngine more, open_engine({name, path, 1}, model, {}, files, clock));
      out.sessions.push_back(std::move(more.session));
    }
    return out;
  };
}

}  // namespace tenbin
