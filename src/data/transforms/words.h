// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenbin {

// The words of a text as the exported fragment sees them: ASCII letters in lower case (ONNX
// StringNormalizer, locale "C"), split at blanks, runs of blanks counting once (StringSplit).
// White space other than blanks counts as blanks, see with_blanks().
std::vector<std::string> words_of(std::string_view text);

// The text with tabs, line ends and other ASCII white space as blanks. ONNX Runtime's StringSplit
// knows blanks alone, so raw text passes through here on its way into a model.
std::string with_blanks(std::string_view text);

}  // namespace tenbin
