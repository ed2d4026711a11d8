// SPDX-License-Identifier: Apache-2.0
#include "platform/plugin.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <mutex>

#include "platform/file_system.h"

#ifndef TENBIN_DEFAULT_PLUGIN_DIR
#define TENBIN_DEFAULT_PLUGIN_DIR "/usr/local/lib/tenbin/plugins"
#endif

namespace tenbin {
namespace {

constexpr const char* kInstall = "install it with: sudo scripts/setup";

class LoadedPlugin : public Plugin {
 public:
  LoadedPlugin(void* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  const std::string& path() const override { return path_; }
  Result<void*> symbol(const char* name) const override {
    if (void* found = ::dlsym(handle_, name)) return found;
    return Error(ErrorCode::kMissingPlugin, std::string("library lacks the function ") + name,
                 path_, kInstall);
  }

 private:
  void* handle_;  // kept for the life of the process: its threads may run on
  std::string path_;
};

Error refused(const std::string& path, const std::string& why, const char* hint = kInstall) {
  return Error(ErrorCode::kMissingPlugin, why, path, hint);
}

// Ours or root's, and nobody else may write it: else anyone could make us run their code.
Status check_owner(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return refused(path, "library is not installed");
  if (st.st_uid != 0 && st.st_uid != ::geteuid()) {
    return refused(path, "plug-in is refused: it belongs to another user",
                   "give it to root or to yourself");
  }
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return refused(path, "plug-in is refused: others may write it", "chmod go-w it");
  }
  return {};
}

Result<std::shared_ptr<Plugin>> load(const std::string& path) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<Plugin>> loaded;
  const std::lock_guard lock(mutex);
  if (const auto found = loaded.find(path); found != loaded.end()) return found->second;
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* why = ::dlerror();
    return refused(path, std::string("library cannot be loaded: ") + (why ? why : "unknown"));
  }
  return loaded[path] = std::make_shared<LoadedPlugin>(handle, path);
}

}  // namespace

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string plugin_folder() {
  const std::string chosen = environment("TENBIN_PLUGIN_DIR");
  return chosen.empty() ? TENBIN_DEFAULT_PLUGIN_DIR : chosen;
}

Result<std::shared_ptr<Plugin>> load_plugin(const std::string& file) {
  const std::string folder = plugin_folder();
  if (folder.front() != '/') {
    return refused(folder, "plug-in folder is refused: it is not absolute",
                   "set TENBIN_PLUGIN_DIR to an absolute path");
  }
  TENBIN_CHECK(check_owner(folder));
  const std::string path = join_path(folder, file);
  TENBIN_CHECK(check_owner(path));
  return load(path);
}

Result<std::shared_ptr<Plugin>> load_driver(const std::string& file) { return load(file); }

}  // namespace tenbin
