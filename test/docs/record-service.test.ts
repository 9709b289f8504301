/** The unit of docs/recording.md: systemd reads it, and a recorder works with what it leaves of root's rights. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { mountNamespace } from "../support/namespace.ts";
import { ROOT } from "../support/root.ts";
import { readSegments } from "../support/segments.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const NAME = "sqlock-record@.service";
const UNIT = readFileSync(join(ROOT, "docs/examples/record", NAME), "utf8");

test("the page shows it as it is", () => {
  const page = readFileSync(join(ROOT, "docs/recording.md"), "utf8");
  expect(page).toContain(UNIT.trimEnd());
  expect(page).toContain(`(examples/record/${NAME})`);
});

test("systemd accepts it", async (context) => {
  need(context, has("systemd-analyze"), "systemd-analyze");
  const verify = async (unit: string) => {
    const file = join(tempFolder(), NAME.replace("@", "@srv-app-db.sqlite3"));
    writeFileSync(file, unit.replace("/usr/local/bin/sqlock", `${NODE} ${BIN}`));
    const { exitCode, stderr } = await execa("systemd-analyze", ["verify", file], { reject: false });
    return { exitCode, stderr };
  };
  expect(await verify(UNIT)).toEqual({ exitCode: 0, stderr: "" });
  expect((await verify(UNIT.replace("NoNewPrivileges=", "NoPrivileges="))).stderr).toContain("Unknown key");
});

test("with these capabilities, where all else is read-only, the kernel's events are recorded", async (context) => {
  need(context, isRoot, "root");
  const capabilities = [...UNIT.matchAll(/^CapabilityBoundingSet=(.*)$/gm)].flatMap(([, names = ""]) =>
    names.split(" "),
  );
  const bounding = ["-all", ...capabilities.map((name) => `+${name.replace("CAP_", "").toLowerCase()}`)].join(",");
  const database = newDatabase("wal");
  const state = tempFolder();
  mkdirSync(join(state, "sqlock"));
  const space = await mountNamespace();
  space.run("mount", "--rbind", "/", "/");
  space.run("mount", "-o", "remount,ro,bind", "/");
  space.run("mount", "--bind", state, state);
  space.run("mount", "-o", "remount,rw,bind", state);
  const holder = await holding(database, 'c.execute("begin immediate")');
  const command = ["setpriv", "--no-new-privs", `--bounding-set=${bounding}`, "--inh-caps=-all", NODE, BIN, "record"];
  const folder = join(state, "sqlock", "srv-app\\x2done-db.sqlite3");
  const options = ["--for", "500ms", "--keep", "7d", "--max-size", "500MB", "-o", folder, database];
  const [program = "", ...args] = [...space.through, ...command, ...options];
  const { exitCode, stdout, stderr } = await execa(program, args, { reject: false });
  if (stdout.includes("sampled, because")) context.skip(stdout);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const [segment] = readSegments(folder);
  expect(segment?.meta).toMatchObject({ source: "kernel", databases: [{ path: database }] });
  expect(segment?.lines).toContainEqual(expect.objectContaining({ type: "lock", pid: holder.pid, lock: "WRITE" }));
});
