// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "serve/served_version.h"

namespace tenbin {

class Clock;
class FileSystem;

// Sessions of a file in this process. Its bytes are read once into memory of our own: what happens
// to the file afterwards is nothing to who is served. External data is read beside it.
OpenModel model_opener(std::string engine, FileSystem& files, Clock& clock);

}  // namespace tenbin
