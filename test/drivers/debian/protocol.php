<?php
// What every program here does: DATABASE MODE ACTION, `ready VERSION`, and the end of stdin.
[, $database, $mode, $action] = $argv;
$set_mode = "pragma journal_mode = $mode";
$insert = "insert into t values (1)";
$select = "select count(*) from t";
$version = "select sqlite_version()";

function check_mode($found) {
    global $mode;
    if ($found === $mode) return;
    fwrite(STDERR, "the journal mode is $found, not $mode\n");
    exit(1);
}

function hold($version) {
    print("ready $version\n");
    stream_get_contents(STDIN);
}
