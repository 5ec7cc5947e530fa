# For a table Task flatc writes the functions CreateTask and CreateTaskDirect, which hide a table CreateTask: the name of
# a command here. In HEADER they become BuildTask and BuildTaskDirect.
file(READ "${HEADER}" text)
string(REGEX MATCHALL "\nstruct [A-Za-z0-9]+Builder;" declarations "${text}")
string(REGEX MATCHALL " [A-Za-z0-9]+" builders "${declarations}")
foreach(builder ${builders})
  string(REGEX REPLACE "^ (.*)Builder$" "\\1" table "${builder}")
  string(REGEX REPLACE "([^A-Za-z0-9_.])Create(${table}|${table}Direct)\\(" "\\1Build\\2(" text "${text}")
  string(REPLACE "Create = Create${table};" "Create = Build${table};" text "${text}")
endforeach()
file(WRITE "${HEADER}" "${text}")
