#include "domain/notification.hpp"

#include <gtest/gtest.h>

#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

using namespace schemas;  // NOLINT: the tables' names are the language of these tests

constexpr const char* kKey = "key:01920000-0000-7000-8000-0000000000aa";

NotificationCreatedT created() {
  NotificationCreatedT event;
  event.title = "Order 7 is late";
  event.recipient = kKey;
  return event;
}

CreateNotificationT to(std::string recipient) {
  CreateNotificationT command;
  command.title = "Order 7 is late";
  command.recipient = std::move(recipient);
  return command;
}

using NotificationStory = Story<Notification>;

TEST(Notification, SaysEverythingThatWasGiven) {
  auto command = to(kKey);
  command.body = "Thursday";
  command.urgency = Urgency::high;
  command.about = "task-01920000-0000-7000-8000-000000000011";
  const auto ending = NotificationStory().when(command);
  EXPECT_EQ(ending.recorded, Types{"notification.created"});
  EXPECT_EQ(ending.state.title, "Order 7 is late");
  EXPECT_EQ(ending.state.body, "Thursday");
  EXPECT_EQ(ending.state.recipient, kKey);
  EXPECT_EQ(ending.state.urgency, Urgency::high);
  EXPECT_EQ(ending.state.about, "task-01920000-0000-7000-8000-000000000011");
  EXPECT_FALSE(ending.state.read);
  EXPECT_FALSE(ending.state.dismissed);
}

TEST(Notification, WithoutARecipientIsForEveryone) {
  const auto ending = NotificationStory().when(to(""));
  ASSERT_EQ(ending.recorded, Types{"notification.created"});
  EXPECT_EQ(ending.events[0].AsNotificationCreated()->recipient, "everyone");
  EXPECT_EQ(ending.state.recipient, "everyone");
  EXPECT_EQ(ending.state.urgency, Urgency::normal);
}

TEST(Notification, IsForEveryoneOrForAKey) {
  EXPECT_EQ(NotificationStory().when(to("everyone")).state.recipient, "everyone");
  for (const auto* nobody : {"Everyone", "key:", "key:7", "key:01920000-0000-7000-8000-0000000000AA",
                             "01920000-0000-7000-8000-0000000000aa", "run:01920000-0000-7000-8000-0000000000aa"})
    EXPECT_EQ(NotificationStory().when(to(nobody)).field, "recipient") << nobody;
}

TEST(Notification, IsNotCreatedTwice) {
  EXPECT_EQ(NotificationStory().given(created()).when(to(kKey)).refused, "notification_exists");
}

TEST(Notification, ThatDoesNotExistTakesNoCommand) {
  EXPECT_EQ(NotificationStory().when(MarkNotificationReadT{}).refused, "notification_not_found");
  EXPECT_EQ(NotificationStory().when(MarkNotificationUnreadT{}).refused, "notification_not_found");
  EXPECT_EQ(NotificationStory().when(DismissNotificationT{}).refused, "notification_not_found");
  EXPECT_EQ(NotificationStory().when(RestoreNotificationT{}).refused, "notification_not_found");
}

TEST(Notification, IsReadOnce) {
  NotificationStory story;
  const auto first = story.given(created()).when(MarkNotificationReadT{});
  EXPECT_EQ(first.recorded, Types{"notification.read"});
  EXPECT_TRUE(first.state.read);
  EXPECT_EQ(first.state.read_at, kNow.micros);
  EXPECT_FALSE(first.state.read_by.empty());
  EXPECT_EQ(story.when(MarkNotificationReadT{}).recorded, Types{});
}

TEST(Notification, MayBeUnreadAgain) {
  NotificationStory story;
  const auto again = story.given(created(), NotificationReadT{}).when(MarkNotificationUnreadT{});
  EXPECT_EQ(again.recorded, Types{"notification.marked_unread"});
  EXPECT_FALSE(again.state.read);
  EXPECT_FALSE(again.state.read_at.has_value());
  EXPECT_EQ(again.state.read_by, "");
  EXPECT_EQ(story.when(MarkNotificationUnreadT{}).recorded, Types{});
}

TEST(Notification, PutAwayCountsAsRead) {
  NotificationStory story;
  const auto away = story.given(created()).when(DismissNotificationT{});
  EXPECT_EQ(away.recorded, Types{"notification.dismissed"});
  EXPECT_TRUE(away.state.dismissed);
  EXPECT_EQ(away.state.dismissed_at, kNow.micros);
  EXPECT_TRUE(away.state.read);
  EXPECT_EQ(away.state.read_at, kNow.micros);
  EXPECT_EQ(story.when(DismissNotificationT{}).recorded, Types{});
  EXPECT_EQ(story.when(MarkNotificationReadT{}).recorded, Types{});
}

TEST(Notification, PutAwayIsNotMadeUnread) {
  const auto ending = NotificationStory().given(created(), NotificationDismissedT{}).when(MarkNotificationUnreadT{});
  EXPECT_EQ(ending.refused, "notification_dismissed");
  EXPECT_NE(ending.detail.find("restore it first"), std::string::npos);
}

TEST(Notification, IsRestoredOnceAndAsRead) {
  NotificationStory story;
  const auto back = story.given(created(), NotificationDismissedT{}).when(RestoreNotificationT{});
  EXPECT_EQ(back.recorded, Types{"notification.restored"});
  EXPECT_FALSE(back.state.dismissed);
  EXPECT_FALSE(back.state.dismissed_at.has_value());
  EXPECT_TRUE(back.state.read);
  EXPECT_EQ(story.when(RestoreNotificationT{}).recorded, Types{});
}

TEST(Notification, ThatWasReadKeepsWhenWhenItIsPutAway) {
  NotificationStory story;
  story.given(created()).when(MarkNotificationReadT{});
  const auto away = story.at(Timestamp{kNow.micros + 5}).when(DismissNotificationT{});
  EXPECT_EQ(away.state.read_at, kNow.micros);
  EXPECT_EQ(away.state.dismissed_at, kNow.micros + 5);
}

}  // namespace
}  // namespace flowstone::domain
