#include "eventstore/record.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "eventstore/block.hpp"
#include "eventstore/checksum.hpp"
#include "eventstore/merkle.hpp"

namespace flowstone::eventstore {
namespace {

const Bytes kSalt = "0123456789abcdef";

// The worked example of docs/formats/record.md.
RecordedEvent example_event() {
  RecordedEvent event;
  event.position = {1};
  event.revision = {1};
  event.time = {1'795'608'000'000'000};
  event.workspace = "w1";
  event.stream = "task-1";
  event.type = "task.created";
  event.schema_version = 1;
  event.actor = "key:1";
  event.command_id = "c1";
  event.correlation = "c1";
  event.payload = "hi";
  event.salt = kSalt;
  event.payload_digest = payload_digest(event.salt, event.payload);
  return event;
}

Bytes encoded(const RecordedEvent& event) {
  Bytes record;
  encode_record(record, event);
  return record;
}

// Golden: these bytes are on disks. They are never edited; a new format gets a new number and a new test.
constexpr std::string_view kGoldenRecord =
    "6500010100000000000000010000000000000000f0fe90186106000100020000002dfb3033c81c798d01f47374c9d55c"
    "5973447581b14dbda1a38298dd5850af76027731067461736b2d310c7461736b2e63726561746564056b65793a310263"
    "31000263310000303132333435363738396162636465666869";
constexpr std::string_view kGoldenLeaf = "28f8c7a91588d422f78bbd5e1d86993c692e389b3556b07347d2375f4dc872e9";
constexpr std::string_view kGoldenBlock =
    "46534231a75c7840010000000000000001000000000000000200000002000000f200000054000000d469b9144998fd0d"
    "92e94a813d969df6d23c420fd9e7589bf2b4fc1d83d632806500010100000000000000010000000000000000f0fe9018"
    "6106000100020000002dfb3033c81c798d01f47374c9d55c5973447581b14dbda1a38298dd5850af7602773106746173"
    "6b2d310c7461736b2e63726561746564056b65793a310263310002633100003031323334353637383961626364656668"
    "696500010200000000000000020000000000000000f0fe90186106000100020000002dfb3033c81c798d01f47374c9d5"
    "5c5973447581b14dbda1a38298dd5850af76027731067461736b2d310c7461736b2e63726561746564056b65793a3102"
    "63310002633100003031323334353637383961626364656668690302021f58b9145b24d108d7ac38887338b3ea322983"
    "3b9c1e418250343f907bfd104703000202773102633200f0fe9018610600d9298a10d1b0735837dc4bd85dac641b0f3c"
    "ef27a47e5d53a54f2f3f5b2fcffa";

TEST(Record, HasItsGoldenBytes) {
  const Bytes record = encoded(example_event());
  EXPECT_EQ(to_hex(record), kGoldenRecord);
  EXPECT_EQ(to_hex(view(leaf_hash(record_header(record)))), kGoldenLeaf);
}

// The hexadecimal of the indented blocks of a document.
std::string hex_in(const std::string& document) {
  std::ifstream file(std::string(FLOWSTONE_SOURCE_DIR) + "/docs/formats/" + document);
  std::string hex;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("    ")) continue;
    for (const char c : line) {
      if (c == '#') break;  // the rest explains
      if (c != ' ') hex += c;
    }
  }
  return hex;
}

TEST(Record, IsTheWorkedExampleOfItsDocument) {
  EXPECT_NE(hex_in("record.md").find(kGoldenRecord), std::string::npos);
  EXPECT_NE(hex_in("tree.md").find(kGoldenLeaf), std::string::npos);
}

TEST(Block, IsTheWorkedExampleOfItsDocument) { EXPECT_NE(hex_in("block.md").find(kGoldenBlock), std::string::npos); }

TEST(Record, IsReadFromItsGoldenBytes) {
  const Bytes record = *from_hex(kGoldenRecord);
  RecordedEvent event;
  ASSERT_TRUE(decode_record(record, event));
  EXPECT_EQ(event.position.value, 1U);
  EXPECT_EQ(event.revision.value, 1U);
  EXPECT_EQ(to_rfc3339(event.time), "2026-11-25T12:00:00.000Z");
  EXPECT_EQ(event.stream, "task-1");
  EXPECT_EQ(event.category(), "task");
  EXPECT_EQ(event.type, "task.created");
  EXPECT_EQ(event.causation, "");
  EXPECT_EQ(event.correlation, "c1");
  EXPECT_EQ(event.payload, "hi");
  EXPECT_EQ(event.salt, kSalt);
  EXPECT_EQ(payload_digest(event.salt, event.payload), event.payload_digest);
}

TEST(Record, AnyOtherLengthIsNoRecord) {
  const Bytes record = *from_hex(kGoldenRecord);
  RecordedEvent event;
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_FALSE(decode_record(BytesView(record).substr(0, size), event)) << size;
  }
  EXPECT_FALSE(decode_record(record + "x", event));
}

