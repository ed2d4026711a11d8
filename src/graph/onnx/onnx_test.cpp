// SPDX-License-Identifier: Apache-2.0
#include "graph/onnx.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "base/limits.h"
#include "graph/builder.h"
#include "graph/nets/nets.h"
#include "platform/random.h"

namespace tenbin {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// One of everything: each attribute kind, each element type, two domains, a subgraph, metadata.
Model rich_model() {
  GraphBuilder b("rich");
  const auto x = b.input("x", ElementType::kFloat32, {-1, 3});
  const auto words = b.input("words", ElementType::kString, {-1});
  const auto scaled = b.node(
      "Scaler", {x}, {{"offset", std::vector<float>{1, 2, 3}}, {"scale", std::vector<float>{0.5f}}},
      "ai.onnx.ml");
  const auto code = b.node("LabelEncoder", {words},
                           {{"keys_strings", std::vector<std::string>{"a", std::string("b\0c", 3)}},
                            {"values_int64s", std::vector<std::int64_t>{INT64_MIN, 1}},
                            {"default_int64", std::int64_t{-1}}},
                           "ai.onnx.ml");
  const auto leaky = b.node("LeakyRelu", {scaled}, {{"alpha", 0.25f}});
  b.node("Constant", {}, {{"value", Tensor::strings({2}, {"", "text"})}});
  Graph body;
  body.name = "body";
  body.nodes = {OpCall{"Neg", "", "inner", {leaky}, {"r"}, {}}};
  body.outputs = {{"r", ElementType::kFloat32, {}, false}};
  const auto branch = std::make_shared<const Subgraph>(Subgraph{body});
  const auto chosen =
      b.node("If", {b.constant("flag", Tensor::scalar<bool>(true))},
             {{"then_branch", branch}, {"else_branch", branch}, {"mode", std::string("x")}});
  for (const ElementType type :
       {ElementType::kFloat64, ElementType::kFloat16, ElementType::kBfloat16, ElementType::kInt8,
        ElementType::kUint8, ElementType::kInt16, ElementType::kUint16, ElementType::kInt32,
        ElementType::kUint32, ElementType::kInt64, ElementType::kUint64, ElementType::kBool}) {
    b.constant(std::string("c_") + std::string(element_name(type)), Tensor(type, {2, 0, 3}));
  }
  b.output(chosen, "y");
  b.output(code, "code");
  Model model;
  model.graph = std::move(b).build().value();
  model.opsets = {{"", 17}, {"ai.onnx.ml", 3}};
  model.producer_version = "1.2";
  model.doc = "about";
  model.metadata = {{"tenbin.recipe", "{}"}, {"a", ""}};
  return model;
}

void expect_same(const Model& a, const Model& b) {
  EXPECT_EQ(a.ir_version, b.ir_version);
  EXPECT_EQ(a.opsets, b.opsets);
  EXPECT_EQ(a.producer_name, b.producer_name);
  EXPECT_EQ(a.producer_version, b.producer_version);
  EXPECT_EQ(a.doc, b.doc);
  EXPECT_EQ(a.metadata, b.metadata);
  EXPECT_EQ(a.graph.name, b.graph.name);
  EXPECT_EQ(a.graph.initializers, b.graph.initializers);
  ASSERT_EQ(a.graph.nodes.size(), b.graph.nodes.size());
  for (std::size_t i = 0; i < a.graph.nodes.size(); ++i) {
    const OpCall &m = a.graph.nodes[i], &n = b.graph.nodes[i];
    EXPECT_EQ(m.op, n.op);
    EXPECT_EQ(m.domain, n.domain);
    EXPECT_EQ(m.name, n.name);
    EXPECT_EQ(m.inputs, n.inputs);
    EXPECT_EQ(m.outputs, n.outputs);
    ASSERT_EQ(m.attributes.size(), n.attributes.size());
    for (const auto& [key, value] : m.attributes) {
      ASSERT_NE(n.find(key), nullptr);
      if (!std::holds_alternative<std::shared_ptr<const Subgraph>>(value)) {
        EXPECT_TRUE(value == *n.find(key)) << key;
      }
    }
  }
  ASSERT_EQ(a.graph.inputs.size(), b.graph.inputs.size());
  for (std::size_t i = 0; i < a.graph.inputs.size(); ++i) {
    EXPECT_EQ(a.graph.inputs[i].name, b.graph.inputs[i].name);
    EXPECT_EQ(a.graph.inputs[i].type, b.graph.inputs[i].type);
    EXPECT_EQ(a.graph.inputs[i].shape, b.graph.inputs[i].shape);
  }
}

TEST(Onnx, WhatIsWrittenIsReadBack) {
  const Model model = rich_model();
  const auto first = write_onnx(model);
  ASSERT_TRUE(first.ok()) << first.error().to_string();
  const auto back = parse_onnx(bytes_of(*first));
  ASSERT_TRUE(back.ok()) << back.error().to_string();
  expect_same(model, *back);
  EXPECT_EQ(write_onnx(*back).value(), *first) << "the same bytes for the same model";
}

TEST(Onnx, EveryCutIsAnError) {
  for (const Model& model : {rich_model(), [] {
                               Model m;
                               m.graph = make_mlp(2, {3}, 2, 1).value();
                               m.metadata = {{"tenbin.accuracy", "0.9"}};
                               return m;
                             }()}) {
    const std::string whole = write_onnx(model).value();
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto result = parse_onnx(bytes_of(std::string_view(whole).substr(0, length)));
      ASSERT_FALSE(result.ok()) << "cut to " << length << " of " << whole.size() << " bytes";
    }
  }
}

