import { describe, expect, test } from 'vitest';
import { kubeconfigNames } from '../../src/kube/kubeconfig-names.ts';
import { hostWith } from './files-in-memory.ts';

const HOME = 'contexts: [{name: home}]\nclusters: [{name: c1}]\nusers: [{name: ann}]\n';
const OTHER = 'contexts: [{name: other}, {name: home}]\n';

describe('the names in a kubeconfig', () => {
  const host = hostWith({ '/home/ann/.kube/config': HOME, '/other': OTHER });

  test('are those of the file that kubectl would read', async () => {
    expect(await kubeconfigNames({}, host)).toEqual({ contexts: ['home'], clusters: ['c1'], users: ['ann'] });
    const flagged = await kubeconfigNames({ kubeconfig: '/other' }, host);
    expect(flagged).toEqual({ contexts: ['other', 'home'], clusters: [], users: [] });
  });

  test('are those of all files together', async () => {
    const both = { ...host, env: { KUBECONFIG: '/home/ann/.kube/config:/missing:/other' } };
    expect((await kubeconfigNames({}, both)).contexts.toSorted()).toEqual(['home', 'other']);
  });

  test('are none without a file, and an error for one that was named', async () => {
    const nothing = hostWith({});
    expect(await kubeconfigNames({}, nothing)).toEqual({ contexts: [], clusters: [], users: [] });
    await expect(kubeconfigNames({ kubeconfig: '/no' }, nothing)).rejects.toMatchObject({ code: 'config' });
  });
});
