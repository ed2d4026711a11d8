// SPDX-License-Identifier: Apache-2.0
#include "plan/choose_engine.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(ChooseEngine, TakesTheCheaperOneWhoseAnswersAgree) {
  const struct {
    const char* why;
    EngineTrial trial;
    bool native;
    const char* words;
  } rows[] = {{"ours is faster",
               {{10us, 11us, 12us}, {20us, 22us, 24us}, 64, 1e-6},
               true,
               "measured cheaper here: 11 us for 64 rows, the other took 22 us, in 3 pairs"},
              {"the other is faster",
               {{40us, 42us, 41us}, {20us, 22us, 21us}, 1, 1e-6},
               false,
               "measured cheaper here: 21 us for 1 row"},
              {"a small gain is not worth changing",
               {{100us, 100us}, {95us, 96us}, 8, 0.0},
               true,
               "about as cheap here"},
              {"one bad round decides nothing",
               {{10us, 500us, 10us}, {20us, 20us, 20us}, 8, 0.0},
               true,
               "measured cheaper here"},
              {"answers differ", {{10us}, {20us}, 8, 0.02}, false, "answers differ by 0.02"},
              {"shapes differ", {{10us}, {20us}, 8, std::nullopt}, false, "different shapes"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const EngineDecision found = choose_engine(row.trial);
    EXPECT_EQ(found.native, row.native);
    EXPECT_NE(found.why.find(row.words), std::string::npos) << found.why;
  }
}

}  // namespace
}  // namespace tenbin
