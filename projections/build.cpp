#include "projections/build.hpp"

#include <utility>

#include "projections/codec.hpp"

namespace flowstone::projections {
namespace {

constexpr std::uint64_t kRecordVersion = 1;
constexpr std::uint64_t kUnknown = 2;  // of an optional truth value

void append(Encoder& out, const std::optional<Timestamp>& time) {
  out.number(time ? 1 : 0).number(time ? static_cast<std::uint64_t>(time->micros) : 0);
}

std::optional<Timestamp> read_time(Decoder& in) {
  const bool there = in.number() == 1;
  const auto micros = static_cast<std::int64_t>(in.number());
  return there ? std::optional(Timestamp{micros}) : std::nullopt;
}

void append(Encoder& out, const BuildRecord& build) {
  out.number(build.id).number(build.number).number(std::to_underlying(build.role)).number(build.auto_switch ? 1 : 0);
  out.text(build.fingerprint);
  append(out, build.started_at);
  append(out, build.finished_at);
  out.text(build.error).number(build.error_position.value);
  out.number(build.digests_equal ? static_cast<std::uint64_t>(*build.digests_equal) : kUnknown);
}

BuildRecord read_build(Decoder& in) {
  BuildRecord build;
  build.id = static_cast<BuildId>(in.number());
  build.number = static_cast<std::uint32_t>(in.number());
  build.role = static_cast<BuildStatus::Role>(in.number());
  build.auto_switch = in.number() == 1;
  build.fingerprint = in.text();
  build.started_at = read_time(in);
  build.finished_at = read_time(in);
  build.error = in.text();
  build.error_position = Position{in.number()};
  if (const std::uint64_t equal = in.number(); equal != kUnknown) build.digests_equal = equal == 1;
  return build;
}

}  // namespace

Bytes encode(const Checkpoint& checkpoint) {
  const Digest digest = checkpoint.digest.value();
  Encoder out;
  out.number(checkpoint.position.value).number(checkpoint.rows).text(view(digest)).number(checkpoint.bulk ? 1 : 0);
  return out.take();
}

std::optional<Checkpoint> decode_checkpoint(BytesView bytes) {
  Decoder in(bytes);
  Checkpoint checkpoint;
  checkpoint.position = Position{in.number()};
  checkpoint.rows = in.number();
  checkpoint.digest = RowDigest(in.digest());
  checkpoint.bulk = in.number() == 1;
  if (!in.complete()) return std::nullopt;
  return checkpoint;
}

Bytes encode(const ProjectionRecord& record) {
  Encoder out;
  out.number(kRecordVersion).number(record.last_number).number(record.builds.size());
  for (const BuildRecord& build : record.builds) append(out, build);
  return out.take();
}

std::optional<ProjectionRecord> decode_projection(BytesView bytes) {
  Decoder in(bytes);
  if (in.number() != kRecordVersion) return std::nullopt;
  ProjectionRecord record;
  record.last_number = static_cast<std::uint32_t>(in.number());
  const std::uint64_t builds = in.number();
  for (std::uint64_t index = 0; index < builds && index < 16; ++index) record.builds.push_back(read_build(in));
  if (!in.complete()) return std::nullopt;
  return record;
}

Bytes projection_key(std::string_view name) { return section_key(0, Section::rows).append(name); }

Bytes next_build_key() { return section_key(0, Section::checkpoint); }

}  // namespace flowstone::projections
