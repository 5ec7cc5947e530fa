#include "cli/exec/spool.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

const SpoolHeading kHeading{
    .run = "01920000-0000-7000-8000-000000000001", .url = "http://127.0.0.1:8080", .body = R"({"name":"x"})"};

SpoolRecord line_record(std::string bytes) {
  SpoolRecord record;
  record.kind = SpoolKind::output;
  record.at = {1'700'000'000'000'000};
  record.step = 1;
  record.bytes = std::move(bytes);
  return record;
}

std::size_t count_records(const std::filesystem::path& file) {
  auto reader = SpoolReader::open(file);
  if (!reader) return 0;
  std::size_t count = 0;
  while (reader->next()) ++count;
  return count;
}

// A spool with a step and three lines, each in a frame of its own.
void write_spool(const std::filesystem::path& file) {
  auto writer = SpoolWriter::create(file, kHeading);
  ASSERT_TRUE(writer);
  SpoolRecord step;
  step.kind = SpoolKind::step_started;
  step.bytes = "build";
  writer->add(step);
  for (const auto* text : {"one", "two", "three"}) {
    writer->add(line_record(text));
    ASSERT_TRUE(writer->commit());
  }
}

TEST(Spool, GivesBackWhatWasPutIn) {
  const ScratchDirectory scratch;
  auto writer = SpoolWriter::create(scratch / "a.spool", kHeading);
  ASSERT_TRUE(writer);
  SpoolRecord end;
  end.kind = SpoolKind::failed;
  end.at = {42};
  end.bytes = "no such file";
  end.exit_code = -3;
  end.signal = "SIGKILL";
  end.duration_ms = 1'234'567'890'123;
  auto line = line_record(std::string("\0\xFF bytes", 8));
  line.is_error_stream = true;
  line.partial = true;
  writer->add(line);
  writer->add(end);
  ASSERT_TRUE(writer->commit());

  auto reader = SpoolReader::open(scratch / "a.spool");
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->heading().run, kHeading.run);
  EXPECT_EQ(reader->heading().body, kHeading.body);
  const auto first = reader->next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->bytes, line.bytes);
  EXPECT_TRUE(first->is_error_stream);
  EXPECT_TRUE(first->partial);
  EXPECT_EQ(reader->sequence(), 1U);
  const auto second = reader->next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->kind, SpoolKind::failed);
  EXPECT_EQ(second->at, end.at);
  EXPECT_EQ(second->exit_code, end.exit_code);
  EXPECT_EQ(second->signal, end.signal);
  EXPECT_EQ(second->duration_ms, end.duration_ms);
  EXPECT_FALSE(reader->next());
}

TEST(Spool, IsReadWhileItGrows) {
  const ScratchDirectory scratch;
  auto writer = SpoolWriter::create(scratch / "a.spool", kHeading);
  ASSERT_TRUE(writer);
  auto reader = SpoolReader::open(scratch / "a.spool");
  ASSERT_TRUE(reader);
  EXPECT_FALSE(reader->next());
  writer->add(line_record("later"));
  EXPECT_FALSE(reader->next());
  ASSERT_TRUE(writer->commit());
  ASSERT_TRUE(reader->next());
  EXPECT_FALSE(reader->next());
}

TEST(Spool, CutAnywhereGivesWholeFramesAlone) {
  const ScratchDirectory scratch;
  write_spool(scratch / "whole.spool");
  const auto whole = read_file(scratch / "whole.spool");
  ASSERT_EQ(count_records(scratch / "whole.spool"), 4U);
  std::size_t before = 0;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    std::ofstream(scratch / "cut.spool", std::ios::binary) << whole.substr(0, size);
    const auto count = count_records(scratch / "cut.spool");
    EXPECT_GE(count, before);
    EXPECT_LE(count, 4U);
    before = count;
  }
  EXPECT_EQ(before, 4U);
}

TEST(Spool, AChangedByteEndsIt) {
  const ScratchDirectory scratch;
  write_spool(scratch / "a.spool");
  auto bytes = read_file(scratch / "a.spool");
  bytes[bytes.size() - 2] = static_cast<char>(bytes[bytes.size() - 2] ^ 1);
  std::ofstream(scratch / "a.spool", std::ios::binary) << bytes;
  EXPECT_EQ(count_records(scratch / "a.spool"), 3U);
}

TEST(Spool, IsAdoptedOnlyWhenItsRecorderIsGone) {
  const ScratchDirectory scratch;
  {
    auto writer = SpoolWriter::create(scratch / "a.spool", kHeading);
    ASSERT_TRUE(writer);
    const auto adopted = SpoolWriter::adopt(scratch / "a.spool");
    ASSERT_TRUE(adopted);
    EXPECT_FALSE(*adopted);
  }
  auto adopted = SpoolWriter::adopt(scratch / "a.spool");
  ASSERT_TRUE(adopted);
  EXPECT_TRUE(*adopted);
}

TEST(Spool, AdoptedGoesOnBehindATornEnd) {
  const ScratchDirectory scratch;
  write_spool(scratch / "a.spool");
  std::ofstream(scratch / "a.spool", std::ios::binary | std::ios::app) << "torn";
  {
    auto adopted = SpoolWriter::adopt(scratch / "a.spool");
    ASSERT_TRUE(adopted && *adopted);
    (*adopted)->add(line_record("four"));
    ASSERT_TRUE((*adopted)->commit());
  }
  EXPECT_EQ(count_records(scratch / "a.spool"), 5U);
}

TEST(Spool, AnotherFileIsRefusedByName) {
  const ScratchDirectory scratch;
  std::ofstream(scratch / "a.spool") << "something else entirely";
  const auto reader = SpoolReader::open(scratch / "a.spool");
  ASSERT_FALSE(reader);
  EXPECT_NE(reader.error().find("a.spool"), std::string::npos);
}

}  // namespace
}  // namespace flowstone::cli
