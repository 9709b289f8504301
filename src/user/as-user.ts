/**
 * Work done by root as another user: for the moment of a function, or for the rest of this process. The kernel makes a
 * process whose user has changed unreadable to that user (`fs/exec.c`, commit_creds; PR_SET_DUMPABLE in prctl(2)).
 */
import type { User } from "./user.ts";

/** Whom this process has become for good; null: it is its caller's. */
let became: User | null = null;

/** Null: this process is its caller's. */
export function becameUser(): User | null {
  return became;
}

/**
 * Options for a child that runs a program as another user than root, who may trace it (ptrace(2)): a session of its own
 * keeps it from root's terminal, to which it could type (`/dev/tty` is open to all processes of a session; TIOCSTI in
 * ioctl_tty(2)).
 */
export const OWN_SESSION = { detached: true } as const;

/** For every child of a process that may have become another user. */
export function ownSession(): { readonly detached?: true } {
  return became === null ? {} : OWN_SESSION;
}

/**
 * Runs a function with the rights of the user; with the caller's own where `user` is null. The function must be
 * synchronous: all threads change their user. A process of the user can send this one no signal meanwhile, since the
 * real user stays root's. @throws what the function throws
 */
export function asUser<T>(user: User | null, work: () => T): T {
  if (user === null) return work();
  const { setgroups, setegid, seteuid, getegid, geteuid, getgroups } = calls();
  const [groups, gid, uid] = [getgroups(), getegid(), geteuid()];
  try {
    takeGroups(user);
    setegid(user.gid);
    seteuid(user.uid);
    return work();
  } finally {
    seteuid(uid);
    setegid(gid);
    setgroups(groups);
  }
}

/**
 * Becomes the user for good. What is compiled, and not loaded yet, must be loaded before: the user may not be able to
 * read it. @throws Error where that fails, or could be undone
 */
export function becomeUser(user: User | null): void {
  if (user === null) return;
  const { setgid, setuid } = calls();
  // Node.js would start its debugger, for everybody on this machine, when its user sends it this signal.
  process.on("SIGUSR1", () => undefined);
  takeGroups(user);
  setgid(user.gid);
  setuid(user.uid);
  if (process.getuid?.() !== user.uid || process.geteuid?.() !== user.uid || canBecomeRoot())
    throw new Error(`this process could not become user ${user.uid} for good`);
  became = user;
}

function canBecomeRoot(): boolean {
  try {
    process.setuid?.(0);
    return true;
  } catch {
    return false;
  }
}

function takeGroups({ name, gid, groups }: User): void {
  const { setgroups, initgroups } = calls();
  if (groups !== undefined) setgroups([...groups]);
  else if (name === null) setgroups([]);
  else initgroups(name, gid);
}

/** They are on every system that has a root. */
function calls() {
  const { setgroups, initgroups, setgid, setegid, setuid, seteuid, getegid, geteuid, getgroups } =
    process as NodeJS.Process & { readonly initgroups?: (user: string, group: number) => void };
  if (!(setgroups && initgroups && setgid && setegid && setuid && seteuid && getegid && geteuid && getgroups))
    throw new Error("this system has no users");
  return { setgroups, initgroups, setgid, setegid, setuid, seteuid, getegid, geteuid, getgroups };
}
