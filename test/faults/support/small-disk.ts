/** A disk of a few hundred megabytes that a test can fill and free; it lives in memory and needs the right to mount. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Room for a server's binaries, which it may have to copy, and for its first files. */
const SIZE_MB = 512;

export interface SmallDisk {
  readonly directory: string;
  /** Leaves so many bytes free. */
  fill(freeBytes: number): Promise<void>;
  free(): Promise<void>;
  remove(): Promise<void>;
}

/** The reason, when this machine does not let us mount one. */
export async function mountSmallDisk(): Promise<SmallDisk | string> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'only root on Linux can mount a small disk';
  const directory = await mkdtemp(join(tmpdir(), 'crossbook-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'crossbook', directory]);
  } catch (error) {
    await rm(directory, { recursive: true });
    return `mount failed: ${(error as Error).message.trim()}`;
  }
  await chmod(directory, 0o711);
  const ballast = join(directory, 'ballast');
  return {
    directory,
    fill: async (freeBytes) => {
      const { bavail, bsize } = await statfs(directory);
      const file = await open(ballast, 'w');
      await file.writeFile(Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)));
      await file.close();
    },
    free: () => rm(ballast, { force: true }),
    remove: async () => {
      await run('umount', [directory]);
      await rm(directory, { recursive: true });
    },
  };
}
