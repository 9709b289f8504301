/** Devices and inodes as the kernel's events have them. Pure. */
import { keyOf64 } from "../../recording/source-event.ts";

/** An inode as events have it. */
export function keyOfInode(inode: bigint): number {
  return keyOf64(Number(inode & 0xffff_ffffn), Number(inode >> 32n));
}

/** `major:minor` (decimal) as the kernel has it in itself. Source: include/linux/kdev_t.h, MINORBITS. */
export function kernelDevice(device: string): number {
  const [major = 0, minor = 0] = device.split(":").map(Number);
  return major * (1 << 20) + minor;
}
