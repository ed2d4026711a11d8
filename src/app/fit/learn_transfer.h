// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/fit/learn.h"

namespace tenbin {

// The network of --from with a new last layer for this target, trained further: all of it, or the
// last layers alone. Layers that stay as they are run once over the images, not once an epoch.
Result<Learned> learn_transfer(const Prepared& prepared, const LearnContext& context);

// What learn_transfer() would train.
Result<std::vector<PlannedLearner>> transfer_learners(const Prepared& prepared,
                                                      const FitOptions& options, int threads);

// The network that --from names, for images of the size it was made for.
Result<Network> network_for_transfer(const FitOptions& options, FileSystem& files);
// Images come in the size that the network wants, unless the user asks for another.
void ask_for_its_size(const Network& network, ReadOptions& read);
// Error kInputMismatch: what was prepared is not what the network reads.
Status check_it_fits(const Network& network, const Prepared& prepared);

}  // namespace tenbin