TEST(Onnx, ChangedBytesNeverCrash) {
  const std::string whole = write_onnx(rich_model()).value();
  Random random(20240229);
  int read = 0, refused = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::string bytes = whole;
    const std::uint64_t changes = 1 + random.below(4);
    for (std::uint64_t c = 0; c < changes; ++c) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    auto model = parse_onnx(bytes_of(bytes));
    (model.ok() ? read : refused) += 1;
    if (model.ok()) {
      const Status inferred = infer_shapes(model->graph);
      (void)inferred.ok();  // either answer will do
      EXPECT_TRUE(write_onnx(*model).ok());
    }
  }
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, 1'000);
}

// ---- hand-written wire bytes: what other writers do, and what an enemy would do ----

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}
std::string number(int field, std::uint64_t value) {
  return varint(static_cast<std::uint64_t>(field) << 3) + varint(value);
}
std::string block(int field, const std::string& content) {
  return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(content.size()) + content;
}
std::string floats(std::vector<float> values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * 4);
}
// A model that hands initialiser "w" (given here without its name) through Identity.
std::string model_of(const std::string& tensor, std::uint64_t ir = 8) {
  const std::string node = block(1, "w") + block(2, "y") + block(4, "Identity");
  const std::string graph =
      block(1, node) + block(2, "g") + block(5, tensor + block(8, "w")) + block(12, block(1, "y"));
  return number(1, ir) + block(7, graph) + block(8, number(2, 17));
}

