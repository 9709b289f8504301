import { expect, test } from "vitest";
import { sectionsOf } from "../../../src/cli/description.ts";
import { WHO_HOLDS } from "../../../src/cli/descriptions/who-holds.ts";
import { exampleLines, exitCodeLines, section, sectionLines } from "../../../src/cli/help.ts";
import { COLUMNS } from "../../../src/render/who-holds/columns.ts";

const style = { width: 40, title: (text: string) => `<${text}>` };

test("a section: its title, paragraphs, and terms in two columns", () => {
  const lines = sectionLines(
    {
      title: "Columns",
      lines: ["Each of them may be asked for by its name."],
      terms: [
        { name: "PID", text: "process id" },
        { name: "READ-MARK", text: "the frame at which its snapshot is pinned" },
      ],
    },
    style,
  );
  expect(section("Columns", lines, style)).toBe(`
<Columns:>
  Each of them may be asked for by its
  name.
  PID        process id
  READ-MARK  the frame at which its
             snapshot is pinned`);
});

test("examples and exit codes", () => {
  expect(exampleLines([{ line: "sqlock demo", text: "see it" }], style)).toEqual(["  # see it", "  sqlock demo"]);
  expect(exitCodeLines([{ code: 0, text: "done" }], style)).toEqual(["    0  done"]);
});

test("the help of who-holds has each column of the table once, with its help", () => {
  expect(
    sectionsOf(WHO_HOLDS)
      .flatMap(({ terms = [] }) => terms)
      .toSorted((a, b) => a.name.localeCompare(b.name)),
  ).toEqual(
    COLUMNS.map((column) => ({ name: column.name, text: column.help })).toSorted((a, b) =>
      a.name.localeCompare(b.name),
    ),
  );
});
