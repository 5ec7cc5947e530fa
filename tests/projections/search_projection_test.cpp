// Search as a projection: from the events of bundles and the files that they name, rebuilt, crashed and withdrawn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "documents/parse.hpp"
#include "eventstore/blobs.hpp"
#include "projections/library.hpp"
#include "schemas/packed.hpp"
#include "tests/projections/world.hpp"

namespace flowstone::projections {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Role = BuildStatus::Role;
using State = Status::State;

const std::string kBundle = id_number(500);

class SearchProjection : public testing::Test {
 protected:
  SearchProjection() {
    world_.options.library = &library_;
    world_.options.search_directory = world_.root_ / "search";
  }
  void SetUp() override { world_.open_catalog(); }

  // Stores the documents as an ingest does, and says that they are published.
  void publish(std::uint32_t number, const std::vector<std::pair<std::string, std::string>>& files,
               const std::string& bundle = kBundle) {
    schemas::BundleManifestT manifest;
    for (const auto& [path, markdown] : files) manifest.documents.push_back(store(path, markdown));
    const auto digest = blobs_->put(kHome, schemas::pack(manifest));
    ASSERT_TRUE(digest);
    world_.append(kHome, "bundle-" + bundle,
                  {{"bundle.version_published",
                    "{\"number\":" + std::to_string(number) + ",\"manifest\":\"" + digest_text(*digest) + "\"}"}});
  }
  void withdraw(std::uint32_t number) {
    world_.append(kHome, "bundle-" + kBundle,
                  {{"bundle.version_withdrawn", "{\"number\":" + std::to_string(number) + ",\"reason\":\"no\"}"}});
  }

  std::unique_ptr<schemas::BundleDocumentT> store(const std::string& path, const std::string& markdown) {
    const auto parsed = documents::parse(markdown, documents::MediaType::markdown, {});
    EXPECT_TRUE(parsed);
    auto document = std::make_unique<schemas::BundleDocumentT>();
    document->path = path;
    document->text_sha256 = digest_text(*blobs_->put(kHome, parsed->text.utf8()));
    document->structure = digest_text(*blobs_->put(kHome, documents::to_bytes(*parsed)));
    return document;
  }

  std::vector<std::string> found(std::string words, std::optional<std::uint32_t> version = {}) {
    const auto page = world_.catalog->search({.workspace = kHome,
                                              .words = std::move(words),
                                              .bundle = version ? kBundle : std::string(),
                                              .version = version});
    if (!page) return {"refused"};
    std::vector<std::string> places;
    for (const SearchHit& hit : page->hits) places.push_back(std::to_string(hit.version) + "/" + hit.path);
    return places;
  }
  void catch_up() { world_.catch_up("search"); }

