// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "bench/harness/options.h"
#include "bench/harness/peer.h"

namespace tenbin::bench {

// How to start a peer by name: tenbin, reference, libtorch, onnxruntime, torch_debian,
// torch_modern. Error
// kMissingPlugin: it is not here, with how to get it.
Result<PeerCommand> find_peer(const std::string& name, const Options& options);

// Of the peers a bench can use (Debian's and the modern ones), those that were asked for.
std::vector<std::string> wanted_peers(const std::vector<std::string>& debian,
                                      const std::vector<std::string>& modern,
                                      const Options& options);

}  // namespace tenbin::bench
