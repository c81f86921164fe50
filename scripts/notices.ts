import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const RULE = '-'.repeat(80);

interface PackageFacts {
  name: string;
  version: string;
  license?: string;
}

/** The folders of the packages that files belong to. */
function packagesOf(inputs: Iterable<string>): string[] {
  const folders = [...inputs].flatMap(
    (input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [],
  );
  return [...new Set(folders)].toSorted();
}

async function noticeOf(folder: string): Promise<string> {
  const {
    name,
    version,
    license = 'unknown',
  } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as PackageFacts;
  const files = (await readdir(folder)).filter((file) =>
    /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i.test(file),
  );
  const texts = await Promise.all(files.toSorted().map((file) => readFile(join(folder, file), 'utf8')));
  return [`${name} ${version}, licence ${license}`, ...texts.map((text) => text.trim())].join('\n\n');
}

/**
 * The licences of everything that is in a bundle, by the files that went into it (relative to `root`), and of what else
 * is shipped with it: `others` are whole notices.
 */
export async function noticesFor(
  root: string,
  inputs: Iterable<string>,
  others: readonly string[] = [],
): Promise<string> {
  const own = await Promise.all(packagesOf(inputs).map((folder) => noticeOf(join(root, folder))));
  return ['This program contains the following.', ...others, ...own].join(`\n\n${RULE}\n`).concat('\n');
}