  World world_;
  std::unique_ptr<eventstore::Blobs> blobs_ = std::move(eventstore::open_blobs(world_.root_ / "blobs")).value();
  Library library_{*blobs_};
};

const std::string kFirst = "# Contract\n\nThe **fee** is ten.\n\n## Payment\n\nWithin thirty days.\n";
const std::string kSecond = "# Contract\n\nThe **fee** is twelve.\n\n## Payment\n\nWithin thirty days.\n";

TEST_F(SearchProjection, PublishedVersionIsFoundAndAWithdrawnOneIsNot) {
  publish(1, {{"a.md", kFirst}});
  publish(2, {{"a.md", kSecond}});
  catch_up();
  EXPECT_THAT(found("fee"), ElementsAre("2/a.md"));
  EXPECT_THAT(found("ten", 1), ElementsAre("1/a.md"));
  withdraw(2);
  catch_up();
  EXPECT_THAT(found("fee"), ElementsAre("1/a.md"));
  EXPECT_THAT(found("twelve"), IsEmpty());
}

TEST_F(SearchProjection, SpansAreThoseOfTheCanonicalText) {
  publish(1, {{"a.md", kFirst}});
  catch_up();
  const auto page = world_.catalog->search({.workspace = kHome, .words = "fee"});
  ASSERT_TRUE(page);
  ASSERT_EQ(page->hits.size(), 1U);
  const auto text = documents::Text::from_utf8(kFirst);
  EXPECT_EQ(text->slice(page->hits[0].span), page->hits[0].text);
  ASSERT_EQ(page->hits[0].highlights.size(), 1U);
  EXPECT_EQ(text->slice(page->hits[0].highlights[0]), "fee");
  EXPECT_EQ(page->position, world_.store->state().durable);
}

TEST_F(SearchProjection, RebuildEqualsWhatCameBitByBitAndServesAfterwards) {
  for (std::uint32_t number = 1; number <= 6; ++number) {
    publish(number, {{"a.md", number % 2 == 0 ? kSecond : kFirst}, {"n.md", "Number " + std::to_string(number)}});
    if (number % 3 == 0) withdraw(number - 1);
    catch_up();
  }
  const auto before = found("fee OR number contract");
  ASSERT_TRUE(world_.catalog->rebuild("search", true));
  world_.step_until([&] { return world_.status("search").state == State::live; });
  const auto status = world_.status("search");
  EXPECT_EQ(std::ranges::find(status.builds, Role::serving, &BuildStatus::role)->number, 2U);
  const auto old = std::ranges::find(status.builds, Role::previous, &BuildStatus::role);
  const auto fresh = std::ranges::find(status.builds, Role::serving, &BuildStatus::role);
  EXPECT_EQ(fresh->digest, old->digest);
  EXPECT_EQ(fresh->rows, 8U);  // versions 1, 3, 4 and 6 with two documents each
  EXPECT_EQ(found("fee OR number contract"), before);
  EXPECT_THAT(found("fee"), ElementsAre("6/a.md"));
}

TEST_F(SearchProjection, AfterACrashItGoesOnFromItsOwnCheckpoint) {
  publish(1, {{"a.md", kFirst}});
  catch_up();
  publish(2, {{"a.md", kSecond}});
  // The views are lost, as a crash loses them; the rows of the search are not, and are nobody's any more.
  world_.close_catalog();
  world_.options.directory = world_.root_ / "other-views";
  world_.open_catalog();
  EXPECT_EQ(world_.catalog->position("search"), Position{});
  catch_up();
  EXPECT_THAT(found("fee"), ElementsAre("2/a.md"));
  publish(3, {{"a.md", kFirst}});
  world_.reopen_catalog();
  EXPECT_EQ(world_.catalog->position("search"), (Position{2}));
  EXPECT_THAT(found("fee"), ElementsAre("2/a.md"));
  catch_up();
  EXPECT_THAT(found("fee"), ElementsAre("3/a.md"));
}

TEST_F(SearchProjection, MissingFileStopsItAloneAndSaysWhich) {
  world_.append(kHome, "bundle-" + kBundle,
                {{"bundle.version_published", "{\"number\":1,\"manifest\":\"" + std::string(64, 'a') + "\"}"}});
  world_.step_until([&] { return world_.status("search").state == State::stopped; });
  EXPECT_THAT(world_.status("search").error, testing::HasSubstr(std::string(64, 'a')));
  EXPECT_EQ(world_.status("search").error_position, (Position{1}));
  EXPECT_THAT(found("fee"), IsEmpty());
}

TEST_F(SearchProjection, BatchThatMeetsABadEventKeepsWhatCameBefore) {
  publish(1, {{"a.md", kFirst}});
  world_.append(kHome, "bundle-" + kBundle,
                {{"bundle.version_published", "{\"number\":2,\"manifest\":\"" + std::string(64, 'a') + "\"}"}});
  world_.step_until([&] { return world_.status("search").state == State::stopped; });
  EXPECT_EQ(world_.catalog->position("search"), (Position{1}));
  EXPECT_THAT(found("fee"), ElementsAre("1/a.md"));
}

}  // namespace
}  // namespace flowstone::projections
