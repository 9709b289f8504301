import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { wrapMarkdown } from "../../../../scripts/wrap-markdown.ts";
import { errorsMarkdown, findingsMarkdown } from "../../../../src/features/explain/docs.ts";
import { ENTRIES } from "../../../../src/features/explain/entries/index.ts";
import { FINDING_PAGES } from "../../../../src/features/explain/finding-pages/index.ts";
import { FINDING_IDS } from "../../../../src/findings/index.ts";

const errors = errorsMarkdown(ENTRIES);
const findings = findingsMarkdown(FINDING_PAGES, ENTRIES);

const anchors = (page: string) => [...page.matchAll(/<a id="([^"]+)"><\/a>/g)].map((match) => match[1]);

test("every message and every finding has a section with its id", () => {
  expect(anchors(errors)).toEqual(ENTRIES.map(({ id }) => id));
  expect(anchors(findings)).toEqual(FINDING_IDS.filter((id) => FINDING_PAGES[id] !== undefined));
});

test("every link leads to a section", () => {
  const known = { "errors.md": anchors(errors), "findings.md": FINDING_IDS as readonly (string | undefined)[] };
  for (const [own, page] of [["errors.md", errors] as const, ["findings.md", findings] as const]) {
    const links = [...page.matchAll(/\]\((errors\.md|findings\.md)?#([^)]+)\)/g)];
    expect(links.length).toBeGreaterThan(0);
    for (const [, file = own, id] of links) expect(known[file as keyof typeof known], `${file}#${id}`).toContain(id);
  }
});

test("what Markdown would take for its own is escaped, and code is left as it is", () => {
  const [locked] = ENTRIES;
  if (locked === undefined) throw new Error("no entry");
  const [first] = locked.causes;
  if (first === undefined) throw new Error("no cause");
  const cause = { ...first, what: "a <b> *c* _d_ `e`", code: [{ library: "sqlite" as const, text: "a <b> *c*\n  d" }] };
  const page = errorsMarkdown([{ ...locked, causes: [cause] }]);
  expect(page).toContain("### 1. a \\<b\\> \\*c\\* \\_d\\_ \\`e\\`\n");
  expect(page).toContain("  ```\n  a <b> *c*\n    d\n  ```\n");
});

test("the pages are current", () => {
  for (const [name, page] of [["errors.md", errors] as const, ["findings.md", findings] as const]) {
    expect(
      readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), "utf8") === wrapMarkdown(page),
      `npm run docs (${name})`,
    ).toBe(true);
  }
});
