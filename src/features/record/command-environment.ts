/** The environment of a command that root runs as another user: made anew, as for a login. Pure. */
import type { Account } from "../../user/account.ts";
import type { User } from "../../user/user.ts";

/** What a terminal shows, and how: nothing that a program would run, read or connect to. */
const KEPT = /^(?:TERM|COLORTERM|NO_COLOR|FORCE_COLOR|TZ|LANG|LANGUAGE|LC_[A-Z]+)$/;

/** Of a login. Source: su(1), ENV_PATH of login.defs(5) */
const PATH = "/usr/local/bin:/usr/bin:/bin";

/** `env`: of sqlock. */
export function commandEnvironment(user: User, account: Account, env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && KEPT.test(name) ? [[name, value] as const] : [],
  );
  const name = user.name ?? String(user.uid);
  return {
    ...Object.fromEntries(kept),
    HOME: account.home,
    SHELL: account.shell,
    USER: name,
    LOGNAME: name,
    PATH: pathOf(env) ?? PATH,
  };
}

/** Where sudo, doas or pkexec have set it (or left that of the user); null: it is root's own. */
function pathOf({ PATH, SUDO_UID, DOAS_USER, PKEXEC_UID }: NodeJS.ProcessEnv): string | null {
  const isSet = [SUDO_UID, DOAS_USER, PKEXEC_UID].some((each) => each !== undefined && each !== "");
  return isSet && PATH !== undefined && PATH !== "" ? PATH : null;
}
