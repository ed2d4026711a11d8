// SPDX-License-Identifier: Apache-2.0
#include "platform/net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

namespace tenbin {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeTls {
  void operator()(SSL* tls) const { SSL_free(tls); }
};

// Protocols that we speak, as ALPN writes them.
constexpr std::array<unsigned char, 12> kProtocols = {2,   'h', '2', 8,   'h', 't',
                                                      't', 'p', '/', '1', '.', '1'};

int choose_protocol(SSL*, const unsigned char** out, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  unsigned char* chosen = nullptr;
  const int found =
      SSL_select_next_proto(&chosen, size, kProtocols.data(),
                            static_cast<unsigned>(kProtocols.size()), offered, offered_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// What OpenSSL said first since it was last cleared.
std::string openssl_says() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  return text.data();
}

class TlsStream final : public ByteStream {
 public:
  TlsStream(Socket socket, std::unique_ptr<SSL, FreeTls> tls)
      : socket_(std::move(socket)), tls_(std::move(tls)) {}

  int descriptor() const override { return socket_.descriptor(); }
  bool secure() const override { return true; }
  bool wants_write() const override { return wants_write_; }
  bool holds_input() const override { return SSL_pending(tls_.get()) > 0; }
  std::string failure() const override { return failure_; }

  IoResult read(std::span<std::byte> into) override {
    ERR_clear_error();
    std::size_t got = 0;
    const int done = SSL_read_ex(tls_.get(), into.data(), into.size(), &got);
    return outcome(done, got);
  }

  IoResult write(std::string_view first, std::string_view second) override {
    // Records cost a header each: small pieces go in one.
    std::string joined;
    std::string_view bytes = first.empty() ? second : first;
    if (!first.empty() && !second.empty()) {
      joined.reserve(first.size() + second.size());
      joined.append(first);
      joined.append(second);
      bytes = joined;
    }
    if (bytes.empty()) return {IoOutcome::kWouldBlock, 0};
    ERR_clear_error();
    std::size_t sent = 0;
    const int done = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent);
    return outcome(done, sent);
  }

  void finish_writing() override {
    ERR_clear_error();
    SSL_shutdown(tls_.get());
    socket_.finish_writing();
  }

 private:
  IoResult outcome(int done, std::size_t bytes) {
    wants_write_ = false;
    if (done == 1) return {IoOutcome::kDone, bytes};
    switch (SSL_get_error(tls_.get(), done)) {
      case SSL_ERROR_WANT_READ: return {IoOutcome::kWouldBlock, 0};
      case SSL_ERROR_WANT_WRITE: wants_write_ = true; return {IoOutcome::kWouldBlock, 0};
      case SSL_ERROR_ZERO_RETURN: return {IoOutcome::kEnd, 0};
      case SSL_ERROR_SSL:
        if (const long verdict = SSL_get_verify_result(tls_.get()); verdict != X509_V_OK) {
          failure_ = std::string("its certificate is not trusted: ") +
                     X509_verify_cert_error_string(verdict);
        } else {
          failure_ = "TLS failed: " + openssl_says();
        }
        return {IoOutcome::kFailed, 0};
      default: return {IoOutcome::kFailed, 0};
    }
  }

  Socket socket_;
  std::unique_ptr<SSL, FreeTls> tls_;
  std::string failure_;
  bool wants_write_ = false;
};

void set_common(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
}

class RealTlsContext final : public TlsContext {
 public:
  explicit RealTlsContext(SSL_CTX* context) : context_(context) {}

  Status open(const std::string& certificate, const std::string& key) {
    SSL_CTX* context = context_.get();
    set_common(context);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
      return failure("the certificate cannot be used", certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
      return failure("the key cannot be used", key);
    }
    if (SSL_CTX_check_private_key(context) != 1) {
      return failure("the key is not the certificate's", key);
    }
    return {};
  }

  std::unique_ptr<ByteStream> accept(Socket socket) override {
    std::unique_ptr<SSL, FreeTls> tls(SSL_new(context_.get()));
    if (!tls || SSL_set_fd(tls.get(), socket.descriptor()) != 1) return nullptr;
    SSL_set_accept_state(tls.get());
    return std::make_unique<TlsStream>(std::move(socket), std::move(tls));
  }

 private:
  static Error failure(const std::string& what, const std::string& path) {
    return Error(ErrorCode::kBadConfig, what + ": " + openssl_says(), path,
                 "expected PEM files, as openssl req -x509 -newkey ed25519 -nodes writes them");
  }

  std::unique_ptr<SSL_CTX, FreeContext> context_;
};

class RealTlsTrust final : public TlsTrust {
 public:
  explicit RealTlsTrust(SSL_CTX* context) : context_(context) {}

  Status open(const std::string& certificates) {
    SSL_CTX* context = context_.get();
    set_common(context);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    ERR_clear_error();
    const int read = certificates.empty() ? SSL_CTX_set_default_verify_paths(context)
                                          : SSL_CTX_load_verify_file(context, certificates.c_str());
    if (read == 1) return {};
    return Error(ErrorCode::kBadConfig, "the certificates cannot be used: " + openssl_says(),
                 certificates, "expected a PEM file, as the server's --tls-cert");
  }

  std::unique_ptr<ByteStream> connect(Socket socket, const std::string& name) override {
    std::unique_ptr<SSL, FreeTls> tls(SSL_new(context_.get()));
    if (!tls || SSL_set_fd(tls.get(), socket.descriptor()) != 1) return nullptr;
    X509_VERIFY_PARAM* wanted = SSL_get0_param(tls.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) != 1) {
      const bool set = SSL_set1_host(tls.get(), name.c_str()) == 1 &&
                       SSL_set_tlsext_host_name(tls.get(), name.c_str()) == 1;
      if (!set) return nullptr;
    }
    SSL_set_connect_state(tls.get());
    return std::make_unique<TlsStream>(std::move(socket), std::move(tls));
  }

 private:
  std::unique_ptr<SSL_CTX, FreeContext> context_;
};

}  // namespace

Result<std::shared_ptr<TlsTrust>> TlsTrust::open(const std::string& certificates) {
  SSL_CTX* made = SSL_CTX_new(TLS_client_method());
  if (made == nullptr) return Error(ErrorCode::kBug, "OpenSSL gives no context");
  auto trust = std::make_shared<RealTlsTrust>(made);
  TENBIN_CHECK(trust->open(certificates));
  return std::shared_ptr<TlsTrust>(std::move(trust));
}

Result<std::shared_ptr<TlsContext>> TlsContext::open(const std::string& certificate,
                                                     const std::string& key) {
  SSL_CTX* made = SSL_CTX_new(TLS_server_method());
  if (made == nullptr) return Error(ErrorCode::kBug, "OpenSSL gives no context");
  auto context = std::make_shared<RealTlsContext>(made);
  TENBIN_CHECK(context->open(certificate, key));
  return std::shared_ptr<TlsContext>(std::move(context));
}

}  // namespace tenbin
