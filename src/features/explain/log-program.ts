/** Which program wrote a line, in a log of several programs. Pure. */

export interface LogProgram {
  /** The beginning of the line that names it; "" where there is none. */
  readonly prefix: string;
  /** The same in all lines of one program. */
  readonly name: string;
}

const FORMS: readonly RegExp[] = [
  /** `web-1  | ` of docker compose, `12:00:00 web.1  | ` of foreman. */
  /^(?:\d\d:\d\d:\d\d )?([a-z][\w.-]{0,80}) +\| /,
  /** `[pod/web-7d4/app] ` of kubectl. */
  /^(\[pod\/[^\]\s]{1,200}\]) /,
  /** `Mar 01 12:00:00 host web[123]: ` of the journal and of syslog. */
  /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ([\w.-]{1,100} [\w./@-]{1,100}(?:\[\d+\])?): /,
];

export function programOf(text: string): LogProgram {
  for (const form of FORMS) {
    const [prefix, name] = form.exec(text) ?? [];
    if (prefix !== undefined && name !== undefined) return { prefix, name };
  }
  return NONE;
}

const NONE: LogProgram = { prefix: "", name: "" };
