// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "data/read.h"
#include "graph/graph.h"

namespace tenbin {

class FileSystem;

// The rows of a data file as inputs of any model. Columns are found by the name of the input where
// there is one; an input [N, F] of numbers takes F columns in their order; an image input takes the
// images, as floats between 0 and 1 unless it takes bytes.
class ModelRows {
 public:
  // Errors: those of reading; kInputMismatch with what an input wants and what the data has.
  static Result<ModelRows> open(const Model& model, const std::string& path,
                                const ReadOptions& options, FileSystem& files);

  std::int64_t count() const { return data_.table.rows; }
  const std::vector<std::string>& notes() const { return data_.notes; }
  const Dataset& data() const { return data_; }
  // The rows picked, for `inputs` of the model in that order. Error kInputMismatch with the column
  // and the value that cannot be converted.
  Result<std::vector<Tensor>> at(std::span<const ValueInfo> inputs,
                                 std::span<const std::int64_t> rows) const;

 private:
  struct Source {
    std::vector<std::size_t> columns;  // of the table
    bool image = false, channels_first = false;
  };
  Status read_by_name(const Model& model, const std::string& path, const ReadOptions& options,
                      FileSystem& files);
  Status assign(const Model& model);
  Status assign_columns(const ValueInfo& input, std::vector<bool>& taken);
  Status assign_image(const ValueInfo& input);
  Result<Tensor> tensor_of(const ValueInfo& input, const Source& source,
                           std::span<const std::int64_t> rows) const;
  Result<Tensor> image_of(const ValueInfo& input, const Source& source,
                          std::span<const std::int64_t> rows) const;

  Dataset data_;
  bool by_name_ = false;                   // as fit writes models: column_tensors() does it
  std::map<std::string, Source> sources_;  // by input
};

}  // namespace tenbin
