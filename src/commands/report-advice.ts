/** `sqlock report --advice FRAMEWORK`: prints it. */
import { type AdviceResult, adviseFrom, adviseFromLook } from "../features/report/advice.ts";
import type { ReportInput } from "../features/report/input.ts";
import type { FrameworkWords } from "../render/advice/frameworks/framework.ts";
import { adviceDocument } from "../render/advice/json.ts";
import { adviceText } from "../render/advice/text.ts";
import { renderJson } from "../render/json.ts";
import { styleOf, writeOut } from "../terminal.ts";

export interface Printed {
  readonly json: boolean;
  readonly color: boolean | undefined;
}

/** @returns the exit code. @throws UserError */
export async function adviseFromRecording(
  input: ReportInput,
  framework: FrameworkWords,
  printed: Printed,
): Promise<number> {
  return print(await adviseFrom(input), framework, printed);
}

/** From one look. @returns the exit code. @throws UserError */
export async function adviseOnDatabase(path: string, framework: FrameworkWords, printed: Printed): Promise<number> {
  return print(await adviseFromLook(path), framework, printed);
}

async function print(result: AdviceResult, framework: FrameworkWords, { json, color }: Printed): Promise<number> {
  const facts = { ...result, framework };
  writeOut(json ? renderJson(adviceDocument(facts)) : adviceText(facts, await styleOf(color)));
  return 0;
}
