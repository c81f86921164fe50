import type { Credential, Credentials } from './auth.ts';
import { ANONYMOUS, bearer } from './auth.ts';
import { TokenFile } from './auth-token-file.ts';
import type { Authentication } from './config-authentication.ts';
import type { ConnectionHost } from './connection-host.ts';

function fixed(credential: Credential): Credentials {
  return { current: async () => credential, refresh: async () => false };
}

/** Sources that have to run or load something are imported when they are needed. */
export async function credentialsFor(
  authentication: Authentication,
  host: ConnectionHost,
): Promise<Credentials> {
  switch (authentication.by) {
    case 'nothing':
      return fixed(ANONYMOUS);
    case 'token':
      return fixed(bearer(authentication.token));
    case 'basic': {
      const { username, password } = authentication;
      const encoded = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
      return fixed({ authorization: `Basic ${encoded}`, certificate: null });
    }
    case 'token-file':
      return new TokenFile(authentication.path, authentication.token, host);
    case 'exec': {
      const { ExecCredentials } = await import('./exec-credentials.ts');
      return new ExecCredentials(authentication.exec, authentication.cluster, host);
    }
    case 'auth-provider': {
      const { AuthProvider } = await import('./auth-provider.ts');
      return new AuthProvider(authentication.user, authentication.provider);
    }
  }
}
