/** As root, `watch --alert --run COMMAND`: what an ordinary user's process, path and folder can do to the command. */
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folderOf, give, MALLORY, needRoot } from "../support/attacker.ts";
import { startHolder } from "../support/holder.ts";
import { HOSTILE, OBEYED } from "../support/hostile-names.ts";
import { ROOT } from "../support/root.ts";
import { connect, newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const EXAMPLES = join(ROOT, "docs/examples/alerts");

/** What M chooses is in these alone, and they are one line. */
const ONE_LINE = ["SQLOCK_COMMAND", "SQLOCK_USER", "SQLOCK_UNIT", "SQLOCK_CONTAINER", "SQLOCK_MESSAGE", "SQLOCK_PID"];

it("the command gets M's names as data, and no descriptor; the page's scripts hold", async (context) => {
  needRoot(context);
  const folder = join(folderOf(MALLORY), "a\n~!touch evil\n.\x1b]0;t\x07");
  mkdirSync(folder);
  give(folder, MALLORY, 0o755);
  const database = newDatabase("delete", folder);
  give(database, MALLORY, 0o644);
  const writer = await startHolder({
    uid: MALLORY,
    argv0: `-e $(touch evil)\n~!touch evil${HOSTILE}${"y".repeat(2000)}`,
  });
  await writer.run(`${connect(database)}\nc.execute("begin immediate")`);
  const out = tempFolder();
  const secret = join(out, "secret");
  writeFileSync(secret, "");
  symlinkSync(secret, join(folder, "alerts.log"));
  const bin = join(out, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "py-spy"), "#!/bin/sh\nprintf 'frame \\033[2J\\n'\n", { mode: 0o755 });
  writeFileSync(join(bin, "mail"), `#!/bin/sh\ncat > '${out}/mail'\n`, { mode: 0o755 });
  cpSync(EXAMPLES, join(out, "examples"), { recursive: true });
  const run = [
    `env -0 > '${out}/env'`,
    `ls -l /proc/$$/fd > '${out}/fds'`,
    `'${out}/examples/stack.sh' > '${out}/stack'`,
    `'${out}/examples/mail.sh'`,
    "kill -TERM $PPID",
  ].join("; ");
  await sqlock(["watch", "--alert", "100ms", "--run", run, "db.sqlite3"], {
    cwd: folder,
    env: { PATH: `${bin}:${process.env["PATH"]}`, ALERT_LOG: "" },
  });
  const found = readFileSync(join(out, "env"), "utf8").split("\0");
  const variables = new Map(found.map((each) => [each.split("=", 1)[0] ?? "", each.slice(each.indexOf("=") + 1)]));
  for (const name of ONE_LINE) {
    expect(variables.get(name), name).not.toMatch(OBEYED);
    expect(variables.get(name), name).not.toContain("\n");
    expect(variables.get(name)?.length, name).toBeLessThanOrEqual(1000);
  }
  expect(variables.get("SQLOCK_DATABASE")).toBe(database);
  expect(variables.get("SQLOCK_PID")).toBe(String(writer.pid));
  // of sqlock's own: /proc/locks, the database, epoll, eventfd
  expect(readFileSync(join(out, "fds"), "utf8")).not.toMatch(/-> \/proc|anon_inode|db\.sqlite3/);
  const mail = readFileSync(join(out, "mail"), "utf8");
  expect(mail).toContain("\nDatabase: /");
  expect(mail.split("\n").filter((line) => line !== "" && !/^(ALERT |\w+: )/.test(line))).toEqual([]);
  expect(readFileSync(join(out, "stack"), "utf8")).toContain("frame ^[[2J\n");
  expect(readFileSync(secret, "utf8")).toBe("");
  expect([existsSync(join(folder, "evil")), existsSync(join(out, "evil"))]).toEqual([false, false]);
});
