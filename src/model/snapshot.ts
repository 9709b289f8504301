/** What one look at the machine found, before anything is concluded from it. */
import type { LockLetter } from "../lsof/fields.ts";
import type { UnitManager } from "../proc/cgroup.ts";
import type { FdInfo } from "../proc/fdinfo.ts";
import type { FrozenCgroup } from "../proc/freezer.ts";
import type { KernelLock } from "../proc/locks.ts";
import type { WentReadOnly } from "../proc/mountinfo.ts";
import type { ProcessState } from "../proc/stat.ts";
import type { Credentials } from "../proc/status.ts";
import type { CompanionRole, Role } from "../sqlite/roles.ts";
import type { User } from "../user/user.ts";
import type { FileFacts } from "./file-facts.ts";
import type { Source } from "./source.ts";
import type { Viewer } from "./viewer.ts";

/** One file of a database, as the file system has it now. */
export interface DatabaseFile {
  readonly role: Role;
  readonly path: string;
  readonly sizeBytes: bigint;
  /** As stat(2) has them. */
  readonly device: bigint;
  readonly inode: bigint;
  /** As /proc/locks has them: on btrfs and some overlays another device than stat's. `major:minor`, decimal. */
  readonly lockDevice: string;
  readonly lockInode: bigint;
  readonly mountId: number | null;
  readonly rights: Rights;
  /** How many names (hard links) it has. */
  readonly links: number;
  /** Birth of the file, in ms since 1970; null where the file system does not keep it. */
  readonly bornMs: number | null;
  /** When its bytes last changed, in ms since 1970. */
  readonly writtenMs: number;
  /** When it last changed in any way (st_ctime), which no copying program can set back, in ms since 1970. */
  readonly changedMs: number;
}