TEST(Onnx, ReadsEveryEncodingOfATensor) {
  struct Row {
    const char* why;
    std::string tensor;
    Tensor expected;
  };
  const std::string two = number(1, 2);
  const auto half = [](std::uint16_t a, std::uint16_t b, ElementType type) {
    Tensor t(type, {2});
    std::memcpy(t.bytes().data(), &a, 2);
    std::memcpy(t.bytes().data() + 2, &b, 2);
    return t;
  };
  const std::vector<Row> rows = {
      {"raw floats", two + number(2, 1) + block(9, floats({1, -2})),
       Tensor::of<float>({2}, {1, -2})},
      {"packed floats", two + number(2, 1) + block(4, floats({1, -2})),
       Tensor::of<float>({2}, {1, -2})},
      {"raw left empty beside values", two + number(2, 1) + block(4, floats({3, 4})) + block(9, ""),
       Tensor::of<float>({2}, {3, 4})},
      {"packed integers", two + number(2, 7) + block(7, varint(5) + varint(UINT64_MAX)),
       Tensor::of<std::int64_t>({2}, {5, -1})},
      {"integers one by one", two + number(2, 7) + number(7, 5) + number(7, 6),
       Tensor::of<std::int64_t>({2}, {5, 6})},
      {"int8 in int32", two + number(2, 3) + block(5, varint(1) + varint(UINT64_MAX)),
       Tensor::of<std::int8_t>({2}, {1, -1})},
      {"uint32 in uint64", two + number(2, 12) + block(11, varint(1) + varint(4294967295u)),
       Tensor::of<std::uint32_t>({2}, {1, 4294967295u})},
      {"bool in int32", two + number(2, 9) + block(5, varint(7) + varint(0)),
       Tensor::of<bool>({2}, {true, false})},
      {"raw bools other than 0 and 1", two + number(2, 9) + block(9, std::string("\x02\x00", 2)),
       Tensor::of<bool>({2}, {true, false})},
      {"float16 bits", two + number(2, 10) + block(5, varint(0x3c00) + varint(0xbc00)),
       half(0x3c00, 0xbc00, ElementType::kFloat16)},
      {"bfloat16 bits", two + number(2, 16) + block(5, varint(0x3f80) + varint(0)),
       half(0x3f80, 0, ElementType::kBfloat16)},
      {"strings", two + number(2, 8) + block(6, "a") + block(6, ""),
       Tensor::strings({2}, {"a", ""})},
      {"double scalar", number(2, 11) + block(9, std::string(8, '\0')), Tensor::scalar<double>(0)},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto model = parse_onnx(bytes_of(model_of(row.tensor)));
    ASSERT_TRUE(model.ok()) << model.error().to_string();
    EXPECT_EQ(model->graph.initializers.at("w"), row.expected);
  }
}

TEST(Onnx, RefusesByName) {
  struct Row {
    const char* why;
    std::string bytes;
    ErrorCode code;
    std::string says;
  };
  const std::string two = number(1, 2);
  const std::string huge = number(1, std::uint64_t{1} << 40);
  std::string deep = block(4, "X");
  for (int i = 0; i < 30; ++i) deep = block(4, "X") + block(5, block(6, block(1, deep)));
  const std::string import = block(8, number(2, 17));
  const auto node_model = [&](const std::string& node, const std::string& more = "") {
    return number(1, 8) + block(7, block(1, node) + block(2, "g") + block(12, block(1, "y"))) +
           import + more;
  };
  const std::string out = block(2, "y") + block(4, "Op");
  const std::vector<Row> rows = {
      {"shape claims a terabyte", model_of(huge + number(2, 1) + block(9, "")),
       ErrorCode::kTooLarge, "w"},
      {"length is not shape x type", model_of(two + number(2, 1) + block(9, "1234567")),
       ErrorCode::kBadModel, "7 bytes"},
      {"negative size", model_of(number(1, UINT64_MAX) + number(2, 1)), ErrorCode::kBadShape, "w"},
      {"8-bit float", model_of(two + number(2, 17) + block(9, "12")), ErrorCode::kBadModel,
       "float8e4m3fn"},
      {"external data in memory", model_of(two + number(2, 1) + number(14, 1)),
       ErrorCode::kBadModel, "another file"},
      {"IR of the future", model_of(two + number(2, 1) + block(9, floats({1, 2})), 99),
       ErrorCode::kBadModel, "IR version 99"},
      {"subgraphs without end", node_model(out + block(5, block(6, block(1, deep)))),
       ErrorCode::kTooLarge, "nested"},
      {"function that calls itself",
       node_model(out, block(25, block(1, "Op") + block(5, "y") + block(7, out))),
       ErrorCode::kTooLarge, "call each other"},
      {"function of fewer outputs", node_model(out, block(25, block(1, "Op"))),
       ErrorCode::kBadModel, "function 'Op'"},
      {"list of tensors as attribute", node_model(out + block(5, block(1, "a") + number(20, 9))),
       ErrorCode::kBadModel, "tensors"},
      {"unknown input", node_model(block(1, "nowhere") + out), ErrorCode::kBadModel, "'nowhere'"},
      {"cycle", node_model(block(1, "y") + out), ErrorCode::kBadModel, "cycle"},
      {"value written twice", node_model(out + block(2, "y")), ErrorCode::kBadModel, "written by"},
      {"domain without a version", node_model(out + block(7, "com.example")), ErrorCode::kBadModel,
       "com.example"},
      {"map as output",
       number(1, 8) + block(7, block(1, out) + block(12, block(1, "y") + block(2, block(5, "")))) +
           import,
       ErrorCode::kBadModel, "map"},
      {"text file", "hello world, this is no model", ErrorCode::kBadModel, "not an ONNX model"},
      {"empty", "", ErrorCode::kBadModel, "not an ONNX model"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto model = parse_onnx(bytes_of(row.bytes));
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().code(), row.code) << model.error().to_string();
    EXPECT_NE(model.error().to_string().find(row.says), std::string::npos)
        << model.error().to_string();
  }
}

