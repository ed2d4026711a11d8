// SPDX-License-Identifier: Apache-2.0
// Bad input through the real program: the documented exit code, an error of four parts that says
// what was found, expected and where, and nothing lost.
#include <gtest/gtest.h>

#include <algorithm>

#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"
#include "platform/process.h"

namespace tenbin {
namespace {

using namespace std::string_literals;

struct Said {
  int exit_code = -1;
  std::string out, err;
};

Said command(const std::vector<std::string>& arguments) {
  ProcessOptions options;
  options.capture_output = true;
  auto process = real_processes().start(arguments, options);
  EXPECT_TRUE(process.ok()) << process.error().to_string();
  if (!process.ok()) return {};
  const auto end = (*process)->wait(seconds(120));
  EXPECT_TRUE(end.ok() && end->has_value()) << "it does not end";
  if (!end.ok() || !end->has_value()) return {};
  return {(*end)->exit_code, (*process)->output(), (*process)->errors()};
}

Said run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), TENBIN_PROGRAM);
  return command(arguments);
}

std::string rows_of(const char* mark = "") {
  std::string out;
  for (int i = 0; i < 60; ++i) {
    out += std::to_string(i % 17) + "," + (i % 3 == 0 ? "red" : "blue") + "," +
           (i % 2 == 0 ? "a" : "b") + mark + "\n";
  }
  return out;
}
const std::string kHeader = "x,kind,y\n";

// "gzip" of the rows as `printf ... | gzip -n` would begin it, cut inside.
const std::string kCutGzip =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\x5c\x00"s;

struct Row {
  const char* why;
  const char* file;
  std::string content;
  const char* code;
  std::vector<const char*> says;
  const char* target = "y";
};

void expect_error(const Said& said, const Row& row, int exit_code = 3) {
  EXPECT_EQ(said.exit_code, exit_code) << row.why << ": " << said.err;
  EXPECT_NE(said.err.find("error[" + std::string(row.code) + "]: "), std::string::npos)
      << row.why << ": " << said.err;
  for (const char* part : {"\n  --> ", "\n  hint: ", "\n  docs: tenbin explain E"}) {
    EXPECT_NE(said.err.find(part), std::string::npos) << row.why << " lacks " << part << said.err;
  }
  for (const char* text : row.says) {
    EXPECT_NE(said.err.find(text), std::string::npos) << row.why << ": " << said.err;
  }
}

class BadInput : public ::testing::Test {
 protected:
  std::string put(const std::string& name, const std::string& content) {
    EXPECT_TRUE(files_.make_folders(folder_of(folder_ / name)).ok());
    EXPECT_TRUE(files_.write_durable(folder_ / name, content).ok());
    return folder_ / name;
  }
  Said fit(const std::string& data, const std::string& target) {
    return run({"fit", data, "--target", target, "--epochs", "3", "-o", folder_ / "out"});
  }
  TestFolder folder_;
  FileSystem& files_ = real_file_system();
};

