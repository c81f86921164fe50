import type { ConnectionHost } from '../../src/kube/connection-host.ts';
import { hostOf } from '../../src/kube/connection-host.ts';

function missing(path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
}

/** A host whose only files are these (text by absolute path); a test may add and change them later. */
export function hostWith(files: Record<string, string>, facts: Partial<ConnectionHost> = {}): ConnectionHost {
  return hostOf({
    env: {},
    homeDir: '/home/ann',
    stdinIsTerminal: false,
    version: 'test',
    readFile: async (path) => {
      const text = files[path];
      if (text === undefined) throw missing(path);
      return Buffer.from(text, 'utf8');
    },
    runPlugin: () => Promise.reject(new Error('no plugin may run here')),
    ...facts,
  });
}
