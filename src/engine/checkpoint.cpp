// SPDX-License-Identifier: Apache-2.0
#include "engine/checkpoint.h"

#include <cstring>

#include "platform/digest.h"

namespace tenbin {
namespace {

constexpr std::string_view kMagic = "TNBCKPT3";
constexpr std::size_t kDigestSize = 64;

class Writer {
 public:
  template <class T> void put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put_text(std::string_view text) {
    put(static_cast<std::uint64_t>(text.size()));
    out += text;
  }
  std::string out;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  template <class T> void get(T& value) {
    if (rest_.size() < sizeof value) {
      good = false;
      return;
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
  }
  void get_text(std::string& text) {
    std::uint64_t size = 0;
    get(size);
    if (size > rest_.size()) {
      good = false;
      return;
    }
    text = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }
  bool at_end() const { return rest_.empty(); }
  bool good = true;

 private:
  std::string_view rest_;
};

struct CurvePoint {  // EpochReport without its optionals
  std::int64_t epoch, step;
  double train_loss, valid_loss, valid_score, rows_per_second, learning_rate, done;
  std::uint64_t flags;
};

Error bad(const std::string& what) {
  return Error(ErrorCode::kBadCheckpoint, what, {},
               "start without --resume, or resume the run that wrote it");
}

}  // namespace

std::string write_checkpoint(const Checkpoint& c) {
  Writer w;
  w.out = kMagic;
  for (const std::int64_t value : {c.epoch, c.batch, c.step, c.best_epoch, c.epoch_batches}) {
    w.put(value);
  }
  w.put(c.best_score);
  w.put(c.best_loss);
  w.put(c.epoch_loss);
  w.put(c.schedule);
  w.put(static_cast<std::uint64_t>(c.has_best ? 1 : 0));
  w.put_text(c.settings);
  w.put(static_cast<std::uint64_t>(c.curve.size()));
  for (const EpochReport& r : c.curve) {
    const std::uint64_t flags =
        (r.valid_loss ? 1U : 0U) | (r.valid_score ? 2U : 0U) | (r.is_best ? 4U : 0U);
    w.put(CurvePoint{r.epoch, r.step, r.train_loss, r.valid_loss.value_or(0),
                     r.valid_score.value_or(0), r.rows_per_second, r.learning_rate, r.done, flags});
  }
  w.put_text(c.state);
  w.put_text(c.best_state);
  return w.out + sha256_hex(w.out);
}

Result<Checkpoint> read_checkpoint(std::string_view bytes) {
  if (bytes.size() < kMagic.size() + kDigestSize || !bytes.starts_with(kMagic)) {
    return bad("not a checkpoint of this version");
  }
  const std::string_view body = bytes.substr(0, bytes.size() - kDigestSize);
  if (sha256_hex(body) != bytes.substr(body.size())) {
    return bad("checkpoint is damaged: its digest does not match");
  }
  Checkpoint c;
  Reader r(body.substr(kMagic.size()));
  for (std::int64_t* value : {&c.epoch, &c.batch, &c.step, &c.best_epoch, &c.epoch_batches}) {
    r.get(*value);
  }
  r.get(c.best_score);
  r.get(c.best_loss);
  r.get(c.epoch_loss);
  r.get(c.schedule);
  std::uint64_t has_best = 0, points = 0;
  r.get(has_best);
  c.has_best = has_best != 0;
  r.get_text(c.settings);
  r.get(points);
  for (std::uint64_t i = 0; i < points && r.good; ++i) {
    CurvePoint p{};
    r.get(p);
    EpochReport report{p.epoch,           p.step,          p.train_loss, {}, {}, (p.flags & 4) != 0,
                       p.rows_per_second, p.learning_rate, p.done};
    if ((p.flags & 1) != 0) report.valid_loss = p.valid_loss;
    if ((p.flags & 2) != 0) report.valid_score = p.valid_score;
    c.curve.push_back(report);
  }
  r.get_text(c.state);
  r.get_text(c.best_state);
  if (!r.good || !r.at_end()) return bad("checkpoint is cut or has more than it should");
  return c;
}

}  // namespace tenbin
