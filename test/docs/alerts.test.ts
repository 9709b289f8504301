/** docs/alerts.md: its scripts are run by a real alert, and systemd reads its unit. */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { ROOT } from "../support/root.ts";
import { has, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

const EXAMPLES = join(ROOT, "docs/examples/alerts");
const PAGE = readFileSync(join(ROOT, "docs/alerts.md"), "utf8");

/** Programs with these names, which write what they get to a file of their name. */
function programs(folder: string, names: readonly string[]): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const name of names) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "$@"\n[ ${name} = mail ] && cat > '${folder}/mail'\ntrue\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return `${bin}:${process.env["PATH"]}`;
}

test("the page shows the files as they are", () => {
  for (const name of readdirSync(EXAMPLES)) {
    expect(PAGE).toContain(readFileSync(join(EXAMPLES, name), "utf8").trimEnd());
    expect(PAGE).toContain(`(examples/alerts/${name})`);
  }
});

test("stack.sh and mail.sh say which process it is", async () => {
  const folder = tempFolder();
  cpSync(EXAMPLES, folder, { recursive: true });
  const database = newDatabase("wal");
  const writer = await holding(database, `c.execute("begin immediate")`);
  const env = { ALERT_TO: "ops@example.com", ALERT_LOG: join(folder, "alerts.log") };
  const options = { cwd: folder, env: { ...env, PATH: programs(folder, ["py-spy", "mail"]) } };
  const run = "./stack.sh && ./mail.sh; kill -TERM $PPID";
  const { stderr } = await sqlock(["watch", "--alert", "100ms", "--run", run, database], options);
  const mail = await until(
    "the mail",
    () => existsSync(join(folder, "mail")) && readFileSync(join(folder, "mail"), "utf8"),
  );
  const log = readFileSync(join(folder, "alerts.log"), "utf8");
  expect(log).toMatch(new RegExp(`^\\S+Z ALERT ${writer.pid} .*: others cannot write\ndump --pid ${writer.pid}\n`));
  expect(mail).toMatch(new RegExp(`^ALERT ${writer.pid} [^]*\nDatabase: ${database}\nProcess: {2}${writer.pid}\n`));
  expect(stderr).toContain("-s sqlock: database is locked ops@example.com\n");
});

test("systemd accepts the unit", async (context) => {
  need(context, has("systemd-analyze"), "systemd-analyze");
  const unit = readFileSync(join(EXAMPLES, "sqlock-alerts.service"), "utf8");
  const file = join(tempFolder(), "sqlock-alerts.service");
  writeFileSync(file, unit.replace("/usr/local/bin/sqlock", `${NODE} ${BIN}`));
  const { exitCode, stderr } = await execa("systemd-analyze", ["verify", file], { reject: false });
  expect([exitCode, stderr]).toEqual([0, ""]);
});
