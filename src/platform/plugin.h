// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace tenbin {

class FileSystem;

// A shared library found at run time in the plug-in folder, loaded RTLD_NOW | RTLD_LOCAL. Never
// unloaded while the process lives.
class Plugin {
 public:
  virtual ~Plugin() = default;
  virtual const std::string& path() const = 0;
  // Address of an exported function, or kMissingPlugin.
  virtual Result<void*> symbol(const char* name) const = 0;
};

// The one folder plug-ins come from: TENBIN_PLUGIN_DIR, else the folder set at build time
// (/usr/local/lib/tenbin/plugins). Absolute; owned by root or by us; writable by nobody else.
std::string plugin_folder();

// Loads `file` ("libduckdb.so") of the plug-in folder. Error kMissingPlugin with the command that
// installs it, or the reason why the folder or file is refused.
Result<std::shared_ptr<Plugin>> load_plugin(const std::string& file);

// Loads a driver library of the system ("libnvidia-ml.so.1") by name from the loader's own
// directories; for vendor telemetry only.
Result<std::shared_ptr<Plugin>> load_driver(const std::string& file);

// Environment variable, or empty.
std::string environment(const char* name);

}  // namespace tenbin