/** Who may write a file or folder, as chmod(2) and chown(2) set it. An access control list may allow more. */
export interface Rights {
  /** The permission bits, 0o000 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Source: statfs(2). */
export interface FreeSpace {
  /** For ordinary users: root may use a little more. */
  readonly freeBytes: number;
  /** Free for root alone. */
  readonly reservedBytes: number;
  readonly totalBytes: number;
  /** Inodes for more files; null where the file system makes them as it needs them. */
  readonly freeInodes: number | null;
}

export interface FileSystem {
  readonly type: string;
  readonly mountPoint: string;
  /** Files and locks live on another machine or in another program (NFS, CIFS, 9p, FUSE …). */
  readonly network: boolean;
  /** Of these: the other side is the host of this virtual machine; left out for others. */
  readonly host?: true;
  readonly readOnly: boolean;
}

/** Something that is no regular file where SQLite has a companion file. */
export interface OddCompanion {
  readonly role: CompanionRole;
  readonly path: string;
  readonly type: "link" | "folder" | "pipe" | "other";
}

/**
 * Another path to the bytes of a database, where it is another file for the kernel: the locks and descriptors of who
 * opens it there are not those of the target's own files.
 */
export interface OtherView {
  /**
   * `merged`: an overlay shows the target, which lies in one of its layers. `superseded`: it shows another file in its
   * place. `layer`: the target is what an overlay shows, and this the file of the layer.
   */
  readonly kind: "merged" | "layer" | "superseded";
  /** As the processes of that mount namespace have it. */
  readonly path: string;
  /** The same from here: in another mount namespace below `/proc/PID/root`. */
  readonly reachedAt: string;
  /** Of the overlay. */
  readonly mountPoint: string;
  /** A process of that mount namespace; null: it is this process's own. */
  readonly pid: number | null;
  /** [] for another file in its place. */
  readonly files: readonly DatabaseFile[];
}

/** Another name of the same file. What lies beside it counts for who opens the database by that name alone. */
export interface OtherName {
  readonly path: string;
  /** Its -journal has a valid header: of a transaction that runs, or that nobody has undone. */
  readonly journal: boolean;
  /** Its -wal is not empty. */
  readonly wal: boolean;
}

/** A path that was asked for and names a database, which may be gone while a process still has it open. */
export interface Target {
  readonly givenAs: string;
  /** The real path; of a deleted database, where it was. */
  readonly path: string;
  /** Of a deleted database that was asked for by `/proc/PID/fd/N`: that path, by which its files are read. */
  readonly descriptor?: string;
  /** [] for a deleted database that was asked for by its name. */
  readonly files: readonly DatabaseFile[];
  readonly oddCompanions: readonly OddCompanion[];
  readonly fileSystem: FileSystem | null;
  /** Null where the file system does not say, or the database is gone. */
  readonly space: FreeSpace | null;
  /** Whether it was mounted for writing, and refuses it since an error. */
  readonly wentReadOnly: WentReadOnly;
  /** Of the mount: `nolock`, `local_lock=all`. */
  readonly mountOptions: readonly string[];
  /** Of the folder that the database lies in. */
  readonly folder: Rights | null;
  /** Who looks at the files, where root may not (root_squash); null: this process. */
  readonly lookAs: User | null;
  /** When the `<database>.lock` directory of unix-dotfile was made, or a file that is such a lock; null without one. */
  readonly lockDirectorySince: Date | null;
  /** Only where it is a file, whose whole text is this pid. `runs`: a process has it, perhaps another one by now. */
  readonly lockFile?: { readonly pid: number; readonly runs: boolean };
  /** Other names (hard links) in its folder with companion files of their own; left out where there are none. */
  readonly otherNames?: readonly OtherName[];
  /** Where else its bytes are shown; left out where they are nowhere else, or were not looked for. */
  readonly views?: readonly OtherView[];
  /** Mount points of overlays that have it in a layer, and cannot be reached from here. */
  readonly unreachedViews?: readonly string[];
  /** There are more mounts than were read: an overlay of them may have it in a layer. */
  readonly unreadMounts?: true;
}

/** An open descriptor on one of a target's files. */
export interface HandleSeen {
  readonly fd: number;
  readonly role: Role;
  /** As the process sees it, without " (deleted)". */
  readonly path: string;
  /** Null where the descriptor could not be asked. Of lsof's handles, `locks` are not known, and [] here. */
  readonly info: FdInfo | null;
  /** What lsof says of locks of this process on this file. */
  readonly lockLetter?: LockLetter | null;
  readonly deleted: boolean;
  /** Another file has this handle's old name now, or none has; the handle's own file lives on under `path`. */
  readonly moved: boolean;
  /** `device:inode` as stat has them: which file it really is. */
  readonly file: string;
  /** The thread that alone has it, in descriptors of its own (CLONE_FILES); left out where its process has it. */
  readonly thread?: number;
  /** The other view whose file it is; left out for the target's own. */
  readonly view?: OtherView;
}

/** Of a thread in the state disk-sleep (D). SIGKILL ends such a wait only where the kernel has made it killable. */
export interface UninterruptibleWait {
  /** Since that thread last ran; null where that is not known. */
  readonly idleMs: number | null;
  /** The kernel function in which it waits; null where that may not be seen. */
  readonly waitsIn: string | null;
}

/** What a report says of a process as it was found. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parentPid: number | null;
  readonly user: string | null;
  readonly uid: number | null;
  readonly name: string;
  readonly commandLine: readonly string[];
  /** Null, as parentPid: the process is hidden (hidepid), and only its lock says that it is. */
  readonly state: ProcessState | null;
  /** It runs only when this cgroup is thawed; null where it is not frozen. */
  readonly frozen: FrozenCgroup | null;
  /** A thread of it waits in the kernel, where most signals do not reach it; null where none does. */
  readonly uninterruptible: UninterruptibleWait | null;
  readonly startedAt: Date | null;
  readonly terminal: string | null;
  readonly unit: string | null;
  /** Whose manager has named the unit; null without one, or where that cannot be told. */
  readonly unitManager: UnitManager | null;
  /** The user whose manager it is; null for other managers. */
  readonly unitUid: number | null;
  readonly container: string | null;
  /** The user whose container it is, by the place of its cgroup; null for one of the system's. */
  readonly containerUid: number | null;
  readonly openFiles: number | null;
  readonly openFilesLimit: number | null;
  /** Since any of its threads last ran; a lower bound; null where the kernel does not say. */
  readonly idleMs: number | null;
  /** Its descriptors could be read. */
  readonly complete: boolean;
}

