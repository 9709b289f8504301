# The package sqlite3. Its transactions are deferred where no other kind is asked for.
package require sqlite3
lassign $argv database mode action

proc hold {} {
    puts "ready [sqlite3 -version]"
    flush stdout
    read stdin
}

sqlite3 db $database
set found [db onecolumn "pragma journal_mode = $mode"]
if {$found ne $mode} { error "the journal mode is $found, not $mode" }
db eval {insert into t values (1)}
switch $action {
    idle { hold }
    read { db transaction { db eval {select count(*) from t}; hold } }
    write { db transaction { db eval {insert into t values (1)}; hold } }
}
db close
