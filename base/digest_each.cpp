#include <algorithm>

#include "base/check.hpp"
#include "base/digest.hpp"

#ifdef FLOWSTONE_MULTI_BUFFER
#define NO_COMPAT_IMB_API_053
#include <intel-ipsec-mb.h>
#include <memory>
#endif

namespace flowstone {
namespace {

void one_by_one(std::span<const BytesView> messages, std::span<Digest> digests) {
  for (std::size_t at = 0; at < messages.size(); ++at) digests[at] = sha256(messages[at]);
}

#ifdef FLOWSTONE_MULTI_BUFFER

constexpr std::size_t kWorthwhile = 4;  // messages; fewer leave most lanes empty

class Lanes {
 public:
  Lanes() : manager_(alloc_mb_mgr(0), free_mb_mgr) {
    check(manager_ != nullptr, "there is memory for the lanes of a hash");
    init_mb_mgr_auto(manager_.get(), nullptr);
  }

  void run(std::span<const BytesView> messages, std::span<Digest> digests) {
    IMB_MGR* const manager = manager_.get();
    std::size_t done = 0;
    for (std::size_t at = 0; at < messages.size(); ++at) {
      IMB_JOB* job = IMB_GET_NEXT_JOB(manager);
      *job = {};
      job->cipher_mode = IMB_CIPHER_NULL;
      job->cipher_direction = IMB_DIR_ENCRYPT;
      job->chain_order = IMB_ORDER_HASH_CIPHER;
      job->hash_alg = IMB_AUTH_SHA_256;
      job->src = reinterpret_cast<const std::uint8_t*>(messages[at].data());  // NOLINT: bytes seen as numbers
      job->msg_len_to_hash_in_bytes = messages[at].size();
      job->auth_tag_output = digests[at].data();
      job->auth_tag_output_len_in_bytes = digests[at].size();
      for (job = IMB_SUBMIT_JOB_NOCHECK(manager); job != nullptr; job = IMB_GET_COMPLETED_JOB(manager)) ++done;
    }
    while (IMB_FLUSH_JOB(manager) != nullptr) ++done;
    check(done == messages.size(), "every message is hashed");
  }

 private:
  std::unique_ptr<IMB_MGR, decltype(&free_mb_mgr)> manager_;
};

#endif

}  // namespace

void sha256_each(std::span<const BytesView> messages, std::span<Digest> digests) {
  check(messages.size() == digests.size(), "each message has a place for its digest");
#ifdef FLOWSTONE_MULTI_BUFFER
  if (messages.size() >= kWorthwhile) {
    thread_local Lanes lanes;
    return lanes.run(messages, digests);
  }
#endif
  one_by_one(messages, digests);
}

}  // namespace flowstone
