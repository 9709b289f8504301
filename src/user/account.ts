/** What a login of a user begins with: the home folder and the shell. Source: passwd(5) */
import { entryOf, type User } from "./user.ts";

export interface Account {
  readonly home: string;
  readonly shell: string;
}

export function accountOf(user: User): Account {
  return parseAccount(user.name === null ? "" : entryOf(user.name), user);
}

/** Pure. `text`: lines of passwd(5). A user without an entry, or with empty fields, has `/` and `/bin/sh`: login(1). */
export function parseAccount(text: string, { name, uid }: User): Account {
  for (const line of text.split("\n")) {
    const [entry, , id, , , home, shell] = line.split(":");
    if (name !== null && entry === name && id === String(uid)) return { home: home || "/", shell: shell || "/bin/sh" };
  }
  return { home: "/", shell: "/bin/sh" };
}
