/**
 * A WAL database that two programs hold, as /srv/app/db.sqlite3 of a mount namespace: no path of this machine is in the
 * picture.
 */
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HOLD, type Holder, pythonPath, spawnHolder } from "../../test/support/hold.ts";
import { ROOT } from "../../test/support/root.ts";

export interface Held {
  readonly folder: string;
  /** Starts a program there, in /srv/app, with `sqlock` on its PATH. */
  readonly through: readonly string[];
  readonly end: () => Promise<void>;
}

const CONNECT = `c = sqlite3.connect("db.sqlite3", isolation_level=None)`;

export async function heldDatabase(seconds: number): Promise<Held> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "sqlock-picture-")));
  const holders: Holder[] = [];
  const end = async () => {
    await Promise.all(holders.map((holder) => holder.end()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    mkdirSync(join(folder, "srv/app"), { recursive: true });
    mkdirSync(join(folder, "bin"));
    copyFileSync(HOLD, join(folder, "srv/app/manage.py"));
    symlinkSync(join(ROOT, "bin/sqlock.js"), join(folder, "bin/sqlock"));
    symlinkSync(pythonPath(), join(folder, "bin/python3"));
    const start = async (through: readonly string[], script: string, ...args: string[]) => {
      const holder = await spawnHolder({ through, script, args, plain: true });
      holders.push(holder);
      return holder;
    };
    const keeper = await spawnHolder({ through: ["unshare", "-m", "--propagation", "private"] });
    holders.push(keeper);
    await keeper.run(
      `import subprocess; subprocess.run(["mount", "--bind", ${JSON.stringify(join(folder, "srv"))}, "/srv"], ` +
        "check=True)",
    );
    const inside = ["nsenter", "-t", String(keeper.pid), "-m", "sh", "-c", 'cd /srv/app && exec "$@"', "sh"];
    inside.push("env", `PATH=${join(folder, "bin")}:${process.env["PATH"]}`, "LANG=C.UTF-8");
    const reader = await start(inside, "manage.py", "runserver");
    await reader.run(
      `${CONNECT}; c.execute("PRAGMA journal_mode = WAL"); c.execute("CREATE TABLE t (a)"); c.execute("INSERT ` +
        'INTO t VALUES (0)")',
    );
    await reader.run(`rows = c.execute("SELECT * FROM t, t AS u")`);
    await reader.run(`c.execute("BEGIN"); c.execute("SELECT * FROM t").fetchall()`);
    const writer = await start(inside, "manage.py", "shell");
    await writer.run(
      `${CONNECT}; c.execute("PRAGMA synchronous = OFF")\nfor i in range(3000): c.execute("INSERT INTO t VALUES ` +
        '(?)", [i])',
    );
    await writer.run(`c.execute("BEGIN IMMEDIATE"); c.execute("DELETE FROM t")`);
    await sleep(seconds * 1000);
    return { folder, through: inside, end };
  } catch (error) {
    await end();
    throw error;
  }
}
