/** The comparison as it stands in README.md, between two marks. */
import { QUESTIONS, type Question } from "./questions.ts";
import { Stage } from "./scenes.ts";
import { TOOLS, Toolbox } from "./tools.ts";

const FROM = "<!-- npm run compare -->\n";
const TO = "<!-- end of npm run compare -->";

export interface Comparison {
  readonly rows: readonly { readonly asks: string; readonly answers: readonly (string | null)[] }[];
  /** By tool; null is this version, or unknown. */
  readonly versions: readonly (string | null)[];
  /** Why something could not be asked. */
  readonly skipped: readonly string[];
}

/** Makes every situation and asks every tool: all of it takes some twenty seconds. */
export async function comparison(questions: readonly Question[] = QUESTIONS): Promise<Comparison> {
  const stage = new Stage();
  try {
    const tools = new Toolbox(stage.folder, stage.install());
    const skipped = [...tools.missing.values()];
    const rows: Comparison["rows"][number][] = [];
    for (const { asks, needsRoot, ask } of questions) {
      if (needsRoot === true && process.geteuid?.() !== 0) {
        skipped.push(`${asks}: needs root`);
        rows.push({ asks, answers: TOOLS.map(() => null) });
        continue;
      }
      const answers = await ask(stage, tools);
      rows.push({ asks, answers: TOOLS.map((tool) => answers[tool]) });
    }
    return { rows, skipped, versions: TOOLS.map((tool) => tools.version(tool)) };
  } finally {
    await stage.end();
  }
}

export function tableOf({ rows, versions }: Comparison): string {
  const lines = rows.map(({ asks, answers }) => [asks, ...answers.map((answer) => answer ?? "?")]);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return (
    line(["", ...TOOLS.map((tool, i) => [tool, versions[i] ?? ""].join(" ").trim())]) +
    line(["---", ...TOOLS.map(() => "---")]) +
    lines.map(line).join("")
  );
}

/** The table of a page. @throws Error where its marks are missing */
export function tableIn(page: string): string {
  return page.slice(...borders(page));
}

export function withTable(page: string, table: string): string {
  const [from, to] = borders(page);
  return page.slice(0, from) + table + page.slice(to);
}

function borders(page: string): [number, number] {
  const from = page.indexOf(FROM);
  const to = page.indexOf(TO);
  if (from < 0 || to < from) throw new Error(`the page has no ${FROM.trim()} … ${TO}`);
  return [from + FROM.length, to];
}
