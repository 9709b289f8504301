# The gem sqlite3. Its transactions are deferred where no other kind is asked for.
require "sqlite3"
database, mode, action = ARGV
$stdout.sync = true

db = SQLite3::Database.new(database)
found = db.get_first_value("pragma journal_mode = #{mode}")
abort "the journal mode is #{found}, not #{mode}" if found != mode
db.execute("insert into t values (1)")
version = db.get_first_value("select sqlite_version()")
db.transaction if action != "idle"
db.execute("select count(*) from t") if action == "read"
db.execute("insert into t values (1)") if action == "write"
puts "ready #{version}"
$stdin.read
db.rollback if action != "idle"
db.close
