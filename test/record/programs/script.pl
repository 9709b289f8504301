# DBD::SQLite does what a script says, and logs each call: see test/record/script.ts. Arguments: the file of the log.
use strict;
use warnings;
use DBI;
use IO::Handle;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC usleep);

open(my $log, ">>", $ARGV[0]) or die $!;
$log->autoflush(1);
STDOUT->autoflush(1);
my (%connections, %paths, %open);
my %codes = (0 => "SQLITE_OK", 5 => "SQLITE_BUSY", 6 => "SQLITE_LOCKED");

sub text { my ($value) = @_; return "null" unless defined $value; $value =~ s/(["\\])/\\$1/g; return "\"$value\"" }

sub nanoseconds { return sprintf("%.0f", clock_gettime(CLOCK_MONOTONIC) * 1e9) }

sub logged {
    my ($name, $op, $sql, $action) = @_;
    my $facts = sprintf('{"pid":%d,"tid":%d,"connection":"%s","op":"%s","sql":%s,"path":%s',
        $$, $$, $name, $op, text($sql), text($paths{$name}));
    print $log "$facts,\"from_ns\":" . nanoseconds() . "}\n";
    my ($code, $row) = (0, undef);
    my $begin = nanoseconds();
    eval { $row = $action->(); 1 } or $code = $DBI::err || 1;
    my $end = nanoseconds();
    my $shown = defined $row && $row =~ /^-?\d+$/ ? "[$row]" : "null";
    my $result = $codes{$code & 255} // "SQLITE_ERROR";
    print $log "$facts,\"from_ns\":$begin,\"to_ns\":$end,\"code\":\"$result\",\"row\":$shown}\n";
}

sub run {
    my ($op, $name, @rest) = @_;
    if ($op eq "open") {
        $paths{$name} = $rest[1];
        logged($name, $op, undef, sub {
            my $db = DBI->connect("dbi:SQLite:dbname=$rest[1]", "", "", { RaiseError => 1, PrintError => 0 });
            $db->sqlite_busy_timeout($rest[0]);
            $connections{$name} = $db;
            return undef;
        });
    } elsif ($op eq "sql" or $op eq "fetch") {
        logged($name, $op, $rest[0], sub {
            my $statement = $connections{$name}->prepare($rest[0]);
            $statement->execute;
            return undef unless $statement->{NUM_OF_FIELDS};
            my $first = $statement->fetchrow_arrayref;
            my $row = $first ? $first->[0] : undef;
            if ($op eq "fetch") { $open{$name} = $statement; return $row }
            1 while $statement->fetchrow_arrayref;
            return $row;
        });
    } elsif ($op eq "drop") { logged($name, $op, undef, sub { (delete $open{$name})->finish; return undef }) }
    elsif ($op eq "close") { logged($name, $op, undef, sub { (delete $connections{$name})->disconnect; return undef }) }
    elsif ($op eq "sleep") { usleep($name * 1000) }
    elsif ($op eq "say") { print "$name\n" }
    elsif ($op eq "die") { kill 9, $$ }
    else { die $op }
}

while (my $line = <STDIN>) {
    chomp $line;
    my ($thread, @words) = split /\t/, $line;
    run(@words);
}
