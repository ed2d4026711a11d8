// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace tenbin {

class Serving;

// The server as a whole: it listens, and answers with what `serving` has.
class ServeFront {
 public:
  // Listens at the options' address; nothing is answered before start(). Errors: kNetwork
  // (address), kBadConfig (tokens), kMissingCapability: a wider address than loopback without TLS
  // and tokens.
  static Result<std::unique_ptr<ServeFront>> open(Serving& serving);
  virtual ~ServeFront() = default;
  virtual void start() = 0;
  virtual std::string url() const = 0;  // "http://127.0.0.1:8080"
  virtual int port() const = 0;
  // Those of --grpc-port and --metrics-port; nothing: there is none.
  virtual std::optional<int> grpc_port() const = 0;
  virtual std::optional<int> metrics_port() const = 0;
  // A token of the role admin that was made at the start, to be shown once; nothing: the file of
  // tokens has those that may.
  virtual const std::optional<std::string>& new_token() const = 0;
  // Commands to try, for people.
  virtual std::vector<std::string> examples() const = 0;
  // Ends what is under way, then the server; returns how many connections were cut off.
  virtual std::int64_t stop(Duration at_most) = 0;
};

}  // namespace tenbin
