// SPDX-License-Identifier: Apache-2.0
#include "record/ledger.h"

namespace tenbin {

Result<std::unique_ptr<Ledger>> Ledger::open(const std::string& path, LedgerMode /*mode*/,
                                             Duration /*patience*/) {
  return Error(ErrorCode::kMissingCapability, "this build keeps no ledger", path,
               "leave --ledger out, or serve with the whole tenbin");
}

}  // namespace tenbin