TEST_F(BadInput, FitSaysWhatIsWrongAndWhere) {
  std::string wide, constant = kHeader, infinite_target = "x,y\n", missing_target = kHeader;
  for (int i = 0; i < 1'000'000; ++i) wide += (i > 0 ? ",c" : "c") + std::to_string(i);
  for (int i = 0; i < 60; ++i) constant += "1,," + std::string(i % 2 == 0 ? "a" : "b") + "\n";
  for (int i = 0; i < 60; ++i) missing_target += std::to_string(i % 7) + ",red,\n";
  const std::string one_class = kHeader + "1,red,a\n2,blue,a\n3,red,a\n4,red,a\n";
  const Row rows[] = {
      {"a file that is missing", "none/../gone.csv", "", "E0301", {"no such file"}},
      {"bytes of no format", "a.xyz", "\x01\x02\x03\x04", "E0302", {"expected one of", "a.xyz"}},
      {"a ragged row",
       "a.csv",
       kHeader + "1,red,a\n2,b\n",
       "E0303",
       {"row has 2 values, expected 3", "a.csv:3"}},
      {"a quote that is not closed",
       "a.csv",
       kHeader + "1,\"red,a\n" + rows_of(),
       "E0303",
       {"quote", "a.csv:2"}},
      {"UTF-16", "a.csv", "\xff\xfex\0,\0y\0\n\0"s, "E0303", {"UTF-16", "a.csv:1"}},
      {"two encodings",
       "a.csv",
       "x,k\xc3\xa9,y\n1,r\xe9,a\n" + rows_of(),
       "E0303",
       {"UTF-8", "a.csv:2"}},
      {"an empty file", "a.csv", "", "E0306", {"empty", "a.csv"}},
      {"a header alone", "a.csv", kHeader, "E0306", {"no rows", "a.csv"}},
      {"one class", "a.csv", one_class, "E0305", {"one value only, 'a'"}},
      {"a target without values", "a.csv", missing_target, "E0305", {"missing in all 60 rows"}},
      {"nothing but constant and empty columns", "a.csv", constant, "E0306", {"no column is left"}},
      {"a target that is not there",
       "a.csv",
       kHeader + rows_of(),
       "E0304",
       {"no column 'kin'", "kind"},
       "kin"},
      {"a million columns", "a.csv", wide + "\n", "E0204", {"columns, expected at most 16384"}},
      {"a wrong number first in IDX",
       "a-images-idx3-ubyte",
       "\0\1\x08\3abcdefgh"s,
       "E0303",
       {"magic"}},
      {"a cut archive", "a.csv.gz", kCutGzip, "E0303", {"ends early"}},
      {"an ARFF row too short",
       "a.arff",
       "@relation r\n@attribute x numeric\n@attribute y {a,b}\n@data\n1\n",
       "E0303",
       {"expected 2", "a.arff:5"}},
      {"a LIBSVM row out of order", "a.svm", "1 2:1 1:1\n", "E0303", {"a.svm:1"}},
      {"a list in JSON", "a.jsonl", "{\"x\":[1],\"y\":\"a\"}\n", "E0303", {"'x' (LIST)"}},
      {"no Parquet", "a.parquet", "PAR1 and no more", "E0303", {"a.parquet"}},
  };
  for (const Row& row : rows) {
    std::string path = folder_ / row.file;
    if (std::string(row.code) != "E0301") path = put(row.file, row.content);
    expect_error(fit(path, row.target), row);
  }
}

// As another user, since root may read everything.
TEST_F(BadInput, AFileThatMayNotBeReadIsTold) {
  const std::string data = put("a.csv", kHeader + rows_of());
  ASSERT_EQ(command({"chmod", "600", data}).exit_code, 0);
  ASSERT_EQ(command({"chmod", "755", folder_.path()}).exit_code, 0);
  ASSERT_TRUE(files_.make_folders(folder_ / "free").ok());
  ASSERT_EQ(command({"chmod", "777", folder_ / "free"}).exit_code, 0);
  std::vector<std::string> words = {TENBIN_PROGRAM,      "fit", data, "--target", "y", "-o",
                                    folder_ / "free/out"};
  if (command({"id", "-u"}).out == "0\n") {
    const std::vector<std::string> as_nobody = {"runuser", "-u", "nobody", "--"};
    auto probe = as_nobody;
    probe.insert(probe.end(), {"test", "-x", TENBIN_PROGRAM});
    if (command(probe).exit_code != 0) GTEST_SKIP() << "nobody may not run the program";
    words.insert(words.begin(), as_nobody.begin(), as_nobody.end());
  } else {
    ASSERT_EQ(command({"chmod", "000", data}).exit_code, 0);
  }
  expect_error(command(words), {"no permission", "", "", "E0301", {"ermission", "a.csv"}, ""});
}

