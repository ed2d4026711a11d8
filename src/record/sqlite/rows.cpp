// SPDX-License-Identifier: Apache-2.0
#include "record/sqlite/rows.h"

#include "record/sqlite/database.h"

namespace tenbin {
namespace {

Status finish(Statement& statement) {
  TENBIN_TRY([[maybe_unused]] const bool row, statement.step());
  return {};
}

void bind(Statement& s, const EnergyLine& e) {
  if (e.value) {
    s.bind(e.value->nanojoules);
  } else {
    s.bind_null();
  }
  s.bind(e.lo.nanojoules).bind(e.hi.nanojoules).bind(provenance_name(e.provenance));
  s.bind(std::string_view(e.source)).bind(static_cast<std::int64_t>(e.scope));
  s.bind(std::string_view(&e.grade, 1)).bind(static_cast<std::int64_t>(e.flags));
  s.bind(std::string_view(e.reason));
}

EnergyLine energy(Statement& s) {
  EnergyLine e;
  if (!s.is_null()) {
    e.value = Energy{s.integer()};
  } else {
    s.skip();
  }
  e.lo = Energy{s.integer()};
  e.hi = Energy{s.integer()};
  e.provenance = parse_provenance(s.text()).value_or(Provenance::kModelled);
  e.source = s.text();
  const std::int64_t scope = s.integer();
  const bool known = scope >= 0 && scope <= static_cast<std::int64_t>(Scope::kRequest);
  e.scope = known ? static_cast<Scope>(scope) : Scope::kNode;
  const std::string grade = s.text();
  e.grade = grade.empty() ? 'F' : grade[0];
  e.flags = static_cast<std::uint32_t>(s.integer());
  e.reason = s.text();
  return e;
}

void bind(Statement& s, const std::optional<Money>& money, const std::optional<Carbon>& carbon) {
  if (money) {
    s.bind(money->billionths).bind(money->currency.text());
  } else {
    s.bind_null().bind_null();
  }
  if (carbon) {
    s.bind(carbon->micrograms);
  } else {
    s.bind_null();
  }
}

void spend(Statement& s, std::optional<Money>& money, std::optional<Carbon>& carbon) {
  if (s.is_null()) {
    s.skip();
    s.skip();
  } else {
    Money m;
    m.billionths = s.integer();
    const std::string code = s.text();
    for (std::size_t i = 0; i < 3 && code.size() == 3; ++i) m.currency.code[i] = code[i];
    money = m;
  }
  if (s.is_null()) {
    s.skip();
  } else {
    carbon = Carbon{s.integer()};
  }
}

std::optional<double> number(Statement& s) {
  if (!s.is_null()) return s.number();
  s.skip();
  return std::nullopt;
}

Json parse_or_null(const std::string& text) {
  auto json = Json::parse(text);
  return json.ok() ? std::move(*json) : Json();
}

// Runs `sql` for the run and gives each row to `take`.
template <class Take>
Status each(Database& db, const char* sql, const std::string& run, const Take& take) {
  TENBIN_TRY(const auto s, db.prepare(sql));
  s->bind(std::string_view(run));
  for (;;) {
    TENBIN_TRY(const bool more, s->step());
    if (!more) return {};
    take(*s);
  }
}

#define TENBIN_ENERGY_NAMES                                                                 \
  "energy_nj, energy_lo_nj, energy_hi_nj, energy_provenance, energy_source, energy_scope, " \
  "energy_grade, energy_flags, energy_reason"

#define TENBIN_RUN_OF(process)                                                        \
  "SELECT kind, name, wall_started_ns, started_ns, command, machine, options, seed, " \
  "version" process " FROM runs WHERE id=?"

StageLine stage_of(Statement& s, const std::string& run) {
  StageLine line;
  line.run = run;
  line.seq = s.integer();
  line.name = s.text();
  line.begin = Duration(s.integer());
  line.end = Duration(s.integer());
  line.cpu = Duration(s.integer());
  line.items = s.integer();
  line.bytes_read = s.integer();
  line.bytes_written = s.integer();
  spend(s, line.money, line.carbon);
  line.energy = energy(s);
  return line;
}

EventLine event_of(Statement& s, const std::string& run) {
  EventLine line;
  line.run = run;
  line.seq = s.integer();
  line.stage = s.integer();
  line.what = s.text();
  line.name = s.text();
  line.begin = Duration(s.integer());
  line.end = Duration(s.integer());
  line.items = s.integer();
  line.values = parse_or_null(s.text());
  line.energy = energy(s);
  return line;
}

MeasurementLine measurement_of(Statement& s, const std::string& run) {
  MeasurementLine line;
  Measurement& m = line.measurement;
  line.run = run;
  line.name = s.text();
  m.quantity = s.text();
  m.unit = s.text();
  m.value = number(s);
  m.lo = number(s);
  m.hi = number(s);
  m.begin = Duration(s.integer());
  m.end = Duration(s.integer());
  m.samples = s.integer();
  m.max_gap = Duration(s.integer());
  m.source = s.text();
  m.scope = static_cast<Scope>(s.integer() % (static_cast<int>(Scope::kRequest) + 1));
  m.provenance = parse_provenance(s.text()).value_or(Provenance::kModelled);
  const std::string grade = s.text();
  m.grade = grade.empty() ? 'F' : grade[0];
  m.flags = static_cast<std::uint32_t>(s.integer());
  m.reason = s.text();
  return line;
}

RunEndLine end_of(Statement& s, const std::string& run) {
  RunEndLine end;
  end.run = run;
  end.status = s.text();
  end.exit_code = static_cast<int>(s.integer());
  end.reason = s.text();
  end.wall_ended_ns = s.integer();
  end.ended = Duration(s.integer());
  end.cpu = Duration(s.integer());
  end.meter_cpu = Duration(s.integer());
  end.peak_memory = s.integer();
  spend(s, end.money, end.carbon);
  end.energy = energy(s);
  return end;
}

Status read_parts(Database& db, const std::string& id, RunRecord& out) {
  TENBIN_CHECK(each(db,
                    "SELECT seq, name, begin_ns, end_ns, cpu_ns, items, bytes_read, bytes_written, "
                    "money_billionths, currency, carbon_ug, " TENBIN_ENERGY_NAMES
                    " FROM stages WHERE run=? ORDER BY seq",
                    id, [&](Statement& s) { out.stages.push_back(stage_of(s, id)); }));
  TENBIN_CHECK(each(db,
                    "SELECT seq, stage, what, name, begin_ns, end_ns, items, "
                    "vals, " TENBIN_ENERGY_NAMES " FROM events WHERE run=? ORDER BY seq",
                    id, [&](Statement& s) { out.events.push_back(event_of(s, id)); }));
  TENBIN_CHECK(each(db,
                    "SELECT name, quantity, unit, value, lo, hi, begin_ns, end_ns, samples, "
                    "max_gap_ns, source, scope, provenance, grade, flags, reason "
                    "FROM measurements WHERE run=? ORDER BY id",
                    id, [&](Statement& s) { out.measurements.push_back(measurement_of(s, id)); }));
  TENBIN_CHECK(each(db, "SELECT kind, path, sha256, bytes FROM artefacts WHERE run=? ORDER BY id",
                    id, [&](Statement& s) {
                      ArtefactLine line{id, s.text(), {}, {}, {}};
                      line.path = s.text();
                      line.sha256 = s.text();
                      line.size = Bytes{s.integer()};
                      out.artefacts.push_back(std::move(line));
                    }));
  TENBIN_CHECK(each(db,
                    "SELECT wall_ns, what, choice, reason FROM decisions WHERE run=? ORDER BY id",
                    id, [&](Statement& s) {
                      DecisionLine line{id, s.integer(), {}, {}, {}};
                      line.what = s.text();
                      line.choice = s.text();
                      line.reason = s.text();
                      out.decisions.push_back(std::move(line));
                    }));
  return each(db,
              "SELECT status, exit_code, reason, wall_ended_ns, ended_ns, cpu_ns, meter_cpu_ns, "
              "peak_memory, money_billionths, currency, carbon_ug, " TENBIN_ENERGY_NAMES
              " FROM run_ends WHERE run=?",
              id, [&](Statement& s) { out.end = end_of(s, id); });
}

}  // namespace

Status insert(Database& db, const RunLine& line) {
  TENBIN_TRY(const auto s, db.prepare("INSERT INTO runs VALUES (?,?,?,?,?,?,?,?,?,?,?)"));
  s->bind(std::string_view(line.id)).bind(std::string_view(line.kind));
  s->bind(std::string_view(line.name)).bind(line.wall_started_ns).bind(line.started.count());
  s->bind(std::string_view(Json::array_of(line.command).dump()));
  s->bind(std::string_view(line.machine.dump())).bind(std::string_view(line.options.dump()));
  s->bind(static_cast<std::int64_t>(line.seed)).bind(std::string_view(line.version));
  s->bind(std::string_view(line.process));
  return finish(*s);
}

Status insert(Database& db, const StageLine& line) {
  TENBIN_TRY(const auto s,
             db.prepare("INSERT INTO stages VALUES (?,?,?,?,?,?,?,?,?, ?,?,?, ?,?,?,?,?,?,?,?,?)"));
  s->bind(std::string_view(line.run)).bind(line.seq).bind(std::string_view(line.name));
  s->bind(line.begin.count()).bind(line.end.count()).bind(line.cpu.count()).bind(line.items);
  s->bind(line.bytes_read).bind(line.bytes_written);
  bind(*s, line.money, line.carbon);
  bind(*s, line.energy);
  return finish(*s);
}

Status insert(Database& db, const EventLine& line) {
  TENBIN_TRY(const auto s,
             db.prepare("INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?, ?,?,?,?,?,?,?,?,?)"));
  s->bind(std::string_view(line.run)).bind(line.seq).bind(line.stage);
  s->bind(std::string_view(line.what)).bind(std::string_view(line.name));
  s->bind(line.begin.count()).bind(line.end.count()).bind(line.items);
  s->bind(std::string_view(line.values.dump()));
  bind(*s, line.energy);
  return finish(*s);
}

Status insert(Database& db, const MeasurementLine& line) {
  TENBIN_TRY(const auto s, db.prepare("INSERT INTO measurements VALUES "
                                      "(NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
  const Measurement& m = line.measurement;
  s->bind(std::string_view(line.run)).bind(std::string_view(line.name));
  s->bind(std::string_view(m.quantity)).bind(std::string_view(m.unit));
  s->bind(m.value).bind(m.lo).bind(m.hi).bind(m.begin.count()).bind(m.end.count());
  s->bind(m.samples).bind(m.max_gap.count()).bind(std::string_view(m.source));
  s->bind(static_cast<std::int64_t>(m.scope)).bind(provenance_name(m.provenance));
  s->bind(std::string_view(&m.grade, 1)).bind(static_cast<std::int64_t>(m.flags));
  s->bind(std::string_view(m.reason));
  return finish(*s);
}

Status insert(Database& db, const ArtefactLine& line) {
  TENBIN_TRY(const auto s, db.prepare("INSERT INTO artefacts VALUES (NULL,?,?,?,?,?)"));
  s->bind(std::string_view(line.run)).bind(std::string_view(line.kind));
  s->bind(std::string_view(line.path)).bind(std::string_view(line.sha256)).bind(line.size.count);
  return finish(*s);
}

Status insert(Database& db, const DecisionLine& line) {
  TENBIN_TRY(const auto s, db.prepare("INSERT INTO decisions VALUES (NULL,?,?,?,?,?)"));
  s->bind(std::string_view(line.run)).bind(line.wall_ns).bind(std::string_view(line.what));
  s->bind(std::string_view(line.choice)).bind(std::string_view(line.reason));
  return finish(*s);
}

Status insert(Database& db, const RunEndLine& line) {
  TENBIN_TRY(const auto s, db.prepare("INSERT INTO run_ends VALUES "
                                      "(?,?,?,?,?,?,?,?,?, ?,?,?, ?,?,?,?,?,?,?,?,?)"));
  s->bind(std::string_view(line.run)).bind(std::string_view(line.status));
  s->bind(static_cast<std::int64_t>(line.exit_code)).bind(std::string_view(line.reason));
  s->bind(line.wall_ended_ns).bind(line.ended.count()).bind(line.cpu.count());
  s->bind(line.meter_cpu.count()).bind(line.peak_memory);
  bind(*s, line.money, line.carbon);
  bind(*s, line.energy);
  return finish(*s);
}

Result<RunRecord> read_run(Database& db, const std::string& id) {
  RunRecord out;
  bool found = false;
  TENBIN_TRY(const std::int64_t version, db.number("PRAGMA user_version"));
  TENBIN_CHECK(each(db, version < 2 ? TENBIN_RUN_OF(", ''") : TENBIN_RUN_OF(", process"), id,
                    [&](Statement& s) {
                      found = true;
                      RunLine& run = out.run;
                      run.id = id;
                      run.kind = s.text();
                      run.name = s.text();
                      run.wall_started_ns = s.integer();
                      run.started = Duration(s.integer());
                      const Json command = parse_or_null(s.text());
                      for (const Json& word : command.items()) {
                        run.command.push_back(word.as_string());
                      }
                      run.machine = parse_or_null(s.text());
                      run.options = parse_or_null(s.text());
                      run.seed = static_cast<std::uint64_t>(s.integer());
                      run.version = s.text();
                      run.process = s.text();
                    }));
  if (!found) return Error(ErrorCode::kUnreadableData, "the ledger has no run '" + id + "'");
  TENBIN_CHECK(read_parts(db, id, out));
  return out;
}

}  // namespace tenbin
