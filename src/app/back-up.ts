import { backupFileName, backupOf } from '../core/backup.ts';
import type { ClusterObject } from '../core/cluster-object.ts';
import { asLeaderError, LeaderError } from '../core/errors.ts';
import type { LockRef } from '../core/lock.ts';
import type { Clock } from './ports.ts';

/** Keeps an object for later and says where. Must not return before it is kept for good, nor overwrite anything. */
export type SaveBackup = (object: ClusterObject, fileName: string) => Promise<string>;

/** Keeps an object before it is written to, and gives the path. Rejects with `refused` if it cannot be kept. */
export async function backUp(
  ref: LockRef,
  object: ClusterObject,
  save: SaveBackup,
  clock: Clock,
): Promise<string> {
  try {
    return await save(backupOf(object, ref.kind), backupFileName(ref, clock.now()));
  } catch (error) {
    const why = asLeaderError(error).message;
    throw new LeaderError('refused', `nothing was written, because no backup could be: ${why}`, {
      hint: 'Name a folder that can be written to: --backup-dir DIR',
      cause: error,
    });
  }
}
