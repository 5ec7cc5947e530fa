#include "api/authenticator.hpp"

#include "api/current_payload.hpp"
#include "base/bytes.hpp"
#include "base/uuid.hpp"
#include "schemas/api_key_generated.h"

namespace flowstone::api {
namespace {

constexpr std::string_view kPrefix = "fsk_";
constexpr std::size_t kIdsText = 43;  // base64url of 32 bytes
constexpr std::size_t kKeyText = 4 + kIdsText + 1 + kIdsText;
constexpr std::size_t kSecretBytes = 32;

std::string key_of(std::string_view workspace, std::string_view id) { return std::string(workspace).append(id); }

template <class List>
std::vector<std::string> texts_of(const List* list) {
  std::vector<std::string> texts;
  if (list == nullptr) return texts;
  for (const auto* text : *list) texts.push_back(text->str());
  return texts;
}

// flatc calls the enumerator of `operator` otherwise in C++, so its names are not the contract's.
// A role that only a later version knows gives nothing.
std::optional<Role> role_of(schemas::Role role) {
  switch (role) {
    case schemas::Role::viewer:
      return Role::viewer;
    case schemas::Role::member:
      return Role::member;
    case schemas::Role::admin:
      return Role::admin;
    case schemas::Role::auditor:
      return Role::auditor;
    case schemas::Role::operator_:
      return Role::operates;
  }
  return std::nullopt;
}

Roles roles_of(const flatbuffers::Vector<schemas::Role>* list) {
  Roles roles;
  if (list == nullptr) return roles;
  for (const auto given : *list) {
    if (const auto role = role_of(static_cast<schemas::Role>(given))) roles.add(*role);
  }
  return roles;
}

}  // namespace

std::optional<KeyParts> parse_key(std::string_view text) {
  if (text.size() != kKeyText || !text.starts_with(kPrefix) || text[kPrefix.size() + kIdsText] != '_')
    return std::nullopt;
  const auto ids = from_base64url(text.substr(kPrefix.size(), kIdsText));
  const auto secret = from_base64url(text.substr(kPrefix.size() + kIdsText + 1));
  if (!ids || !secret || ids->size() != 2 * kUuidBytes || secret->size() != kSecretBytes) return std::nullopt;
  return KeyParts{uuid_text(BytesView(*ids).substr(0, kUuidBytes)), uuid_text(BytesView(*ids).substr(kUuidBytes)),
                  *secret};
}

std::string key_text(std::string_view workspace, std::string_view id, BytesView secret) {
  std::string text(kPrefix);
  text.append(to_base64url(uuid_bytes(workspace).value_or(Bytes()) + uuid_bytes(id).value_or(Bytes())))
      .append("_")
      .append(to_base64url(secret));
  return text;
}

KeySecret mint_secret() {
  KeySecret minted{random_bytes(kSecretBytes), {}};
  minted.digest = to_hex(view(sha256(minted.secret)));
  return minted;
}

MintedKey mint_key(std::string_view workspace, std::string_view id) {
  const KeySecret minted = mint_secret();
  return {key_text(workspace, id, minted.secret), minted.digest};
}

std::string_view sentence_of(AuthFailure failure) {
  switch (failure) {
    case AuthFailure::missing:
      return "Send `Authorization: Bearer <key>`.";
    case AuthFailure::malformed:
      return "The Authorization header must be `Bearer ` and a key that begins with `fsk_` and has 91 characters.";
    case AuthFailure::unknown:
      return "There is no such key.";
    case AuthFailure::revoked:
      return "This key was revoked.";
    case AuthFailure::expired:
      return "This key has expired.";
  }
  return "There is no such key.";
}

bool Authenticator::is_behind() const {
  return store_.state().durable.value > followed_.load(std::memory_order_acquire);
}

Result<void, eventstore::StoreError> Authenticator::catch_up() {
  const std::lock_guard guard(following_);
  const Position head = store_.state().durable;
  const Position from{followed_.load(std::memory_order_relaxed) + 1};
  if (head < from) return {};
  eventstore::Filter filter;
  filter.categories = {"api_key"};
  FLOWSTONE_TRY(const auto reader, store_.read(filter, {.from = from, .to = head}));
  for (;;) {
    FLOWSTONE_TRY(const auto* event, reader->next());
    if (event == nullptr) break;
    fold(*event);
  }
  followed_.store(head.value, std::memory_order_release);
  return {};
}

void Authenticator::fold(const eventstore::RecordedEvent& event) {
  const auto payload = current_payload(event);
  if (!payload) return;
  const std::string id(event.stream.substr(std::min(event.stream.size(), event.category().size() + 1)));
  const std::unique_lock lock(mutex_);
  Key& key = keys_[key_of(event.workspace, id)];
  if (event.type == "api_key.revoked") {
    key.revoked = true;
  } else if (event.type == "api_key.created") {
    const auto* created = flatbuffers::GetRoot<schemas::ApiKeyCreated>(payload->bytes().data());
    auto principal = std::make_shared<Principal>();
    principal->workspace = event.workspace;
    principal->key_id = id;
    principal->actor = "key:" + id;
    principal->roles = roles_of(created->roles());
    principal->scopes = texts_of(created->scopes());
    if (const auto expires = created->expires_at(); expires.has_value()) principal->expires_at = Timestamp{*expires};
    key.digest = from_hex(created->secret_digest() == nullptr ? "" : created->secret_digest()->str()).value_or(Bytes());
    key.principal = std::move(principal);
  }
  generation_.fetch_add(1, std::memory_order_release);
}

bool Authenticator::is_expired(const Principal& principal) const {
  return principal.expires_at && *principal.expires_at <= clock_.now();
}

Result<std::shared_ptr<const Principal>, AuthFailure> Authenticator::authenticate(
    std::string_view authorization) const {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.empty()) return failure(AuthFailure::missing);
  if (authorization.size() <= kScheme.size()) return failure(AuthFailure::malformed);
  for (std::size_t at = 0; at < kScheme.size(); ++at) {
    const char c = authorization[at];
    if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != kScheme[at]) return failure(AuthFailure::malformed);
  }
  const auto parts = parse_key(authorization.substr(kScheme.size()));
  if (!parts) return failure(AuthFailure::malformed);
  const Digest digest = sha256(parts->secret);

  const std::shared_lock lock(mutex_);
  const auto found = keys_.find(key_of(parts->workspace, parts->id));
  if (found == keys_.end() || !found->second.principal) return failure(AuthFailure::unknown);
  const Key& key = found->second;
  if (!equal_in_constant_time(view(digest), key.digest)) return failure(AuthFailure::unknown);
  if (key.revoked) return failure(AuthFailure::revoked);
  if (is_expired(*key.principal)) return failure(AuthFailure::expired);
  return key.principal;
}

bool Authenticator::still_holds(const Principal& principal) const {
  if (is_expired(principal)) return false;
  const std::shared_lock lock(mutex_);
  const auto found = keys_.find(key_of(principal.workspace, principal.key_id));
  return found != keys_.end() && found->second.principal && !found->second.revoked;
}

}  // namespace flowstone::api
