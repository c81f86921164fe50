import { mkdir, open } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { SaveBackup } from '../app/back-up.ts';
import { toYaml } from '../output/structured.ts';

/** So many files of one name are tried before it is given up: names carry milliseconds. */
const SAME_NAME = 100;

/** Where backups are kept: `$XDG_STATE_HOME/kubectl-leader/backups`, by default below `~/.local/state`. */
export function defaultBackupDir(env: Readonly<Record<string, string | undefined>>, homeDir: string): string {
  const given = env['XDG_STATE_HOME'] ?? '';
  // A relative path is to be ignored, says the XDG specification.
  const state = isAbsolute(given) ? given : join(homeDir, '.local', 'state');
  return join(state, 'kubectl-leader', 'backups');
}

/** Creates a file that did not exist, readable by its owner only, and returns when it is on the disk. */
async function createFile(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

/** Keeps objects as YAML files in a folder, which is made if there is none. Rejects with the file system's error. */
export function backupInto(folder: string): SaveBackup {
  return async (object, fileName) => {
    const text = await toYaml(object);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let copy = 1; ; copy += 1) {
      const name = copy === 1 ? fileName : fileName.replace(/(\.[^.]+)?$/, `-${copy}$1`);
      const path = resolve(folder, name);
      try {
        await createFile(path, text);
        return path;
      } catch (error) {
        if (!isTaken(error) || copy >= SAME_NAME) throw error;
      }
    }
  };
}
