// SPDX-License-Identifier: Apache-2.0
#include "http/exchange.h"

namespace tenbin {
namespace {

std::string_view find(const std::vector<HttpRequest::Header>& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const { return find(headers, name); }
std::string_view HttpResponse::header(std::string_view name) const { return find(headers, name); }

}  // namespace tenbin
