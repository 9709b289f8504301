/**
 * `/sys/class/bdi`: a name for every file system in use that writes back pages, also for one that `umount -l` took out
 * of every list of mounts, or that only another mount namespace has. Source: `mm/backing-dev.c`, `fs/super.c`
 * (super_setup_bdi), `fs/fuse/inode.c`, `fs/nfs/super.c`.
 */
import { type Mount, mayHang } from "./mountinfo.ts";

export const BDI = "/sys/class/bdi";

/**
 * Whether among the names is a network or FUSE file system that `mounts` do not have. FUSE and NFS are called by
 * device, others by type.
 */
export function hasUnlistedMounts(names: readonly string[], mounts: readonly Mount[]): boolean {
  const listed = new Set(mounts.map((mount) => mount.device));
  const byType = new Map<string, number>();
  for (const name of names) {
    const [, device, fuseblk] = /^(\d+:\d+)(-fuseblk)?$/.exec(name) ?? [];
    if (device !== undefined) {
      if ((device.startsWith("0:") || fuseblk !== undefined) && !listed.has(device)) return true;
      continue;
    }
    const type = /^(.+)-\d+$/.exec(name)?.[1];
    if (type !== undefined && mayHang(type)) byType.set(type, (byType.get(type) ?? 0) + 1);
  }
  return [...byType].some(
    ([type, count]) => count > new Set(mounts.filter((mount) => mount.type === type).map((mount) => mount.device)).size,
  );
}
