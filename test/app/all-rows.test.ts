import { describe, expect, it } from 'vitest';
import { AllRows } from '../../src/app/all-rows.ts';
import type { ClusterObject } from '../../src/core/cluster-object.ts';

function row(name: string, ip: string | null = null) {
  return { Name: name, Ready: '1/1', Status: 'Running', IP: ip };
}

function named(...names: [namespace: string, name: string][]): ClusterObject[] {
  return names.map(([namespace, name]) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name } }));
}

describe('rows of all namespaces, joined with the names of all Pods', () => {
  it('belong to the namespace of the one Pod of that name', () => {
    const all = new AllRows([row('x'), row('y'), row('z')], named(['a', 'x'], ['b', 'y'], ['a', 'z']));
    expect(all.in('a')).toEqual([row('x'), row('z')]);
    expect(all.in('b')).toEqual([row('y')]);
  });

  it('are none where no Pod is', () => {
    expect(new AllRows([row('x')], named(['a', 'x'])).in('empty')).toEqual([]);
  });

  it.each([
    [
      'a name that two namespaces have',
      [row('x'), row('x'), row('y')],
      named(['a', 'x'], ['b', 'x'], ['c', 'y']),
    ],
    [
      'a name that only the names have twice',
      [row('x'), row('y')],
      named(['a', 'x'], ['b', 'x'], ['c', 'y']),
    ],
    ['a name that only the rows have twice', [row('x'), row('x'), row('y')], named(['a', 'x'], ['c', 'y'])],
    ['a Pod that has no row yet', [row('y')], named(['a', 'x'], ['c', 'y'])],
  ])('are never guessed for %s', (_, rows, pods) => {
    const all = new AllRows(rows, pods);
    expect(all.in('a')).toBeNull();
    expect(all.in('c')).toEqual([row('y')]);
  });

  it('tell where a name is, and that one is somewhere', () => {
    const all = new AllRows([row('x'), row('x'), row('new')], named(['a', 'x'], ['b', 'x'], ['c', 'late']));
    expect(all.ofName('x')).toEqual(['a', 'b']);
    expect(all.ofName('late')).toEqual(['c']);
    expect(all.ofName('new')).toBeNull();
    expect(all.ofName('nowhere')).toEqual([]);
  });

  it('tell where an address is', () => {
    const rows = [row('x', '10.0.0.1'), row('y', '10.0.0.1'), row('new', '10.0.0.2'), row('z', 'fd00::1')];
    const all = new AllRows(rows, named(['a', 'x'], ['b', 'y'], ['c', 'z']));
    expect(all.ofAddress('10.0.0.1')).toEqual(['a', 'b']);
    expect(all.ofAddress('10.0.0.2')).toBeNull();
    expect(all.ofAddress('fd00::1')).toEqual(['c']);
    expect(all.ofAddress('10.0.0.3')).toEqual([]);
  });
});
