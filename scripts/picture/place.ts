/** /srv/app of a mount namespace, in which programs are started: no path of this machine is in a picture. */
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HOLD, type Holder, pythonPath, spawnHolder } from "../../test/support/hold.ts";
import { ROOT } from "../../test/support/root.ts";

export interface Place {
  readonly folder: string;
  /** Starts a program there, in /srv/app, with `sqlock` on its PATH. */
  readonly through: readonly string[];
  readonly end: () => Promise<void>;
}

/** Starts `python3 SCRIPT ARG...` there: it does what it is told, under this name. */
export type Start = (script: string, ...args: string[]) => Promise<Holder>;

/** `fill` starts what should run there. All of it has ended, and the folder is gone, after `end` or an error. */
export async function placeWith(fill: (start: Start) => Promise<void>): Promise<Place> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "sqlock-picture-")));
  const holders: Holder[] = [];
  const end = async () => {
    await Promise.all(holders.map((holder) => holder.end()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const app = join(folder, "srv/app");
    mkdirSync(app, { recursive: true });
    mkdirSync(join(folder, "bin"));
    symlinkSync(join(ROOT, "bin/sqlock.js"), join(folder, "bin/sqlock"));
    symlinkSync(pythonPath(), join(folder, "bin/python3"));
    const keeper = await spawnHolder({ through: ["unshare", "-m", "--propagation", "private"] });
    holders.push(keeper);
    await keeper.run(
      `import subprocess; subprocess.run(["mount", "--bind", ${JSON.stringify(join(folder, "srv"))}, "/srv"], ` +
        "check=True)",
    );
    const through = ["nsenter", "-t", String(keeper.pid), "-m", "sh", "-c", 'cd /srv/app && exec "$@"', "sh"];
    through.push("env", `PATH=${join(folder, "bin")}:${process.env["PATH"]}`, "LANG=C.UTF-8");
    await fill(async (script, ...args) => {
      copyFileSync(HOLD, join(app, script));
      const holder = await spawnHolder({ through, script, args, plain: true });
      holders.push(holder);
      return holder;
    });
    return { folder, through, end };
  } catch (error) {
    await end();
    throw error;
  }
}
