// SPDX-License-Identifier: Apache-2.0
#include "platform/net/byte_stream.h"

namespace tenbin {
namespace {

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}
  int descriptor() const override { return socket_.descriptor(); }
  IoResult read(std::span<std::byte> into) override { return socket_.read(into); }
  IoResult write(std::string_view first, std::string_view second) override {
    return socket_.write(first, second);
  }
  void finish_writing() override { socket_.finish_writing(); }

 private:
  Socket socket_;
};

}  // namespace

std::unique_ptr<ByteStream> plain_stream(Socket socket) {
  return std::make_unique<PlainStream>(std::move(socket));
}

}  // namespace tenbin
