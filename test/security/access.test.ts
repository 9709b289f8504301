/** What another user may do with a file is tried with the rights of that user; and nothing is left of the try. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { mayMakeFilesIn, mayRead, mayWrite } from "../../src/user/access.ts";
import { asUser } from "../../src/user/as-user.ts";
import { folderOf, give, MALLORY, needRoot, VICTIM } from "../support/attacker.ts";

const user = { uid: MALLORY, gid: MALLORY, name: null };

it("files, by owner and mode", (context) => {
  needRoot(context);
  const folder = folderOf(VICTIM);
  const allowed = (name: string) => [mayRead(join(folder, name), user), mayWrite(join(folder, name), user)];
  for (const [uid, mode, expected] of [
    [MALLORY, 0o600, [true, true]],
    [MALLORY, 0o400, [true, false]],
    [MALLORY, 0o066, [false, false]],
    [VICTIM, 0o644, [true, false]],
    [VICTIM, 0o666, [true, true]],
    [VICTIM, 0o660, [false, false]],
    [0, 0o600, [false, false]],
  ] as const) {
    const name = `${uid}-${mode.toString(8)}`;
    writeFileSync(join(folder, name), "");
    give(join(folder, name), uid, mode);
    expect([name, ...allowed(name)]).toEqual([name, ...expected]);
  }
  execFileSync("mkfifo", ["-m", "666", join(folder, "pipe")]);
  symlinkSync(`${MALLORY}-600`, join(folder, "link"));
  for (const name of ["pipe", "link"]) expect(allowed(name)).toEqual([false, false]);
  // opening it tells that it is gone
  expect(allowed("none")).toEqual([true, true]);
  chmodSync(folder, 0o700);
  expect(allowed(`${MALLORY}-600`)).toEqual([false, false]);
});

it("folders, and no file is left in them", (context) => {
  needRoot(context);
  const parent = folderOf(VICTIM);
  for (const [uid, mode, expected] of [
    [MALLORY, 0o700, true],
    [MALLORY, 0o577, false],
    [VICTIM, 0o755, false],
    [VICTIM, 0o777, true],
    [0, 0o1777, true],
    [0, 0o755, false],
  ] as const) {
    const folder = join(parent, `${uid}-${mode.toString(8)}`);
    mkdirSync(folder);
    give(folder, uid, mode);
    expect([folder, mayMakeFilesIn(folder, user)]).toEqual([folder, expected]);
    expect(readdirSync(folder)).toEqual([]);
  }
  expect(mayMakeFilesIn(join(parent, "none"), user)).toBe(false);
});

it("root is itself again afterwards, whatever happened meanwhile", (context) => {
  needRoot(context);
  const identity = () => [process.geteuid?.(), process.getegid?.(), process.getgroups?.()];
  const before = identity();
  expect(asUser(user, identity)).toEqual([MALLORY, MALLORY, [MALLORY]]);
  const fail = () => {
    throw new Error("on purpose");
  };
  expect(() => asUser(user, fail)).toThrow("on purpose");
  expect(identity()).toEqual(before);
  expect(asUser(null, identity)).toEqual(before);
});
