#include "bench/peers/message_store.hpp"

#include <algorithm>
#include <array>
#include <libpq-fe.h>
#include <memory>
#include <poll.h>
#include <vector>

#include <fmt/format.h>

#include "base/check.hpp"
#include "base/identifier.hpp"

namespace flowstone::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Versions start at 0; -1 is the version of a stream without messages. Writers of one category wait for each other, so
// that a reader of the category never sees a later global position before an earlier one.
constexpr const char* kStore = R"sql(
create function category(stream_name text) returns text
  language sql immutable parallel safe as $$ select split_part(stream_name, '-', 1) $$;

create table messages (
  global_position bigint generated always as identity primary key,
  id uuid not null unique,
  stream_name text not null,
  position bigint not null,
  time timestamp not null default (now() at time zone 'utc'),
  type text not null,
  data jsonb,
  metadata jsonb,
  unique (stream_name, position)
);
create index messages_of_category on messages (category(stream_name), global_position);

create function write_message(id text, stream_name text, type text, data jsonb, metadata jsonb default null,
                              expected_version bigint default null) returns bigint language plpgsql as $$
declare
  version bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended(category(write_message.stream_name), 0));
  select max(m.position) into version from messages m where m.stream_name = write_message.stream_name;
  version := coalesce(version, -1);
  if expected_version is not null and expected_version <> version then
    raise exception 'Wrong expected version: % (Stream: %, Stream Version: %)',
      expected_version, write_message.stream_name, version;
  end if;
  insert into messages (id, stream_name, position, type, data, metadata)
    values (write_message.id::uuid, write_message.stream_name, version + 1, write_message.type, write_message.data,
            write_message.metadata);
  return version + 1;
end
$$;

create function get_category_messages(category_name text, from_position bigint default 1, batch_size bigint default 1000)
  returns setof messages language sql stable as $$
  select * from messages
    where category(stream_name) = category_name and global_position >= from_position
    order by global_position limit batch_size
$$;
)sql";

// Of the acknowledged messages, how many are stored where they must be; and streams whose versions have a hole.
constexpr const char* kStored = R"sql(
select sum(messages), count(*) filter (where first <> 0 or last <> messages - 1)
  from (select count(*) as messages, min(position) as first, max(position) as last from messages group by stream_name) s
)sql";

