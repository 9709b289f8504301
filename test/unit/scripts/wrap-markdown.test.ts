import { expect, test } from "vitest";
import { wrapMarkdown } from "../../../scripts/wrap-markdown.ts";

const LONG = "word ".repeat(30).trim();
const widest = (text: string) => Math.max(...text.split("\n").map((line) => line.length));

test("paragraphs of at most 100 columns; wrapped once more they are the same", () => {
  const wrapped = wrapMarkdown(`${LONG}\nsecond line of it\n\n${LONG}\n`);
  expect(widest(wrapped)).toBeLessThanOrEqual(100);
  expect(wrapped.split("\n\n")).toHaveLength(2);
  expect(wrapped.replace(/(?<!\n)\n(?!\n)/g, " ").trim()).toBe(`${LONG} second line of it\n\n${LONG}`);
  expect(wrapMarkdown(wrapped)).toBe(wrapped);
});

test("a list item continues below its text; the next one is another paragraph", () => {
  expect(wrapMarkdown(`- ${LONG}\n- b\n  1. ${LONG}`).split("\n")).toEqual([
    `- ${"word ".repeat(19).trim()}`,
    `  ${"word ".repeat(11).trim()}`,
    "- b",
    `  1. ${"word ".repeat(19).trim()}`,
    `     ${"word ".repeat(11).trim()}`,
  ]);
});

test.each([
  ["a table", `| ${LONG} | ${LONG} |\n|---|---|`],
  ["a heading", `# ${LONG}`],
  ["code", `\`\`\`sh\n${LONG}\n\n# ${LONG}\n\`\`\``],
  ["code in a list", `- a\n\n  \`\`\`\n  ${LONG}\n  \`\`\``],
  ["a fence inside of a longer one", `\`\`\`\`md\n\`\`\`\n${LONG}\n\`\`\`\n\`\`\`\``],
  ["HTML", `<p>${LONG}</p>`],
  ["a hard break", `${LONG}  \nnext`],
])("%s stays as it is", (_, text) => {
  expect(wrapMarkdown(text)).toBe(text);
});

test("code spans and links stay in one piece", () => {
  const start = "w ".repeat(45).trim();
  for (const piece of ["`sqlock who-holds --json`", "[a link of words](guide.md#a)", "``a ` b``,", "(`a b`)"])
    expect(wrapMarkdown(`${start} ${piece} end`)).toContain(piece);
});

test("no line begins with what would begin a list, a heading, a quote or a table", () => {
  const start = "w ".repeat(49).trim();
  for (const piece of ["-", "+", "1.", "2)", "#", "|", ">", "==="])
    expect(wrapMarkdown(`${start} and ${piece} end`), piece).not.toMatch(/\n(?![we]|and)/);
});
