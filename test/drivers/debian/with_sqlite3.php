<?php
// The class SQLite3, which has no call for transactions.
require __DIR__ . "/protocol.php";
$db = new SQLite3($database);
check_mode($db->querySingle($set_mode));
$db->exec($insert);
$version = $db->querySingle($version);
if ($action === "read") {
    $db->exec("begin");
    $db->querySingle($select);
} elseif ($action === "write") {
    $db->exec("begin immediate");
    $db->exec($insert);
}
hold($version);
if ($action !== "idle") $db->exec("rollback");
$db->close();
