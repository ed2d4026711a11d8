// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/inference.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

const std::string kService = "/inference.GRPCInferenceService/";

TEST(MethodRepositoryModelUnload, NeedsPermissionAndAToken) {
  inference::RepositoryModelUnloadRequest request;
  request.set_model_name("mlp");
  const std::string bytes = request.SerializeAsString();
  const std::string path = kService + "RepositoryModelUnload";
  const NewToken token = make_token("root", Role::kAdmin);
  const std::vector<HttpRequest::Header> with = {{"authorization", "Bearer " + token.token}};
  RouteCase closed;
  closed.access().tokens = {token.kept};
  EXPECT_EQ(RouteCase::grpc_status_of(closed.call(path, {bytes})), "16");
  EXPECT_EQ(RouteCase::grpc_status_of(closed.call(path, {bytes}, with)), "7");
  RouteCase server([](ServeOptions& options) { options.allow_repository = true; });
  server.access().tokens = {token.kept};
  EXPECT_EQ(RouteCase::grpc_status_of(server.call(path, {bytes}, with)), "0");
  const int after = server.ask("GET", "/v2/models/mlp/ready").status;
  EXPECT_EQ(after, 503);
}

}  // namespace
}  // namespace tenbin
