/** A file that -r has found, and that is another one when it is its turn. */
import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { Excludes } from "../../src/features/integrity/exclude.ts";
import { databasesBelow } from "../../src/features/integrity/find.ts";
import { checkAll } from "../../src/features/integrity/integrity.ts";
import { WORTHWHILE_MERGES } from "../../src/features/integrity/protocol.ts";
import { tempFolder } from "../support/temp.ts";

const SETTINGS = {
  quick: false,
  exact: false,
  merges: WORTHWHILE_MERGES,
  foreignKeys: true,
  maxProblems: 10,
  copy: false,
  allowCompanions: false,
  waitMs: 1000,
  timeoutMs: 60_000,
};

/** A folder with a database, and another database elsewhere. */
function folders() {
  const folder = join(tempFolder(), "given");
  const secret = join(tempFolder(), "secret.db");
  new Database(secret).exec("CREATE TABLE secret(a)").close();
  return { folder, secret };
}

test.for(["the file", "its folder"])(
  "a link to another's database that takes the place of %s is not followed",
  async (what) => {
    const { folder, secret } = folders();
    const sub = join(folder, "sub");
    mkdirSync(sub, { recursive: true });
    copyFileSync(secret, join(sub, "secret.db"));
    const found = databasesBelow(folder, new Excludes([]));
    expect(found).toHaveLength(1);
    if (what === "the file") {
      rmSync(join(sub, "secret.db"));
      symlinkSync(secret, join(sub, "secret.db"));
    } else {
      renameSync(sub, join(folder, "moved"));
      symlinkSync(join(secret, ".."), sub);
    }
    const [result] = await checkAll(found, SETTINGS, false);
    expect(result).toMatchObject({ verdict: "not-checked", method: null, problems: [] });
    expect(result?.path).not.toBe(secret);
    expect(result?.checks[2]?.reasons).toMatchObject([{ message: expect.stringContaining("a different file") }]);
  },
);
