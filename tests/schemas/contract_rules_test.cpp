// Every mistake that a contract can have is found when it is loaded, and told as a sentence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/contract_loader.hpp"
#include "tests/schemas/compile.hpp"

namespace flowstone::schemas {
namespace {

using testing::HasSubstr;

struct Mistake {
  std::string source;
  std::string sentence;
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.sentence; }

class ContractMistakes : public testing::TestWithParam<Mistake> {};

TEST_P(ContractMistakes, AreToldAsASentence) {
  CompiledContracts compiled;
  compiled.add("broken", GetParam().source);
  const auto schemas = compiled.schemas();
  const auto loaded = ContractLoader::load(schemas);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_THAT(loaded.error(), testing::Contains(HasSubstr(GetParam().sentence)));
}

const std::string kState =
    R"(table Note (aggregate: "note", plural: "notes") { id: string; revision: ulong; text: string; })";

std::string with_call(const std::string& attributes) {
  return kState + "rpc_service Notes { a_call(Note): Note (" + attributes + "); }";
}

INSTANTIATE_TEST_SUITE_P(
    Fields, ContractMistakes,
    testing::Values(
        Mistake{"table A { a: string (max_length: \"x\"); }",
                "broken: A.a: `max_length` must be a whole number, not `x`"},
        Mistake{"table A { a: string (minimum: 1); }", "only a number has a minimum"},
        Mistake{"table A { a: int (max_length: 1); }", "only a text has a length"},
        Mistake{"table A { a: string (max_items: 1); }", "only a list has items"},
        Mistake{"table A { a: int (minimum: 2, maximum: 1); }", "`minimum` is above `maximum`"},
        Mistake{"table A { a: int (minimum: 1); }", "its default is outside its limits"},
        Mistake{"table A { a: double = 2 (maximum: 1); }", "its default is outside its limits"},
        Mistake{"table A { a: string (min_length: 2, max_length: 1); }", "`min_length` is above `max_length`"},
        Mistake{"table A { a: [int] (min_items: 2, max_items: 1); }", "`min_items` is above `max_items`"},
        Mistake{"table A { a: [int] (item_max_length: 1); }", "`item_max_length` is for lists of texts"},
        Mistake{"table A { a: [double] (unique_items); }", "`unique_items` is for lists of texts"},
        Mistake{"table A { a: string (pattern: \"[a-z]+\"); }", "`pattern` needs a text with a `max_length`"},
        Mistake{"table A { a: string (pattern: \"[a-z\", max_length: 5); }", "`[a-z` is not a regular expression"},
        Mistake{"table A { a: string (format: \"email\"); }", "`email` is no format"},
        Mistake{"table A { a: int (format: \"time\"); }", "a time is a `long`"},
        Mistake{"table A { a: long (format: \"uuid\"); }", "the format `uuid` is for texts"},
        Mistake{"table A { a: [string] (format: \"json\"); }", "a list of JSON values is one JSON value"},
        Mistake{"enum E : byte { x, y } table A { a: E (allowed: \"x,z\"); }", "`z` is allowed, but no value"},
        Mistake{"table A { a: int (allowed: \"1\"); }", "`allowed` is for texts and enumerations"},
        Mistake{"table A { a: int = null (mandatory); }", "it is `mandatory`, and declared `= null`"},
        Mistake{"table A { a: string (mandatory, hidden); }", "`mandatory`, but `hidden`"},
        Mistake{"table A { a: string (mandatory, target); }", "the server fills it in"},
        Mistake{"table A (patch) { a: string (mandatory); cleared: [string] (cleared); }",
                "nothing in it can be `mandatory`"},
        Mistake{"table A (patch) { a: int; cleared: [string] (cleared); }", "must be declared `= null`"},
        Mistake{"table A (patch) { a: string; }", "a patch needs a field `cleared"},
        Mistake{"table A { cleared: [string] (cleared); }", "`cleared` is for tables with `patch`"},
        Mistake{"table A { a: int (unique); }", "`unique` is for texts"},
        Mistake{"table A { a: string (index, hidden); }", "what is `hidden` cannot be filtered by"},
        Mistake{"table A { a: string (index, format: \"json\"); }", "`index` is for scalars and texts"},
        Mistake{"table A { a: string (target); b: string (target); }", "has two `target` fields"},
        Mistake{"table A { a: string (reference: \"nothing\"); }", "there is no aggregate `nothing`"},
        Mistake{"table A { a: string (reference: \"*\"); }", "refers to any entity has the format `stream`"},
        Mistake{"table A (aggregate: \"a\", plural: \"as\") { id: string; revision: ulong; b: string (reference: "
                "\"actor\"); }",
                "provenance does not follow actors"},
        Mistake{"table A { a: string (role: \"admin\"); }", "`role` has no meaning here"},
        Mistake{"table A { a: string (required); }", "use `mandatory` in place of `required`"},
        Mistake{"struct S { x: int; } table A { a: S; }", "structs cannot grow"},
        Mistake{"table B {} union UEvent { B } table A { a: UEvent; }", "contracts know scalars, texts, tables"}));

INSTANTIATE_TEST_SUITE_P(
    Aggregates, ContractMistakes,
    testing::Values(
        Mistake{R"(table Note (aggregate: "note", plural: "notes") { revision: ulong; })", "needs a field `id`"},
        Mistake{R"(table Note (aggregate: "note", plural: "notes") { id: string; })", "needs a field `revision`"},
        Mistake{R"(table Note (aggregate: "note") { id: string; revision: ulong; })", "needs a `plural`"},
        Mistake{R"(table A (aggregate: "a", plural: "bs") { id: string; revision: ulong; }
                   table B (aggregate: "b", plural: "bs") { id: string; revision: ulong; })",
                "needs a `plural` that no other aggregate goes by"},
        Mistake{R"(table Note (aggregate: "memo", plural: "memos") { id: string; revision: ulong; })",
                "must be named `note`"},
        Mistake{kState + "table WriteNote { text: string; } union NoteCommand { WriteNote }",
                "a command needs a field `id"},
        Mistake{"table WriteNote { id: string (target); } union NoteCommand { WriteNote }", "exactly one aggregate"},
        Mistake{kState + "table Written {} union NoteEvent { Written }", "an event is named `Note` and what happened"},
        Mistake{kState + "table NoteWritten { text: string (mandatory); } union NoteEvent { NoteWritten }",
                "a field of an event cannot be `mandatory`"},
        Mistake{kState + "table A {} union Notes { A }", "must end in `Command` or `Event`"}));

INSTANTIATE_TEST_SUITE_P(
    Calls, ContractMistakes,
    testing::Values(
        Mistake{with_call(R"(role: "viewer", handler: "a")"), "`http` must be a method and a path"},
        Mistake{with_call(R"(http: "FETCH /v1/notes", role: "viewer", handler: "a")"),
                "`http` must be a method and a path"},
        Mistake{with_call(R"(http: "GET /v1/notes", role: "king", handler: "a")"), "`king` is no role"},
        Mistake{with_call(R"(http: "GET /v1/notes", handler: "a")"), "`` is no role"},
        Mistake{with_call(R"(http: "GET /v1/notes", role: "viewer")"), "exactly one of them"},
        Mistake{with_call(R"(http: "GET /v1/notes", role: "viewer", query: "list", handler: "a")"),
                "exactly one of them"},
        Mistake{with_call(R"(http: "GET /v1/notes", role: "viewer", query: "all")"), "`query` must be `get` or `list`"},
        Mistake{with_call(R"(http: "GET /v1/notes", role: "viewer", query: "get")"),
                "a `get` needs `{id}` in its path"},
        Mistake{with_call(R"(http: "GET /v1/notes/{id}", role: "viewer", query: "list")"),
                "keeps that id in an indexed field"},
        Mistake{with_call(R"(http: "POST /v1/notes", role: "viewer", query: "list")"), "a query is sent with GET"},
        Mistake{with_call(R"(http: "GET /v1/notes", role: "viewer", handler: "a", status: "404")"), "from 200 to 299"},
        Mistake{with_call(R"(http: "GET /v1/notes", role: "viewer", handler: "a", parameters: "all")"),
                "no group of parameters"},
        Mistake{"table Odd { a: string; } rpc_service S { odds(Odd): Odd (http: \"GET /o\", role: \"viewer\", query: "
                "\"list\"); }",
                "Odd needs a field `id`"},
        Mistake{kState + R"(rpc_service S {
                  one(Note): Note (http: "GET /v1/notes/{id}", role: "viewer", query: "get");
                  two(Note): Note (http: "GET /v1/notes/{note}", role: "viewer", handler: "a"); })",
                "another call has the route GET /v1/notes/{note}"},
        Mistake{kState + R"(table BurnNote (internal) { id: string (target); } union NoteCommand { BurnNote }
                  rpc_service S { burn(BurnNote): Note (http: "POST /v1/notes/{id}/burn", role: "admin"); })",
                "an internal command cannot have a route"},
        Mistake{kState + R"(table BurnNote { id: string (target); } union NoteCommand { BurnNote }
                  rpc_service S { burn(BurnNote): Note (http: "GET /v1/notes/{id}/burn", role: "admin"); })",
                "a command cannot be sent with GET"}));

