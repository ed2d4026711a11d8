// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/serve/serve_options.h"
#include "base/json.h"
#include "base/result.h"
#include "serve/model_server.h"

namespace tenbin {

class FileSystem;
struct MachineFacts;

// Where the energy of the serving process went, since it started. The accounts sum to the total.
struct ServingEnergy {
  Energy total, requests, padding, overhead, idle;
  Provenance provenance = Provenance::kModelled;
  std::string source;
  double relative_error = 0;  // half of the 95 % interval
  double cost = 0;            // in main units of `currency`
  Currency currency;
  double carbon_grams = 0;
};

// A server's models, its meter, and what joins them. Thread-safe.
class Serving {
 public:
  // Finds the models and begins to load them; start() waits for that. Borrowed: files, clock.
  static Result<std::unique_ptr<Serving>> open(const ServeOptions& options, FileSystem& files,
                                               Clock& clock, const MachineFacts& machine);
  virtual ~Serving() = default;
  // Loads all models. Error: the first that cannot be loaded, unless another one can.
  virtual Status load_all() = 0;
  virtual ModelServer& models() = 0;
  virtual const ServeOptions& options() const = 0;
  virtual int threads() const = 0;
  virtual ServingEnergy energy() const = 0;
  virtual std::string meter_line() const = 0;
  // Settles the energy and writes the ledger's last lines, if there is one. Once, when no request
  // is under way any more.
  virtual Status finish() = 0;
  // What could not be loaded, in words.
  virtual std::vector<std::string> notes() const = 0;
};

}  // namespace tenbin
