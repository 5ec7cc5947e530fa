#include "projections/defined_extractors.hpp"

#include <gtest/gtest.h>

#include "domain/extractor.hpp"
#include "schemas/extractor_generated.h"

namespace flowstone::projections {
namespace {

// The rooms that name them know nothing of each other.
TEST(DefinedExtractors, NamesAndTypesAreThoseOfTheDocuments) {
  EXPECT_TRUE(domain::kBuiltInExtractors == documents::kBuiltInExtractors);
  for (const auto type : schemas::EnumValuesExtractedType()) {
    const auto known = documents::value_type_named(schemas::EnumNameExtractedType(type));
    ASSERT_TRUE(known) << schemas::EnumNameExtractedType(type);
    EXPECT_EQ(static_cast<int>(*known), static_cast<int>(type));
  }
}

}  // namespace
}  // namespace flowstone::projections
