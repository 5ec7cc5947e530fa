# For a table Task flatc writes the functions CreateTask and CreateTaskDirect, which hide a table CreateTask: the name of
# a command here. In HEADER they become BuildTask and BuildTaskDirect, also where the table is of an included contract.
file(READ "${HEADER}" text)
string(REGEX MATCHALL "\nstruct [A-Za-z0-9]+Builder;" declarations "${text}")
string(REGEX MATCHALL "flatbuffers::Offset<flowstone::schemas::[A-Za-z0-9]+>" uses "${text}")
string(REGEX REPLACE "struct ([A-Za-z0-9]+)Builder" "\\1" declared "${declarations}")
string(REGEX REPLACE "flatbuffers::Offset<flowstone::schemas::([A-Za-z0-9]+)>" "\\1" used "${uses}")
string(REGEX MATCHALL "[A-Za-z0-9]+" tables "${declared};${used}")
list(REMOVE_DUPLICATES tables)
foreach(table ${tables})
  string(REGEX REPLACE "([^A-Za-z0-9_.])Create(${table}|${table}Direct)\\(" "\\1Build\\2(" text "${text}")
  string(REPLACE "Create = Create${table};" "Create = Build${table};" text "${text}")
endforeach()
file(WRITE "${HEADER}" "${text}")
