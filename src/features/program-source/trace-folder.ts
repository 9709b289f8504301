/**
 * The folder of a traced command: the pipe to which its processes write, and, where the user may not read sqlock's own
 * files, a copy of the tracers. As root the folder is root's, and only the pipe belongs to the user: nobody but root
 * can put anything else in its place.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  cpSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
} from "node:fs";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { asUser } from "../../user/as-user.ts";
import type { User } from "../../user/user.ts";
import { makePrivateFolder, releasePrivateFolder, removePrivateFolder } from "../../worker/private-folder.ts";
import { guardOver } from "../../worker/sentinel.ts";
import type { TracerPlaces } from "./environment.ts";

/** Next to the command line, in the package. */
const TRACERS = join(import.meta.dirname, "../in-program");

export interface TraceFolder extends TracerPlaces {
  /** Open for reading, without waiting. */
  readonly fd: number;
  /** The recording is over: nothing of it is left, but for a copy of the tracer that a program still needs. */
  readonly remove: () => void;
}

/** `user`: as whom the command runs; null: as this process. @throws UserError where there is no room for it */
export function makeTraceFolder(user: User | null): TraceFolder {
  const folder = makePrivateFolder(null);
  if (typeof folder !== "string") throw untraced(folder.why);
  if (folder.includes(":")) {
    removePrivateFolder(folder);
    throw untraced(`PYTHONPATH cannot name a folder with a colon (${folder})`);
  }
  try {
    const events = join(folder, "events");
    execFileSync("mkfifo", ["-m", "600", events]);
    if (user !== null) {
      chownSync(events, user.uid, user.gid);
      chmodSync(folder, 0o711);
    }
    const tracers = user === null || canRead(user) ? TRACERS : copied(folder);
    const python = user === null ? copiedPython(folder) : join(tracers, "python");
    const isCopied = tracers !== TRACERS;
    // also if this process is killed; a Node.js that a program starts later would not start without its file
    const guard = isCopied ? null : guardOver(folder, []);
    const remove = () => {
      guard?.dismiss();
      if (isCopied && isInUse(folder)) releasePrivateFolder(folder);
      else removePrivateFolder(folder);
    };
    return { folder, python, node: join(tracers, "node.cjs"), fd: openPipe(events), remove };
  } catch (error) {
    removePrivateFolder(folder);
    const why = REASONS[(error as NodeJS.ErrnoException).code ?? ""];
    if (why === undefined) throw error;
    throw untraced(`nothing can be written to ${folder} (${why})`);
  }
}

const REASONS: Readonly<Record<string, string | undefined>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
};

function untraced(why: string): UserError {
  return new UserError("no-trace", `the command cannot be traced: ${why}`, "set TMPDIR, or give --no-call-sites");
}

/** Both ends, so that the pipe has no end while no program has it open. Source: fifo(7) */
function openPipe(events: string): number {
  const { O_RDWR, O_NONBLOCK, O_NOFOLLOW } = constants;
  const fd = openSync(events, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
  if (fstatSync(fd).isFIFO()) return fd;
  closeSync(fd);
  throw new Error(`${events} is not the pipe that was made`);
}

/** Some process has it in its environment, and passes it on. */
function isInUse(folder: string): boolean {
  return readdirSync("/proc").some((name) => {
    if (!/^\d+$/.test(name) || name === String(process.pid)) return false;
    try {
      return readFileSync(`/proc/${name}/environ`, "latin1").includes(folder);
    } catch {
      return false; // it has ended
    }
  });
}

function canRead(user: User): boolean {
  return asUser(user, () => {
    for (const file of ["node.cjs", "python/sitecustomize.py"]) {
      try {
        closeSync(openSync(join(TRACERS, file), "r"));
      } catch {
        return false;
      }
    }
    return true;
  });
}

/**
 * Where Python may keep what it has compiled: it would compile the tracer at each start in a folder that it cannot
 * write to, and leave something behind in others. Processes that go on after the recording do without it.
 */
function copiedPython(folder: string): string {
  const copy = join(folder, "python");
  cpSync(join(TRACERS, "python"), copy, { recursive: true });
  return copy;
}

function copied(folder: string): string {
  const copy = join(folder, "tracers");
  cpSync(TRACERS, copy, { recursive: true });
  for (const each of [copy, join(copy, "python")]) {
    chmodSync(each, 0o755);
    for (const { name } of readdirSync(each, { withFileTypes: true }).filter((entry) => entry.isFile()))
      chmodSync(join(each, name), 0o644);
  }
  return copy;
}
