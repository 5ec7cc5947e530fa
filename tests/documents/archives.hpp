// ZIP archives made at test time.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <zip.h>

#include "base/check.hpp"

namespace flowstone::documents {

using Parts = std::vector<std::pair<std::string, std::string>>;

inline std::string archive_of(const Parts& parts, const char* password = nullptr) {
  zip_source_t* const source = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_source_keep(source);
  zip_t* const archive = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  check(archive != nullptr, "an archive is begun");
  for (const auto& [name, content] : parts) {
    zip_source_t* const part = zip_source_buffer(archive, content.data(), content.size(), 0);
    const zip_int64_t index = zip_file_add(archive, name.c_str(), part, 0);
    check(index >= 0, "a part is added");
    if (password != nullptr)
      zip_file_set_encryption(archive, static_cast<zip_uint64_t>(index), ZIP_EM_AES_256, password);
  }
  check(zip_close(archive) == 0, "an archive is written");
  zip_stat_t stat;
  zip_stat_init(&stat);
  zip_source_stat(source, &stat);
  std::string bytes(stat.size, '\0');
  zip_source_open(source);
  zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  zip_source_free(source);
  return bytes;
}

inline std::string word_file(const std::string& body, Parts more = {}) {
  Parts parts{
      {"[Content_Types].xml", "<Types/>"},
      {"word/document.xml", "<w:document xmlns:w=\"w\" xmlns:r=\"r\"><w:body>" + body + "</w:body></w:document>"},
  };
  for (auto& part : more) parts.push_back(std::move(part));
  return archive_of(parts);
}

}  // namespace flowstone::documents
