import { describe, expect, it } from 'vitest';
import { nodeFromObject, nodeFromRow } from '../../src/core/node-facts.ts';
import { NODES } from '../../src/core/resources.ts';
import { node } from '../support/objects.ts';
import { printedRow } from '../support/printed-rows.ts';

const NOON = Date.UTC(2026, 0, 15, 12);

describe('a Node', () => {
  const cases: [name: string, options: Parameters<typeof node>[0], status: string, ready: boolean | null][] =
    [
      ['ready', {}, 'Ready', true],
      ['not ready', { ready: false }, 'NotReady', false],
      ['whose kubelet stopped reporting', { ready: null }, 'NotReady', null],
      ['cordoned', { unschedulable: true }, 'Ready,SchedulingDisabled', true],
      ['cordoned and not ready', { unschedulable: true, ready: false }, 'NotReady,SchedulingDisabled', false],
    ];
  it.each(cases)('%s, from the object', (_, options, status, ready) => {
    expect(nodeFromObject(node(options))).toMatchObject({ name: 'node-1', status, ready });
  });
  it.each(cases)('%s, from the row', (_, options, status, ready) => {
    // A row does not tell NotReady from Unknown: both are unfit.
    const told = ready === true;
    expect(nodeFromRow(printedRow(NODES, node(options), NOON))).toMatchObject({ status, ready: told });
  });

  it('without any condition is unknown', () => {
    expect(nodeFromObject({ metadata: { name: 'm1' } })).toMatchObject({ status: 'Unknown', ready: null });
    expect(nodeFromRow({ Name: 'm1', Status: 'Unknown' })).toMatchObject({ status: 'Unknown', ready: null });
  });

  it('is known by its label, its names and its addresses', () => {
    const object = node({ name: 'ip-10-0-0-1.ec2.internal', hostname: 'kernel-name', ip: '10.0.0.1' });
    expect(nodeFromObject(object)).toMatchObject({ hostnames: ['kernel-name'], addresses: ['10.0.0.1'] });
    const row = { Name: 'm1', Status: 'Ready', 'Internal-IP': '10.0.0.1', 'External-IP': '<none>' };
    expect(nodeFromRow(row)).toMatchObject({ hostnames: [], addresses: ['10.0.0.1'] });
  });
});
