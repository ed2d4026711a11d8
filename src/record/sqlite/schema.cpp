// SPDX-License-Identifier: Apache-2.0
#include "record/sqlite/schema.h"

namespace tenbin {
namespace {

// Columns of one amount of energy, the same in every table that has one.
#define TENBIN_ENERGY_COLUMNS                                                                     \
  "energy_nj INTEGER, energy_lo_nj INTEGER NOT NULL, energy_hi_nj INTEGER NOT NULL, "             \
  "energy_provenance TEXT NOT NULL, energy_source TEXT NOT NULL, energy_scope INTEGER NOT NULL, " \
  "energy_grade TEXT NOT NULL, energy_flags INTEGER NOT NULL, energy_reason TEXT NOT NULL"
#define TENBIN_SPEND_COLUMNS "money_billionths INTEGER, currency TEXT, carbon_ug INTEGER"
#define TENBIN_APPEND_ONLY(table)                                 \
  "CREATE TRIGGER " table "_no_update BEFORE UPDATE ON " table    \
  " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;" \
  "CREATE TRIGGER " table "_no_delete BEFORE DELETE ON " table    \
  " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;"

constexpr const char* kMigrations[] = {
    "CREATE TABLE runs (id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, "
    "wall_started_ns INTEGER NOT NULL, started_ns INTEGER NOT NULL, command TEXT NOT NULL, "
    "machine TEXT NOT NULL, options TEXT NOT NULL, seed INTEGER NOT NULL, version TEXT NOT NULL);"
    "CREATE TABLE stages (run TEXT NOT NULL REFERENCES runs(id), seq INTEGER NOT NULL, "
    "name TEXT NOT NULL, begin_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL, "
    "cpu_ns INTEGER NOT NULL, items INTEGER NOT NULL, bytes_read INTEGER NOT NULL, "
    "bytes_written INTEGER NOT NULL, " TENBIN_SPEND_COLUMNS ", " TENBIN_ENERGY_COLUMNS
    ", PRIMARY KEY (run, seq));"
    "CREATE TABLE events (run TEXT NOT NULL REFERENCES runs(id), seq INTEGER NOT NULL, "
    "stage INTEGER NOT NULL, what TEXT NOT NULL, name TEXT NOT NULL, begin_ns INTEGER NOT NULL, "
    "end_ns INTEGER NOT NULL, items INTEGER NOT NULL, vals TEXT NOT NULL, " TENBIN_ENERGY_COLUMNS
    ", PRIMARY KEY (run, seq));"
    "CREATE TABLE measurements (id INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs(id), "
    "name TEXT NOT NULL, quantity TEXT NOT NULL, unit TEXT NOT NULL, value REAL, lo REAL, hi REAL, "
    "begin_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL, samples INTEGER NOT NULL, "
    "max_gap_ns INTEGER NOT NULL, source TEXT NOT NULL, scope INTEGER NOT NULL, "
    "provenance TEXT NOT NULL, grade TEXT NOT NULL, flags INTEGER NOT NULL, reason TEXT NOT NULL);"
    "CREATE TABLE artefacts (id INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs(id), "
    "kind TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL);"
    "CREATE TABLE decisions (id INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs(id), "
    "wall_ns INTEGER NOT NULL, what TEXT NOT NULL, choice TEXT NOT NULL, reason TEXT NOT NULL);"
    "CREATE TABLE run_ends (run TEXT PRIMARY KEY REFERENCES runs(id), status TEXT NOT NULL, "
    "exit_code INTEGER NOT NULL, reason TEXT NOT NULL, wall_ended_ns INTEGER NOT NULL, "
    "ended_ns INTEGER NOT NULL, cpu_ns INTEGER NOT NULL, meter_cpu_ns INTEGER NOT NULL, "
    "peak_memory INTEGER NOT NULL, " TENBIN_SPEND_COLUMNS ", " TENBIN_ENERGY_COLUMNS
    ");" TENBIN_APPEND_ONLY("runs") TENBIN_APPEND_ONLY("stages") TENBIN_APPEND_ONLY("events")
        TENBIN_APPEND_ONLY("measurements") TENBIN_APPEND_ONLY("artefacts")
            TENBIN_APPEND_ONLY("decisions") TENBIN_APPEND_ONLY("run_ends"),
    "ALTER TABLE runs ADD COLUMN process TEXT NOT NULL DEFAULT '';",
};

}  // namespace

std::span<const char* const> ledger_migrations() { return kMigrations; }

}  // namespace tenbin
