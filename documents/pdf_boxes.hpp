// Reads what `pdftotext -bbox-layout` writes: pages of blocks of lines of words with their boxes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "documents/source_map.hpp"

namespace flowstone::documents {

struct PdfWord {
  std::string text;
  Box box;
};

struct PdfLine {
  Box box;
  std::vector<PdfWord> words;
};

struct PdfBlock {
  std::uint32_t page = 1;
  std::vector<PdfLine> lines;
};

struct PdfPages {
  std::uint32_t pages = 0;
  std::vector<PdfBlock> blocks;  // in reading order
  bool complete = false;         // the end of the document was there
};

// Takes anything: what is not as pdftotext writes it is passed over.
PdfPages read_pdf_boxes(std::string_view xml);

}  // namespace flowstone::documents
