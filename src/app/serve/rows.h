// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "serve/request.h"
#include "serve/served_version.h"

namespace tenbin {

enum class RowsForm { kJson, kCsv };

// Rows of raw columns as inputs of a model whose preprocessing is inside. JSON: an array of
// objects,
// {"rows": [...]}, or one object; CSV: a header and lines (RFC 4180). An input [rows, 1] or [rows]
// takes the column of its name; the only input of a model, [rows, F] of numbers, takes F columns in
// their order. Missing (null, empty or absent): NaN of floats, the smallest of integers, an empty
// text. More columns may be present. Errors kBadRequest: text that is not of the form;
// kInputMismatch with row, column and what was expected.
Result<std::vector<NamedTensor>> tensors_of_rows(std::string_view text, RowsForm form,
                                                 std::span<const ValueInfo> inputs);

// Answers as JSON, an object a row: outputs by name, and what has a value for each class of the
// model as an object by class.
std::string rows_of_answer(const InferAnswer& answer, const ServedVersion& version);

}  // namespace tenbin
