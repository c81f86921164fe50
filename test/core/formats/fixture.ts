import { readdirSync, readFileSync } from 'node:fs';
import type { ClusterObject } from '../../../src/core/cluster-object.ts';
import { decodeObject } from '../../../src/core/formats/index.ts';
import type { Decoded, LockHalf, LockKind } from '../../../src/core/lock.ts';

const FOLDER = new URL('../../fixtures/locks/', import.meta.url);

/** An object as an API server sends it; `name` is its path below test/fixtures/locks without `.json`. */
export function fixture(name: string): ClusterObject {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
}

export function fixtureNames(): string[] {
  return ['lease', 'annotation'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, FOLDER)).map((file) => `${folder}/${file.replace(/\.json$/, '')}`),
  );
}

const KINDS: Readonly<Record<string, LockKind>> = {
  Lease: 'lease',
  Endpoints: 'endpoints',
  ConfigMap: 'configmap',
};

export function kindOf(object: ClusterObject): LockKind {
  return KINDS[object.kind ?? '']!;
}

export function decodeFixture(name: string): Decoded {
  const object = fixture(name);
  return decodeObject(object, kindOf(object));
}

/** The half of an object that carries something. */
export function halfIn(decoded: Decoded): LockHalf {
  if (decoded.is === 'other') throw new Error('nothing was decoded');
  return decoded.half;
}