TEST(ContractLoader, EveryMistakeIsToldNotOnlyTheFirst) {
  CompiledContracts compiled;
  compiled.add("broken", "table A { a: int (max_length: 1); b: string (minimum: 1); }");
  const auto schemas = compiled.schemas();
  EXPECT_EQ(ContractLoader::load(schemas).error().size(), 2U);
}

TEST(ContractLoader, BytesThatAreNoSchemaAreRefused) {
  alignas(8) static constexpr char bytes[64] = "not a schema";
  const BinarySchema schema{"noise", {bytes, sizeof bytes}};
  EXPECT_THAT(ContractLoader::load({&schema, 1}).error(), testing::ElementsAre("noise: is not a binary schema"));
}

TEST(ContractLoader, AContractThatFollowsTheRulesIsTaken) {
  CompiledContracts compiled;
  compiled.add("note", kState + R"(
    table WriteNote { id: string (target); text: string (mandatory, max_length: 10); }
    union NoteCommand { WriteNote }
    table NoteWritten (version: 3) { text: string; }
    union NoteEvent { NoteWritten }
    rpc_service Notes { write_note(WriteNote): Note (http: "POST /v1/notes", role: "member"); })");
  const auto schemas = compiled.schemas();
  const auto loaded = ContractLoader::load(schemas);
  ASSERT_TRUE(loaded.has_value());
  ASSERT_NE(loaded->find_event("note.written"), nullptr);
  EXPECT_EQ(loaded->find_event("note.written")->version, 3);
  EXPECT_EQ(loaded->calls().front().command->name, "write_note");
}

}  // namespace
}  // namespace flowstone::schemas
