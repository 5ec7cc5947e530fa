// Any bytes as what pdftotext writes.
#include "base/check.hpp"
#include "documents/pdf_boxes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;             // NOLINT: the whole program is this function
  using namespace flowstone::documents;  // NOLINT
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};  // NOLINT: bytes seen as chars
  for (const PdfBlock& block : read_pdf_boxes(bytes).blocks) {
    check(block.page > 0, "pages count from one");
    for (const PdfLine& line : block.lines) {
      check(line.box.left <= line.box.right && line.box.top <= line.box.bottom, "a box has an inside");
      for (const PdfWord& word : line.words) check(word.text.size() <= size, "a word is a part");
    }
  }
  return 0;
}
