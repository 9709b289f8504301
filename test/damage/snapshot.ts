/** All that can be changed about the files of a folder. */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A line for the folder and for each file below it: name, mode, inode, size, times and bytes; not when it was last
 * read.
 */
export function snapshot(folder: string): string {
  const lines = readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) =>
      entry.isDirectory()
        ? snapshot(join(folder, entry.name))
        : `${stateOf(join(folder, entry.name))} ${hash(join(folder, entry.name))}`,
    );
  return [stateOf(folder), ...lines].join("\n");
}

function stateOf(path: string): string {
  const { mode, ino, size, mtimeNs, ctimeNs } = lstatSync(path, { bigint: true });
  return `${path} ${mode} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

function hash(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