TEST(Record, AnotherFormatIsNotRead) {
  Bytes record = *from_hex(kGoldenRecord);
  record[2] = 2;
  RecordedEvent event;
  EXPECT_FALSE(decode_record(record, event));
}

rc::Gen<std::string> a_name(std::size_t least = 0) {
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(least, 256), [](std::size_t size) {
    return rc::gen::container<std::string>(size, rc::gen::inRange<char>('!', '~'));
  });
}

RC_GTEST_PROP(Record, ComesBackAsItWas, ()) {
  const auto names = *rc::gen::container<std::vector<std::string>>(9, a_name());
  const auto payload = *rc::gen::arbitrary<std::string>();
  RecordedEvent event;
  event.position = {*rc::gen::arbitrary<std::uint64_t>()};
  event.revision = {*rc::gen::arbitrary<std::uint64_t>()};
  event.time = {*rc::gen::arbitrary<std::int64_t>()};
  event.schema_version = *rc::gen::arbitrary<std::uint16_t>();
  event.workspace = names[0];
  event.stream = names[1];
  event.type = names[2];
  event.actor = names[3];
  event.command_id = names[4];
  event.causation = names[5];
  event.correlation = names[6];
  event.request_id = names[7];
  event.traceparent = names[8];
  event.payload = payload;
  event.salt = kSalt;
  event.payload_digest = payload_digest(event.salt, event.payload);
  const Bytes record = encoded(event);
  RC_ASSERT(record_header(record).size() <= 65'535U);
  RecordedEvent read;
  RC_ASSERT(decode_record(record, read));
  RC_ASSERT(encoded(read) == record);
  RC_ASSERT(read.position == event.position && read.revision == event.revision && read.time == event.time);
  RC_ASSERT(read.traceparent == event.traceparent && read.payload == event.payload);
}

// Two appends: one of two events, one without any that only remembers its command.
Bytes example_block() {
  const RecordedEvent first = example_event();
  RecordedEvent second = first;
  second.position = {2};
  second.revision = {2};
  const Bytes records = encoded(first) + encoded(second);
  CompactRange tree;
  tree.push(leaf_hash(record_header(encoded(first))));
  tree.push(leaf_hash(record_header(encoded(second))));
  BlockBuilder builder;
  const std::vector<WriteSpan> writes = {{.events = 2, .revision = {2}}};
  builder.add({.first = {1},
               .last = {2},
               .writes = writes,
               .is_command = true,
               .fingerprint = sha256("request"),
               .workspace = "w1",
               .command_id = "c1",
               .time = first.time},
              records);
  const std::vector<WriteSpan> none = {{.events = 0, .revision = {2}}};
  builder.add({.first = {3},
               .last = {2},
               .writes = none,
               .is_command = true,
               .fingerprint = sha256("other"),
               .workspace = "w1",
               .command_id = "c2",
               .time = first.time},
              "");
  Bytes block = builder.finish(1, {1});
  seal_block(block, tree.root());
  return block;
}

TEST(Block, HasItsGoldenBytes) { EXPECT_EQ(to_hex(example_block()), kGoldenBlock); }

TEST(Block, IsReadFromItsGoldenBytes) {
  const Bytes bytes = *from_hex(kGoldenBlock);
  BlockReader block;
  ASSERT_TRUE(block.open(bytes));
  EXPECT_EQ(block.number(), 1U);
  EXPECT_EQ(block.first().value, 1U);
  EXPECT_EQ(block.last().value, 2U);
  ASSERT_EQ(block.appends().size(), 2U);
  EXPECT_EQ(block.appends()[0].fingerprint, sha256("request"));
  EXPECT_EQ(block.appends()[0].writes[0].revision.value, 2U);
  EXPECT_EQ(block.appends()[1].command_id, "c2");
  EXPECT_EQ(block.appends()[1].first.value, 3U);
  EXPECT_EQ(block.appends()[1].last.value, 2U);
  RecordedEvent event;
  ASSERT_TRUE(block.event({2}, event));
  EXPECT_EQ(event.append_first.value, 1U);
  EXPECT_EQ(event.append_last.value, 2U);
  EXPECT_EQ(event.fingerprint, sha256("request"));
  EXPECT_EQ((*recompute_block(bytes))->leaves.size(), 2U);
}

TEST(Block, EveryFlippedBitIsFound) {
  const Bytes bytes = *from_hex(kGoldenBlock);
  BlockReader block;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(block.open(damaged)) << "bit " << bit;
  }
}

