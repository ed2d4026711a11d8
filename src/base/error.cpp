// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <array>
#include <cstdio>

namespace tenbin {
namespace {

constexpr std::array kEntries = {
#define TENBIN_ERROR(number, name, cause, title, text) \
  ErrorEntry{ErrorCode::name, Cause::cause, title, text},
#include "base/error_codes.inc"
#undef TENBIN_ERROR
};

}  // namespace

std::span<const ErrorEntry> error_catalogue() { return kEntries; }

const ErrorEntry& error_entry(ErrorCode code) {
  for (const ErrorEntry& entry : kEntries) {
    if (entry.code == code) return entry;
  }
  return error_entry(ErrorCode::kBug);
}

std::string error_label(ErrorCode code) {
  char text[16];
  std::snprintf(text, sizeof text, "E%04d", static_cast<int>(code));
  return text;
}

int exit_code(Cause cause) {
  switch (cause) {
    case Cause::kUsage:
    case Cause::kConfig: return 2;
    case Cause::kData: return 3;
    case Cause::kCapability: return 4;
    case Cause::kBudget: return 5;
    case Cause::kRegression: return 6;
    case Cause::kNetwork: return 7;
    case Cause::kInterrupted: return 130;
    case Cause::kIo:
    case Cause::kLocked:
    case Cause::kRunFailed:
    case Cause::kNonFinite:
    case Cause::kBug: return 1;
  }
  return 1;
}

std::string_view cause_name(Cause cause) {
  switch (cause) {
    case Cause::kUsage: return "usage";
    case Cause::kConfig: return "config";
    case Cause::kData: return "data";
    case Cause::kCapability: return "capability";
    case Cause::kBudget: return "budget";
    case Cause::kRegression: return "regression";
    case Cause::kRunFailed: return "run_failed";
    case Cause::kNonFinite: return "non_finite";
    case Cause::kIo: return "io";
    case Cause::kLocked: return "locked";
    case Cause::kNetwork: return "network";
    case Cause::kBug: return "bug";
    case Cause::kInterrupted: return "interrupted";
  }
  return "bug";
}

Error::Error(ErrorCode code, std::string message, std::string where, std::string hint)
    : data_(std::make_shared<Data>(
          Data{code, std::move(message), std::move(where), std::move(hint)})) {}

Cause Error::cause() const { return error_entry(data_->code).cause; }

Error Error::at(std::string where) && {
  if (data_->where.empty()) data_->where = std::move(where);
  return std::move(*this);
}

Error Error::with_hint(std::string hint) && {
  if (data_->hint.empty()) data_->hint = std::move(hint);
  return std::move(*this);
}

std::string Error::to_string() const {
  std::string text = error_label(code()) + ": " + message();
  if (!where().empty()) text += " (at " + where() + ")";
  return text;
}

}  // namespace tenbin
