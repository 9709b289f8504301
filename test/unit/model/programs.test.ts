/** Programs that are known by their names. */
import { expect, test } from "vitest";
import { isCopier, readerOnPurpose } from "../../../src/model/programs.ts";

const named = (name: string, ...commandLine: string[]) => ({ name, commandLine });

test.each<[ReturnType<typeof readerOnPurpose>, ReturnType<typeof named>]>([
  ["litestream", named("litestream", "litestream", "replicate")],
  ["litestream", named("exe", "/usr/bin/litestream", "replicate", "-config", "/etc/litestream.yml")],
  ["sqlite3_rsync", named("sqlite3_rsync", "sqlite3_rsync", "db", "host:db")],
  ["backup", named("sqlite3", "sqlite3", "app.db", ".backup /a/copy.db")],
  ["backup", named("sqlite3", "sqlite3", "app.db", "VACUUM main INTO '/a/copy.db'")],
  ["backup", named("sqlite3", "sqlite3", "-readonly", "app.db", ".dump")],
  [null, named("sqlite3", "sqlite3", "app.db", "VACUUM")],
  [null, named("sqlite3", "sqlite3", "app.db", "SELECT '.dump'")],
  [null, named("sqlite3", "sqlite3", "app.db")],
  [null, named("python", "python", "litestream.py")],
  [null, named("vi", "vi", "/etc/litestream")],
  [null, named("", "")],
])("%s: %j", (expected, process) => {
  expect(readerOnPurpose(process)).toBe(expected);
});

test.each<[boolean, ReturnType<typeof named>]>([
  [true, named("rsync", "rsync", "-a", "app.db", "/backup/")],
  [true, named("cp", "cp", "backup.db", "app.db")],
  [true, named("borg", "/usr/bin/python3", "/usr/bin/borg", "create", "::x", "/srv")],
  [true, named("python3", "/usr/bin/python3.11", "-I", "/usr/bin/borg", "create")],
  [false, named("python3", "python3", "app.py", "borg")],
  [false, named("less", "less", "app.db")],
  [false, named("sqlite3", "sqlite3", "cp")],
  [false, named("", "")],
])("copies files: %s %j", (expected, process) => {
  expect(isCopier(process)).toBe(expected);
});
