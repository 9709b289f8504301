<?php
// PHP's SQLite3 does what a script says, and logs each call: see test/record/script.ts. Arguments: the file of the log.
$log = fopen($argv[1], "a");
$connections = $paths = $open = [];
const CODES = [0 => "SQLITE_OK", 5 => "SQLITE_BUSY", 6 => "SQLITE_LOCKED"];

function logged(string $name, string $op, ?string $sql, callable $action): void {
    global $log, $paths, $connections;
    $pid = getmypid();
    $facts = ["pid" => $pid, "tid" => $pid, "connection" => $name, "op" => $op, "sql" => $sql, "path" => $paths[$name]];
    fwrite($log, json_encode($facts + ["from_ns" => hrtime(true)]) . "\n");
    $code = 0;
    $row = null;
    $begin = hrtime(true);
    try {
        $row = $action();
        $end = hrtime(true);
    } catch (Exception $error) {
        $end = hrtime(true);
        $code = $connections[$name]->lastErrorCode();
    }
    $facts += ["from_ns" => $begin, "to_ns" => $end, "code" => CODES[$code & 255] ?? "SQLITE_ERROR", "row" => $row];
    fwrite($log, json_encode($facts) . "\n");
}

function numbers($row): ?array {
    return $row === false ? null : array_values(array_filter($row, "is_int"));
}

function run(array $words): void {
    global $connections, $paths, $open;
    [$op, $name] = $words;
    switch ($op) {
        case "open":
            $paths[$name] = $words[3];
            logged($name, $op, null, function () use (&$connections, $name, $words) {
                $connections[$name] = new SQLite3($words[3]);
                $connections[$name]->enableExceptions(true);
                $connections[$name]->busyTimeout((int) $words[2]);
            });
            break;
        case "sql":
        case "fetch":
            logged($name, $op, $words[2], function () use (&$connections, &$open, $op, $name, $words) {
                // query() runs a statement, and once more for its first row
                if (!preg_match("/^(select|pragma)/", $words[2])) return $connections[$name]->exec($words[2]) ? null : null;
                if ($op === "sql") return numbers(array_values($connections[$name]->querySingle($words[2], true)));
                $open[$name] = $connections[$name]->query($words[2]);
                return numbers($open[$name]->fetchArray(SQLITE3_NUM));
            });
            break;
        case "drop":
            logged($name, $op, null, function () use (&$open, $name) {
                $open[$name]->finalize();
                unset($open[$name]);
            });
            break;
        case "close":
            logged($name, $op, null, function () use (&$connections, $name) {
                $connections[$name]->close();
            });
            break;
        case "sleep":
            usleep((int) $name * 1000);
            break;
        case "say":
            echo "$name\n";
            break;
        case "die":
            posix_kill(getmypid(), 9);
            break;
        default:
            throw new Exception($op);
    }
}

while (($line = fgets(STDIN)) !== false) run(array_slice(explode("\t", rtrim($line, "\n")), 1));
