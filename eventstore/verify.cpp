#include "eventstore/verify.hpp"

#include "eventstore/record.hpp"
#include "eventstore/recovery.hpp"
#include "eventstore/storage_error.hpp"

namespace flowstone::eventstore {
namespace {

Result<void, StoreError> check_payloads(const CommittedBlock& block) {
  BlockReader reader;
  if (const auto opened = reader.open(block.bytes, BlockReader::Trust::as_is); !opened) {
    return failure(corrupt(block.first, opened.error()));
  }
  std::vector<BytesView> digested;
  for (Position at = reader.first(); reader.holds(at); ++at.value)
    digested.push_back(digested_bytes(reader.record(at)));
  std::vector<Digest> digests(digested.size());
  sha256_each(digested, digests);
  RecordedEvent event;
  for (Position at = reader.first(); reader.holds(at); ++at.value) {
    if (!reader.event(at, event)) return failure(corrupt(at, "the record is malformed"));
    if (digests[at.value - reader.first().value] != event.payload_digest) {
      return failure(corrupt(at, "the payload does not match its digest"));
    }
  }
  return {};
}

}  // namespace

Result<Store::Verification, StoreError> verify_log(Journal& journal, const TreeHead& committed,
                                                   const std::function<void(Position)>& progress) {
  BlockChain chain(0, {});
  FLOWSTONE_TRY(const auto cursor, journal.cursor(Journal::Access::scan));
  FLOWSTONE_TRY(bool more, cursor->seek({1}));
  // Blocks without events before the first event begin at position 1 too.
  while (more) {
    const auto extent = block_extent(cursor->bytes());
    if (!extent || extent->number <= 1) break;
    FLOWSTONE_TRY(more, cursor->previous());
  }
  while (more && chain.tree().size() < committed.size.value) {
    const Position at{chain.tree().size() + 1};
    auto block = recompute_block(Bytes(cursor->bytes()));
    if (!block) return failure(corrupt(at, block.error()));
    FLOWSTONE_TRY_VOID(chain.follow(**block));
    FLOWSTONE_TRY_VOID(check_payloads(**block));
    if (progress) progress((*block)->last());
    auto moved = cursor->next();
    if (!moved) {
      moved.error().position = (*block)->last().next();  // the journal only knows where it came from
      return failure(std::move(moved).error());
    }
    more = *moved;
  }
  const TreeHead recomputed{.size = {chain.tree().size()}, .root = chain.tree().root()};
  if (recomputed.size != committed.size) return failure(corrupt(recomputed.size.next(), "the log ends early"));
  if (recomputed.root != committed.root)
    return failure(corrupt(recomputed.size, "the records do not give the committed root"));
  return Store::Verification{.recomputed = recomputed, .committed = committed};
}

}  // namespace flowstone::eventstore
