// SPDX-License-Identifier: Apache-2.0
#include "http/grpc/grpc_reflection.h"

#include <algorithm>

#include "http/grpc/grpc_call.h"
#include "http/grpc/grpc_frames.h"
#include "http/grpc/reflection.pb.h"
#include "http/pages.h"

namespace tenbin {
namespace {

namespace reflection = grpc::reflection::v1;

// A file of ours: the names that it declares, and its descriptor.
struct DescribedFile {
  std::string name, package;
  std::string bytes;
};

// Fields 1 (name) and 2 (package) stand first in a FileDescriptorProto, each below 128 bytes.
std::string field_of(const std::string& bytes, char number) {
  std::size_t at = 0;
  while (at + 2 <= bytes.size()) {
    const char tag = bytes[at];
    const auto size = static_cast<std::size_t>(static_cast<unsigned char>(bytes[at + 1]));
    if ((tag & 7) != 2 || size > 127) return {};
    if ((tag >> 3) == number) return bytes.substr(at + 2, size);
    at += 2 + size;
  }
  return {};
}

const std::vector<DescribedFile>& files() {
  static const std::vector<DescribedFile> all = [] {
    reflection::DescriptorFiles set;
    std::vector<DescribedFile> out;
    const std::string_view bytes = grpc_descriptors();
    if (!set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return out;
    for (const std::string& file : set.file()) {
      out.push_back({field_of(file, 1), field_of(file, 2), file});
    }
    return out;
  }();
  return all;
}

void not_found(const std::string& what, reflection::ServerReflectionResponse& answer) {
  answer.mutable_error_response()->set_error_code(5);
  answer.mutable_error_response()->set_error_message("nothing is called '" + what + "' here");
}

void add_file(const DescribedFile* file, const std::string& asked,
              reflection::ServerReflectionResponse& answer) {
  if (file == nullptr) return not_found(asked, answer);
  answer.mutable_file_descriptor_response()->add_file_descriptor_proto(file->bytes);
}

// A name belongs to the file of its package in which it stands.
const DescribedFile* file_of_symbol(const std::string& symbol) {
  for (const DescribedFile& file : files()) {
    if (symbol.rfind(file.package + ".", 0) != 0) continue;
    const std::string rest = symbol.substr(file.package.size() + 1);
    const std::string first = rest.substr(0, rest.find('.'));
    if (file.bytes.find(first) != std::string::npos) return &file;
  }
  return nullptr;
}

const DescribedFile* file_of_name(const std::string& name) {
  const auto found = std::find_if(files().begin(), files().end(),
                                  [&](const DescribedFile& file) { return file.name == name; });
  return found == files().end() ? nullptr : &*found;
}

reflection::ServerReflectionResponse answer_to(const reflection::ServerReflectionRequest& request,
                                               const std::string& service) {
  reflection::ServerReflectionResponse answer;
  answer.set_valid_host(request.host());
  *answer.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case reflection::ServerReflectionRequest::kListServices:
      for (const std::string& name : {std::string("inference.GRPCInferenceService"),
                                      std::string("grpc.health.v1.Health"), service}) {
        answer.mutable_list_services_response()->add_service()->set_name(name);
      }
      break;
    case reflection::ServerReflectionRequest::kFileByFilename:
      add_file(file_of_name(request.file_by_filename()), request.file_by_filename(), answer);
      break;
    case reflection::ServerReflectionRequest::kFileContainingSymbol:
      add_file(file_of_symbol(request.file_containing_symbol()), request.file_containing_symbol(),
               answer);
      break;
    case reflection::ServerReflectionRequest::kAllExtensionNumbersOfType:
      answer.mutable_all_extension_numbers_response()->set_base_type_name(
          request.all_extension_numbers_of_type());
      break;
    default: not_found("an extension", answer);
  }
  return answer;
}

}  // namespace

void reflect(const std::shared_ptr<Exchange>& exchange, const std::string& service) {
  exchange->begin(200, {{"content-type", "application/grpc"}});
  auto frames = std::make_shared<GrpcFrames>();
  exchange->take_piece = [frames, service, weak = std::weak_ptr(exchange)](const std::string& piece,
                                                                           bool last) {
    const auto alive = weak.lock();
    if (alive == nullptr) return;
    frames->add(piece);
    for (;;) {
      const auto bytes = frames->next();
      if (!bytes.ok()) return alive->finish(grpc_trailers(&bytes.error()));
      if (!*bytes) break;
      reflection::ServerReflectionRequest request;
      if (const Status parsed = parse_message(**bytes, request); !parsed.ok()) {
        return alive->finish(grpc_trailers(&parsed.error()));
      }
      alive->send(grpc_frame(answer_to(request, service)));
    }
    alive->kept = static_cast<std::int64_t>(frames->size());
    if (last) alive->finish(grpc_trailers(nullptr));
  };
}

}  // namespace tenbin