struct CloseConnection {
  void operator()(PGconn* connection) const { ::PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;

struct ClearResult {
  void operator()(PGresult* result) const { ::PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, ClearResult>;

Connection connect(const std::string& address) {
  Connection connection(::PQconnectdb(address.c_str()));
  check(::PQstatus(connection.get()) == CONNECTION_OK, ::PQerrorMessage(connection.get()));
  return connection;
}

void check_answer(const Answer& answer) {
  const ExecStatusType status = ::PQresultStatus(answer.get());
  check(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, ::PQresultErrorMessage(answer.get()));
}

Answer run(PGconn* connection, const std::string& sql) {
  Answer answer(::PQexec(connection, sql.c_str()));
  check_answer(answer);
  return answer;
}

std::int64_t number(const Answer& answer, int row, int column) {
  return std::strtoll(::PQgetvalue(answer.get(), row, column), nullptr, 10);
}

std::string message_data() {
  constexpr std::size_t kBytes = 300;
  const std::string frame = R"({"text": ""})";
  std::string data = frame;
  for (std::size_t at = 0; data.size() < kBytes; ++at)
    data.insert(data.size() - 2, 1, static_cast<char>('a' + at % 26));
  return data;
}

// One connection with one message under way.
class Writer {
 public:
  Writer(const std::string& address, std::string stream) : connection_(connect(address)), stream_(std::move(stream)) {
    Answer prepared(
        ::PQprepare(connection_.get(), "write", "select write_message($1, $2, $3, $4, null, $5)", 0, nullptr));
    check_answer(prepared);
  }

  void send(std::string id, const std::string& data) {
    const std::string expected = std::to_string(version_);
    const std::array<const char*, 5> values = {id.c_str(), stream_.c_str(), "Written", data.c_str(), expected.c_str()};
    sent_at_ = SteadyClock::now();
    check(::PQsendQueryPrepared(connection_.get(), "write", values.size(), values.data(), nullptr, nullptr, 0) == 1,
          ::PQerrorMessage(connection_.get()));
  }

  // Reads what has come. True once the answer is whole; it must be the next version.
  bool receive() {
    check(::PQconsumeInput(connection_.get()) == 1, ::PQerrorMessage(connection_.get()));
    if (::PQisBusy(connection_.get()) == 1) return false;
    for (Answer answer(::PQgetResult(connection_.get())); answer; answer.reset(::PQgetResult(connection_.get()))) {
      check_answer(answer);
      check(number(answer, 0, 0) == version_ + 1, "versions follow each other");
    }
    ++version_;
    return true;
  }

  [[nodiscard]] int socket() const { return ::PQsocket(connection_.get()); }
  [[nodiscard]] SteadyClock::time_point sent_at() const { return sent_at_; }

 private:
  Connection connection_;
  std::string stream_;
  std::int64_t version_ = -1;
  SteadyClock::time_point sent_at_;
};

std::string category_name(int category) { return fmt::format("account{}", category); }

std::vector<Writer> make_writers(const std::string& address, const Load& load) {
  std::vector<Writer> writers;
  for (int at = 0; at < load.connections; ++at)
    writers.emplace_back(address, fmt::format("{}-{}", category_name(at % load.categories), at));
  return writers;
}

// Keeps every writer busy until `duration` has passed, then takes the last answers. Milliseconds of each message.
std::vector<double> drive(std::vector<Writer>& writers, std::chrono::milliseconds duration) {
  const SystemClock clock;
  UuidV7Source ids(clock);
  const std::string data = message_data();
  std::vector<pollfd> waiting;
  for (Writer& writer : writers) {
    writer.send(ids.fresh(), data);
    waiting.push_back({.fd = writer.socket(), .events = POLLIN, .revents = 0});
  }
  std::vector<double> took;
  const auto deadline = SteadyClock::now() + duration;
  for (std::size_t busy = writers.size(); busy > 0;) {
    check(::poll(waiting.data(), waiting.size(), 60'000) > 0, "PostgreSQL answers within a minute");
    for (std::size_t at = 0; at < writers.size(); ++at) {
      if (waiting[at].revents == 0 || !writers[at].receive()) continue;
      const auto now = SteadyClock::now();
      took.push_back(std::chrono::duration<double, std::milli>(now - writers[at].sent_at()).count());
      if (now < deadline) {
        writers[at].send(ids.fresh(), data);
      } else {
        waiting[at].fd = -1;
        --busy;
      }
    }
  }
  return took;
}

void check_versions(PGconn* connection, std::uint64_t acknowledged) {
  const Answer stored = run(connection, kStored);
  check(number(stored, 0, 0) == static_cast<std::int64_t>(acknowledged),
        "what was acknowledged is stored, and nothing else");
  check(number(stored, 0, 1) == 0, "versions are dense in every stream");
}

void check_category_reads(PGconn* connection, const Load& load, std::uint64_t acknowledged) {
  std::uint64_t read = 0;
  for (int category = 0; category < load.categories; ++category) {
    std::int64_t last = 0;
    for (int rows = 1; rows > 0;) {
      const Answer page = run(connection, fmt::format("select global_position from get_category_messages('{}', {})",
                                                      category_name(category), last + 1));
      rows = ::PQntuples(page.get());
      for (int row = 0; row < rows; ++row) {
        check(number(page, row, 0) > last, "global positions increase");
        last = number(page, row, 0);
      }
      read += static_cast<std::uint64_t>(rows);
    }
  }
  check(read == acknowledged, "reading the categories yields every message once");
}

}  // namespace

void make_message_store(const std::string& address) { run(connect(address).get(), kStore); }

Written write_messages(const std::string& address, const Load& load) {
  const Connection control = connect(address);
  run(control.get(), "truncate messages restart identity");
  run(control.get(), "checkpoint");
  std::vector<double> took;
  std::chrono::duration<double> seconds{};
  {
    std::vector<Writer> writers = make_writers(address, load);
    const auto start = SteadyClock::now();
    took = drive(writers, load.duration);
    seconds = SteadyClock::now() - start;
  }
  check_versions(control.get(), took.size());
  check_category_reads(control.get(), load, took.size());
  std::ranges::sort(took);
  return {.messages = took.size(),
          .per_second = static_cast<double>(took.size()) / seconds.count(),
          .median_ms = took[took.size() / 2],
          .p99_ms = took[took.size() * 99 / 100]};
}

}  // namespace flowstone::bench
