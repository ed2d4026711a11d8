// SPDX-License-Identifier: Apache-2.0
// One image a file, one folder a class.
#include <algorithm>
#include <map>

#include "base/limits.h"
#include "data/format.h"
#include "data/formats/class_folders.h"
#include "data/images/decode.h"
#include "platform/digest.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::int64_t kFileBytes = std::int64_t{256} << 20;
constexpr int kMostSide = 128;  // when the sizes differ and none was asked for
constexpr double kMostSkipped = 0.01;

bool wanted(const std::string& extension) {
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png" || extension == ".webp";
}

struct Headers {
  std::vector<std::size_t> kept;  // files whose header is in order
  std::vector<ImageSize> sizes;
  std::vector<std::string> bad;  // what is wrong with the others
};

int median_of(std::vector<int> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Leaves an image out, or fails when too many were.
Status leave_out(const Error& error, const ClassedFile& file, const ReadOptions& options,
                 std::size_t files, std::vector<std::string>& bad) {
  bad.push_back(file.path + ": " + error.message());
  const double share = std::min(options.skip_bad_images.value, kMostSkipped);
  if (static_cast<double>(bad.size()) <= share * static_cast<double>(files)) return {};
  return Error(error.code(), error.message(), file.path,
               "mend or remove the file, or let up to 1% be left out with --skip-bad-images 1%");
}

Result<Headers> read_headers(FileSystem& files, const ClassFolders& folders,
                             const ReadOptions& options) {
  Headers out;
  const auto all = static_cast<std::int64_t>(folders.files.size());
  for (std::size_t i = 0; i < folders.files.size(); ++i) {
    const auto done = static_cast<std::int64_t>(i);
    TENBIN_CHECK(options.between({"looking at images", "files", done, all}));
    const ClassedFile& file = folders.files[i];
    TENBIN_TRY(const std::string bytes, files.read_text(file.path, kFileBytes));
    const auto size = image_size(bytes);
    if (!size.ok()) {
      TENBIN_CHECK(leave_out(size.error(), file, options, folders.files.size(), out.bad));
      continue;
    }
    out.kept.push_back(i);
    out.sizes.push_back(*size);
  }
  return out;
}

// Height, width and channels that all images get, and why.
Shape common_shape(const std::vector<ImageSize>& sizes, const ReadOptions& options,
                   std::vector<std::string>& notes) {
  std::vector<int> heights, widths;
  bool grey = true, same = true;
  for (const ImageSize& size : sizes) {
    heights.push_back(size.height);
    widths.push_back(size.width);
    grey = grey && size.grey;
    same = same && size.height == sizes.front().height && size.width == sizes.front().width;
  }
  int height = median_of(heights), width = median_of(widths);
  if (!same) {
    height = std::min(height, kMostSide);
    width = std::min(width, kMostSide);
  }
  if (options.image_height > 0) height = options.image_height;
  if (options.image_width > 0) width = options.image_width;
  const int channels = options.image_channels > 0 ? options.image_channels : (grey ? 1 : 3);
  const std::string size_text = std::to_string(width) + " x " + std::to_string(height);
  if (!same) {
    notes.push_back("images of different sizes (" +
                    std::to_string(*std::min_element(widths.begin(), widths.end())) + " to " +
                    std::to_string(*std::max_element(widths.begin(), widths.end())) +
                    " wide) were brought to " + size_text);
  } else if (height != sizes.front().height || width != sizes.front().width) {
    notes.push_back("images were brought to " + size_text);
  }
  return {height, width, channels};
}

// One image into its place in the tensor.
Status place_image(const std::string& bytes, const Shape& shape, std::uint8_t* into) {
  TENBIN_TRY(const Image raw, decode_image(bytes, static_cast<int>(shape[2])));
  const Image image = resize_image(raw, static_cast<int>(shape[0]), static_cast<int>(shape[1]));
  std::copy(image.pixels.begin(), image.pixels.end(), into);
  return {};
}

Result<Column> decode_all(FileSystem& files, const ClassFolders& folders,
                          const ReadOptions& options, Headers& headers, Dataset& out) {
  const Shape shape = common_shape(headers.sizes, options, out.notes);
  const auto image_bytes = static_cast<std::size_t>(shape[0] * shape[1] * shape[2]);
  TENBIN_TRY(const std::int64_t elements,
             element_count(
                 {static_cast<std::int64_t>(headers.kept.size()), shape[0], shape[1], shape[2]}));
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(elements));
  Digest digest;
  std::vector<std::size_t> kept;
  const auto all = static_cast<std::int64_t>(headers.kept.size());
  for (const std::size_t i : headers.kept) {
    const auto done = static_cast<std::int64_t>(kept.size());
    TENBIN_CHECK(options.between({"decoding images", "files", done, all}));
    const ClassedFile& file = folders.files[i];
    TENBIN_TRY(const std::string bytes, files.read_text(file.path, kFileBytes));
    digest.add(bytes);
    out.bytes += static_cast<std::int64_t>(bytes.size());
    const Status placed = place_image(bytes, shape, pixels.data() + kept.size() * image_bytes);
    if (!placed.ok()) {
      TENBIN_CHECK(leave_out(placed.error(), file, options, folders.files.size(), headers.bad));
      continue;
    }
    kept.push_back(i);
  }
  headers.kept = std::move(kept);
  pixels.resize(headers.kept.size() * image_bytes);
  out.digest = digest.hex();
  Column images;
  images.name = "image";
  images.type = ColumnType::kImage;
  images.why = "image files";
  images.images = Tensor::of<std::uint8_t>(
      {static_cast<std::int64_t>(headers.kept.size()), shape[0], shape[1], shape[2]},
      std::span<const std::uint8_t>(pixels));
  return images;
}

Status check_options(const ReadOptions& options) {
  const int channels = options.image_channels;
  if (channels != 0 && channels != 1 && channels != 3) {
    return Error(ErrorCode::kBadValue,
                 "images of " + std::to_string(channels) + " channels, expected 1 or 3",
                 "--image-channels");
  }
  for (const int side : {options.image_height, options.image_width}) {
    if (side < 0 || side > 4096) {
      return Error(ErrorCode::kBadValue,
                   "images of " + std::to_string(side) + " pixels a side, expected up to 4096");
    }
  }
  return {};
}

Result<Dataset> read(FileSystem& files, const FormatProbe& probe, const ReadOptions& options) {
  TENBIN_CHECK(check_options(options));
  Dataset out;
  out.format = "image_folder";
  TENBIN_TRY(const ClassFolders folders, list_class_folders(files, probe, options, wanted));
  TENBIN_TRY(Headers headers, read_headers(files, folders, options));
  TENBIN_TRY(Column images, decode_all(files, folders, options, headers, out));
  out.table.rows = images.rows();
  out.table.columns.push_back(std::move(images));
  add_labels(folders, headers.kept, options.label_name, out);
  for (const std::string& bad : headers.bad) out.notes.push_back("left out: " + bad);
  return out;
}

bool matches(const FormatProbe& probe) {
  return probe.is_folder && std::any_of(probe.inner.begin(), probe.inner.end(),
                                        [](const auto& known) { return wanted(known.first); });
}

}  // namespace

const FormatEntry& format_image_folder() {
  static const FormatEntry entry{
      "image_folder",
      {},
      "Folder of JPEG, PNG or WebP images, one sub-folder for each class.",
      matches,
      read};
  return entry;
}

}  // namespace tenbin
