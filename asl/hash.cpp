#include "asl/hash.hpp"

#include <array>

#include <fmt/core.h>
#include <openssl/evp.h>

namespace flowstone::asl {

std::optional<std::string> hash(std::string_view algorithm, std::string_view bytes) {
  const EVP_MD* kind = nullptr;
  if (algorithm == "MD5")
    kind = EVP_md5();
  else if (algorithm == "SHA-1")
    kind = EVP_sha1();
  else if (algorithm == "SHA-256")
    kind = EVP_sha256();
  else if (algorithm == "SHA-384")
    kind = EVP_sha384();
  else if (algorithm == "SHA-512")
    kind = EVP_sha512();
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (kind == nullptr || EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, kind, nullptr) != 1)
    return std::nullopt;
  std::string out;
  for (unsigned at = 0; at < size; ++at) out += fmt::format("{:02x}", digest[at]);
  return out;
}

}  // namespace flowstone::asl
