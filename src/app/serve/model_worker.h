// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "meter/activity.h"
#include "serve/served_version.h"

namespace tenbin {

class Clock;
class FileSystem;

// Sessions of a file that run in worker processes, one each: a model that crashes or hangs takes
// the requests of its own batch with it, nobody else's. The first worker is started at once, the
// others as they are wanted (ReplicaSet). One that crashed is started anew; after five crashes
// within a minute the model rests for ten seconds.
// `confined`: the worker gives up all that a model has no need of (platform/sandbox.h) before it
// parses the file; where that cannot be, it is not started: kMissingCapability.
OpenModel worker_opener(std::string engine, bool confined, Clock& clock);

// CPU time and memory of this process and of the workers that live.
std::unique_ptr<ActivityProbe> activity_with_workers(Clock& clock, FileSystem& files);

// The worker: loads one model and computes until nobody asks any more. Returns its exit code.
int run_model_worker(FileSystem& files, Clock& clock);

// The word with which the program is started as a worker.
inline constexpr const char* kWorkerVerb = "model-worker";

}  // namespace tenbin
