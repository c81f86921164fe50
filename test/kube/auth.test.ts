import { describe, expect, test } from 'vitest';
import type { Credentials } from '../../src/kube/auth.ts';
import { credentialsFor } from '../../src/kube/auth-sources.ts';
import { hostWith } from './files-in-memory.ts';

async function authorizationOf(credentials: Credentials): Promise<string | null> {
  return (await credentials.current()).authorization;
}

describe('a token file', () => {
  async function fixture(token = '') {
    const files: Record<string, string> = { '/token': 'first\n' };
    let now = 0;
    const host = hostWith(files, { now: () => now });
    const credentials = await credentialsFor({ by: 'token-file', path: '/token', token }, host);
    const advance = (ms: number): void => {
      now += ms;
    };
    return { files, credentials, advance };
  }

  test('is read again after a minute, not before', async () => {
    const { files, credentials, advance } = await fixture();
    expect(await authorizationOf(credentials)).toBe('Bearer first');
    files['/token'] = 'second';
    advance(59_000);
    expect(await authorizationOf(credentials)).toBe('Bearer first');
    advance(1_000);
    expect(await authorizationOf(credentials)).toBe('Bearer second');
  });

  test('that vanishes or is emptied leaves the last token in use', async () => {
    const { files, credentials, advance } = await fixture();
    await credentials.current();
    for (const text of [undefined, '']) {
      if (text === undefined) delete files['/token'];
      else files['/token'] = text;
      advance(120_000);
      expect(await authorizationOf(credentials)).toBe('Bearer first');
    }
  });

  test('that was never readable is an error, unless there is a token beside it', async () => {
    const { files, credentials } = await fixture();
    delete files['/token'];
    await expect(credentials.current()).rejects.toMatchObject({
      code: 'credentials',
      message: 'cannot read the token file /token: no such file or directory',
    });
    const beside = await fixture('beside');
    delete beside.files['/token'];
    expect(await authorizationOf(beside.credentials)).toBe('Bearer beside');
  });

  test('is read at once when its token is rejected', async () => {
    const { files, credentials } = await fixture();
    const rejected = await credentials.current();
    expect(await credentials.refresh(rejected)).toBe(false);
    files['/token'] = 'second';
    expect(await credentials.refresh(rejected)).toBe(true);
    expect(await authorizationOf(credentials)).toBe('Bearer second');
  });
});

describe('an auth provider of old', () => {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const idToken = (expires: number): string =>
    `${encode({ alg: 'none' })}.${encode({ exp: expires })}.signature`;

  function provider(name: string, config: Record<string, string>): Promise<Credentials> {
    return credentialsFor({ by: 'auth-provider', user: 'ann', provider: { name, config } }, hostWith({}));
  }

  test('oidc: a token that is still good is sent', async () => {
    const token = idToken(Date.now() / 1000 + 3600);
    expect(await authorizationOf(await provider('oidc', { 'id-token': token }))).toBe(`Bearer ${token}`);
  });

  test.each<[string, string, Record<string, string>]>([
    ['oidc, expired, without a refresh token', 'oidc', { 'id-token': idToken(1) }],
    ['oidc without a token', 'oidc', { 'client-secret': 's3cret' }],
    ['oidc with a damaged token', 'oidc', { 'id-token': 's3cret.s3cret.s3cret' }],
    ['gcp, expired', 'gcp', { 'access-token': 's3cret', expiry: '2020-01-01T00:00:00Z' }],
    ['unknown', 's3cretive', {}],
  ])('%s: an error that shows no secret', async (_name, name, config) => {
    const failure = (await provider(name, config)).current();
    await expect(failure).rejects.toMatchObject({
      code: 'credentials',
      message: expect.stringMatching(
        new RegExp(`^getting credentials: auth provider "${name}" of user "ann" (?!.*s3cret)`),
      ),
    });
  });
});
