// SPDX-License-Identifier: Apache-2.0
#include "compress/quantise_network.h"

#include "compress/adaround.h"
#include "compress/correct_bias.h"
#include "compress/equalise.h"
#include "compress/gptq.h"
#include "compress/insert_grids.h"
#include "compress/layers.h"
#include "compress/qat.h"
#include "compress/sensitivity.h"

namespace tenbin {

Result<QuantisedNetwork> quantise_network(const Graph& folded, const Tensor& rows,
                                          const QuantiseOptions& options) {
  Graph graph = folded;
  name_nodes(graph);
  if (options.repaired) TENBIN_CHECK(equalise_layers(graph));
  CalibrationOptions calibration;
  calibration.method = options.ranges;
  TENBIN_TRY(const Ranges ranges, calibrate(graph, grid_values(graph), rows, calibration));
  QuantisedNetwork out;
  out.in_floats = options.in_floats;
  if (options.error_allowed > 0) {
    TENBIN_TRY(const auto ranked, rank_layers(graph, ranges, rows));
    out.in_floats.merge(most_sensitive(ranked, options.error_allowed));
  }
  ChosenWeights chosen;
  if (options.rounding_learned) {
    TENBIN_TRY(chosen, learn_rounding(graph, ranges, rows, out.in_floats, {}, options.may_go_on));
  } else if (options.rounded) {
    TENBIN_TRY(chosen,
               round_in_sequence(graph, ranges, rows, out.in_floats, {}, options.may_go_on));
  }
  if (options.repaired) {
    TENBIN_TRY(graph, correct_biases(graph, ranges, rows, out.in_floats, chosen));
  }
  if (options.learn) {
    TENBIN_TRY(const Graph bearing, fake_quantised(graph, ranges, out.in_floats));
    TENBIN_TRY(const Graph learned, options.learn(bearing));
    TENBIN_TRY(out.graph, to_grids(learned));
    return out;
  }
  TENBIN_TRY(out.graph, insert_grids(graph, ranges, out.in_floats, chosen));
  return out;
}

}  // namespace tenbin
