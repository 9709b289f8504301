-- LuaSQL. Without autocommit a transaction is always open.
local database, mode, action = table.unpack(arg)
local environment = require("luasql.sqlite3").sqlite3()
local db = assert(environment:connect(database))

local function value(statement)
  local cursor = assert(db:execute(statement))
  local found = cursor:fetch()
  cursor:close()
  return found
end

local found = value("pragma journal_mode = " .. mode)
assert(found == mode, "the journal mode is " .. found .. ", not " .. mode)
assert(db:execute("insert into t values (1)"))
local version = value("select sqlite_version()")
if action ~= "idle" then assert(db:setautocommit(false)) end
if action == "read" then value("select count(*) from t") end
if action == "write" then assert(db:execute("insert into t values (1)")) end
print("ready " .. version)
io.flush()
io.read("a")
if action ~= "idle" then db:rollback() end
db:close()
environment:close()