TEST(Block, EveryTruncationIsFound) {
  const Bytes bytes = *from_hex(kGoldenBlock);
  BlockReader block;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(block.open(BytesView(bytes).substr(0, size), BlockReader::Trust::as_is)) << size;
  }
}

RC_GTEST_PROP(Block, AppendsComeBackAsTheyWere, ()) {
  const auto sizes = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(0, 5));
  BlockBuilder builder;
  RecordedEvent event = example_event();
  std::uint64_t position = 7;
  for (const std::uint32_t size : sizes) {
    Bytes records;
    event.command_id = size % 2 == 0 ? "c1" : "";
    for (std::uint32_t each = 0; each < size; ++each) {
      event.position = {position + each};
      encode_record(records, event);
    }
    const std::vector<WriteSpan> writes = {{.events = 0, .revision = {position}}, {.events = size, .revision = {size}}};
    builder.add({.first = {position},
                 .last = {position + size - 1},
                 .writes = writes,
                 .is_command = size % 2 == 0,
                 .fingerprint = {},
                 .workspace = "w1",
                 .command_id = size % 2 == 0 ? "c1" : "",
                 .time = event.time},
                records);
    position += size;
  }
  Bytes bytes = builder.finish(3, {7});
  seal_block(bytes, {});
  BlockReader block;
  RC_ASSERT(block.open(bytes).has_value());
  RC_ASSERT(block.appends().size() == sizes.size());
  std::uint64_t next = 7;
  for (std::size_t at = 0; at < sizes.size(); ++at) {
    const AppendEntry& append = block.appends()[at];
    RC_ASSERT(append.first.value == next);
    RC_ASSERT(append.last.value == next + sizes[at] - 1);
    RC_ASSERT(append.writes.size() == 2U && append.writes[1].events == sizes[at]);
    for (Position here = append.first; here <= append.last; here = here.next()) {
      if (append.last < append.first) break;
      RC_ASSERT(block.event(here, event));
      RC_ASSERT(event.append_first == append.first && event.append_last == append.last && event.write == 1U);
    }
    next += sizes[at];
  }
}

TEST(Checksum, MatchesRfc3720) {
  EXPECT_EQ(crc32c(Bytes(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(Bytes(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
}

}  // namespace
}  // namespace flowstone::eventstore
