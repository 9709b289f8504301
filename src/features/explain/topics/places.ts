/** Where the database lies. */
import { LOOK, listed, type Topic } from "../topic.ts";

export const PLACES: readonly Topic[] = [
  {
    id: "nfs",
    words: listed("nfs cifs smb samba network fuse sshfs 9p drvfs wsl wsl2 gluster efs virtiofs dropbox share"),
    title: "Network file systems",
    meaning:
      "Locks of a network or FUSE file system may not reach the other machines, and WAL mode cannot work across " +
      "machines at all. sqlock sees only the processes of this machine.",
    messages: ["database-is-locked", "locking-protocol", "disk-io-error", "malformed"],
    findings: ["network-file-system", "uninterruptible-holder", "other-namespace"],
    next: [LOOK],
  },
  {
    id: "docker",
    words: listed(
      "docker container containers podman kubernetes k8s pod pods compose overlay volume volumes namespace " +
        "namespaces lxc",
    ),
    title: "Containers",
    meaning:
      "Run sqlock on the host, as root: from inside a container the processes of the others are not visible. A " +
      "database in an image layer becomes another file when a container first writes it, with locks of its own.",
    messages: ["database-is-locked", "readonly-database", "unable-to-open", "locking-protocol"],
    findings: ["other-namespace", "not-writable", "network-file-system", "hard-linked"],
    next: [`sudo ${LOOK}`],
  },
];
