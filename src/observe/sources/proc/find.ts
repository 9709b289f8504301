/**
 * GNU find as a filter: with a thousand processes it makes the same stat(2) calls as Node.js in less than half the
 * time, on all CPUs. It only narrows the list of processes down; those that remain are then scanned as any other.
 */
import { accessSync, constants, readdirSync, readlinkSync, statSync } from "node:fs";
import { failure, linkOf } from "../../../proc/read.ts";
import { ownSession } from "../../../user/as-user.ts";
import { mayBeDeletedOrRenamed, type TargetIndex } from "../../target-index.ts";

/** As many folders as safely fit on one command line (ARG_MAX is 2 MiB). */
const MAX_FOLDERS_PER_CHILD = 8000;

/** More children only wait for each other. */
const MAX_CHILDREN = 4;

/** With more inodes than this, the tests of find cost more than the filter saves. */
const MAX_INODES = 256;

/**
 * Those of `tables` that may have a descriptor on a target's file, and those that find cannot decide (folders that
 * cannot be read, or are empty); null where there is no GNU find, or it did not finish. A table is a folder of /proc:
 * `PID`, or `PID/task/TID` of one thread. `timeoutMs`: after it, find is ended.
 */
export async function candidatesByFind(
  proc: string,
  tables: readonly string[],
  index: TargetIndex,
  timeoutMs?: number,
): Promise<string[] | null> {
  if (index.inodes.size > MAX_INODES) return null;
  const candidates = new Set<string>();
  const folders: string[] = [];
  for (const table of tables) {
    const folder = `${proc}/${table}/fd`;
    if (isReadableAndFilled(folder) && isOpenToThis(`${proc}/${table}`)) folders.push(folder);
    else candidates.add(table);
  }
  const { availableParallelism } = process.getBuiltinModule("node:os");
  const children = Math.max(
    Math.ceil(folders.length / MAX_FOLDERS_PER_CHILD),
    Math.min(MAX_CHILDREN, availableParallelism()),
  );
  const share = Math.ceil(folders.length / children);
  const runs = Array.from({ length: children }, (_, i) =>
    find(folders.slice(i * share, (i + 1) * share), index, proc, timeoutMs),
  );
  for (const found of await Promise.all(runs)) {
    if (found === null) return null;
    for (const table of found) candidates.add(table);
  }
  return tables.filter((table) => candidates.has(table));
}

/** Since Linux 6.2 the size of an fd folder is its number of descriptors; before, it is 0 and has to be listed. */
function isReadableAndFilled(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
    return statSync(folder).size > 0 || readdirSync(folder).length > 0;
  } catch (error) {
    failure(error);
    return false;
  }
}

/**
 * Root without CAP_SYS_PTRACE may read the folder, and follow none of the links in it: of those find prints nothing.
 * The link `cwd` is closed by the same check. Source: ptrace(2), PTRACE_MODE_READ_FSCREDS
 */
function isOpenToThis(directory: string): boolean {
  try {
    readlinkSync(`${directory}/cwd`);
    return true;
  } catch (error) {
    failure(error);
    return false;
  }
}

/** The line that find prints after the last folder. Without it, the result is incomplete. */
const END_MARKER = "complete";

function find(
  folders: readonly string[],
  index: TargetIndex,
  proc: string,
  timeoutMs: number | undefined,
): Promise<string[] | null> {
  if (folders.length === 0) return Promise.resolve([]);
  const inodeTests = [...index.inodes].flatMap((inode) => ["-o", "-inum", String(inode)]);
  // With -L, type l is a link that could not be followed (denied, or gone by now).
  const matches = ["(", "-type", "l", ...inodeTests, ")", "-printf", "%p\\n"];
  const deletedOrRenamed = ["-type", "f", "(", "-links", "0", "-o", "-size", "+511c", ")", "-printf", "%n %D %s %p\\n"];
  const end = ["-path", `${proc}/version`, "-printf", `${END_MARKER}\\n`];
  const expression = [...end, "-o", ...matches, "-o", ...deletedOrRenamed];
  const { spawn } = process.getBuiltinModule("node:child_process");
  return new Promise((resolve) => {
    const child = spawn("find", ["-L", ...folders, `${proc}/version`, "-maxdepth", "1", ...expression], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" },
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs, killSignal: "SIGKILL" }),
      ...ownSession(),
    });
    const chunks: Buffer[] = [];
    child.on("error", () => resolve(null));
    // stdout is undefined where this process has run out of descriptors
    (child.stdout as typeof child.stdout | undefined)?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("close", () => {
      const lines = Buffer.concat(chunks).toString("latin1").split("\n");
      if (!lines.includes(END_MARKER)) return resolve(null);
      resolve(lines.flatMap((line) => candidateOfLine(line, index, proc) ?? []));
    });
  });
}

/**
 * The table of a line: `/proc/PID/fd/N` (or of a thread), or the same after the links, device and size of a file that
 * may have lost its name. Null for other lines, and where that file is none of a target's.
 */
function candidateOfLine(line: string, index: TargetIndex, proc: string): string | null {
  const match = /^(?:(\d+) (\d+) (\d+) )?(\S+)$/.exec(line);
  const [, nlink, dev, size, path = ""] = match ?? [];
  if (!path.startsWith(`${proc}/`)) return null;
  const table = /^(\d+(?:\/task\/\d+)?)\/fd\/\d+$/.exec(path.slice(proc.length + 1))?.[1];
  if (table === undefined) return null;
  if (nlink !== undefined) {
    const file = { nlink: Number(nlink), dev: Number(dev), size: Number(size) };
    if (!mayBeDeletedOrRenamed(file, index) || !index.deletedNames.has(linkOf(path))) return null;
  }
  return table;
}
