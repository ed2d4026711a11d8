// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <optional>

#include "base/limits.h"
#include "data/compression/expand.h"
#include "data/format.h"
#include "platform/digest.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kMostBytes = std::int64_t{8} << 30;

struct IdxFile {
  std::vector<std::int64_t> sizes;
  std::string bytes;  // with the header
  std::size_t header = 0;
  std::int64_t read = 0;  // bytes of the file as stored
};

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

Error bad_idx(const std::string& path, const std::string& what) {
  return Error(ErrorCode::kMalformedData, what, path);
}

// The types of elements that IDX knows, by the third byte of its magic number.
struct IdxType {
  int code;
  const char* name;
};
constexpr IdxType kTypes[] = {{0x08, "unsigned bytes"}, {0x09, "signed bytes"}, {0x0b, "shorts"},
                              {0x0c, "whole numbers"},  {0x0d, "floats"},       {0x0e, "doubles"}};

const char* type_of(char code) {
  for (const IdxType& type : kTypes) {
    if (type.code == code) return type.name;
  }
  return nullptr;
}

// Two zero bytes, then what is a type or a number of dimensions of IDX.
bool looks_like_idx(std::string_view bytes) {
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0) return false;
  return type_of(bytes[2]) != nullptr || (bytes[3] >= 1 && bytes[3] <= 4);
}

Status check_magic(std::string_view bytes, const std::string& path) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const bool whole = bytes.size() >= 4;
  if (whole && byte(0) == 0 && byte(1) == 0 && byte(2) == 8 && byte(3) >= 1 && byte(3) <= 4) {
    return {};
  }
  std::string found = "less than four bytes";
  if (whole) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%02x %02x %02x %02x", byte(0), byte(1), byte(2),
                  byte(3));
    found = text.data();
    const char* type = byte(0) == 0 && byte(1) == 0 ? type_of(bytes[2]) : nullptr;
    if (type != nullptr) {
      found += std::string(" (") + type + ", " + std::to_string(byte(3)) +
               (byte(3) == 1 ? " dimension)" : " dimensions)");
    }
  }
  return bad_idx(path, "IDX magic number is " + found +
                           ", expected 00 00 08 03 (images), 00 00 08 01 (labels) or another of "
                           "unsigned bytes in 1 to 4 dimensions");
}

Result<IdxFile> read_idx(FileSystem& files, const std::string& path, const StopQuestion& may_go_on,
                         Digest& digest) {
  IdxFile out;
  TENBIN_TRY(std::string stored, files.read_text(path, kMostBytes));
  digest.add(stored);
  out.read = static_cast<std::int64_t>(stored.size());
  TENBIN_CHECK(may_go_on());
  if (is_compressed(stored)) {
    auto plain = expand_bytes(stored, {kMostBytes, false, may_go_on});
    if (!plain.ok()) return Error(plain.error()).at(path);
    stored = std::move(*plain);
  }
  TENBIN_CHECK(check_magic(stored, path));
  const auto rank = static_cast<std::size_t>(stored[3]);
  out.header = 4 + 4 * rank;
  if (stored.size() < out.header) {
    return bad_idx(path, "IDX ends in its header, expected " + std::to_string(rank) +
                             " sizes of four bytes behind the magic number");
  }
  for (std::size_t i = 0; i < rank; ++i) {
    out.sizes.push_back(static_cast<std::int64_t>(big_endian(stored, 4 + 4 * i)));
  }
  TENBIN_TRY(const std::int64_t count, element_count(out.sizes));
  const auto found = static_cast<std::int64_t>(stored.size() - out.header);
  if (found != count) {
    return bad_idx(path, "IDX holds " + std::to_string(found) + " bytes, its header says " +
                             to_text(out.sizes));
  }
  out.bytes = std::move(stored);
  return out;
}

std::optional<std::string> partner_of(const std::vector<std::string>& names,
                                      const std::string& images) {
  std::string labels = images;
  for (const auto& [from, to] :
       {std::pair<std::string, std::string>{"images", "labels"}, {"idx3", "idx1"}}) {
    if (const auto at = labels.find(from); at != std::string::npos)
      labels.replace(at, from.size(), to);
  }
  const bool there =
      labels != images && std::find(names.begin(), names.end(), labels) != names.end();
  return there ? std::optional(labels) : std::nullopt;
}

bool names_test(const std::string& name) {
  return name.starts_with("t10k") || name.find("test") != std::string::npos;
}

bool is_images(const std::string& name) { return name.find("idx3") != std::string::npos; }

