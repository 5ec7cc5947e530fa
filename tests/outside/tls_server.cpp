#include "tests/outside/tls_server.hpp"

#include <csignal>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/check.hpp"
#include "tests/outside/listener.hpp"

namespace flowstone::tests {
namespace {

constexpr long kDay = 86'400;

Key fresh_key() {
  Key key(EVP_EC_gen("P-256"));
  check(key != nullptr, "a key can be made");
  return key;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  check(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "an extension can be added");
  X509_EXTENSION_free(extension);
}

Certificate blank(EVP_PKEY* key, const std::string& name, long serial, int from_day, int to_day) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from_day * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to_day * kDay);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                             0);  // NOLINT: as OpenSSL has it
  return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  check(X509_sign(certificate, key, EVP_sha256()) != 0, "a certificate can be signed");
}

}  // namespace

Authority::Authority() {
  own_.key = fresh_key();
  own_.certificate = blank(own_.key.get(), "An authority of a test", 1, -30, 30);
  X509* const certificate = own_.certificate.get();
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  sign(certificate, certificate, own_.key.get());
}

Identity Authority::issue(const std::string& host, int from_day, int to_day) const {
  Identity identity;
  identity.key = fresh_key();
  identity.certificate = blank(identity.key.get(), host, 2, from_day, to_day);
  add_extension(identity.certificate.get(), own_.certificate.get(), NID_subject_alt_name, "DNS:" + host);
  sign(identity.certificate.get(), own_.certificate.get(), own_.key.get());
  return identity;
}

std::string Authority::pem() const {
  BIO* const memory = BIO_new(BIO_s_mem());
  check(PEM_write_bio_X509(memory, own_.certificate.get()) == 1, "a certificate can be written");
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

TlsServer::TlsServer(const Identity& identity, std::string answer)
    : answer_(std::move(answer)), context_(SSL_CTX_new(TLS_server_method())) {
  check(SSL_CTX_use_certificate(context_.get(), identity.certificate.get()) == 1 &&
            SSL_CTX_use_PrivateKey(context_.get(), identity.key.get()) == 1,
        "the key is the certificate's");
  const Listener listener = listen_on_loopback();
  listener_ = listener.socket;
  port_ = listener.port;
  thread_ = std::thread([this] { serve(); });
}

TlsServer::~TlsServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void TlsServer::serve() {
  // A client that has hung up is no reason to end.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  while (true) {
    const int socket = ::accept(listener_, nullptr, nullptr);
    if (socket < 0) return;
    answer_on(socket);
    ::close(socket);
  }
}

void TlsServer::answer_on(int socket) {
  const std::unique_ptr<SSL, Freed<SSL, SSL_free>> connection(SSL_new(context_.get()));
  SSL_set_fd(connection.get(), socket);
  if (SSL_accept(connection.get()) != 1) return;
  std::string request;
  char piece[4096];
  while (!request.contains("\r\n\r\n")) {
    const int got = SSL_read(connection.get(), piece, sizeof piece);
    if (got <= 0) return;
    request.append(piece, static_cast<std::size_t>(got));
  }
  ++visits_;
  SSL_write(connection.get(), answer_.data(), static_cast<int>(answer_.size()));
  SSL_shutdown(connection.get());
}

}  // namespace flowstone::tests
