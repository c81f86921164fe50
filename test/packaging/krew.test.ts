import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { homepageOf, krewManifest, type Project } from '../../scripts/package/krew-manifest.ts';
import { executableName, hostTarget, TARGETS } from '../../scripts/package/targets.ts';
import { krewProblems, platformsOf } from './krew-rules.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const project = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as Project & {
  bin: Record<string, string>;
  files: string[];
  engines: { node: string };
  dependencies?: object;
  devDependencies: Record<string, string>;
};

interface Manifest {
  spec: {
    version: string;
    homepage: string;
    platforms: { selector: unknown; uri: string; sha256: string; bin: string }[];
  };
}

const PUBLISHED = TARGETS.map((target) => ({
  target,
  archive: `kubectl-leader_${target.os}_${target.arch}.x`,
  sha256: 'a'.repeat(64),
}));

const GOOD = krewManifest(project, PUBLISHED);
const [PLATFORM] = GOOD.spec.platforms;

describe('plugin.yaml', () => {
  const manifest = load(readFileSync(resolve(ROOT, 'plugin.yaml'), 'utf8')) as Manifest;

  test('is what krew and its index accept', () => {
    expect(krewProblems(manifest, 'leader')).toEqual([]);
  });

  test('is of the version and the place that package.json says', () => {
    const { version, homepage, platforms } = manifest.spec;
    expect({ version, homepage }).toEqual({ version: `v${project.version}`, homepage: homepageOf(project) });
    for (const { uri } of platforms) {
      expect(uri).toMatch(new RegExp(`^${homepage}/releases/download/${version}/kubectl-leader_${version}_`));
    }
  });

  test('is what would be generated today, but for the hashes', () => {
    const today = krewManifest(
      project,
      TARGETS.map((target, index) => {
        const { uri = '', sha256 = '' } = manifest.spec.platforms[index] ?? {};
        return { target, archive: uri.split('/').at(-1) ?? '', sha256 };
      }),
    );
    expect(manifest).toEqual(today);
  });
});

describe('a generated manifest', () => {
  test('serves every platform that there is a Node.js for', () => {
    expect(GOOD.spec.platforms.flatMap(({ selector }) => platformsOf(selector))).toEqual([
      'linux/amd64',
      'linux/arm64',
      'darwin/amd64',
      'darwin/arm64',
      'windows/amd64',
      'windows/arm64',
    ]);
    expect(krewProblems(GOOD, 'leader')).toEqual([]);
  });

  test('names an .exe on Windows only', () => {
    expect(TARGETS.map(executableName)).toEqual([
      ...Array.from({ length: 4 }, () => 'kubectl-leader'),
      'kubectl-leader.exe',
    ]);
  });
});

describe('the rules', () => {
  const spec = (change: object) => ({ ...GOOD, spec: { ...GOOD.spec, ...change } });
  const platform = (change: object) => spec({ platforms: [{ ...PLATFORM, ...change }] });
  test.each<[string, unknown, string]>([
    ['another name', { ...GOOD, metadata: { name: 'follower' } }, 'the name is not leader'],
    ['a misspelt field', spec({ shortdescription: 'x' }), 'spec has an unknown field shortdescription'],
    ['a version without v', spec({ version: '1.2.3' }), 'the version is not v and a semantic version'],
    [
      'a version with a leading zero',
      spec({ version: 'v1.02.3' }),
      'the version is not v and a semantic version',
    ],
    ['two lines', spec({ shortDescription: 'a\nb' }), 'shortDescription is not a line'],
    ['no platforms', spec({ platforms: [] }), 'there are no platforms'],
    ['a hash in upper case', platform({ sha256: 'A'.repeat(64) }), 'platform 0 has no sha256 in lower case'],
    ['no selector', platform({ selector: undefined }), 'platform 0 has no selector'],
    ['an empty selector', platform({ selector: { matchLabels: {} } }), 'platform 0 has empty matchLabels'],
    [
      'a selector by something else',
      platform({ selector: { matchLabels: { cpu: 'x' } } }),
      'platform 0 selects by cpu',
    ],
    [
      'an unknown system',
      platform({ selector: { matchLabels: { os: 'plan9' } } }),
      'platform 0 fits no platform',
    ],
    ['an empty list of files', platform({ files: [] }), 'platform 0 has an empty list of files'],
    [
      'an unclean path',
      platform({ files: [{ from: '*', to: './x' }] }),
      'platform 0 has a file without from, or with an unclean to',
    ],
    ['one platform twice', spec({ platforms: [PLATFORM, PLATFORM] }), 'linux/amd64 is selected twice'],
  ])('refuse %s', (_what, manifest, problem) => {
    expect(krewProblems(manifest, 'leader')).toContain(problem);
  });
});

describe('targets', () => {
  test.each([
    ['linux', 'x64', 'linux/amd64'],
    ['darwin', 'arm64', 'darwin/arm64'],
    ['win32', 'arm64', 'windows/amd64'],
  ])('%s/%s is %s', (platform, arch, expected) => {
    const target = hostTarget(platform, arch);
    expect(`${target.os}/${target.arch}`).toBe(expected);
  });

  test('nothing is built for other systems', () => {
    expect(() => hostTarget('linux', 's390x')).toThrow('nothing is built for linux/s390x');
  });

  test('no Linux binary needs libatomic, which Node.js does from 25 on', () => {
    const majors = TARGETS.filter(({ os }) => os === 'linux').map(({ node }) =>
      Number.parseInt(node.version, 10),
    );
    for (const major of majors) expect(major).toBeLessThan(25);
  });
});

describe('the npm package', () => {
  test('has every program among its files, and needs nothing else', () => {
    for (const file of Object.values(project.bin)) expect(project.files).toContain(file);
    expect(Object.keys(project.bin)).toEqual(['kubectl-leader', 'kubectl_complete-leader']);
    expect(project.files).toContain('LICENSE');
    expect(project.dependencies).toBeUndefined();
  });

  test('is built with exact versions: what is used of pkg is internal to it', () => {
    for (const version of Object.values(project.devDependencies)) expect(version).toMatch(/^\d/);
  });
});
