#include "documents/chunk.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "documents/outline.hpp"

namespace flowstone::documents {
namespace {

bool ends_sentence(char byte) { return byte == '.' || byte == '!' || byte == '?' || byte == ';' || byte == '\n'; }
bool is_white(char byte) { return byte == ' ' || byte == '\n' || byte == '\t'; }

// Where to cut a block that is too long, so that at most `most` code points lie before: behind a sentence in the second
// half, or else between words, or else anywhere.
std::uint32_t cut_of(const Text& text, Span span, std::uint32_t most) {
  const std::uint32_t end = span.start + most;
  const std::string_view bytes = text.utf8();
  const std::uint32_t first = text.byte_of(span.start + most / 2);
  std::uint32_t between_words = 0;
  for (std::uint32_t at = text.byte_of(end); at > first; --at) {
    if (!is_white(bytes[at])) continue;
    if (ends_sentence(bytes[at - 1])) return text.code_point_of(at);
    if (between_words == 0) between_words = at;
  }
  return between_words > 0 ? text.code_point_of(between_words) : end;
}

class Chunker {
 public:
  Chunker(const Parsed& parsed, const ChunkSizes& sizes) : parsed_(parsed), sizes_(sizes), sections_(parsed) {}
  std::vector<Chunk> all();

 private:
  void add(const Block& block);
  void close();
  void emit(Span span);

  const Parsed& parsed_;
  const ChunkSizes& sizes_;
  Sections sections_;
  std::vector<Chunk> chunks_;
  Span open_;  // empty: none
};

void Chunker::emit(Span span) {
  std::string text = visible_text(parsed_, span);
  if (text.empty()) return;
  std::string section = sections_.title_path(span.start);
  const std::string id = to_hex(view(sha256({section, std::string_view("\0", 1), text})));
  chunks_.push_back({id, std::move(section), span, std::move(text)});
}

void Chunker::close() {
  if (!open_.empty()) emit(open_);
  open_ = {};
}

void Chunker::add(const Block& block) {
  if (block.kind == BlockKind::heading) close();
  if (!open_.empty() && block.span.end - open_.start > sizes_.most) close();
  if (open_.empty()) open_.start = block.span.start;
  open_.end = block.span.end;
  while (open_.size() > sizes_.most) {
    const std::uint32_t cut = std::max(cut_of(parsed_.text, open_, sizes_.most), open_.start + 1);
    emit({open_.start, cut});
    open_.start = cut;
  }
  // A heading alone is no chunk: what it is about belongs to it.
  if (block.kind != BlockKind::heading && open_.size() >= sizes_.least) close();
}

std::vector<Chunk> Chunker::all() {
  for (const Block& block : parsed_.blocks) add(block);
  close();
  return std::move(chunks_);
}

}  // namespace

std::vector<Chunk> chunks_of(const Parsed& parsed, const ChunkSizes& sizes) { return Chunker(parsed, sizes).all(); }

}  // namespace flowstone::documents
