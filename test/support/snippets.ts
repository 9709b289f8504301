/** The fenced pieces of a page of the documentation. */
import { readFileSync } from "node:fs";

/** Of that language, in order. */
export function snippetsOf(page: string, language: string): string[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), "utf8");
  const found = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  return found.flatMap(([, of, snippet]) => (of === language && snippet !== undefined ? [snippet] : []));
}