// Appends one pair of files to the table under construction; without labels, images alone.
Status append_pair(FileSystem& files, const std::string& folder, const std::string& images_name,
                   const std::optional<std::string>& labels_name, const StopQuestion& may_go_on,
                   Digest& digest, std::vector<std::uint8_t>& pixels, Shape& image_shape,
                   Column& labels, Dataset& out) {
  const std::string path = join_path(folder, images_name);
  TENBIN_TRY(IdxFile images, read_idx(files, path, may_go_on, digest));
  IdxFile answers;
  if (labels_name) {
    TENBIN_TRY(answers, read_idx(files, join_path(folder, *labels_name), may_go_on, digest));
  }
  if (images.sizes.size() != 3 || (labels_name && answers.sizes.size() != 1)) {
    return bad_idx(path, "expected images [n, height, width] and labels [n]");
  }
  if (labels_name && images.sizes[0] != answers.sizes[0]) {
    return bad_idx(path, std::to_string(images.sizes[0]) + " images but " +
                             std::to_string(answers.sizes[0]) + " labels");
  }
  const Shape shape = {images.sizes[1], images.sizes[2], 1};
  if (!image_shape.empty() && image_shape != shape) {
    return bad_idx(path,
                   "images of " + to_text(shape) + " beside others of " + to_text(image_shape));
  }
  image_shape = shape;
  const auto* first = reinterpret_cast<const std::uint8_t*>(images.bytes.data()) + images.header;
  pixels.insert(pixels.end(), first, first + images.bytes.size() - images.header);
  if (!labels_name) {
    labels.numbers.resize(labels.numbers.size() + static_cast<std::size_t>(images.sizes[0]), kNaN);
  }
  for (std::size_t i = answers.header; i < answers.bytes.size(); ++i) {
    labels.numbers.push_back(static_cast<double>(static_cast<unsigned char>(answers.bytes[i])));
  }
  out.given_test.resize(labels.numbers.size(), names_test(images_name) ? 1 : 0);
  out.bytes += images.read + answers.read;
  out.notes.push_back(images_name + ": " + std::to_string(images.sizes[0]) + " images of " +
                      std::to_string(shape[0]) + "x" + std::to_string(shape[1]) +
                      (names_test(images_name) ? ", named test data" : ""));
  return {};
}

Result<Dataset> read(FileSystem& files, const FormatProbe& probe, const ReadOptions& options) {
  const std::string folder = probe.is_folder ? probe.path : folder_of(probe.path);
  TENBIN_TRY(std::vector<std::string> names, files.list(folder));
  std::vector<std::string> wanted = names;
  if (!probe.is_folder) wanted = {std::string(file_name(probe.path))};
  // Training files before test files, whatever their names.
  std::stable_sort(wanted.begin(), wanted.end(),
                   [](const auto& a, const auto& b) { return names_test(a) < names_test(b); });
  Dataset out;
  out.format = "idx";
  Digest digest;
  std::vector<std::uint8_t> pixels;
  Shape image_shape;
  Column labels;
  labels.name = options.label_name;
  labels.integral = true;
  labels.why = "labels of the IDX files";
  for (const std::string& name : wanted) {
    if (probe.is_folder && !is_images(name)) continue;
    const auto partner = partner_of(names, name);
    TENBIN_CHECK(append_pair(files, folder, name, partner, options.may_go_on, digest, pixels,
                             image_shape, labels, out));
    // New rows to be answered need none.
    if (!partner && options.expected.empty()) {
      return bad_idx(join_path(folder, name), "no file of labels beside these images");
    }
  }
  out.table.rows = labels.rows();
  if (out.table.rows == 0) return Error(ErrorCode::kEmptyData, "no images", probe.path);
  const bool both = std::count(out.given_test.begin(), out.given_test.end(), 1) > 0 &&
                    std::count(out.given_test.begin(), out.given_test.end(), 0) > 0;
  if (!both) out.given_test.clear();
  Column images;
  images.name = "image";
  images.type = ColumnType::kImage;
  images.why = "images of the IDX files";
  image_shape.insert(image_shape.begin(), out.table.rows);
  images.images = Tensor::of<std::uint8_t>(image_shape, std::span<const std::uint8_t>(pixels));
  out.table.columns.push_back(std::move(images));
  out.table.columns.push_back(std::move(labels));
  out.digest = digest.hex();
  return out;
}

bool matches(const FormatProbe& probe) {
  if (probe.is_folder) return std::any_of(probe.entries.begin(), probe.entries.end(), is_images);
  if (is_images(std::string(file_name(probe.path)))) return true;  // its magic is judged when read
  return looks_like_idx(probe.head);
}

}  // namespace

const FormatEntry& format_idx() {
  static const FormatEntry entry{
      "idx", {".idx", ".ubyte"}, "Images and labels as MNIST files, also gzip.", matches, read};
  return entry;
}

}  // namespace tenbin
