/** What a reporter needs beside the report: all that it would else have to ask the machine for. */
import type { Style } from "../style.ts";

export interface ReportContext {
  /** Of the pretty reporter. */
  readonly style: Style;
  /** The current folder, absolute. */
  readonly cwd: string;
  /** Annotations and SARIF name files relative to this folder: GITHUB_WORKSPACE, else the current one. Absolute. */
  readonly root: string;
  readonly takenAt: Date;
  readonly hostname: string;
}
