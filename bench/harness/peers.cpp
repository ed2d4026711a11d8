// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/peers.h"

#include <algorithm>

#include "platform/file_system.h"
#include "platform/plugin.h"

namespace tenbin::bench {
namespace {

constexpr const char* kDebianPython = "/usr/bin/python3";
constexpr const char* kDebianTorch = "/usr/lib/python3/dist-packages/torch/__init__.py";
constexpr const char* kModern = "torch-2.15.0";  // the folder scripts/setup makes

std::string cache_folder() {
  std::string named = environment("TENBIN_PEERS_DIR");
  if (!named.empty()) return named;
  const std::string cache = environment("XDG_CACHE_HOME");
  return join_path(cache.empty() ? join_path(environment("HOME"), ".cache") : cache, "tenbin");
}

Error absent(const std::string& path, const std::string& how) {
  return {ErrorCode::kMissingPlugin, "no " + path, {}, how};
}

Result<PeerCommand> python_peer(const std::string& python, const std::string& proof,
                                const std::string& source, const std::string& how) {
  if (!real_file_system().exists(proof)) return absent(proof, how);
  // OpenBLAS and OpenMP pools that both spin ruin each other: torch's own is set by the peer.
  return PeerCommand{{python, join_path(TENBIN_BENCH_PEERS, "peer_torch.py"), source},
                     {"OPENBLAS_NUM_THREADS=1", "PYTHONDONTWRITEBYTECODE=1"}};
}

}  // namespace

Result<PeerCommand> find_peer(const std::string& name, const Options& options) {
  if (name == "torch_debian") {
    return python_peer(kDebianPython, kDebianTorch, "Debian 12 python3-torch",
                       "make bench PEERS=debian installs it");
  }
  if (name == "torch_modern") {
    const std::string python = join_path(join_path(cache_folder(), kModern), "bin/python");
    return python_peer(python, python, "PyPI torch", "make bench PEERS=modern installs it");
  }
  const std::string program = join_path(options.folder, "peer_" + name);
  if (!real_file_system().exists(program)) {
    return absent(program, name == "libtorch" ? "make bench PEERS=debian installs libtorch"
                                              : "build the target bench");
  }
  return PeerCommand{{program}, {"OPENBLAS_NUM_THREADS=1"}};
}

std::vector<std::string> wanted_peers(const std::vector<std::string>& debian,
                                      const std::vector<std::string>& modern,
                                      const Options& options) {
  if (options.peers == "reference" || (options.peers.empty() && options.check)) {
    return {"reference"};
  }
  if (options.peers == "debian" || options.peers.empty()) return debian;
  if (options.peers == "modern") return modern;
  for (const auto& list : {debian, modern}) {
    if (std::ranges::find(list, options.peers) != list.end()) return {options.peers};
  }
  return {};
}

}  // namespace tenbin::bench