TEST(Onnx, ASmallFileCannotClaimALargeMemory) {
  // Two bytes a node on the wire, some hundred in memory.
  std::string nodes;
  for (std::size_t i = 0; i <= limits::kProtobufValues; ++i) nodes += block(1, "");
  const auto model = parse_onnx(bytes_of(number(1, 8) + block(7, nodes)));
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code(), ErrorCode::kTooLarge);
}

// dims [2], float32, two values, name "t".
std::string tensor_message() {
  const std::array<float, 2> values = {1.5F, -2};
  std::string out = "\x08\x02\x10\x01\x42\x01t\x22\x08";
  out.append(reinterpret_cast<const char*>(values.data()), sizeof(values));
  return out;
}
// A field of this number that holds a message.
std::string field(char number, const std::string& message) {
  return std::string(1, static_cast<char>(number << 3 | 2)) + static_cast<char>(message.size()) +
         message;
}

TEST(OnnxValue, ReadsTensorsSequencesAndOptionals) {
  const Tensor wanted = Tensor::of<float>({2}, {1.5F, -2});
  const std::string tensor = tensor_message();
  const auto one = parse_onnx_value(bytes_of(tensor), ValueKind::kTensor);
  ASSERT_TRUE(one.ok()) << one.error().to_string();
  EXPECT_EQ(one->name, "t");
  EXPECT_EQ(*one->value.tensor(), wanted);
  const std::string sequence = "\x10\x01" + field(3, tensor) + field(3, tensor);
  const auto two = parse_onnx_value(bytes_of(sequence), ValueKind::kSequence);
  ASSERT_TRUE(two.ok()) << two.error().to_string();
  ASSERT_EQ(two->value.sequence()->items.size(), 2U);
  EXPECT_EQ(*two->value.sequence()->items[1], wanted);
  const std::string optional = "\x10\x03" + field(5, sequence);
  const auto held = parse_onnx_value(bytes_of(optional), ValueKind::kOptionalSequence);
  ASSERT_TRUE(held.ok()) << held.error().to_string();
  EXPECT_NE(held->value.sequence(), nullptr);
  const auto empty = parse_onnx_value(bytes_of("\x10\x01"), ValueKind::kOptional);
  ASSERT_TRUE(empty.ok()) << empty.error().to_string();
  EXPECT_TRUE(empty->value.nothing());
}

TEST(OnnxValue, RefusesWhatIsCutShortOrOfAnotherKind) {
  const std::string tensor = tensor_message();
  EXPECT_FALSE(parse_onnx_value(bytes_of(tensor.substr(0, 12)), ValueKind::kTensor).ok());
  EXPECT_FALSE(parse_onnx_value(bytes_of(""), ValueKind::kTensor).ok());
  const std::string maps = "\x10\x04";
  EXPECT_FALSE(parse_onnx_value(bytes_of(maps), ValueKind::kSequence).ok());
}

