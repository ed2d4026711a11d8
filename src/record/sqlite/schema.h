// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace tenbin {

// "TNBL": PRAGMA application_id of a ledger.
inline constexpr int kLedgerApplicationId = 0x544e424c;

// Statements that take the schema from version i to i + 1 (docs/formats/ledger.md).
std::span<const char* const> ledger_migrations();

}  // namespace tenbin
