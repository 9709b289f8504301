/** In which order the files that a process has mapped are looked at, so that SQLite is found early. Pure. */
import { basename } from "node:path";
import type { CodeMapping } from "../../../proc/maps.ts";

/** The likely ones first: by their names, then the program itself, which is mapped first, then the others. */
export function inOrder(mappings: readonly CodeMapping[]): CodeMapping[] {
  const [program] = mappings;
  const rank = (mapping: CodeMapping): number => {
    const name = basename(mapping.path).toLowerCase();
    if (name.includes("sqlite") || name.includes("sqlcipher")) return 0;
    if (mapping === program) return 1;
    return name.includes(".node") ? 2 : 3;
  };
  return [...mappings].sort((one, two) => rank(one) - rank(two));
}
