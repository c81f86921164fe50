import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backupInto, defaultBackupDir } from '../../src/cli/backup-files.ts';
import { lease } from '../support/objects.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backup-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('where backups are kept', () => {
  test.each([
    [{}, '/home/me/.local/state/kubectl-leader/backups'],
    [{ XDG_STATE_HOME: '/state' }, '/state/kubectl-leader/backups'],
    [{ XDG_STATE_HOME: '' }, '/home/me/.local/state/kubectl-leader/backups'],
    [{ XDG_STATE_HOME: 'relative' }, '/home/me/.local/state/kubectl-leader/backups'],
  ])('%j', (env, expected) => {
    expect(defaultBackupDir(env, '/home/me')).toBe(expected);
  });
});

describe('a backup file', () => {
  test('is made in a new folder, both for their owner alone', async () => {
    const inside = join(folder, 'a', 'b');
    const path = await backupInto(inside)(lease({ name: 'x' }), 'x.yaml');
    expect(path).toBe(join(inside, 'x.yaml'));
    expect([statSync(path).mode & 0o777, statSync(inside).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(load(readFileSync(path, 'utf8'))).toEqual(lease({ name: 'x' }));
  });

  test('never replaces another one', async () => {
    writeFileSync(join(folder, 'x.yaml'), 'mine');
    const save = backupInto(folder);
    const paths = [await save(lease(), 'x.yaml'), await save(lease(), 'x.yaml')];
    expect(paths).toEqual([join(folder, 'x-2.yaml'), join(folder, 'x-3.yaml')]);
    expect(readFileSync(join(folder, 'x.yaml'), 'utf8')).toBe('mine');
  });

  test('two at once get a file each', async () => {
    const save = backupInto(folder);
    await Promise.all([save(lease(), 'x.yaml'), save(lease(), 'x.yaml')]);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test('that cannot be written is an error', async () => {
    mkdirSync(join(folder, 'x.yaml'));
    writeFileSync(join(folder, 'file'), '');
    await expect(backupInto(join(folder, 'file'))(lease(), 'y.yaml')).rejects.toThrow(/file/);
    expect(await backupInto(folder)(lease(), 'x.yaml')).toBe(join(folder, 'x-2.yaml'));
  });
});