/** A process, and what is concluded from. */
export interface ProcessSeen extends ProcessFacts {
  readonly startTicks: bigint;
  /**
   * Where its stack begins: the same in two processes where one forked from the other and has not called exec. Null
   * where that may not be seen.
   */
  readonly stackStart: bigint | null;
  /** Its session's leader is dead and it has no terminal, and nothing (a service, a container) looks after it. */
  readonly orphaned: boolean;
  /** No thread has exited that might have taken the locks after the others went to sleep. */
  readonly idleProvesLocks: boolean;
  /** Since any thread that is left last ran; as idleMs where none has ended. Null where the kernel does not say. */
  readonly livingIdleMs: number | null;
  /**
   * Its groups, and whether it may write whatever the mode bits say (CAP_DAC_OVERRIDE); null where that could not be
   * read.
   */
  readonly credentials: Credentials | null;
  /**
   * A thread of it ran within the last 300 ms and sleeps in nanosleep(2), as SQLite's busy handler does between two
   * tries.
   */
  readonly sleepsInTimer: boolean;
  /** No other thread of it has run within the last 300 ms: nobody works on the transaction that it may have open. */
  readonly nothingElseRuns: boolean;
}

export interface DatabaseSnapshot {
  readonly target: Target;
  readonly facts: FileFacts;
  /** Handles by pid. */
  readonly handles: ReadonlyMap<number, readonly HandleSeen[]>;
  /** Of /proc/locks, with the role of the file they are on. */
  readonly systemLocks: readonly { readonly role: Role; readonly lock: KernelLock }[];
  readonly changing: readonly LockThatChangesHands[];
  /** Holders that serve a FUSE file system (they have /dev/fuse open); left out where that was not looked for. */
  readonly fuseServers?: ReadonlySet<number>;
}

/** A lock that several processes had one after the other, while it was looked at. */
export interface LockThatChangesHands {
  readonly role: Role;
  /** Without its pid. */
  readonly lock: KernelLock;
  /** Those that were seen with it, in the order in which they were. */
  readonly pids: readonly number[];
  /** From the first that was seen with it to the last, in ms. */
  readonly withinMs: number;
}

/**
 * How far the owner of a lock was looked for. `everything`: the descriptors of every process and of each of its
 * threads. `visible`: of those that may be inspected. `part`: not of all their threads (there were too many, or the
 * lock was gone before). `lock-owners`: of the processes that /proc/locks names alone.
 */
export type Searched = "everything" | "visible" | "part" | "lock-owners";

export interface Unseen {
  /** How many processes could not be looked at; null where not even that is known. */
  readonly processes: number | null;
  readonly reasons: readonly string[];
  /** The reasons in one text, for the JSON document. */
  readonly reason: string;
  readonly remedy: string;
  /**
   * The only one is init of this machine (process 1), closed by a security module to root with every right: for a
   * remedy it is a condition, and no bar. Left out otherwise.
   */
  readonly initAlone?: true;
  /** Root would see some of them. Left out where it would not, or where it is root that looks. */
  readonly asRoot?: true;
}

export interface Snapshot {
  readonly viewer: Viewer;
  /** With `lsof`, nothing is known of locks: a holder without any may have one. */
  readonly source: Source;
  readonly takenAt: Date;
  readonly databases: readonly DatabaseSnapshot[];
  readonly processes: ReadonlyMap<number, ProcessSeen>;
  readonly unseen: Unseen | null;
  /**
   * Others may hold the database where they cannot be seen (outside this pid namespace, on other machines, with locks
   * that were not read in time; with lsof also other users): "nobody" and "hot" cannot be known.
   */
  readonly partialView: boolean;
  /** There was not the time to read all of /proc/locks: a look that misses something refutes nothing. Left out: no. */
  readonly locksReadInPart?: boolean;
  /** How far owners of locks were looked for; null with lsof. */
  readonly searched: Searched | null;
  /** The caller asked for the owners of locks alone: who else has a file open was not looked for. */
  readonly locksOnly: boolean;
  /** Because sqlock itself runs in a child pid namespace, as in a container. */
  readonly childNamespace: boolean;
  /** sqlock runs in a user namespace of its own: users that it does not have show as 65534. Left out with lsof. */
  readonly userNamespace?: boolean;
}
