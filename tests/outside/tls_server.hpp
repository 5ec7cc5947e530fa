// A web server behind TLS, with certificates that the test itself signs.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace flowstone::tests {

template <class Thing, void (*Free)(Thing*)>
struct Freed {
  void operator()(Thing* thing) const { Free(thing); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;

struct Identity {
  Key key;
  Certificate certificate;
};

// Signs certificates; whoever is given its own one trusts them.
class Authority {
 public:
  Authority();
  // For a host, from and to so many days from now.
  [[nodiscard]] Identity issue(const std::string& host, int from_day, int to_day) const;
  // Its own certificate as PEM.
  [[nodiscard]] std::string pem() const;

 private:
  Identity own_;
};

// Answers every request with the same bytes, one connection at a time, on a free port of this machine.
class TlsServer {
 public:
  TlsServer(const Identity& identity, std::string answer);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  // Requests that came through a handshake.
  [[nodiscard]] int visits() const { return visits_; }

 private:
  void serve();
  void answer_on(int socket);

  const std::string answer_;
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX, SSL_CTX_free>> context_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> visits_{0};
  std::thread thread_;
};

}  // namespace flowstone::tests
