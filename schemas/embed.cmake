# Writes the files of BINARIES as byte arrays into OUTPUT: the definition of flowstone::schemas::binary_schemas().
set(arrays "")
set(entries "")
foreach(binary ${BINARIES})
  get_filename_component(name "${binary}" NAME_WE)
  file(READ "${binary}" digits HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${digits}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
  string(APPEND arrays "alignas(16) constexpr unsigned char ${name}[] = {\n${bytes}};\n")
  string(APPEND entries "    {\"${name}\", {reinterpret_cast<const char*>(${name}), sizeof ${name}}},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"schemas/binary_schemas.hpp\"

namespace flowstone::schemas {
namespace {
${arrays}
const BinarySchema all[] = {
${entries}};
}  // namespace

std::span<const BinarySchema> binary_schemas() { return all; }

}  // namespace flowstone::schemas
")
