// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

// A tree of n-grams: each node knows its output, and the words that may follow.
struct Vectorizer {
  std::unordered_map<std::string, std::int64_t> words;  // word -> number
  struct Node {
    std::unordered_map<std::int64_t, std::size_t> next;  // word -> node
    std::int64_t output = -1;                            // column, -1: no n-gram ends here
    std::size_t entry = 0;                               // its place in the pool, for weights
  };
  std::vector<Node> nodes = {Node{}};
  std::vector<float> weights;
  std::int64_t shortest = 1, longest = 1, skips = 0, width = 0;
  bool integers = false;
  std::string mode = "TF";
};

Error bad_vectorizer(const OpCall& call, const std::string& what) {
  return Error(ErrorCode::kBadModel, "TfIdfVectorizer: " + what, "node '" + call.name + "'");
}

Status read_pool(const OpCall& call, Vectorizer& v) {
  const auto texts = call.texts("pool_strings");
  const auto numbers = call.integers("pool_int64s");
  const auto starts = call.integers("ngram_counts");
  const auto columns = call.integers("ngram_indexes");
  v.integers = texts.empty();
  std::vector<std::int64_t> pool = numbers;
  for (const std::string& text : texts) {
    pool.push_back(
        v.words.try_emplace(text, static_cast<std::int64_t>(v.words.size())).first->second);
  }
  std::size_t entry = 0;
  for (std::size_t n = 1; n <= starts.size(); ++n) {
    const auto begin = static_cast<std::size_t>(starts[n - 1]);
    const std::size_t end = n < starts.size() ? static_cast<std::size_t>(starts[n]) : pool.size();
    if (begin > end || end > pool.size() || (end - begin) % n != 0) {
      return bad_vectorizer(call, "ngram_counts do not fit the pool");
    }
    for (std::size_t at = begin; at < end; at += n, ++entry) {
      if (entry >= columns.size()) return bad_vectorizer(call, "ngram_indexes are too few");
      std::size_t node = 0;
      for (std::size_t k = 0; k < n; ++k) {
        const auto [found, fresh] = v.nodes[node].next.try_emplace(pool[at + k], v.nodes.size());
        node = found->second;
        if (fresh) v.nodes.emplace_back();
      }
      v.nodes[node].output = columns[entry];
      v.nodes[node].entry = entry;
      v.width = std::max(v.width, columns[entry] + 1);
    }
  }
  return {};
}

Result<std::shared_ptr<const void>> prepare(const OpCall& call) {
  auto v = std::make_shared<Vectorizer>();
  v->shortest = call.integer("min_gram_length", 1);
  v->longest = call.integer("max_gram_length", 1);
  v->skips = call.integer("max_skip_count", 0);
  v->mode = call.text("mode", "TF");
  v->weights = call.numbers("weights");
  TENBIN_CHECK(read_pool(call, *v));
  if (v->mode != "TF" && v->mode != "IDF" && v->mode != "TFIDF") {
    return bad_vectorizer(call, "mode '" + v->mode + "', expected one of TF, IDF, TFIDF");
  }
  return std::shared_ptr<const void>(std::move(v));
}

void count_row(const Vectorizer& v, std::span<const std::int64_t> words, std::span<float> out) {
  const auto size = static_cast<std::int64_t>(words.size());
  // Words further apart than the row is long never meet.
  const std::int64_t most = std::min(v.skips, size) + 1;
  for (std::int64_t skip = 1; skip <= most; ++skip) {
    for (std::int64_t begin = 0; begin < size; ++begin) {
      std::size_t node = 0;
      std::int64_t at = begin;
      for (std::int64_t n = 1; n <= v.longest && at < size; ++n, at += skip) {
        const auto next = v.nodes[node].next.find(words[static_cast<std::size_t>(at)]);
        if (next == v.nodes[node].next.end()) break;
        node = next->second;
        const bool counts = n >= v.shortest && (n > 1 || skip == 1);
        if (counts && v.nodes[node].output >= 0) {
          out[static_cast<std::size_t>(v.nodes[node].output)] += 1;
        }
      }
    }
  }
}

void weigh_row(const Vectorizer& v, const std::vector<float>& by_column, std::span<float> out) {
  if (v.mode == "TF") return;
  for (std::size_t k = 0; k < out.size(); ++k) {
    if (out[k] > 0) out[k] = (v.mode == "IDF" ? 1.0F : out[k]) * by_column[k];
  }
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void* prepared) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const auto& v = *static_cast<const Vectorizer*>(prepared);
  const Tensor& in = *inputs[0];
  const std::size_t rank = in.shape().size();
  if (rank == 0 || rank > 2) return bad_operands(call, "shape " + to_text(in.shape()));
  const auto rows = static_cast<std::size_t>(rank == 2 ? in.shape()[0] : 1);
  const auto length = static_cast<std::size_t>(in.shape().back());
  Shape shape = rank == 2 ? Shape{in.shape()[0], v.width} : Shape{v.width};
  TENBIN_CHECK(element_count(shape));
  Tensor out(ElementType::kFloat32, shape);
  std::vector<float> by_column(static_cast<std::size_t>(v.width), 1.0F);
  for (const Vectorizer::Node& node : v.nodes) {
    if (node.output >= 0 && node.entry < v.weights.size()) {
      by_column[static_cast<std::size_t>(node.output)] = v.weights[node.entry];
    }
  }
  std::vector<std::int64_t> words(length);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = 0; k < length; ++k) {
      if (in.is_string() && !v.integers) {
        const auto found = v.words.find(in.data<std::string>()[i * length + k]);
        words[k] = found == v.words.end() ? -1 : found->second;
      } else if (in.type() == ElementType::kInt64 && v.integers) {
        words[k] = in.data<std::int64_t>()[i * length + k];
      } else if (in.type() == ElementType::kInt32 && v.integers) {
        words[k] = in.data<std::int32_t>()[i * length + k];
      } else {
        return bad_element_type(call, in.type(), "the type of its pool");
      }
    }
    const auto row = out.data<float>().subspan(i * static_cast<std::size_t>(v.width),
                                               static_cast<std::size_t>(v.width));
    count_row(v, words, row);
    weigh_row(v, by_column, row);
  }
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  Attributes a;
  a["mode"] = std::string("TFIDF");
  a["min_gram_length"] = std::int64_t{1};
  a["max_gram_length"] = std::int64_t{2};
  a["max_skip_count"] = std::int64_t{0};
  a["pool_strings"] = std::vector<std::string>{"a", "b", "a", "b"};
  a["ngram_counts"] = std::vector<std::int64_t>{0, 2};
  a["ngram_indexes"] = std::vector<std::int64_t>{0, 1, 2};
  a["weights"] = std::vector<float>{1, 2, 3};
  return {{"words and pairs, weighted",
           op_call("TfIdfVectorizer", 1, a),
           {Tensor::strings({2, 3}, {"a", "b", "a", "b", "x", ""})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_tfidf() {
  static const OpEntry entry{
      "", {"TfIdfVectorizer"}, "Counts of words and their sequences.", compute, prepare, probes};
  return entry;
}

}  // namespace tenbin
