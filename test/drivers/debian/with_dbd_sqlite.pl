# DBD::SQLite. A read is a SELECT whose rows are not all fetched: begin_work begins a write transaction, since
# sqlite_use_immediate_transaction is on.
use strict;
use warnings;
use DBI;
my ($database, $mode, $action) = @ARGV;
$| = 1;
my $db = DBI->connect("dbi:SQLite:dbname=$database", "", "", { RaiseError => 1 });
my ($found) = $db->selectrow_array("pragma journal_mode = $mode");
die "the journal mode is $found, not $mode\n" if $found ne $mode;
$db->do("insert into t values (1)");
my $reading;
if ($action eq "read") {
    $reading = $db->prepare("select a from t");
    $reading->execute;
    $reading->fetchrow_array;
} elsif ($action eq "write") {
    $db->begin_work;
    $db->do("insert into t values (1)");
}
print "ready $db->{sqlite_version}\n";
1 while <STDIN>;
$reading->finish if $reading;
$db->rollback if $action eq "write";
$db->disconnect;