TEST_F(BadInput, CutIdxArchivesAreTold) {
  std::string images = "\0\0\x08\3\0\0\0\x28\0\0\0\x08\0\0\0\x08"s;
  std::string labels = "\0\0\x08\1\0\0\0\x28"s;
  for (int i = 0; i < 40 * 64; ++i) images += static_cast<char>(i * 7'919 % 251);
  for (int i = 0; i < 40; ++i) labels += static_cast<char>(i % 2);
  put("idx/a-labels-idx1-ubyte", labels);
  const std::string packed = command({"gzip", "-nc", put("plain", images)}).out;
  ASSERT_GT(packed.size(), 200u) << "gzip is there";
  const std::string path = "idx/a-images-idx3-ubyte.gz";
  put("idx/a-labels-idx1-ubyte.gz",
      command({"gzip", "-nc", folder_ / "idx/a-labels-idx1-ubyte"}).out);
  put(path, packed.substr(0, packed.size() / 2));
  const Row cut = {"half of an archive", "", "", "E0303", {"ends early", "a-images-idx3-ubyte.gz"}};
  expect_error(fit(folder_ / path, "label"), cut);
  put(path, packed);
  EXPECT_EQ(fit(folder_ / path, "label").exit_code, 0) << "the whole one is read";
}

TEST_F(BadInput, ImagesThatDoNotDecodeAreNamed) {
  for (const char* kind : {"cat", "dog"}) {
    for (int i = 0; i < 5; ++i) {
      put("pets/"s + kind + "/" + std::to_string(i) + ".png", "\x89PNG\r\n\x1a\nno picture");
    }
  }
  expect_error(fit(folder_ / "pets", "label"),
               {"pictures that are none", "", "", "E0303", {"does not decode", "0.png"}, ""});
}

TEST_F(BadInput, NumbersThatAreNoneAreTakenAsMissing) {
  std::string csv = "x,z,y\n";
  const char* odd[] = {"nan", "inf", "-inf", "3", "5"};
  for (int i = 0; i < 60; ++i) {
    csv += std::string(odd[i % 5]) + "," + std::to_string(i * 7 % 23) + (i % 2 == 0 ? ",a" : ",b") +
           "\n";
  }
  const Said said = fit(put("a.csv", csv), "y");
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_NE(said.err.find("24 infinite cells"), std::string::npos) << said.err;
}

TEST_F(BadInput, AFailureLeavesTheLastModelAsItWas) {
  ASSERT_EQ(fit(put("good.csv", kHeader + rows_of()), "y").exit_code, 0);
  const auto before = files_.read_text(folder_ / "out/model.onnx", 1 << 24);
  ASSERT_TRUE(before.ok());
  EXPECT_EQ(fit(put("bad.csv", kHeader + "1,red\n"), "y").exit_code, 3);
  const auto after = files_.read_text(folder_ / "out/model.onnx", 1 << 24);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(*before, *after);
}

TEST_F(BadInput, PredictTakesWhatItCanAndNamesWhatItCannot) {
  ASSERT_EQ(fit(put("good.csv", kHeader + rows_of()), "y").exit_code, 0);
  const std::string model = folder_ / "out/model.onnx";
  const auto predict = [&](const std::string& csv) {
    return run({"predict", model, put("new.csv", csv)});
  };
  const Said plain = predict("x,kind\n3,red\n5,blue\n");
  ASSERT_EQ(plain.exit_code, 0) << plain.err;
  const struct {
    const char* why;
    std::string csv;
    const char* note;
  } taken[] = {
      {"another order", "kind,x\nred,3\nblue,5\n", ""},
      {"more columns", "kind,more,x,again\nred,1,3,z\nblue,2,5,z\n",
       "2 columns are not used by the model: 'more', 'again'"},
      {"the target is there", "x,kind,y\n3,red,a\n5,blue,b\n", "not used by the model: 'y'"},
  };
  for (const auto& row : taken) {
    const Said said = predict(row.csv);
    EXPECT_EQ(said.exit_code, 0) << row.why << ": " << said.err;
    EXPECT_EQ(said.out, plain.out) << row.why;
    EXPECT_NE(said.err.find(row.note), std::string::npos) << row.why << ": " << said.err;
  }
  const Said unseen = predict("x,kind\n3,green\n,\n");
  EXPECT_EQ(unseen.exit_code, 0) << unseen.err;
  EXPECT_NE(unseen.err.find("'kind': 1 row holds a value that training never saw: green"),
            std::string::npos)
      << unseen.err;
  EXPECT_EQ(std::count(unseen.out.begin(), unseen.out.end(), '\n'), 3) << "header and both rows";
  const Row refused[] = {
      {"a column is missing",
       "",
       "kinds\nred\n",
       "E0213",
       {"2 columns are missing", "'x'", "is it 'kinds'?"}},
      {"a word where a number was",
       "",
       "x,kind\n1,red\nmany,blue\n",
       "E0213",
       {"'many'", "number", "new.csv:3"}},
      {"no rows", "", "x,kind\n", "E0306", {"no rows"}},
      {"a ragged row", "", "x,kind\n1\n", "E0303", {"new.csv:2"}},
  };
  for (const Row& row : refused) expect_error(predict(row.content), row);
  const std::string data = put("new.csv", "x,kind\n3,red\n");
  expect_error(run({"predict", put("no.onnx", "no model at all"), data}),
               {"no model", "", "", "E0201", {"no.onnx"}});
  expect_error(run({"predict", folder_ / "gone.onnx", data}),
               {"a model that is missing", "", "", "E0301", {"gone.onnx"}});
}

}  // namespace
}  // namespace tenbin
