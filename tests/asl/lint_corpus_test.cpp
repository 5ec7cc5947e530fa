// Definitions of others, and what others say is wrong with them.
#include <fmt/core.h>

#include "asl/definition.hpp"
#include "tests/asl/corpus.hpp"

namespace flowstone::asl {
namespace {

Problems problems_of(const std::string& text, const ReadOptions& options = {}) {
  auto read = read_definition(text, options);
  return read ? read->warnings : read.error();
}

std::string text_of(const Problems& problems) {
  std::string out;
  for (const auto& problem : problems)
    out += fmt::format("\n  {} {}:{} {}", problem.code, problem.path, problem.line, problem.sentence);
  return out;
}

TEST(LintCorpus, EveryFixtureHasTheProblemsThatAreExpected) {
  FLOWSTONE_NEEDS_CORPUS();
  const auto index = json_of(corpus() / "lint/index.json");
  std::size_t cases = 0;
  for (const auto& entry : index.find("cases")->items()) {
    ++cases;
    const auto text = bytes_of(corpus() / "lint" / entry.find("file")->text());
    const auto problems = entry.find("layer")->text() == "graph" ? check_links(text) : problems_of(text);
    EXPECT_EQ(problems.size(), static_cast<std::size_t>(entry.find("problems")->as_number()))
        << entry.find("file")->text() << text_of(problems);
    const auto& says = entry.find("says")->items();
    for (std::size_t at = 0; at < says.size() && at < problems.size(); ++at)
      EXPECT_NE(problems[at].sentence.find(says[at].text()), std::string::npos)
          << entry.find("file")->text() << text_of(problems);
  }
  EXPECT_EQ(cases, 80U);
}

TEST(LintCorpus, DefinitionsAreRefusedWhereTheServiceRefusesThem) {
  FLOWSTONE_NEEDS_CORPUS();
  for (const auto& file : files_in("validation")) {
    const auto given = json_of(file);
    const auto* written = given.find("definition_text");
    const auto text = written != nullptr ? written->text() : flowstone::asl::text_of(*given.find("definition"));
    const auto problems = problems_of(text, {.awaited = given.find("type")->text() == "EXPRESS"});
    const auto* response = given.find("response");
    const bool accepted = response != nullptr && response->find("result")->text() == "OK";
    EXPECT_EQ(!has_errors(problems), accepted) << file << text_of(problems);
    if (response == nullptr) continue;
    for (const auto& diagnostic : response->find("diagnostics")->items()) {
      const auto& place = diagnostic.find("location")->text();
      EXPECT_TRUE(std::ranges::any_of(
          problems, [&](const Problem& problem) { return problem.path == (place == "/" ? "" : place); }))
          << file << text_of(problems);
    }
  }
}

TEST(LintCorpus, RecordedDefinitionsHaveNoErrors) {
  FLOWSTONE_NEEDS_CORPUS();
  for (const auto* folder : {"cases", "distributed"}) {
    for (const auto& file : files_in(folder)) {
      const auto problems = problems_of(flowstone::asl::text_of(*json_of(file).find("definition")));
      EXPECT_FALSE(has_errors(problems)) << file << text_of(problems);
    }
  }
  for (const auto& file : files_in("choice")) {
    const auto given = json_of(file);
    for (const auto& row : given.find("cases")->items()) {
      const auto problems = problems_of(flowstone::asl::text_of(*row.find("definition")));
      EXPECT_FALSE(has_errors(problems)) << file << text_of(problems);
    }
  }
}

}  // namespace
}  // namespace flowstone::asl
