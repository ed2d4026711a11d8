// SPDX-License-Identifier: Apache-2.0
#include "app/load/server_ask.h"

#include <algorithm>
#include <charconv>

#include "platform/file_system.h"
#include "platform/net/tls.h"

namespace tenbin {
namespace {

constexpr Duration kAskTime = 10s;

}  // namespace

Result<Json> ask_json(const ServerAddress& address, const std::string& request) {
  TENBIN_TRY(const HttpAnswer answer, ask_http(address, request, kAskTime));
  auto json = Json::parse(answer.body);
  if (answer.status != 200) {
    const std::string why = json.ok() ? (*json)["error"].as_string() : answer.body;
    return Error(
        ErrorCode::kNetwork,
        "the server answers " + std::to_string(answer.status) + (why.empty() ? "" : ": " + why),
        to_text(address));
  }
  if (!json.ok()) {
    return Error(ErrorCode::kNetwork, "the server's answer is not JSON", to_text(address),
                 "is it a server of the Open Inference Protocol v2?");
  }
  return json;
}

std::string path_segment(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

Result<ServerAddress> parse_url(const std::string& url, const std::string& certificates) {
  const bool secure = url.starts_with("https://");
  const std::string_view scheme = secure ? "https://" : "http://";
  const auto bad = [&](const char* hint) {
    return Error(ErrorCode::kBadValue,
                 "found '" + url + "', expected http://HOST:PORT or https://HOST:PORT", "URL",
                 hint);
  };
  if (!secure && !certificates.empty()) {
    return Error(ErrorCode::kBadValue, "certificates are of https, found '" + url + "'",
                 "--tls-trust", "ask https://HOST:PORT, or leave --tls-trust out");
  }
  std::string rest = url.starts_with(scheme) ? url.substr(scheme.size()) : url;
  if (rest.find("://") != std::string::npos) return bad("like http://localhost:8080");
  while (!rest.empty() && rest.back() == '/') rest.pop_back();
  if (rest.find('/') != std::string::npos)
    return bad("leave the path out; --model names the model");
  ServerAddress out(NetAddress{rest, secure ? 443 : 80});
  const std::size_t colon = rest.rfind(':');
  if (colon != std::string::npos && (rest.front() != '[' || rest[colon - 1] == ']')) {
    out.host = rest.substr(0, colon);
    const std::string port = rest.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc() || end != port.data() + port.size() || out.port < 1 ||
        out.port > 65'535) {
      return bad("a port is a number from 1 to 65535");
    }
  }
  if (out.host.size() > 2 && out.host.front() == '[') {
    out.host = out.host.substr(1, out.host.size() - 2);
  }
  if (out.host.empty()) return bad("like http://localhost:8080");
  out.name = out.host;
  if (secure) {
    TENBIN_TRY(out.trust, TlsTrust::open(certificates));
  }
  return out;
}

Result<ServerAddress> answering_address(const ServerAddress& address) {
  const std::string request = http_request("GET", "/v2/health/live", address, "", "");
  TENBIN_TRY(HttpAnswer answer, ask_http(address, request, kAskTime));
  ServerAddress out = address;
  static_cast<NetAddress&>(out) = std::move(answer.peer);
  return out;
}

Result<std::string> token_header(FileSystem& files, const std::string& path) {
  if (path.empty()) return std::string();
  TENBIN_TRY(std::string token, files.read_text(path, 4096));
  while (!token.empty() && token.back() <= ' ') token.pop_back();
  const bool printable =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (token.empty() || !printable) {
    return Error(ErrorCode::kBadValue, "found no token, expected one line of letters and signs",
                 path);
  }
  return "Authorization: Bearer " + token + "\r\n";
}

}  // namespace tenbin
