/** `sqlock report --advice FRAMEWORK`: prints it. */
import { adviseFrom, adviseFromLook, isDatabaseFile } from "../features/report/advice.ts";
import type { ReportInput } from "../features/report/input.ts";
import { frameworkOf } from "../render/advice/frameworks/index.ts";
import { adviceDocument } from "../render/advice/json.ts";
import { adviceText } from "../render/advice/text.ts";
import { renderJson } from "../render/json.ts";
import { styleOf, writeOut } from "../terminal.ts";

export interface AdviceOptions {
  /** As given. */
  readonly framework: string;
  readonly json: boolean;
  readonly color?: boolean | undefined;
}

/** `input`: opens the recording. @returns the exit code. @throws UserError */
export async function reportAdvice(
  paths: readonly string[],
  input: () => Promise<ReportInput>,
  { framework: given, json, color }: AdviceOptions,
): Promise<number> {
  const framework = frameworkOf(given);
  const [path, ...more] = paths;
  const isLook = path !== undefined && more.length === 0 && isDatabaseFile(path);
  const facts = { ...(isLook ? await adviseFromLook(path) : await adviseFrom(await input())), framework };
  writeOut(json ? renderJson(adviceDocument(facts)) : adviceText(facts, await styleOf(color)));
  return 0;
}
