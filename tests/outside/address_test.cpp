#include "outside/address.hpp"

#include <string>

#include <gtest/gtest.h>

namespace flowstone::outside {
namespace {

struct Row {
  const char* address;
  const char* why;  // empty: public
};

// The ends of each block and their neighbours.
constexpr Row kRows[] = {
    {"0.0.0.0", "of this network"},
    {"0.255.255.255", "of this network"},
    {"1.0.0.0", ""},
    {"9.255.255.255", ""},
    {"10.0.0.0", "private"},
    {"10.255.255.255", "private"},
    {"11.0.0.0", ""},
    {"100.63.255.255", ""},
    {"100.64.0.0", "of a carrier"},
    {"100.127.255.255", "of a carrier"},
    {"100.128.0.0", ""},
    {"127.0.0.1", "loopback"},
    {"127.255.255.255", "loopback"},
    {"128.0.0.0", ""},
    {"169.253.255.255", ""},
    {"169.254.169.254", "link-local"},
    {"169.255.0.0", ""},
    {"172.15.255.255", ""},
    {"172.16.0.0", "private"},
    {"172.31.255.255", "private"},
    {"172.32.0.0", ""},
    {"192.0.0.1", "reserved"},
    {"192.0.1.0", ""},
    {"192.0.2.1", "for documentation"},
    {"192.88.99.1", "reserved"},
    {"192.167.255.255", ""},
    {"192.168.0.0", "private"},
    {"192.168.255.255", "private"},
    {"192.169.0.0", ""},
    {"198.17.255.255", ""},
    {"198.18.0.0", "for benchmarks"},
    {"198.19.255.255", "for benchmarks"},
    {"198.20.0.0", ""},
    {"198.51.100.7", "for documentation"},
    {"203.0.113.7", "for documentation"},
    {"223.255.255.255", ""},
    {"224.0.0.1", "multicast"},
    {"239.255.255.255", "multicast"},
    {"240.0.0.0", "reserved"},
    {"255.255.255.255", "reserved"},
    {"93.184.216.34", ""},
    {"::", "reserved"},
    {"::1", "loopback"},
    {"::2", "reserved"},
    {"::127.0.0.1", "reserved"},
    {"::ffff:127.0.0.1", "loopback"},
    {"::ffff:10.1.2.3", "private"},
    {"::ffff:169.254.169.254", "link-local"},
    {"::ffff:93.184.216.34", ""},
    {"64:ff9b::10.0.0.1", "private"},
    {"64:ff9b::93.184.216.34", ""},
    {"64:ff9b:1::1", "reserved"},
    {"100::1", "reserved"},
    {"2000::1", ""},
    {"2001::1", "reserved"},
    {"2001:1ff:ffff::1", "reserved"},
    {"2001:200::1", ""},
    {"2001:db8::1", "for documentation"},
    {"2001:db9::1", ""},
    {"2002:7f00:1::1", "reserved"},
    {"2003::1", ""},
    {"2606:4700:4700::1111", ""},
    {"3fff::1", "for documentation"},
    {"3fff:1000::1", ""},
    {"4000::1", "reserved"},
    {"5f00::1", "reserved"},
    {"fbff::1", "reserved"},
    {"fc00::1", "private"},
    {"fdff:ffff::1", "private"},
    {"fe80::1", "link-local"},
    {"febf::1", "link-local"},
    {"fec0::1", "site-local"},
    {"ff02::1", "multicast"},
};

TEST(Address, IsPublicOrSaidWhatItIs) {
  for (const Row& row : kRows) {
    const auto why = why_not_public(boost::asio::ip::make_address(row.address));
    EXPECT_EQ(why.value_or(""), row.why) << row.address;
  }
}

}  // namespace
}  // namespace flowstone::outside
