/** The imports of a file, of every kind: static, dynamic, of types, and `export ... from`. */
import { posix } from "node:path";
import { parseAst } from "rolldown/parseAst";
import type { Import } from "./check.ts";

/** `path`: without src/. */
export function importsOf(path: string, text: string): Import[] {
  const found: Import[] = [];
  walk(parseAst(text, { lang: "ts" }, path), (node) => {
    const source = isNode(node["source"]) ? node["source"]["value"] : undefined;
    if (typeof source !== "string") return;
    const names = specifiersOf(node).map(nameOf);
    found.push({ from: path, to: resolved(source, path), typeOnly: isTypeOnly(node), names });
  });
  return found;
}

/** A node of the syntax tree, of which only what is asked for is known. */
type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}

function walk(node: unknown, visit: (node: Node) => void): void {
  if (!isNode(node)) return;
  visit(node);
  for (const child of Object.values(node)) walk(child, visit);
}

function specifiersOf(node: Node): readonly Node[] {
  return Array.isArray(node["specifiers"]) ? node["specifiers"].filter(isNode) : [];
}

function nameOf({ imported }: Node): string {
  return isNode(imported) ? String(imported["name"]) : "*";
}

function isTypeOnly(node: Node): boolean {
  const { type, importKind, exportKind } = node;
  const specifiers = specifiersOf(node);
  return (
    type === "TSImportType" ||
    importKind === "type" ||
    exportKind === "type" ||
    (specifiers.length > 0 &&
      specifiers.every((each) => each["importKind"] === "type" || each["exportKind"] === "type"))
  );
}

function resolved(source: string, from: string): string {
  if (source.startsWith("node:")) return source;
  return source.startsWith(".") ? posix.join(posix.dirname(from), source) : `package:${source}`;
}
