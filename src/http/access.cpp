// SPDX-License-Identifier: Apache-2.0
#include "http/access.h"

#include <algorithm>

#include "platform/digest.h"
#include "platform/file_system.h"
#include "platform/net/socket.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostTokensBytes = 1 << 20;

// In a time that does not tell where they differ.
bool equal_digests(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    different |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return different == 0;
}

// "localhost" of "localhost:8080", "::1" of "[::1]:8080".
std::string host_part(std::string_view host) {
  if (!host.empty() && host.front() == '[') {
    const std::size_t end = host.find(']');
    return std::string(host.substr(1, end == host.npos ? host.npos : end - 1));
  }
  return std::string(host.substr(0, host.find(':')));
}

bool is_ours(const AccessRules& rules, std::string_view host) {
  const std::string name = host_part(host);
  if (name == rules.address || is_loopback(name)) return true;
  return std::any_of(rules.hosts.begin(), rules.hosts.end(),
                     [&](const std::string& known) { return known == name || known == "*"; });
}

// A page may talk to where it came from, and to us from the origins that were named.
bool origin_fits(const AccessRules& rules, const HttpRequest& request) {
  const std::string_view origin = request.header("origin");
  if (origin.empty()) return true;
  const std::string ours =
      (request.secure ? "https://" : "http://") + std::string(request.header("host"));
  if (origin == ours) return true;
  return std::find(rules.origins.begin(), rules.origins.end(), origin) != rules.origins.end();
}

const AccessToken* find_token(const AccessRules& rules, const HttpRequest& request) {
  constexpr std::string_view kBearer = "Bearer ";
  const AccessToken* found = nullptr;
  int headers = 0;
  for (const auto& [name, value] : request.headers) {
    if (name != "authorization") continue;
    ++headers;
    if (value.compare(0, kBearer.size(), kBearer) != 0) continue;
    const std::string digest = sha256_hex(std::string_view(value).substr(kBearer.size()));
    for (const AccessToken& token : rules.tokens) {
      if (equal_digests(token.digest, digest)) found = &token;
    }
  }
  return headers == 1 ? found : nullptr;
}

}  // namespace

Result<std::string> admit(const AccessRules& rules, const HttpRequest& request, Policy policy) {
  if (policy.role() == Role::kPublic) return std::string();
  // Names that lead here by someone else's doing (DNS rebinding) are not ours.
  if (rules.loopback && !is_ours(rules, request.header("host"))) {
    return Error(ErrorCode::kForbidden,
                 "host '" + std::string(request.header("host")) + "' is not a name of this server",
                 "Host", "call it by its address, or start it with --hosts NAME");
  }
  if (!origin_fits(rules, request)) {
    return Error(ErrorCode::kForbidden,
                 "origin '" + std::string(request.header("origin")) + "' is not allowed", "Origin",
                 "start the server with --origins ORIGIN");
  }
  const bool open = rules.loopback && !rules.always && policy.role() == Role::kOpen;
  const AccessToken* token = find_token(rules, request);
  if (open) return token != nullptr ? token->name : request.peer;
  if (token == nullptr) {
    return Error(ErrorCode::kUnauthenticated, "no valid token came with the request",
                 "Authorization", "send 'Authorization: Bearer TOKEN'");
  }
  if (policy.role() == Role::kAdmin && token->role != Role::kAdmin) {
    return Error(ErrorCode::kForbidden, "token '" + token->name + "' may not change anything",
                 "Authorization", "use a token of the role admin");
  }
  return token->name;
}

Result<std::vector<AccessToken>> read_tokens(FileSystem& files, const std::string& path) {
  TENBIN_TRY(const std::string text, files.read_text(path, kMostTokensBytes));
  std::vector<AccessToken> out;
  std::size_t from = 0;
  for (int line = 1; from < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    std::string rest = text.substr(from, std::min(text.find('#', from), end) - from);
    from = end + 1;
    std::vector<std::string> words;
    for (std::size_t at = 0; (at = rest.find_first_not_of(" \t\r", at)) != rest.npos;) {
      const std::size_t stop = std::min(rest.find_first_of(" \t\r", at), rest.size());
      words.push_back(rest.substr(at, stop - at));
      at = stop;
    }
    if (words.empty()) continue;
    const bool digest = words.size() == 3 && words[2].size() == 64 &&
                        words[2].find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!digest || (words[1] != "open" && words[1] != "admin")) {
      return Error(ErrorCode::kBadConfig,
                   "expected 'NAME open|admin SHA256' (of the token, 64 lower-case hex digits)",
                   path + ":" + std::to_string(line),
                   "printf %s \"$TOKEN\" | sha256sum prints the digest");
    }
    out.push_back({words[0], words[2], words[1] == "admin" ? Role::kAdmin : Role::kOpen});
  }
  return out;
}

NewToken make_token(const std::string& name, Role role) {
  NewToken made;
  made.token = new_id() + new_id();
  made.kept = {name, sha256_hex(made.token), role};
  return made;
}

}  // namespace tenbin
