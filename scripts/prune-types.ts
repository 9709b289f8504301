/** A part of the build: of the types that tsc writes for each file, only those of the library stay (dist/types). */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const FOLDER = "dist/types";

const needed = new Set<string>();

function follow(path: string): void {
  if (needed.has(path)) return;
  needed.add(path);
  for (const [, to = ""] of readFileSync(path, "utf8").matchAll(/\b(?:from |import\()"(\.[^"]+)\.ts"/g))
    follow(join(dirname(path), `${to}.d.ts`));
}

follow(join(FOLDER, "index.d.ts"));
for (const entry of readdirSync(FOLDER, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && !needed.has(path)) rmSync(path);
}
