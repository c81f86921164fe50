import { describe, expect, test } from 'vitest';
import { environmentProxy, parseProxyUrl } from '../../src/kube/proxy-rules.ts';

describe('the proxy of the environment', () => {
  test.each<[string, string, Record<string, string>, string | null]>([
    ['none', 'https://far', {}, null],
    ['HTTPS_PROXY for https', 'https://far', { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://q:2' }, 'p:1'],
    ['HTTP_PROXY for http', 'http://far', { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://q:2' }, 'q:2'],
    ['HTTP_PROXY not for https', 'https://far', { HTTP_PROXY: 'http://q:2' }, null],
    ['lower case', 'https://far', { https_proxy: 'http://p:1' }, 'p:1'],
    ['upper case first', 'https://far', { https_proxy: 'http://p:1', HTTPS_PROXY: 'http://P:2' }, 'p:2'],
    ['without a scheme', 'https://far', { HTTPS_PROXY: 'p:3128' }, 'p:3128'],
    ['without a port', 'https://far', { HTTPS_PROXY: 'https://p' }, 'p:443'],
    ['not for localhost', 'https://localhost:6443', { HTTPS_PROXY: 'http://p:1' }, null],
    ['not for 127.0.0.2', 'https://127.0.0.2:6443', { HTTPS_PROXY: 'http://p:1' }, null],
    ['not for ::1', 'https://[::1]:6443', { HTTPS_PROXY: 'http://p:1' }, null],
    ['ALL_PROXY is not known', 'https://far', { ALL_PROXY: 'http://p:1' }, null],
  ])('%s', (_name, server, env, host) => {
    expect(environmentProxy(new URL(server), env)?.host ?? null).toBe(host);
  });

  test.each<[string, string, boolean]>([
    ['*', 'https://far.example', true],
    ['far.example', 'https://far.example', true],
    ['FAR.example', 'https://far.EXAMPLE', true],
    ['far.example', 'https://sub.far.example', true],
    ['far.example', 'https://notfar.example', false],
    ['.far.example', 'https://sub.far.example', true],
    ['.far.example', 'https://far.example', false],
    ['*.far.example', 'https://sub.far.example', true],
    ['*.far.example', 'https://far.example', false],
    ['other, far.example', 'https://far.example', true],
    ['far.example:6443', 'https://far.example:6443', true],
    ['far.example:6443', 'https://far.example', false],
    ['far.example:443', 'https://far.example', true],
    ['10.0.0.1', 'https://10.0.0.1:6443', true],
    ['10.0.0.1:6443', 'https://10.0.0.1:6443', true],
    ['10.0.0.1:1', 'https://10.0.0.1:6443', false],
    ['10.0.0.0/8', 'https://10.200.3.4', true],
    ['10.0.0.0/8', 'https://11.0.0.1', false],
    ['10.0.0.0/8', 'https://10.example', false],
    ['10.0.0.0/99', 'https://10.0.0.1', false],
    ['2001:db8::/32', 'https://[2001:db8::5]:6443', true],
    ['2001:db8:0::5', 'https://[2001:db8::5]:6443', true],
    ['[2001:db8::5]:6443', 'https://[2001:db8::5]:6443', true],
    ['[2001:db8::5]:1', 'https://[2001:db8::5]:6443', false],
    [' , ,', 'https://far.example', false],
    [':443', 'https://far.example', false],
  ])('NO_PROXY=%j and %s: excluded is %s', (noProxy, server, excluded) => {
    const env = { HTTPS_PROXY: 'http://p:1', NO_PROXY: noProxy };
    expect(environmentProxy(new URL(server), env) === null).toBe(excluded);
  });
});

describe('a proxy URL', () => {
  test.each(['ftp://p', 'p:3128', 'not a url', 'http://a%zz:b@p:1'])('%s is refused', (url) => {
    expect(() => parseProxyUrl(url, 'x')).toThrow(/^invalid proxy URL for x: /);
  });

  test('is never quoted in an error, for the password in it', () => {
    expect(() => parseProxyUrl('ftp://ann:s3cret@p', 'x')).toThrow(/^(?!.*s3cret)/);
  });
});
