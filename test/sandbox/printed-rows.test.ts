import { describe, expect, it } from 'vitest';
import { NODES, PODS } from '../../src/core/resources.ts';
import { printedRow } from '../../src/sandbox/printed-rows.ts';
import { node, pod } from '../support/objects.ts';

const NOW = Date.UTC(2026, 0, 15, 12, 0, 0);

describe('pods as the API server prints them', () => {
  it.each([
    ['running', pod(), 'Running', '1/1'],
    ['running, not ready', pod({ ready: false }), 'Running', '0/1'],
    ['evicted', pod({ phase: 'Failed', reason: 'Evicted' }), 'Evicted', '0/1'],
    ['failed', pod({ phase: 'Failed' }), 'Error', '0/1'],
    ['succeeded', pod({ phase: 'Succeeded' }), 'Completed', '0/1'],
    ['unscheduled', pod({ phase: 'Pending' }), 'Pending', '0/1'],
    ['being started', pod({ phase: 'Pending', node: 'n1' }), 'ContainerCreating', '0/1'],
    ['crash looping', pod({ waiting: 'CrashLoopBackOff' }), 'CrashLoopBackOff', '0/1'],
    ['terminating', pod({ deletedAt: NOW }), 'Terminating', '1/1'],
    ['lost with its node', pod({ deletedAt: NOW, reason: 'NodeLost' }), 'Unknown', '1/1'],
  ])('%s', (_, object, status, ready) => {
    expect(printedRow(PODS, object, NOW)).toMatchObject({ Status: status, Ready: ready });
  });

  it('has the columns of kubectl get -o wide', () => {
    const row = printedRow(
      PODS,
      pod({ name: 'm-0', restarts: 3, createdAt: NOW - 86_400_000, startedAt: NOW - 120_000 }),
      NOW,
    );
    expect(row).toEqual({
      Name: 'm-0',
      Ready: '1/1',
      Status: 'Running',
      Restarts: '3 (2m ago)',
      Age: '24h',
      IP: '10.244.0.7',
      Node: 'node-1',
      'Nominated Node': '<none>',
      'Readiness Gates': '<none>',
    });
  });
});

describe('nodes as the API server prints them', () => {
  it.each([
    ['ready', node(), 'Ready', '<none>'],
    ['not ready', node({ ready: false }), 'NotReady', '<none>'],
    ['silent kubelet', node({ ready: null }), 'NotReady', '<none>'],
    ['cordoned', node({ unschedulable: true, roles: ['worker'] }), 'Ready,SchedulingDisabled', 'worker'],
    ['two roles', node({ roles: ['master', 'control-plane'] }), 'Ready', 'control-plane,master'],
  ])('%s', (_, object, status, roles) => {
    expect(printedRow(NODES, object, NOW)).toMatchObject({ Name: 'node-1', Status: status, Roles: roles });
  });
});
