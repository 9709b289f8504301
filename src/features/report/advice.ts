/** `report --advice FRAMEWORK`: settings that the recording gives a reason for. */
import { UserError } from "../../errors.ts";
import type { ReportInput } from "./input.ts";

/** @throws UserError */
export async function adviseFrom(_input: ReportInput, framework: string): Promise<never> {
  throw new UserError("usage", `--advice ${framework} is not there yet`, "leave it out");
}
