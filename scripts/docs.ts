/** Writes docs/reference/ from the code. With `--check` it writes nothing, and fails if a page is not as it would be. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { referencePages } from './docs/pages.ts';

const FOLDER = resolve(import.meta.dirname, '..', 'docs', 'reference');

/** The pages that are not what the code says; all of them where there are none yet. */
export function stalePages(): string[] {
  return Object.entries(referencePages()).flatMap(([name, text]) => {
    try {
      return readFileSync(join(FOLDER, name), 'utf8') === text ? [] : [name];
    } catch {
      return [name];
    }
  });
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const stale = stalePages();
    if (stale.length > 0)
      throw new Error(`docs/reference is not up to date (npm run docs): ${stale.join(', ')}`);
  } else {
    mkdirSync(FOLDER, { recursive: true });
    for (const [name, text] of Object.entries(referencePages())) writeFileSync(join(FOLDER, name), text);
  }
}
