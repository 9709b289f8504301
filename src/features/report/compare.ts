/** `report --compare OTHER`: before and after. */
import { UserError } from "../../errors.ts";
import type { ReportInput } from "./input.ts";

/** `input`: before; `other`: after. @throws UserError */
export async function compareReports(_input: ReportInput, other: ReportInput): Promise<never> {
  throw new UserError("usage", `--compare ${other.paths.join(" ")} is not there yet`, "leave it out");
}
