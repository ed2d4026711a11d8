// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "platform/net/byte_stream.h"

namespace tenbin {

// A server's certificate and key: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1 by ALPN. Thread-safe.
class TlsContext {
 public:
  // PEM files: the certificate with its chain, and its key. Error kBadConfig with what OpenSSL
  // says.
  static Result<std::shared_ptr<TlsContext>> open(const std::string& certificate,
                                                  const std::string& key);
  virtual ~TlsContext() = default;
  // The server's side of a connection; the handshake happens as it is read and written.
  virtual std::unique_ptr<ByteStream> accept(Socket socket) = 0;
};

// Whom a client trusts: certificates of this file (PEM), or of the system where none is given; the
// server's certificate must have the name it is asked by. TLS 1.2 and 1.3. Thread-safe.
class TlsTrust {
 public:
  // Error kBadConfig with what OpenSSL says.
  static Result<std::shared_ptr<TlsTrust>> open(const std::string& certificates);
  virtual ~TlsTrust() = default;
  // The client's side of a connection to the server of this name (or address in numbers).
  virtual std::unique_ptr<ByteStream> connect(Socket socket, const std::string& name) = 0;
};

}  // namespace tenbin
