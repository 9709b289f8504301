/** Every link between the pages has a target, and every schema is linked to. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import { ROOT } from "../support/root.ts";
import { SCHEMAS } from "../support/schema.ts";
import { PAGES, type Page } from "./pages.ts";

/** The anchors of a page: its headings, as GitHub names them, and explicit ones. */
function anchorsOf({ text }: Page): Set<string> {
  const prose = text.replace(/^( *)(```+).*?^\1\2$/gms, "");
  const headings = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => slug(title));
  return new Set([...headings, ...[...prose.matchAll(/<a id="([^"]+)">/g)].map(([, id = ""]) => id)]);
}

const slug = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");

const linksOf = ({ text }: Page) =>
  [...text.replace(/^( *)(```+).*?^\1\2$/gms, "").matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);

test.each(PAGES)("$path", (page) => {
  const broken = linksOf(page).filter((target) => {
    if (/^https?:/.test(target)) return false;
    const [file = "", anchor] = target.split("#");
    const path = file === "" ? page.path : join(dirname(page.path), file);
    if (!existsSync(join(ROOT, path))) return true;
    const other = PAGES.find((each) => each.path === path);
    return anchor !== undefined && (other === undefined || !anchorsOf(other).has(anchor));
  });
  expect(broken).toEqual([]);
});

test("links and anchors are recognised", () => {
  expect(PAGES.flatMap(linksOf).length).toBeGreaterThan(50);
  expect([...anchorsOf({ path: "", text: '# Why not `simply` kill?\n<a id="x"></a>' })]).toEqual([
    "why-not-simply-kill",
    "x",
  ]);
});

test("another page links to each page", () => {
  const targets = PAGES.flatMap((page) =>
    linksOf(page).map((target) => join(dirname(page.path), target.split("#")[0] ?? "")),
  );
  expect(PAGES.map(({ path }) => path).filter((path) => path !== "README.md" && !targets.includes(path))).toEqual([]);
});

const schemas = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".schema.json"));

test("every schema is valid, is linked to from json.md, and has tests that validate real output", () => {
  expect(schemas.map((name) => name.replace(".schema.json", "")).sort()).toEqual([...SCHEMAS].sort());
  const json = PAGES.find(({ path }) => path === "docs/json.md");
  const tests = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.ts$/.test(path),
  );
  const sources = tests.map((path) => readFileSync(join(ROOT, "test", path), "utf8")).join("\n");
  for (const name of schemas) {
    expect(json?.text, name).toContain(`(${name})`);
    expect(sources, name).toContain(`expectToFit("${name.replace(".schema.json", "")}"`);
    const ajv = new Ajv2020({ allErrors: true });
    addFormats.default(ajv);
    expect(ajv.validateSchema(JSON.parse(readFileSync(join(ROOT, "docs", name), "utf8"))), ajv.errorsText()).toBe(true);
  }
});
