/** Mounts whose daemon no longer answers: FUSE, in a namespace of a test's own. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext } from "vitest";
import { bareReserved, connection, ROLLBACK } from "./connection.ts";
import { type Holder, startHolder } from "./holder.ts";
import { type MountNamespace, mountFuse, mountNamespace } from "./namespace.ts";
import { has, isRoot, need } from "./skip.ts";
import { tempFolder } from "./temp.ts";

/** A look that waits for a dead mount waits for ever; one that asks it and gives up takes three seconds. */
export const AT_ONCE_MS = 2500;
export const SOME_SECONDS_MS = 10_000;

interface Mounted {
  readonly space: MountNamespace;
  readonly folder: string;
  readonly point: string;
  readonly source: string;
  /** Stops the daemon: from then on, what asks it waits. */
  readonly die: () => void;
  readonly kill: () => void;
}

export async function fuse(context: TestContext, options: readonly string[] = []): Promise<Mounted> {
  need(context, isRoot, "root");
  need(context, has("bindfs"), "bindfs (FUSE)");
  const folder = tempFolder();
  const [source, point] = [join(folder, "source"), join(folder, "data", "mnt")];
  mkdirSync(source);
  mkdirSync(point, { recursive: true });
  const space = await mountNamespace();
  await space.keeper.run(`${connection(join(source, "db.sqlite3"), ...ROLLBACK)}\nc.close()`);
  const daemon = await mountFuse(space, source, point, options);
  const kill = () => void process.kill(daemon, "SIGKILL");
  const die = () => {
    process.kill(daemon, "SIGSTOP");
    onTestFinished(kill); // before the holders are ended: closing a file on the mount waits for the daemon, too
  };
  return { space, folder, point, source, die, kill };
}

export async function holderOn(space: MountNamespace, path: string): Promise<Holder> {
  const holder = await startHolder({ through: space.through });
  await holder.run(bareReserved(path));
  return holder;
}

export async function within<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  expect(performance.now() - started).toBeLessThan(ms);
  return result;
}