TEST(Onnx, KeepsKindsOfInputsAndOutputs) {
  Model model;
  for (const ValueKind kind : {ValueKind::kTensor, ValueKind::kSequence, ValueKind::kOptional,
                               ValueKind::kOptionalSequence}) {
    const std::string name = "v" + std::to_string(static_cast<int>(kind));
    model.graph.inputs.push_back({name, ElementType::kInt64, {2, -1}, true, kind});
    model.graph.outputs.push_back(model.graph.inputs.back());
  }
  const auto bytes = write_onnx(model);
  ASSERT_TRUE(bytes.ok()) << bytes.error().to_string();
  const auto again = parse_onnx(bytes_of(*bytes));
  ASSERT_TRUE(again.ok()) << again.error().to_string();
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(again->graph.inputs[i].kind, model.graph.inputs[i].kind);
    EXPECT_EQ(again->graph.outputs[i].type, ElementType::kInt64);
    EXPECT_EQ(again->graph.outputs[i].shape, (Shape{2, -1}));
  }
}

// y = Op(x, by: 3) with Op(a) = Inner(Scale(a, alpha: by)), Inner(b) = Neg(b).
TEST(Onnx, WritesOutTheModelsOwnFunctions) {
  const std::string by = block(1, "by") + number(3, 3) + number(20, 2);
  const std::string alpha = block(1, "alpha") + number(20, 2) + block(21, "by");
  const auto call = [](const std::string& op, const std::string& in, const std::string& out) {
    return block(1, in) + block(2, out) + block(4, op);
  };
  const std::string scale = call("Scale", "a", "t") + block(5, alpha);
  const std::string op = block(1, "Op") + block(4, "a") + block(5, "r") + block(7, scale) +
                         block(7, call("Inner", "t", "r") + block(7, "own")) +
                         block(9, block(1, "own") + number(2, 1)) + block(9, number(2, 17));
  const std::string inner = block(1, "Inner") + block(4, "b") + block(5, "c") + block(10, "own") +
                            block(7, call("Neg", "b", "c"));
  const std::string bytes =
      number(1, 8) +
      block(7, block(1, call("Op", "x", "y") + block(5, by)) +
                   block(1, call("Op", "y", "z") + block(5, by)) + block(2, "g") +
                   block(11, block(1, "x")) + block(12, block(1, "z"))) +
      block(25, op) + block(25, inner) + block(8, number(2, 17));
  const auto model = parse_onnx(bytes_of(bytes));
  ASSERT_TRUE(model.ok()) << model.error().to_string();
  const auto& nodes = model->graph.nodes;
  ASSERT_EQ(nodes.size(), 4U);
  EXPECT_EQ(nodes[0].op, "Scale");
  EXPECT_EQ(nodes[0].inputs, std::vector<std::string>{"x"});
  EXPECT_EQ(nodes[0].integer("alpha", 0), 3);
  EXPECT_EQ(nodes[1].op, "Neg");
  EXPECT_EQ(nodes[1].inputs, nodes[0].outputs);
  EXPECT_EQ(nodes[1].outputs, std::vector<std::string>{"y"});
  EXPECT_NE(nodes[0].outputs, nodes[2].outputs) << "each call has values of its own";
}

// Exporters end a classifier in maps from label to score; the scores stay a tensor.
TEST(Onnx, ZipMapPassesScoresThrough) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 3});
  const auto zipped = b.node(
      "ZipMap", {x}, {{"classlabels_int64s", std::vector<std::int64_t>{1, 2, 3}}}, "ai.onnx.ml");
  b.output(zipped, "scores");
  Model model;
  model.graph = std::move(b).build().value();
  model.opsets = {{"ai.onnx.ml", 1}};
  const auto bytes = write_onnx(model);
  ASSERT_TRUE(bytes.ok()) << bytes.error().to_string();
  const auto again = parse_onnx(bytes_of(*bytes));
  ASSERT_TRUE(again.ok()) << again.error().to_string();
  EXPECT_EQ(again->graph.nodes[0].op, "Identity");
  EXPECT_TRUE(again->graph.nodes[0].attributes.empty());
  EXPECT_EQ(again->opsets.count(""), 1U);
}

}  // namespace
}  // namespace tenbin
