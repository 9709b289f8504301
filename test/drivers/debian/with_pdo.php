<?php
// PDO.
require __DIR__ . "/protocol.php";
$db = new PDO("sqlite:$database");
check_mode($db->query($set_mode)->fetchColumn());
$db->exec($insert);
$version = $db->query($version)->fetchColumn();
if ($action === "read") {
    $db->beginTransaction();
    $db->query($select)->fetchAll();
} elseif ($action === "write") {
    $db->beginTransaction();
    $db->exec($insert);
}
hold($version);
if ($action !== "idle") $db->rollBack();
$db = null;
