/** `report --html OUT`. */
import { UserError } from "../../errors.ts";
import type { ReportInput, ReportOutput } from "./input.ts";

/** @throws UserError */
export async function writeHtml(_input: ReportInput, { path }: ReportOutput): Promise<void> {
  throw new UserError("usage", `--html ${path} is not there yet`, "leave it out");
}
