/** Compares imports with the rules. Pure. */
import { IO, PURE, RESERVED, RULES } from "./rules.ts";

export interface Import {
  /** Who imports, and what: a path without src/, `node:fs`, `package:chalk`. */
  readonly from: string;
  readonly to: string;
  /** Nothing is loaded. */
  readonly typeOnly: boolean;
  readonly names: readonly string[];
}

/** @returns what is against the rules, a line each */
export function violationsOf(imports: readonly Import[]): string[] {
  return imports.flatMap((each) => {
    const why = isAllowed(each) ? reservedFor(each) : "";
    return why === null ? [] : [`src/${each.from} must not import ${each.to}${each.typeOnly ? " (a type)" : ""}${why}`];
  });
}

/** @returns how files that are to be pure come to do I/O, a line each */
export function impuritiesOf(imports: readonly Import[]): string[] {
  const loads = new Map<string, string[]>();
  for (const { from, to } of imports.filter(({ typeOnly }) => !typeOnly))
    loads.set(from, [...(loads.get(from) ?? []), to]);
  return [...loads.keys()].flatMap((file) => {
    const way = covers(PURE, file) ? wayToIo(file, loads, new Set()) : null;
    return way === null ? [] : [`src/${file} must be pure, but loads ${way.slice(1).join(" > ")}`];
  });
}

function wayToIo(file: string, loads: ReadonlyMap<string, readonly string[]>, seen: Set<string>): string[] | null {
  if (covers(IO, file)) return [file];
  if (seen.has(file)) return null;
  seen.add(file);
  for (const next of loads.get(file) ?? []) {
    const way = wayToIo(next, loads, seen);
    if (way !== null) return [file, ...way];
  }
  return null;
}

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const rule = RULES.find(({ files }) => covers(files, from));
  if (rule === undefined) return false;
  if (covers(rule.never ?? [], to)) return false;
  return covers([...rule.files, ...rule.imports, ...(typeOnly ? (rule.types ?? []) : [])], to);
}

/** @returns null where nobody has reserved it */
function reservedFor({ from, to, names }: Import): string | null {
  const found = RESERVED.find(
    (each) => each.file === to && !covers(each.by, from) && each.names.some((name) => names.includes(name)),
  );
  return found === undefined ? null : `: ${found.names.join(", ")} is for ${found.by.join(", ")}`;
}

function covers(patterns: readonly string[], path: string): boolean {
  return patterns.some((pattern) => {
    if (pattern.endsWith("*")) return path.startsWith(pattern.slice(0, -1));
    return pattern.endsWith("/") ? path.startsWith(pattern) : path === pattern;
  });
}
