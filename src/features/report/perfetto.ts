/** `report --perfetto OUT`. */
import { UserError } from "../../errors.ts";
import type { ReportInput, ReportOutput } from "./input.ts";

/** @throws UserError */
export async function writePerfetto(_input: ReportInput, { path }: ReportOutput): Promise<void> {
  throw new UserError("usage", `--perfetto ${path} is not there yet`, "leave it out");
}
