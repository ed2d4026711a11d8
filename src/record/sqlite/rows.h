// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "record/ledger.h"

namespace tenbin {

class Database;

// Lines to rows and back. Callers hold the transaction.
Status insert(Database& db, const RunLine& line);
Status insert(Database& db, const StageLine& line);
Status insert(Database& db, const EventLine& line);
Status insert(Database& db, const MeasurementLine& line);
Status insert(Database& db, const ArtefactLine& line);
Status insert(Database& db, const DecisionLine& line);
Status insert(Database& db, const RunEndLine& line);
Result<RunRecord> read_run(Database& db, const std::string& id);

}  // namespace tenbin
